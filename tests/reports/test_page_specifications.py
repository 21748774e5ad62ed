"""Specification curves: sorted, marked by shape and by square, told in a sentence, in a table and as CSV."""

from __future__ import annotations

import csv
import io
import itertools
import math
import random
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import pytest

from reports.figures import Missing, figures, own_figures
from reports.page import render
from reports.readings import MOST_NAMED, by_choices, reading, tally, where
from reports.record import check
from reports.specification_plots import CURVE, HEAD, MARK, NARROWEST, ROW, WIDEST, layout
from reports.specifications import Outcome, SpecificationDrawing, specification_drawing
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import NO_NUMBER, WAYS, Json, claim, of_third_version, sample, specification, ways

INSIDE, OUTSIDE, ACROSS = -0.3, 0.3, 0.0


def told(start: str, mean: float = INSIDE, *, width: float = 0.1, **more: Any) -> Json:
    """A specification around `mean`, its 90 % interval of half the width given, the region below zero."""
    ends = {"90": [mean - width / 2, mean + width / 2], "95": [mean - width, mean + width]}
    given = {"estimate": mean, "interval": ends, "base": start == "published"}
    return specification({"start": start, "factors": "2"}, 0.0) | given | more


def one(found: Sequence[Json]) -> Outcome:
    (outcome,) = specification_drawing("m", "M", list(found)).outcomes
    return outcome


def many(count: int, dimensions: int) -> list[Json]:
    """The published specification and others, each with choices of its own in two or more dimensions."""
    draw = random.Random(count)
    picks = itertools.product(("published", "matched", "balanced", "orthogonal"), ("2", "3", "4"), ("dense", "all"), ("1", "2"))
    rest = {f"a dimension with a long name, {i}": f"value {i}" for i in range(dimensions - 4)}
    chosen = [dict(zip(("start", "factors", "layers", "width"), pick, strict=True)) for pick in picks]
    every = [dict(list((each | rest).items())[:dimensions]) for each in chosen]
    apart = list({tuple(each.items()): each for each in every}.values())[:count]
    assert len(apart) == count
    return [specification(each, draw.gauss(0, 0.2), base=i == 0) for i, each in enumerate(apart)]


# ---- what is drawn, read back ----------------------------------------------------------------------------------

Segment = tuple[float, float, float, float]


def strokes(outcome: Outcome, width: str) -> list[Segment]:
    """Straight lines of a width: (x, y, x, y) each."""
    paths = re.findall(rf'd="([^"]+)" style="fill:none;stroke:[^";]+;stroke-width:{width}"', outcome.body)
    texts = [text for path in paths for text in path.split("M")[1:]]
    return [tuple(map(float, text.split()[:4])) for text in texts]  # type: ignore[misc]


def dots(outcome: Outcome) -> dict[float, tuple[float, str]]:
    """The estimates by their x: height and shape; rings are left out."""
    shapes = dict(re.findall(r'<path id="([^"]+)" d="([^"]+)"', outcome.body))
    found = {}
    for id, x, y, style in re.findall(r'<use href="#([^"]+)" x="([^"]+)" y="([^"]+)" style="([^"]+)"', outcome.body):
        if float(x) and "fill-opacity:0;" not in style:
            round_one = "open circle" if "var(--paper)" in style else "circle"
            shape = round_one if "C" in shapes[id] else "cross" if shapes[id].count("M") == 2 else "diamond"
            found[float(x)] = float(y), shape
    return found


def squares(outcome: Outcome) -> dict[float, list[float]]:
    """The heights of the squares in each column."""
    found: dict[float, list[float]] = {}
    for left, y, right, _ in strokes(outcome, f"{MARK:g}"):
        found.setdefault(round((left + right) / 2, 1), []).append(y)
    return found


def texts(outcome: Outcome) -> dict[str, float]:
    """Every word of the drawing with its place downwards."""
    return {e.text: float(e.get("y")) for e in select(parse(f"<svg>{outcome.body}</svg>"), "text")}


@pytest.fixture(scope="module")
def figure(elements: list[Element]) -> Element:
    return next(select(elements, "figure", id="multiverse"))


