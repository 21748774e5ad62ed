"""Drawings say what is needed to read them back: axes, names, bands; a tenth of a unit on paper is all that gets lost."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from reports.axes import Axis, described, gid, marked
from reports.figures import Drawing, figures, own_figures
from reports.plots import places, points
from reports.specification_plots import draw_specifications, layout
from reports.svg import inline, paper
from tests.reports.sample_record import Json, claim, curve, sample, theory, ways

SCRIPT = Path(__file__).resolve().parents[2] / "reports" / "page.js"
# Half of the last place that paths keep, and what the axes' own numbers are rounded to.
CLOSE = 0.05 + 0.011
TIMES = np.geomspace(1, 1e6, 40).tolist()


def drawing(curves: list[Json], lines: list[Json] | None = None) -> ElementTree.Element:
    """The drawing of curves of a claim's own, or of a figure of the report's if they name one."""
    made = claim("c", [], "invalid", curves=curves, lines=lines or [])
    found = [*own_figures(made), *figures(sample() | {"claims": [made]})]
    return read(next(each.body for each in found if isinstance(each, Drawing)))


def read(body: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<svg>{body}</svg>")


def axes_of(panel: ElementTree.Element) -> list[Axis]:
    """As the page's script reads them."""
    kinds = [text.split(" ") for text in panel.attrib["data-axes"].split(",")]
    return [Axis(*map(float, ends), log=kind == "log") for kind, *ends in kinds]


def groups(drawn: ElementTree.Element, kind: str, name: str) -> list[ElementTree.Element]:
    return [each for each in drawn.iter("g") if each.get(f"data-{kind}") == name]


def places_of(group: ElementTree.Element) -> list[tuple[float, float]]:
    """As the page's script reads them: of paths that are drawn themselves, not of the marks along them."""
    paths = [path.attrib["d"] for path in group.iter("path") if "id" not in path.attrib]
    return [(float(x), float(y)) for d in paths for x, y in re.findall(r"(-?[\d.]+) ?(-?[\d.]+)", d)]


def panel_of(drawn: ElementTree.Element, name: str) -> ElementTree.Element:
    return next(each for each in drawn.iter("g") if "data-axes" in each.attrib and groups(each, "curve", name))


# ---- the mapping -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [Axis(50.0, 650.0, -3.0, 6.0, log=True), Axis(380.0, 20.0, -0.25, 7.5)])
def test_place_and_value_undo_each_other(axis: Axis) -> None:
    for value in (0.125, 1.0, 7.25):
        assert axis.value(axis.place(value)) == pytest.approx(value, rel=1e-12)
    low, high = (10.0**end if axis.log else end for end in (axis.low, axis.high))
    assert (axis.place(low), axis.place(high)) == pytest.approx((axis.start, axis.stop))


@pytest.mark.parametrize(
    "low, high, told",
    [
        (0.0, 1.0, "0 1"),
        (-0.5, 1795.512345, "-0.5 1795.512"),
        (1e9, 1e9 + 1, "1000000000 1000000001"),
        (1e-300, 3e-300, "1e-300 3e-300"),
        (-1.7e308, 1.7e308, "-1.7e+308 1.7e+308"),
    ],
)
def test_ends_are_told_as_finely_as_the_axis_needs(low: float, high: float, told: str) -> None:
    assert str(Axis(10.0, 20.5, low, high)) == f"even 10 20.5 {told}"


@pytest.mark.parametrize("low, high", [(0.1, 0.7), (123.456789, 123.456999), (-8.123456789, 2.987654321)])
def test_rounded_ends_move_no_place_by_a_hundredth(low: float, high: float) -> None:
    exact = Axis(0.0, 700.0, low, high)
    _, *ends = str(exact).split(" ")
    rounded = Axis(*map(float, ends))
    for value in (low, (low + high) / 2, high):
        assert rounded.place(value) == pytest.approx(exact.place(value), abs=0.01)


def test_only_names_of_our_own_become_attributes() -> None:
    words = {"curve": "a & b=c; “d”", "axes": ""}
    assert marked(gid(**words)) == {"data-curve": words["curve"], "data-axes": ""}
    assert marked("patch_2") == marked("") == marked(None) == {}


# ---- curves read back ------------------------------------------------------------------------------------------

