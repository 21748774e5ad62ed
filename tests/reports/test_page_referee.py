"""How the referee was checked: rates with their intervals, a drawing of the coverage, and marks on what is not right."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from reports.calibration import troubles
from reports.coverage import coverage_plot, outside, series
from reports.page import render
from reports.rates import above, below, percent, share, wilson
from reports.record import RecordError
from reports.referee import Table, exceptions, experiments, tables, view
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import Json, coverage, large, referee, run, sample, wrong


def rendered(found: Json | None) -> list[Element]:
    return parse(render(sample() | {"claims": [], "run": run(referee=found)}))


@pytest.fixture(scope="module")
def row_texts(elements: list[Element]) -> set[str]:
    """The text of every row of every table, a space between cells."""
    rows: dict[int, list[str]] = {}
    for cell in elements:
        if cell.tag in ("th", "td"):
            row = next(parent for parent in reversed(cell.parents) if parent.tag == "tr")
            rows.setdefault(id(row), []).append(cell.text)
    return {" ".join(texts) for texts in rows.values()}


def section(elements: list[Element]) -> Element:
    return next(select(elements, id="referee"))


def table(id: str, **changes: Any) -> Table:
    return next(each for each in tables(referee(**changes)) if each.id == id)


# ---- rates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hits, n, low, high",
    # Agresti and Coull's and Newcombe's well-known cases, to four places.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0)],
)
def test_wilson_interval_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits / n, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.025, 0.5, 1.0])
@pytest.mark.parametrize("n", [1, 500, 20000])
def test_wilson_interval_holds_its_rate_and_stays_within_zero_and_one(rate: float, n: int) -> None:
    low, high = wilson(rate, n)
    assert 0 <= low <= rate + 1e-15 and rate - 1e-15 <= high <= 1 and low < high


@pytest.mark.parametrize(
    "rate, text",
    [
        (0.0, "0.0 %"),
        (0.0004, "under 0.1 %"),
        (0.0005, "0.1 %"),
        (0.9497, "95.0 %"),
        (0.9994, "99.9 %"),
        (0.9996, "over 99.9 %"),
        (1.0, "100.0 %"),
        (None, "not finite"),
    ],
)
def test_percentages_round_nothing_to_never_or_always(rate: float | None, text: str) -> None:
    assert percent(rate).replace("\xa0", " ") == text


@pytest.mark.parametrize("rate, n", [(None, 100), (0.5, 0), (1.5, 100), (-0.1, 100)])
def test_rate_without_an_interval_is_shown_alone_and_raises_no_alarm(rate: float | None, n: int) -> None:
    assert "[" not in share(rate, n)
    assert not above(rate, 0.01, n) and not below(rate, 0.99, n)


def test_alarm_needs_more_than_chance() -> None:
    one_error = (0.05 * 0.95 / 20000) ** 0.5
    assert not above(0.05 + 3.5 * one_error, 0.05, 20000) and above(0.05 + 4.5 * one_error, 0.05, 20000)
    assert not below(0.05 - 3.5 * one_error, 0.05, 20000) and below(0.05 - 4.5 * one_error, 0.05, 20000)
    assert not above(1.0, None, 20000), "without a limit nothing is above it"


# ---- the section ---------------------------------------------------------------------------------------------


def test_section_is_linked_from_the_contents_and_from_how_to_read(elements: list[Element]) -> None:
    links = [e for e in select(elements, "a", href="#referee")]
    homes = [parent.tag for link in links for parent in link.parents if parent.tag in ("nav", "section")]
    assert homes == ["nav", "section"] and links[0].text == "How this referee was checked"


def test_missing_calibration_is_one_sentence() -> None:
    elements = rendered(None)
    home = section(elements)
    assert home.text == (
        "How this referee was checked The calibration of the judge was missing when this record was made, "
        "so that nothing can be said here about how often it errs."
    )
    assert not [e for e in select(elements, "table") if e.inside(home)]


def test_changed_code_is_noted_and_unchanged_code_is_said_to_be_so() -> None:
    changed, same = section(rendered(referee(current=False))).text, section(rendered(referee())).text
    assert "The judging code has changed since." in changed and "the same that judged" not in changed
    assert "has changed since" not in same and "Judging code 3f1c0de5a9b8, the same that judged the claims of this page" in same


def test_facts_of_the_calibration_are_told(elements: list[Element]) -> None:
    text = section(elements).text
    assert "checked in 6 min 52 s with numpy 2.4.6, scipy 1.17.1. To check it again: tox run -e calibration." in text


@pytest.mark.parametrize(
    "words",
    [
        "normal 95.1 % 95.1 % 95.1 % 95.2 %",
        "equivalence on the edge of the region supported 30 20000 5.0 % 4.9 % [4.6, 5.2]",
        "equivalence, skewed on the edge of the region refuted 3 20000 2.5 % 3.9 % [3.7, 4.2] ≠ above the limit",
        "small-p p = 3 32 2000 84.2 % [82.5, 85.7] ≠ below 90 %",
        "all claims false, each by one part 9 4000 4.8 % [4.2, 5.5]",
        "A/A, two samples 12 500 1.4 % [0.7, 2.9]",
        "plain descent 8 0.0031 0.0001 0.00011",
        "three layers 8 0.041 −0.0052 0.004 ≠ more is left than believed",
        "Norris 9 12.7",
        "Longley 9 8.2 ≠ fewer than required",
        "<b>Escaped</b> & quoted nobody p = 0.031 p = 0.031",
        "plain descent 4 8 2×10⁻¹³ 3×10⁻¹³ 4×10⁻¹³",
        "scalar depth 2.5 8 2×10⁻¹⁰ 3×10⁻⁹ 4×10⁻⁸ ≠ more than is tolerated",
    ],
)
def test_row_of_each_table(words: str, row_texts: set[str]) -> None:
    assert words in row_texts


def test_every_number_of_the_calibration_is_on_the_page(elements: list[Element]) -> None:
    home = section(elements)
    rows = [e for e in select(elements, "tr") if e.inside(home)]
    found = referee()
    lists = sum(len(found[key]) for key in ("errors", "detection", "family", "controls", "bias", "nist", "tost", "long_times"))
    noises, lone, heads = 6, 2, 13
    assert len(rows) == lists + noises + lone + heads


def test_each_table_says_what_its_numbers_mean(elements: list[Element]) -> None:
    for each in tables(referee()):
        assert each.meaning in section(elements).text and len(each.meaning) > 80
    limits = {"errors": ["5 %", "2.5 %"], "detection": ["90 %"], "family": ["5 %"]}
    assert all(limit in table(id).meaning for id, these in limits.items() for limit in these)


@pytest.mark.parametrize("kind", ["coverage", "errors", "detection", "family", "controls", "bias", "nist", "tost"])
def test_empty_part_of_a_calibration_says_so(kind: str) -> None:
    assert "The calibration holds none of these." in section(rendered(referee(**{kind: []}))).text


def test_empty_calibration_is_a_page() -> None:
    kinds = ("coverage", "errors", "detection", "family", "controls", "bias", "nist", "tost")
    assert section(rendered(referee(**{kind: [] for kind in kinds}))).text.count("holds none of these") == 8


def test_older_calibration_without_long_times_does_not_mention_them() -> None:
    older = {kind: rows for kind, rows in referee().items() if kind != "long_times"}
    assert "Times that no steps reach" not in section(rendered(older)).text


# ---- which rows are shown first ------------------------------------------------------------------------------


def test_each_question_shows_its_highest_rate_and_folds_the_others() -> None:
    found = table(
        "errors", errors=[wrong("equivalence", "supported", n, rate) for n, rate in ((3, 0.04), (12, 0.049), (30, 0.045))]
    )
    assert [row.cells[3] for row in found.rows] == ["12"] and [row.cells[3] for row in found.folded] == ["3", "30"]
    assert found.summary == "The other 2 of 3 rates, none of them above its limit by more than chance"


def test_rate_above_its_limit_is_never_folded() -> None:
    found = table(
        "errors", errors=[wrong("equivalence", "supported", n, rate) for n, rate in ((3, 0.07), (12, 0.08), (30, 0.01))]
    )
    assert [row.alarm for row in found.rows] == ["above the limit"] * 2 and len(found.folded) == 1


def test_reason_for_a_rate_above_its_limit_is_told() -> None:
    known = wrong("equivalence", "supported", 3, 0.08) | {"known": "Welch is approximate"}
    (found,) = table("errors", errors=[known]).rows
    assert (found.alarm, found.note) == ("above the limit", "Welch is approximate")
    (found,) = table("errors", errors=[known | {"rate": 0.0504}]).rows
    assert (found.alarm, found.note) == ("", "Welch is approximate"), "above by no more than chance"
    (found,) = table("errors", errors=[known | {"rate": 0.03}]).rows
    assert (found.alarm, found.note) == ("", "")


@pytest.mark.parametrize("kind", ["detection", "family", "controls"])
def test_known_text_is_shown_in_other_tables_too(kind: str) -> None:
    first = referee()[kind][0] | {"known": "known: so it <is>"}
    assert "so it <is>" in section(rendered(referee(**{kind: [first]}))).text


def test_rates_that_should_be_high_have_a_table_of_their_own(elements: list[Element]) -> None:
    caught, alarms = table("caught"), table("controls")
    assert [row.cells[0] for row in caught.rows] == ["A/A catches a comparison off by half a margin"]
    assert len(alarms.rows) == 2 and "a high rate is good" in caught.meaning
    text = section(elements).text
    assert "Unsound comparisons that the control caught" in text and "83.0 % [79.5, 86.0]half a margin is as large" in text


def test_calibration_without_unsound_comparisons_does_not_mention_them() -> None:
    sound = [row for row in referee()["controls"] if "good" not in row]
    assert "Unsound comparisons" not in section(rendered(referee(controls=sound))).text


def test_section_says_what_it_does_not_test(elements: list[Element]) -> None:
    text = section(elements).text
    assert text.startswith(
        "How this referee was checked These simulations test the rule of judging on numbers that were made up. "
        "They do not test the trainings, but for the last table, nor whether real seeds are as well behaved."
    )
    for words in ("A power calculation at the spread that was observed", "The simulated claims are independent", "no bound"):
        assert words in text
    assert "the verdict on a part was wrong" in text


def detection(rates: list[float | None]) -> list[Json]:
    return [{"claim": "c", "part": f"p{i}", "n": 12, "rate": rate, "experiments": 2000} for i, rate in enumerate(rates)]


def test_lowest_five_detections_are_shown_first() -> None:
    found = table("detection", detection=detection([0.99, 0.91, 1.0, 0.95, 0.94, 0.97, 0.93]))
    assert [row.cells[1] for row in found.rows] == ["p1", "p6", "p4", "p3", "p5"]
    assert found.summary == "The other 2 of 7 parts; those above are the lowest"
    assert "All 7 parts reach that." in found.meaning


def test_no_missed_detection_is_folded() -> None:
    found = table("detection", detection=detection([0.5] * 8 + [1.0, None]))
    assert len(found.rows) == 9 and all(row.alarm == "below 90 %" for row in found.rows)
    assert "9 of the 10 parts stay below that." in found.meaning and len(found.folded) == 1


@pytest.mark.parametrize(
    "true, estimated, alarm",
    [
        (1e-4, 1.1e-4, ""),
        (-1e-4, 1.1e-4, ""),
        (3e-16, 0.0, ""),
        (2e-4, 1.1e-4, "more is left than believed"),
        (None, 1e-4, "not finite"),
    ],
)
def test_bias_is_marked_where_more_is_left_than_believed(true: float | None, estimated: float, alarm: str) -> None:
    row = {"curve": "plain", "p": 4, "true": true, "estimated": estimated}
    (found,) = table("bias", bias=[row]).rows
    assert found.alarm == alarm and found.cells[2] == "not known"


def test_number_of_experiments_is_a_range_where_it_differs() -> None:
    assert [experiments(counts) for counts in ([5], [300, 20, 300], [0])] == [
        "5 experiments",
        "20 to 300 experiments",
        "no experiments",
    ]


# ---- coverage ------------------------------------------------------------------------------------------------


def test_drawing_has_title_words_and_a_table(elements: list[Element]) -> None:
    (figure,) = select(elements, "figure", id="referee-coverage")
    tags = {e.tag for e in elements if e.inside(figure)}
    assert {"svg", "title", "desc", "figcaption", "table"} <= tags
    (desc,) = [e for e in select(elements, "desc") if e.inside(figure)]
    assert desc.text.startswith("normal: 95.1 % at n = 3, 95.1 % at n = 5,") and desc.text.endswith("94.3 % at n = 30.")


def test_drawing_names_its_axes_series_and_band(elements: list[Element]) -> None:
    (figure,) = select(elements, "figure", id="referee-coverage")
    texts = {e.text for e in select(elements, "text") if e.inside(figure)}
    assert {"number of seeds n", "coverage of the 95 % interval, %", "accepted, 93 % to 97 %", "95 %"} <= texts
    assert {"normal", "uniform", "skewed", "3", "5", "10", "30", "93", "97"} <= texts
    assert "one wild seed" not in texts, "a single point is no line"


def body(rows: list[Json]) -> str:
    plot = coverage_plot(rows)
    assert plot is not None
    return str(plot.body)


def test_drawing_uses_no_fixed_colour_and_no_font() -> None:
    drawn = body(referee()["coverage"])
    assert "currentColor" in drawn and "var(--s5)" in drawn
    assert not re.search(r"#[0-9a-f]{6}|font-family|<style|<metadata|xmlns|<!--", drawn)


def test_lines_differ_by_more_than_colour() -> None:
    rows = [coverage(f"noise {i}", n, 0.95) for i in range(5) for n in (3, 5)]
    styles = re.findall(r'style="(fill:none[^"]*stroke:var\(--s\d\)[^"]*stroke-width:1.1[^"]*)"', body(rows))
    assert len({re.sub(r"var\(--s\d\)", "", style) for style in styles}) == 5


def test_series_of_one_colour_have_other_marks() -> None:
    rows = [coverage(f"noise {i}", n, 0.95) for i in range(7) for n in (3, 5)]
    marks = dict.fromkeys(re.findall(r'<path id="coverage-(\d+)" d="([^"]+)"', body(rows)))
    assert len({shape for _, shape in marks}) >= 7


def test_points_over_one_n_lie_side_by_side() -> None:
    rows = [coverage(f"noise {i}", n, 0.95) for i in range(4) for n in (3, 5)]
    by_height: dict[str, set[str]] = {}
    for x, y in re.findall(r'<use href="[^"]+" x="([\d.]+)" y="([\d.]+)"', body(rows)):
        by_height.setdefault(y, set()).add(x)
    assert max(map(len, by_height.values())) >= 8, "all have one rate, and none hides another"


@pytest.mark.parametrize("rates", [[0.0, 1.0], [1.0, 1.0], [0.95, None], [0.5, 0.95]])
def test_no_rates_break_the_drawing(rates: list[float | None]) -> None:
    rows = [coverage("normal", n, 0.0) | {"rate": rate} for n, rate in zip((3, 5), rates, strict=True)]
    assert body(rows)


def test_names_that_matplotlib_would_read_as_its_own_are_plain_text() -> None:
    assert "$x_1$" in body([coverage("$x_1$", n, 0.95) for n in (3, 5)]).replace("\\", "")
    assert "hidden" in body([coverage("_hidden", n, 0.95) for n in (3, 5)])


def test_nothing_finite_is_nothing_drawn() -> None:
    assert coverage_plot([coverage("normal", 3, 0.95) | {"rate": None}]) is None


def test_lone_points_are_left_to_a_table() -> None:
    found = view(referee())
    assert found is not None
    assert [row.cells[0] for row in found.single.rows] == ["normal, two arms (5 and 10 seeds)", "one wild seed"]
    assert found.coverage.columns == ["Noise", "n = 3", "n = 5", "n = 10", "n = 30"]


def test_where_all_points_are_lone_they_are_drawn() -> None:
    rows = [coverage("normal", 3, 0.95), coverage("skewed", 5, 0.9)]
    assert series(rows) == rows and body(rows)


def test_outside_the_band_is_told_with_its_reason_or_an_alarm(elements: list[Element]) -> None:
    (listed,) = select(elements, "ul", cls="outside")
    items = [e for e in select(elements, "li") if e.inside(listed)]
    assert [item.text for item in items] == [
        "skewed (92.1 % at n = 3): three numbers of a skewed distribution do not show its tail; claims with so few seeds say so.",
        "one wild seed (92.1 % at n = 3): ≠ no reason is known",
    ]


def test_rates_of_one_noise_share_their_reason() -> None:
    (row,) = exceptions([coverage("skewed", n, 0.85, "known") for n in (3, 5)])
    assert row.cells[1].replace("\xa0", " ") == "85.0 % at n = 3, 85.0 % at n = 5" and row.alarm == ""


def test_all_inside_is_said_too() -> None:
    text = section(rendered(referee(coverage=[coverage("normal", n, 0.95) for n in (3, 5)]))).text
    assert "None of them lies outside the band by more than chance." in text


@pytest.mark.parametrize("rate, is_outside", [(0.92, True), (0.928, False), (0.95, False), (0.98, True), (None, True)])
def test_band_has_two_ends(rate: float | None, is_outside: bool) -> None:
    assert outside(coverage("normal", 3, 0.0) | {"rate": rate}) is is_outside


# ---- whatever the calibration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (lambda r: r["nist"][0].update(digits="many"), "run.referee.nist[0].digits: 'many' is not a number"),
        (lambda r: r["coverage"][1].update(n=2.5), "run.referee.coverage[1].n: 2.5 is not a count"),
        (lambda r: r["coverage"][1].update(n=None), "run.referee.coverage[1].n: None is not a count"),
        (lambda r: r["errors"][0].update(experiments=-1), "run.referee.errors[0].experiments: -1 is not a count"),
        (lambda r: r["errors"][0].update(rate=True), "run.referee.errors[0].rate: True is not a number"),
        (lambda r: r["family"][0].update(case=["x"]), "run.referee.family[0].case: ['x'] is not a text"),
        (lambda r: r["tost"][0].pop("found"), "run.referee.tost[0]"),
        (lambda r: r.pop("bias"), "run.referee"),
        (lambda r: r.update(current="yes"), "run.referee"),
    ],
)
def test_damaged_calibration_is_one_sentence_that_names_the_field(damage: Callable[[Json], Any], sentence: str) -> None:
    found = copy.deepcopy(referee())
    damage(found)
    with pytest.raises(RecordError) as caught:
        rendered(found)
    assert f"damaged at {sentence}" in str(caught.value) and "\n" not in str(caught.value)


def test_sound_calibration_has_no_trouble() -> None:
    assert list(troubles(referee())) == []


def test_numbers_may_be_missing_and_texts_may_be_numbers() -> None:
    found = referee()
    found["tost"][0]["published"] = 0.03628
    for key in ("coverage", "errors", "detection", "family", "controls"):
        found[key] = [row | {"rate": None} for row in found[key]]
    found["nist"] = [row | {"digits": None} for row in found["nist"]]
    text = section(rendered(found)).text
    assert "0.03628" in text and "not finite" in text
    assert not re.search(r"\b(nan|None)\b", text.replace("None of them", ""))


def test_large_page_keeps_the_section_and_its_size() -> None:
    record = large(claims=62, parts=5, n=200)
    many = detection([0.99] * 310)
    record["run"]["referee"] = referee(detection=many)
    page = render(record)
    assert len(page.encode()) < 1_000_000
    assert "The other 305 of 310 parts" in page


def test_calibration_gives_the_same_bytes_every_time() -> None:
    record = sample() | {"claims": []}
    assert render(record) == render(copy.deepcopy(record))