@pytest.fixture(scope="module")
def drawn() -> Outcome:
    """The sample's second outcome: all four readings."""
    return specification_drawing("m", "M", ways()).outcomes[1]


def inside(elements: list[Element], home: Element, tag: str = "", **attributes: str) -> list[Element]:
    return [e for e in select(elements, tag, **attributes) if e.inside(home)]


# ---- readings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "region, low, high, word",
    [
        ([None, 0.0], -0.3, -0.1, "holds"),
        ([None, 0.0], 0.1, 0.3, "flips"),
        ([None, 0.0], -0.1, 0.3, "undecided"),
        ([None, 0.0], -0.3, 0.0, "undecided"),
        ([None, 0.0], 0.0, 0.3, "undecided"),
        ([-0.1, None], -0.3, -0.2, "flips"),
        ([-0.1, None], 0.0, 0.1, "holds"),
        ([-0.1, 0.1], -0.05, 0.05, "holds"),
        ([-0.1, 0.1], -0.05, 0.15, "undecided"),
        ([-0.1, 0.1], 0.2, 0.3, "flips"),
        ([-0.1, 0.1], -0.3, -0.2, "flips"),
        ([None, 0.0], None, None, "undecided"),
    ],
)
def test_reading_is_where_the_intervals_lie(region: Any, low: Any, high: Any, word: str) -> None:
    found = told("matched", 0.01, region=region, interval={"90": [low, high], "95": [low, high]})
    assert reading(found) == word


def test_finding_holds_by_the_90_percent_interval_and_flips_by_the_95_percent_one() -> None:
    held, flipped = ({"90": [-0.3, -0.1], "95": [-0.4, 0.1]}, {"90": [0.1, 0.3], "95": [-0.1, 0.4]})
    assert reading(told("matched", -0.2, interval=held)) == "holds"
    assert reading(told("matched", 0.2, interval=flipped)) == "undecided"


def test_reading_is_the_verdict_that_a_part_with_these_intervals_gets() -> None:
    from evidence.inference import examine
    from evidence.judge import Judge
    from evidence.region import Region
    from tests.evidence.numbers import Last, arm, measured

    draw, names = random.Random(6), {"supported": "holds", "refuted": "flips", "inconclusive": "undecided"}
    seen = set()
    for i, mean in enumerate((0.0, 0.02, 0.1, 0.2, 0.3, 0.5, 0.7, -0.1, -0.3, -0.6)):
        values = [mean + draw.gauss(0.0, 0.1) for _ in range(6)]
        judge = Judge()
        asked = {"outcome": "o", "choices": {"i": i}, "seeds": range(6), "estimand": "e", "region": (-0.2, 0.2)}
        judge.specification("m", Last(), arm(values), **asked)  # type: ignore[arg-type]
        verdict = str(examine(measured(values), range(6), Region(-0.2, 0.2)).verdict)
        assert reading(judge.specifications[0]) == names[verdict]  # type: ignore[arg-type]
        seen.add(verdict)
    assert seen == set(names)


def test_lost_number_is_no_reading() -> None:
    assert reading(told("matched") | NO_NUMBER) == "lost"


# ---- sentences -------------------------------------------------------------------------------------------------


def test_flips_are_named_by_what_differs_from_the_published_protocol() -> None:
    found = [told("published"), told("matched", OUTSIDE), told("balanced", OUTSIDE), told("orthogonal", ACROSS)]
    assert where(found) == "It flips with start = matched; start = balanced."
    assert tally(found) == "In 1 of 4 specifications the finding holds; it flips in 2 and is undecided in 1."


def test_where_nothing_flips_nothing_is_named() -> None:
    found = [told("published"), told("matched", ACROSS)]
    assert where(found) == "" and tally(found).endswith("it flips in none and is undecided in 1.")


@pytest.mark.parametrize("mean, words", [(OUTSIDE, "It flips with the published protocol. "), (ACROSS, "")])
def test_where_the_published_protocol_does_not_hold_it_is_said_where_the_finding_does(mean: float, words: str) -> None:
    found = [told("balanced"), told("published", mean), told("matched")]
    assert where(found) == f"{words}It holds with start = balanced; start = matched."