SHAPES: dict[str, Any] = {"falling": lambda t: 3 * (1 + t) ** -0.5, "rising": lambda t: 2 - 1 / (1 + t / 50)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("figure, log_x", [("figure-1", True), ("figure-2", False), ("own", True)])
def test_curve_and_band_read_back_are_the_records(figure: str, log_x: bool, shape: str) -> None:
    given = curve(figure, "plain", "error", SHAPES[shape], TIMES)
    panel = panel_of(drawing([given]), "plain, error")
    x, y = axes_of(panel)
    kept = points(given, log_x)
    (line,), (band,) = groups(panel, "curve", "plain, error"), groups(panel, "band", "plain, error")
    for at, median, place in zip(kept.x, kept.median, places_of(line), strict=True):
        assert (x.place(at), y.place(median)) == pytest.approx(place, abs=CLOSE)
    edge = places_of(band)
    assert len(edge) == 2 * len(kept.x)
    for i, (low, high) in enumerate(zip(kept.low, kept.high, strict=True)):
        assert y.place(low) == pytest.approx(edge[i][1], abs=CLOSE) and y.place(high) == pytest.approx(edge[-1 - i][1], abs=CLOSE)
        assert edge[i][0] == edge[-1 - i][0] == places_of(line)[i][0]


def test_values_read_back_differ_by_no_more_than_a_tenth_of_a_unit_is_worth() -> None:
    given = curve("figure-1", "plain", "error", SHAPES["falling"], TIMES)
    panel = panel_of(drawing([given]), "plain, error")
    _, y = axes_of(panel)
    worth = abs(math.log10(y.value(0.1) / y.value(0.0)))
    for median, (_, place) in zip(points(given, True).median, places_of(groups(panel, "curve", "plain, error")[0]), strict=True):
        assert abs(math.log10(y.value(place) / median)) < worth


def test_theory_reads_back_too_and_has_no_band() -> None:
    given, line = (make("figure-1", "plain", "error", SHAPES["falling"], TIMES) for make in (curve, theory))
    panel = panel_of(drawing([given], [line]), "plain, error: theory")
    x, y = axes_of(panel)
    (group,) = groups(panel, "curve", "plain, error: theory")
    for at, value, place in zip(*places(line, True), places_of(group), strict=True):
        assert (x.place(at), y.place(value)) == pytest.approx(place, abs=CLOSE)
    assert groups(panel, "band", "plain, error: theory") == []


def test_panels_have_axes_of_their_own_over_the_same_times() -> None:
    error = curve("figure-appendix", "plain", "error", SHAPES["falling"], TIMES)
    s = curve("figure-appendix", "scalar-depth", "s", SHAPES["rising"], TIMES)
    drawn = drawing([error, s])
    upper, lower = (axes_of(panel_of(drawn, name)) for name in ("plain, error", "scalar-depth, s"))
    assert upper[0] == lower[0] and upper[1].log and not lower[1].log
    assert upper[1].stop < upper[1].start < lower[1].stop < lower[1].start
    (line,) = groups(drawn, "curve", "scalar-depth, s")
    for median, (_, place) in zip(points(s, True).median, places_of(line), strict=True):
        assert lower[1].place(median) == pytest.approx(place, abs=CLOSE)


def test_band_stops_where_an_end_is_missing() -> None:
    given = curve("own", "a", "q", lambda t: 5 + t, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    given["low"] = [*given["low"][:2], None, *given["low"][3:]]
    given["high"] = [*given["high"][:5], None]
    drawn = drawing([given])
    bands, (line,) = groups(drawn, "band", "a, q"), groups(drawn, "curve", "a, q")
    x = [place for place, _ in places_of(line)]
    assert [[x.index(place) for place, _ in places_of(band)] for band in bands] == [[0, 1, 1, 0], [3, 4, 4, 3]]


def test_curve_without_any_band_is_drawn() -> None:
    given = curve("own", "a", "q", lambda t: 5 + t, [0.0, 1.0, 2.0]) | {"low": [None] * 3, "high": [None] * 3}
    drawn = drawing([given])
    assert groups(drawn, "band", "a, q") == [] and len(places_of(groups(drawn, "curve", "a, q")[0])) >= 3


def test_names_are_escaped_and_read_back() -> None:
    arm = "a<b> & “c” \"d\" 'e' é=1;+%"
    drawn = drawing([curve("own", arm, "q", SHAPES["rising"], TIMES)])
    assert {each.attrib["data-curve"] for each in drawn.iter("g") if "data-curve" in each.attrib} == {f"{arm}, q"}


def test_every_curve_of_a_figure_is_named_once() -> None:
    arms = ["plain", "scalar-depth", "deep-3"]
    drawn = drawing([curve("figure-1", arm, "error", SHAPES["falling"], TIMES) for arm in arms])
    for kind in ("curve", "band"):
        found = [each.attrib[f"data-{kind}"] for each in drawn.iter("g") if f"data-{kind}" in each.attrib]
        assert found == [f"{arm}, error" for arm in arms]


def test_drawing_has_the_same_bytes_again_and_no_name_of_ours_as_an_id() -> None:
    given = curve("own", "a", "q", SHAPES["falling"], TIMES)
    first, again = (own_figures(claim("c", [], "invalid", curves=[given]))[0] for _ in range(2))
    assert isinstance(first, Drawing) and isinstance(again, Drawing) and first.body == again.body
    assert 'id="data-' not in first.body and "%2C" not in first.body


def test_attributes_take_few_bytes() -> None:
    given = curve("own", "a", "q", SHAPES["falling"], TIMES)
    (found,) = own_figures(claim("c", [], "invalid", curves=[given]))
    assert isinstance(found, Drawing)
    assert sum(map(len, re.findall(r' data-\w+="[^"]*"', found.body))) < 0.05 * len(found.body)


def test_axes_that_nobody_asked_for_are_left_alone() -> None:
    with paper(300, 200) as figure:
        figure.add_subplot().plot([0, 1], [0, 1])
        assert "data-" not in inline(figure, "f-") and list(described(figure)) == []


# ---- specification curves ----------------------------------------------------------------------------------------


def specified(found: list[Json]) -> ElementTree.Element:
    place = layout(found)
    with paper(place.width, place.height) as figure:
        draw_specifications(figure, found, place)
        return read(inline(figure, "s-"))


def dots(panel: ElementTree.Element) -> list[tuple[float, float, str]]:
    """Marks of the estimates with their readings, from left to right."""
    found = [each for each in panel.iter("g") if "data-curve" in each.attrib]
    return sorted(
        (float(use.attrib["x"]), float(use.attrib["y"]), g.attrib["data-curve"]) for g in found for use in g.iter("use")
    )


@pytest.mark.parametrize("outcome", dict.fromkeys(each["outcome"] for each in ways()))
def test_columns_read_back_are_the_records(outcome: str) -> None:
    found = [each for each in ways() if each["outcome"] == outcome]
    (panel,) = (each for each in specified(found) if "data-axes" in each.attrib)
    x, y = axes_of(panel)
    names = panel.attrib["data-columns"].split("\n")
    assert len(dots(panel)) == len(names) == len(found)
    for i, (each, (across, up, reading)) in enumerate(zip(found, dots(panel), strict=True)):
        assert x.value(across) == pytest.approx(i, abs=0.01)
        if each["estimate"] is None:
            assert reading == "no number"
            continue
        assert reading in ("holds", "flips", "undecided") and y.place(each["estimate"]) == pytest.approx(up, abs=CLOSE)
        for interval, ends in each["interval"].items():
            bars = [place for band in groups(panel, "band", f"{interval} % interval") for place in places_of(band)]
            seen = [place for at, place in bars if at == across][:2]
            assert [y.place(end) for end in ends] == pytest.approx(seen, abs=CLOSE)


def test_published_column_and_differing_choices_are_named() -> None:
    found = ways()[:4]
    (panel,) = (each for each in specified(found) if "data-axes" in each.attrib)
    names = panel.attrib["data-columns"].split("\n")
    published = next(i for i, each in enumerate(found) if each["base"])
    assert names[published] == "the published protocol" and len(set(names)) == len(names)


# ---- the script --------------------------------------------------------------------------------------------------


def test_script_is_short_and_strict() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 99 and max(map(len, lines)) <= 130 and '"use strict";' in lines


def test_script_reads_what_drawings_say() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert {"data-axes", "data-curve", "data-band"} <= set(re.findall(r"data-\w+", text))
    assert "dataset.columns" in text and "90 % interval" in text and "95 % interval" in text and "no number" in text
