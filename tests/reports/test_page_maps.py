"""Maps: a number, a colour and a hatching in each cell, told in words, in a table and as CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import Any
from urllib.parse import unquote

import pytest

from reports.figures import figures, own_figures
from reports.maps import MOST_SHADE, Cell, MapDrawing, map_drawing
from reports.page import render
from reports.record import check
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import Json, claim, of_second_version, sample, table, where


def gains(estimate: Any, low: Any = None, high: Any = None, **more: Any) -> Json:
    """A map of one row."""
    ends = {"low": [low or [v - 0.1 for v in estimate]], "high": [high or [v + 0.1 for v in estimate]]}
    factors = {
        "rows": {"label": "r", "values": [1.0]},
        "columns": {"label": "c", "values": [float(i) for i in range(len(estimate))]},
    }
    named = {"figure": "own", "panel": "shared", "quantity": "log10 gain", "n": 12}
    return named | factors | {"estimate": [list(estimate)]} | ends | more


def cells(*maps: Any) -> list[Cell]:
    return [cell for panel in map_drawing("m", "A map", list(maps)).panels for cell in panel.cells]


@pytest.fixture(scope="module")
def figure(elements: list[Element]) -> Element:
    return next(select(elements, "figure", id="where-depth-helps"))


def inside(elements: list[Element], home: Element, tag: str = "", **attributes: str) -> list[Element]:
    return [e for e in select(elements, tag, **attributes) if e.inside(home)]


# ---- cells ---------------------------------------------------------------------------------------------------


def test_colour_is_centred_at_zero_and_shared_by_all_panels() -> None:
    first, second = gains([-0.2, 0.0, 0.4]), gains([0.8])
    found = cells(first, second)
    assert [cell.side for cell in found] == ["below", "", "above", "above"]
    assert [cell.shade for cell in found] == pytest.approx([MOST_SHADE * share for share in (0.25, 0, 0.5, 1)], abs=1e-3)


@pytest.mark.parametrize(
    "low, high, undecided",
    [(0.1, 0.3, False), (-0.1, 0.3, True), (0.0, 0.3, True), (-0.3, 0.0, True), (-0.3, -0.1, False), (None, None, True)],
)
def test_cell_is_undecided_where_its_interval_includes_zero_or_is_missing(low: float, high: float, undecided: bool) -> None:
    (cell,) = cells(gains([0.2], [low], [high]))
    assert cell.undecided is undecided
    assert cell.text.startswith("~ ") is undecided


def test_cell_without_a_number_says_so_and_has_no_colour() -> None:
    _, lost = cells(gains([0.5, None], [0.4, None], [0.6, None]))
    assert (lost.text, lost.side, lost.shade, lost.undecided) == ("none", "", 0.0, False)


@pytest.mark.parametrize(
    "values, texts",
    [
        ([0.3, -0.05], ["+0.30", "−0.05"]),
        ([0.0012, -0.0003], ["+0.0012", "−0.0003"]),
        ([3e-7, -1e-8], ["+3×10⁻⁷", "−1×10⁻⁸"]),
        ([12.34, -1.0], ["+12.3", "−1.0"]),
        ([123.4, -1.0], ["+123", "−1"]),
        ([3e8, 0.0], ["+3×10⁸", "0"]),
    ],
)
def test_numbers_have_signs_and_the_digits_that_the_map_needs(values: list[float], texts: list[str]) -> None:
    ends = [v + 1e-12 for v in values]
    assert [cell.text.removeprefix("~ ") for cell in cells(gains(values, ends, ends))] == texts


def test_values_of_the_rows_rise_upwards_and_those_of_the_columns_to_the_right() -> None:
    (panel,) = map_drawing("m", "A map", [table("m", "p", lambda scale, condition: scale)]).panels  # type: ignore[list-item]
    assert [text for _, text in sorted(panel.row_labels)] == ["3", "1.5", "1", "0.7", "0.3"]
    assert [text for _, text in sorted(panel.column_labels)] == ["1", "3", "10", "30", "100"]
    highest = min(panel.cells, key=lambda cell: cell.y)
    assert highest.text == "+3.00"


def test_cells_lie_inside_their_picture_and_apart() -> None:
    panels = map_drawing("m", "A map", where()).panels
    for panel in panels:
        assert all(panel.left <= cell.x <= panel.width - 58 and panel.top <= cell.y <= panel.height - 34 for cell in panel.cells)
        assert len({(cell.x, cell.y) for cell in panel.cells}) == len(panel.cells) == 25


def test_map_of_zeros_alone_is_drawn() -> None:
    assert {(cell.side, cell.text) for cell in cells(gains([0.0, 0.0]))} == {("", "~ 0")}


# ---- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimate, low, high, words",
    [
        ([0.3, 0.2, -0.2, 0.0], [0.2, 0.1, -0.3, -1], [0.4, 0.3, -0.1, 1], "Of 4 cells, 2 lie above 0, 1 below, 1 is undecided."),
        ([0.3], [0.2], [0.4], "Of 1 cell, 1 lies above 0, none below."),
        ([0.3, None], [0.2, None], [0.4, None], "Of 2 cells, 1 lies above 0, none below, 1 has no number."),
        ([0.0, 0.0], [-1, -1], [1, 1], "Of 2 cells, none lies above 0, none below, 2 are undecided."),
    ],
)
def test_panel_counts_its_cells(estimate: Any, low: Any, high: Any, words: str) -> None:
    (panel,) = map_drawing("m", "A map", [gains(estimate, low, high)]).panels  # type: ignore[list-item]
    assert panel.tally == words


def test_description_tells_quantity_extremes_and_count(elements: list[Element], figure: Element) -> None:
    first = inside(elements, figure, "desc")[0].text
    assert first == (
        "log10 of the time to an error of 10⁻³ without depth over that with it, from −0.471 at scale of the targets ‖y‖ = 0.3, "
        "condition number y₁/y₂ = 1 to 0.489 at scale of the targets ‖y‖ = 3, condition number y₁/y₂ = 100. Of 25 cells, 10 lie "
        "above 0, 8 below, 7 are undecided."
    )


def test_table_holds_every_cell_with_its_interval_and_n(elements: list[Element], figure: Element) -> None:
    rows = [[e.text for e in elements if e.tag in ("th", "td") and e.inside(row)] for row in inside(elements, figure, "tr")]
    assert rows[0] == ["Panel", "Row", "Column", "Estimate", "90 % interval", "n"] and len(rows) == 1 + 75
    assert rows[1] == [
        "shared step size", "scale of the targets ‖y‖ = 0.3", "condition number y₁/y₂ = 1", "−0.47", "[−0.57, −0.37]", "12",
    ]  # fmt: skip
    undecided = [row for row in rows[1:] if row[4].endswith(", includes 0")]
    assert len(undecided) == 7 + 25 + 10
    assert rows[75][3:5] == ["not finite", "none"]


def test_csv_holds_every_cell(elements: list[Element]) -> None:
    (link,) = select(elements, "a", download="where-depth-helps.csv")
    rows = list(csv.DictReader(io.StringIO(unquote(link.get("href").partition(",")[2]))))
    assert len(rows) == 75 and rows[0]["panel"] == "shared step size" and rows[0]["row value"] == "0.3"
    assert float(rows[0]["estimate"]) == pytest.approx(0.9 * math.log10(0.3), rel=1e-3)
    assert float(rows[0]["high"]) - float(rows[0]["low"]) == pytest.approx(0.2, rel=1e-3)
    assert rows[74]["estimate"] == rows[74]["low"] == ""


# ---- on the page ---------------------------------------------------------------------------------------------


def test_map_of_where_depth_helps_stands_with_the_figures_and_its_claim_leads_there(elements: list[Element]) -> None:
    (section,) = select(elements, "section", id="figures")
    (figure,) = inside(elements, section, "figure", id="where-depth-helps")
    assert "A map of where depth helps" in figure.text and "the mean over 12 seeds" in figure.text
    assert [e.text for e in inside(elements, figure, "p", cls="panel-name")] == [each["panel"] for each in where()]
    (home,) = select(elements, id="claim-effective-rank")
    assert "Its map is drawn in A map of where depth helps." in home.text
    assert not [e for e in inside(elements, home, "figure")]


def test_other_maps_stand_with_their_claim(elements: list[Element]) -> None:
    (home,) = select(elements, id="claim-small-p")
    (figure,) = inside(elements, home, "figure")
    assert figure.get("id") == "map-small-p-1" and "Map “<b>own</b>”" in figure.text
    assert not inside(elements, figure, "b")


def test_panels_of_one_figure_are_drawn_together() -> None:
    maps = [gains([0.1], figure=name, panel=panel) for name in ("a", "b") for panel in ("x", "y")]
    found = own_figures(claim("c", [], "invalid", maps=maps))
    told = [(each.id, each.title, len(each.panels)) for each in found if isinstance(each, MapDrawing)]
    assert told == [("map-c-1", "Map “a”", 2), ("map-c-2", "Map “b”", 2)]


def test_cells_say_the_same_without_colour(elements: list[Element], figure: Element) -> None:
    (first, *_) = [e for e in inside(elements, figure, "svg") if e.get("aria-labelledby")]
    hatched, open_texts = inside(elements, first, "rect", cls="hatch"), inside(elements, first, "text", cls="open")
    assert len(hatched) == len(open_texts) == 7 and all(e.text.startswith("~ ") for e in open_texts)
    decided = [e.text for e in inside(elements, first, "text", cls="decided")]
    assert len(decided) == 18 and all(text[0] in "+−" for text in decided)
    below = [e for e in inside(elements, first, "rect", cls="below")]
    assert len(below) == sum(text.removeprefix("~ ")[0] == "−" for text in decided + [e.text for e in open_texts])


def test_key_explains_hatching_and_lost_numbers(elements: list[Element], figure: Element) -> None:
    (key,) = inside(elements, figure, "div", cls="key")
    assert "~ undecided: the 90 % interval includes 0, or there is none" in key.text
    assert "“none”: a seed gave no finite number" in key.text
    scales = [e.get("aria-label") for e in inside(elements, key, "svg") if e.get("role") == "img"]
    assert scales == ["Colour scale, from −0.49 over 0 to +0.49"]


def test_key_keeps_silent_about_numbers_that_are_all_there() -> None:
    elements = parse(render(sample() | {"claims": [claim("c", [], "invalid", maps=where()[:1])]}))
    assert "a seed gave no finite number" not in next(select(elements, "figure", id="where-depth-helps")).text


def test_map_is_explored_and_has_no_verdict(elements: list[Element], figure: Element) -> None:
    assert "Explored, not judged: no margin was declared, and each interval stands for its own cell." in figure.text
    classes = {c for e in elements if e.inside(figure) for c in e.get("class").split()}
    assert not {"badge", "supported", "refuted", "inconclusive", "invalid"} & classes


@pytest.mark.parametrize("maps", [[], [gains([None, None], [None] * 2, [None] * 2, figure="where-depth-helps")]])
def test_map_without_a_number_is_missing(maps: list[Json]) -> None:
    found = figures(sample() | {"claims": [claim("c", [], "invalid", maps=maps)]})[-1]
    assert not isinstance(found, MapDrawing) and found.id == "where-depth-helps" and found.lacks == "map"  # type: ignore[union-attr]


def test_second_version_of_a_record_has_the_figure_missing() -> None:
    text = next(select(parse(render(of_second_version(sample()))), id="where-depth-helps")).text
    assert "This run recorded no map for it; to draw it, run pytest claims/ -k ill_conditioned." in text


@pytest.mark.parametrize("values", [[0.0, -1e300, 1e300], [5e-324, 1.0, -1.0], [None, 1e-9, 2e-9]])
def test_no_numbers_break_a_map(values: list[float | None]) -> None:
    odd = gains(values, values, values)
    page = render(sample() | {"claims": [claim("c", [], "invalid", maps=[odd])]})
    (found,) = (e for e in select(parse(page), "figure", id="map-c-1"))
    assert "nan" not in found.text and "inf" not in found.text.replace("information", "")


def test_empty_map_is_no_damage_and_not_drawn() -> None:
    empty = gains([]) | {"rows": {"label": "r", "values": []}, "estimate": [], "low": [], "high": []}
    record = check(sample() | {"claims": [claim("c", [], "invalid", maps=[empty])]})
    assert own_figures(record["claims"][0]) == []