def test_published_protocol_comes_first_and_then_what_differs_least() -> None:
    found = [told(start, OUTSIDE) for start in ("matched", "published", "balanced")]
    found[0]["choices"] = {"start": "matched", "factors": "3"}
    assert where(found) == "It flips with the published protocol; start = balanced; start = matched, factors = 3."


def test_without_a_published_protocol_all_that_varies_is_named() -> None:
    found = [told("matched", OUTSIDE), told("balanced")]
    assert where(found) == "It flips with start = matched."
    assert by_choices(found[0], found[:1]) == "start = matched, factors = 2", "of one alone, nothing varies"


def test_long_list_of_flips_is_cut_and_counted() -> None:
    found = [told("published"), *(told(f"start {i}", OUTSIDE) for i in range(MOST_NAMED + 5))]
    assert where(found).endswith(f"start = start {MOST_NAMED - 1}; 5 more, marked in the drawing.")


def test_lost_numbers_are_counted() -> None:
    assert tally([told("published"), told("matched") | NO_NUMBER]) == (
        "In 1 of 2 specifications the finding holds; it flips in none and is undecided in none; 1 gave no number."
    )


# ---- the drawing -----------------------------------------------------------------------------------------------


def test_estimates_rise_from_left_to_right_and_the_lost_one_is_last(drawn: Outcome) -> None:
    found = [each for _, each in sorted(dots(drawn).items())]
    heights = [y for y, shape in found if shape != "cross"]
    assert len(found) == len(WAYS) and heights == sorted(heights, reverse=True)
    assert found[-1][1] == "cross" and [shape for _, shape in found].count("cross") == 1


def test_shapes_say_how_each_reads(drawn: Outcome) -> None:
    shapes = [shape for _, (_, shape) in sorted(dots(drawn).items())]
    names = {"holds": "circle", "flips": "diamond", "undecided": "open circle", "no number": "cross"}
    assert shapes == [names[row[1].text] for row in drawn.rows] and set(shapes) == set(names.values())


def test_intervals_are_those_of_the_record_on_one_scale(drawn: Outcome) -> None:
    rows = list(csv.DictReader(io.StringIO(drawn.csv)))[:-1]
    place = dots(drawn)
    points = sorted((x, y) for x, (y, shape) in place.items() if shape != "cross")
    (y0, y1), (v0, v1) = (points[0][1], points[-1][1]), (float(rows[0]["estimate"]), float(rows[-1]["estimate"]))
    for width, name in (("4.2", "90"), ("1.4", "95")):
        bars = sorted(strokes(drawn, width))
        assert [bar[0] for bar in bars] == pytest.approx([x for x, _ in points], abs=0.11)
        for (_, bottom, _, top), row in zip(bars, rows, strict=True):
            ends = [v0 + (y - y0) / (y1 - y0) * (v1 - v0) for y in (bottom, top)]
            assert ends == pytest.approx([float(row[f"low {name}"]), float(row[f"high {name}"])], abs=0.001)


def test_squares_stand_in_the_lines_of_what_each_chose(drawn: Outcome) -> None:
    lines, place = texts(drawn), layout(check_specifications(ways()))
    at = {(row.dimension, row.value): row.y for row in place.rows}
    marked = [heights for _, heights in sorted(squares(drawn).items())]
    rows = list(csv.DictReader(io.StringIO(drawn.csv)))
    assert len(marked) == len(rows) == len(WAYS)
    for heights, row in zip(marked, rows, strict=True):
        assert sorted(heights) == sorted(at[name, row[name]] for name in WAYS_DIMENSIONS)
    assert lines["orthogonal"] == pytest.approx(at["start", "orthogonal"] + 4.6, abs=0.2), "words stand level with their line"


WAYS_DIMENSIONS = list(ways()[0]["choices"])


def check_specifications(found: list[Json]) -> list[Any]:
    return check(sample() | {"claims": [claim("c", [], "invalid", specifications=found)]})["claims"][0]["specifications"]


def test_published_values_come_first_and_all_curves_of_a_figure_list_values_alike() -> None:
    first, second = specification_drawing("m", "M", ways()).outcomes
    order = [[word for word in texts(each) if not re.fullmatch(r"[−\d.]+|published", word)] for each in (first, second)]
    assert order[0] == order[1]
    rows = layout([told("matched"), told("balanced"), told("published")]).rows
    assert [row.value for row in rows] == ["published", "matched", "balanced", "2"]


def test_published_protocol_has_a_ring_a_band_and_its_word(drawn: Outcome) -> None:
    assert len(re.findall(r"fill-opacity:0;stroke:currentColor", drawn.body)) == 1
    assert drawn.body.count(">published<") == 2, "over its column, and as a value of the start"
    (x,) = re.findall(r'x="([\d.]+)" y="[\d.]+" style="fill-opacity:0;', drawn.body)
    place = [row[0].text for row in drawn.rows].index("the published protocol")
    assert sorted(dots(drawn))[place] == float(x)


def test_without_a_published_protocol_none_is_marked() -> None:
    outcome = one([told("matched"), told("balanced", OUTSIDE)])
    assert "fill-opacity:0;" not in outcome.body and "published" not in outcome.body
    page = render(sample() | {"claims": [claim("c", [], "invalid", specifications=[told("matched"), told("balanced")])]})
    text = next(select(parse(page), "figure", id="multiverse")).text
    assert "published protocol" not in text and "published value" not in text


@pytest.mark.parametrize("place", [0, 1, 9])
def test_word_over_the_published_column_stays_inside_the_picture(place: int) -> None:
    outcome = one([told("published" if i == place else f"s{i}", -0.3 + 0.01 * i) for i in range(10)])
    anchor, x = re.findall(
        r'<text style="(?:text-anchor:(\w+);)?fill:currentColor" x="([\d.]+)" y="[\d.]+">published<', outcome.body
    )[0]
    assert anchor == {0: "", 1: "", 9: "end"}[place] and 100 < float(x) <= outcome.width


@pytest.mark.parametrize("count, dimensions", [(3, 2), (14, 5), (30, 9)])
def test_three_to_thirty_specifications_fit_with_letters_of_12_pixels(count: int, dimensions: int) -> None:
    found = many(count, dimensions)
    outcome, place = one(found), layout(found)
    assert len(dots(outcome)) == count and all(len(heights) == dimensions for heights in squares(outcome).values())
    assert sum(map(len, squares(outcome).values())) == count * dimensions
    assert NARROWEST <= place.column <= WIDEST and place.column > 2 * MARK
    lines = [row.y for row in place.rows]
    assert min(b - a for a, b in zip(lines, lines[1:], strict=False)) >= ROW > 12
    assert outcome.height > lines[-1] and outcome.width < 1000
    assert "font-size" not in outcome.body, "all words have the 12 pixels of the page's style sheet"
    page = render(sample() | {"claims": [claim("c", [], "invalid", specifications=found)]})
    (svg,) = [e for e in select(parse(page), "svg") if e.get("aria-labelledby").startswith("multiverse-1")]
    assert f"--least:{round(outcome.width)}px" in svg.get("style"), "it is never shown smaller than drawn"


def test_height_grows_with_the_values_and_names_get_the_room_they_need() -> None:
    heights = [one(many(12, dimensions)).height for dimensions in (2, 4, 6, 9)]
    assert heights == sorted(set(heights))
    rows = layout(many(3, 5)).rows
    (named,) = [row for row in rows if row.dimension.startswith("a dimension")]
    assert list(named.name) == ["a dimension with a", "long name, 0"]


def test_words_of_labels_do_not_meet() -> None:
    outcome = one(many(14, 6))
    left = min(squares(outcome)) - MARK
    values = {e.text: e for e in select(parse(f"<svg>{outcome.body}</svg>"), "text")}
    assert 7 * len("a dimension with a" + "value 0") < left and values["value 0"].get("x") != "0"


def test_zero_is_drawn_where_it_is_not_far_and_the_region_always() -> None:
    near, far = one([told("published", -0.3), told("matched", -0.2)]), one([told("a", 50.0, region=[49.0, 51.0])])
    assert "stroke-dasharray" in near.body and "stroke-dasharray" not in far.body
    assert all(outcome.body.count("fill:var(--s1);fill-opacity:0.15") == 1 for outcome in (near, far))
    assert len(re.findall("stroke-opacity:0.55", near.body)) == 1 and len(re.findall("stroke-opacity:0.55", far.body)) == 2


def test_open_end_of_the_region_is_shaded_up_to_the_edge() -> None:
    def heights(region: Any) -> list[float]:
        body = one([told("a", 0.01, region=region)]).body
        path, y = re.findall(
            r'<path id="[^"]+" d="(M[^"C]+z)" ?/></defs><g[^>]*><use [^>]*y="([\d.]+)" style="fill:var\(--s1\)', body
        )[0]
        numbers = [float(text) for text in re.findall(r"-?[\d.]+", path)]
        return [min(numbers[1::2]) + float(y), max(numbers[1::2]) + float(y)]

    assert heights([None, 0.0])[1] == pytest.approx(HEAD + CURVE, abs=0.2) and heights([None, 0.0])[0] > HEAD
    assert heights([0.0, None])[0] == pytest.approx(HEAD, abs=0.2) and heights([0.0, None])[1] < HEAD + CURVE


def test_drawing_has_the_same_bytes_and_no_colour_or_font_of_its_own() -> None:
    first, second = (one([*many(19, 4), specification(many(20, 4)[-1]["choices"], 0.0)]).body for _ in range(2))
    assert first == second and "currentColor" in first and "var(--s1)" in first and "var(--paper)" in first
    assert not re.search(r"#[0-9a-f]{6}|font-family|<style|<metadata|xmlns|<!--", first)
    assert len(one(many(30, 9)).body) < 20_000


def test_order_of_the_record_does_not_move_the_estimates() -> None:
    found = many(12, 4)
    turned = [found[0], *found[:0:-1]]
    assert dots(one(found)) == dots(one(turned))


def test_texts_of_the_record_are_no_markup_and_no_mathematics(elements: list[Element]) -> None:
    (home,) = select(elements, id="claim-cross-entropy-not-accelerated")
    (own,) = inside(elements, home, "figure")
    assert own.get("id") == "curve-cross-entropy-not-accelerated-1" and "Specifications “<b>rules</b>”" in own.text
    words = {e.text for e in inside(elements, own, "text")}
    assert {"$\\eta$ shared", "half & half", "<b>rule</b>"} <= words and not inside(elements, own, "b")


def test_long_value_is_cut_in_the_drawing_and_whole_in_the_table() -> None:
    long = "a start with a description that is longer than any line of labels"
    outcome = one([told("published"), told(long, OUTSIDE)])
    assert any(word.endswith("…") and long.startswith(word[:-1]) for word in texts(outcome))
    assert outcome.rows[1][0].text == f"start = {long}"


@pytest.mark.parametrize("values", [[0.0, -1e300, 1e300], [5e-324, 1.0, -1.0], [None, 1e-9, 2e-9], [3.0, 3.0, 3.0], [None] * 3])
@pytest.mark.parametrize("region", [[None, 0.0], [-1e300, 1e300], [0.0, None]])
def test_no_numbers_break_a_curve(values: list[float | None], region: list[float | None]) -> None:
    found = [
        told(f"s{i}", 0.0, estimate=value, interval={"90": [value] * 2, "95": [None, value]}, region=region)
        for i, value in enumerate(values)
    ]
    page = render(sample() | {"claims": [claim("c", [], "invalid", specifications=found)]})
    (seen,) = select(parse(page), "figure", id="multiverse")
    assert not re.search(r"\b(nan|inf|None)\b", seen.text)
    assert not re.search(r"\b(nan|inf)\b", str(one(found).body))


# ---- on the page -------------------------------------------------------------------------------------------------


def test_multiverse_stands_after_figure_2_and_its_claim_leads_there(elements: list[Element], figure: Element) -> None:
    (section,) = select(elements, "section", id="figures")
    ids = [e.get("id") for e in inside(elements, section, "figure")]
    assert ids == ["figure-1", "figure-appendix", "figure-2", "multiverse", "where-depth-helps"]
    assert inside(elements, figure, "h3")[0].text == "The multiverse: where the findings on networks hold"
    (home,) = select(elements, id="claim-total-loss-accelerated")
    assert "Its specifications are drawn in The multiverse: where the findings on networks hold." in home.text
    assert not inside(elements, home, "figure")


def test_each_outcome_has_its_drawing_sentence_and_data(elements: list[Element], figure: Element) -> None:
    assert [e.text for e in inside(elements, figure, "p", cls="panel-name")] == ["total loss, late", "cross-entropy, late"]
    pictures = [e for e in inside(elements, figure, "svg") if e.get("aria-labelledby")]
    assert [e.get("role") for e in pictures] == ["img"] * 2 and len(inside(elements, figure, "details")) == 2
    first, second = (e.text for e in inside(elements, figure, "p", cls="found-where"))
    assert first == (
        "In 6 of 14 specifications the finding holds; it flips in 4 and is undecided in 4. It flips with start = matched; "
        "start = orthogonal; start = balanced, factors = 3; start = matched, penalty on = factors."
    )
    assert second == (
        "In 10 of 14 specifications the finding holds; it flips in 1 and is undecided in 2; 1 gave no number. "
        "It flips with factors = 3, layers that are products = all."
    )


def test_region_and_estimand_are_told(figure: Element) -> None:
    assert (
        "Estimated: total loss in the last fifth of the steps, over-parameterised relative to normal (log10 ratio). "
        "The finding is true for at most 0 (at most ×1)."
    ) in figure.text
    assert "The finding is true for at least −0.1 (at least ×0.7943)." in figure.text


def test_caption_says_what_the_intervals_are_not(figure: Element) -> None:
    for sentence in (
        "A specification curve (Simonsohn, Simmons and Nelson, 2020): each column is one way of running the experiment",
        "the mean over 28 seeds",
        "Explored, not judged: nothing is corrected for the number of specifications",
        "each interval stands for its own specification alone",
        "“any matrix replaced as the product of two matrices”",
    ):
        assert sentence in figure.text


def test_key_explains_the_shapes_that_occur(elements: list[Element], figure: Element) -> None:
    (key,) = inside(elements, figure, "div", cls="key")
    for words in (
        "holds: the 90 % interval lies inside the region",
        "flips: the 95 % interval lies wholly outside",
        "undecided: neither",
        "no number",
        "published rules, on the images of this figure",
        "region where the finding is true",
    ):
        assert words in key.text
    page = parse(render(sample() | {"claims": [claim("c", [], "invalid", specifications=[told("published"), told("matched")])]}))
    (short,) = inside(page, next(select(page, "figure", id="multiverse")), "div", cls="key")
    assert "flips" not in short.text and "undecided" not in short.text and "no number" not in short.text


def test_curve_is_explored_and_has_no_verdict(elements: list[Element], figure: Element) -> None:
    classes = {c for e in elements if e.inside(figure) for c in e.get("class").split()}
    assert not {"badge", "supported", "refuted", "inconclusive", "invalid"} & classes
    assert "those of maps and of specification curves among them" in next(select(elements, id="reading")).text


def test_description_tells_range_published_protocol_and_readings(elements: list[Element], figure: Element) -> None:
    first, _ = (e.text for e in inside(elements, figure, "desc"))
    assert first.startswith(
        "total loss in the last fifth of the steps, over-parameterised relative to normal: 14 estimates, sorted from −0.3"
    )
    assert re.search(r"The published protocol gives −0\.\d+ \[−0\.\d+, −0\.\d+\]: holds\. In 6 of 14", first)
    assert first.endswith("start = matched, penalty on = factors.")


def test_table_has_every_specification_in_the_order_of_the_drawing(elements: list[Element], figure: Element) -> None:
    tables = inside(elements, figure, "table")
    rows = [[e.text for e in elements if e.tag in ("th", "td") and e.inside(row)] for row in inside(elements, tables[1], "tr")]
    assert rows[0] == ["Specification", "Finding", "Estimate", "90 % interval", "95 % interval", "n"] and len(rows) == 15
    assert [row[1] for row in rows[1:]].count("flips") == 1 and rows[4][0] == "the published protocol"
    assert rows[14] == [
        "penalty on = no layerno number: seed 3007: the loss is not finite.", "no number", *["not finite"] * 3, "28",
    ]  # fmt: skip


def test_rounding_leaves_the_interval_on_its_side_of_the_region(elements: list[Element]) -> None:
    outcome = one([told("published", -0.1001, width=0.1, region=[None, -0.0000999])])
    assert outcome.rows[0][1].text == "holds" and outcome.rows[0][4].text.endswith("−0.0001]")


def test_csv_holds_every_choice_number_and_reading(elements: list[Element]) -> None:
    (link,) = select(elements, "a", download="multiverse-1.csv")
    rows = list(csv.DictReader(io.StringIO(unquote(link.get("href").partition(",")[2]))))
    assert len(rows) == 14 and {row["outcome"] for row in rows} == {"total loss, late"}
    assert [row["published"] for row in rows].count("yes") == 1
    given = {tuple(each["choices"].values()): each for each in ways()[:14]}
    for row in rows:
        found = given[tuple(row[name] for name in WAYS_DIMENSIONS)]
        assert float(row["estimate"]) == pytest.approx(found["estimate"], rel=1e-3)
        assert float(row["low 95"]) == pytest.approx(found["interval"]["95"][0], rel=1e-3)
        assert (row["n"], row["region low"], row["region high"], row["unit"]) == ("28", "", "0", "log10 ratio")
    (lost,) = [row for row in csv.DictReader(io.StringIO(one(ways()[14:]).csv)) if row["reading"] == "no number"]
    assert lost["estimate"] == lost["low 90"] == "" and lost["note"] == "seed 3007: the loss is not finite"


def test_seeds_of_several_numbers_are_told_as_a_range() -> None:
    assert specification_drawing("m", "M", [told("published"), told("matched", n=12)]).seeds == "12 to 28 seeds"


# ---- where they come from ----------------------------------------------------------------------------------------


def multiverse(**given: list[Json]) -> SpecificationDrawing | Missing:
    claims = [claim(id.replace("_", "-"), [], "invalid", specifications=found) for id, found in given.items()]
    found = figures(check(sample() | {"claims": claims}))[3]
    assert isinstance(found, SpecificationDrawing | Missing)
    return found


@pytest.mark.parametrize("found", [[], [told("published", figure="own")]])
def test_without_specifications_the_command_is_told(found: list[Json]) -> None:
    lacking = multiverse(gd_rate=found)
    assert isinstance(lacking, Missing) and lacking.lacks == "specifications"
    assert lacking.commands == ["pytest claims/ -k init_multiverse", "pytest claims/ -k multiverse"]


def test_third_version_of_a_record_has_the_figure_missing() -> None:
    text = next(select(parse(render(of_third_version(sample()))), id="multiverse")).text
    assert "This run recorded no specifications for it; to draw it, run pytest claims/ -k init_multiverse or" in text


def test_claims_give_one_curve_together_and_the_first_named_wins() -> None:
    late = [told("published", OUTSIDE), told("orthogonal", ACROSS)]
    found = multiverse(other=late, multiverse=[told("balanced")], init_multiverse=[told("published"), told("matched")])
    assert isinstance(found, SpecificationDrawing)
    (outcome,) = found.outcomes
    assert outcome.tally == "In 3 of 4 specifications the finding holds; it flips in none and is undecided in 1."


@pytest.mark.parametrize(
    "other", [{"region": [None, -0.2]}, {"unit": ""}, {"estimand": "another"}, {"choices": {"width": "4"}}, {"outcome": "time"}]
)
def test_what_cannot_stand_on_one_axis_gets_a_curve_of_its_own(other: Json) -> None:
    found = multiverse(init_multiverse=[told("published")], multiverse=[told("matched") | other])
    assert isinstance(found, SpecificationDrawing) and [len(each.rows) for each in found.outcomes] == [1, 1]
    assert len({each.id for each in found.outcomes}) == 2


def test_own_figures_are_grouped_by_name_after_curves_and_maps() -> None:
    specifications = [told(start, figure=name) for name in ("b", "a") for start in ("published", "matched")]
    found = own_figures(claim("c", [], "invalid", specifications=specifications))
    assert [(each.id, each.title) for each in found] == [("curve-c-1", "Specifications “b”"), ("curve-c-2", "Specifications “a”")]


def test_sample_has_an_estimate_for_every_reading() -> None:
    assert {reading(each) for each in ways()} == {"holds", "flips", "undecided", "lost"}
    assert all(math.isfinite(each["estimate"]) for each in ways() if each["note"] == "")
