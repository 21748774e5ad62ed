"""The report's figures, redrawn: present, legible, told in words and numbers, or missed in a sentence."""

from __future__ import annotations

import csv
import io
import math
import re
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from reports.figures import Drawing, Drawn, Missing, figures, own_figures
from reports.plots import MARKS, MOST_POINTS, places, points
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import Json, claim, curve, interrupted, sample, theory

IDS = ["figure-1", "figure-appendix", "figure-2"]


def drawn(curves: list[Json], lines: list[Json] | None = None) -> list[Drawn | Missing]:
    return figures(sample() | {"claims": [claim("c", [], "invalid", curves=curves, lines=lines or [])]})


def one(curves: list[Json], index: int = 0, lines: list[Json] | None = None) -> Drawing:
    found = drawn(curves, lines)[index]
    assert isinstance(found, Drawing)
    return found


@pytest.mark.parametrize("id", IDS)
def test_each_figure_is_drawn_with_words(id: str, elements: list[Element]) -> None:
    (figure,) = select(elements, "figure", id=id)
    tags = {e.tag for e in elements if e.inside(figure)}
    assert {"svg", "title", "desc", "figcaption", "details", "table"} <= tags
    assert "The report’s" in figure.text
    assert "medians over 30 seeds, bands run from the 10th to the 90th percentile" in figure.text


def test_bands_of_several_arms_say_nothing_about_their_difference(elements: list[Element]) -> None:
    sentence = "Arms are paired by seed, so overlapping bands say nothing about the difference."
    for figure in select(elements, "figure"):
        if figure.get("id") in IDS or figure.get("id").startswith("plot-"):
            assert (sentence in figure.text) is (figure.get("id") in IDS), "a single arm differs from nothing"


@pytest.mark.parametrize(
    "id, words",
    [
        (
            "figure-1",
            [
                "plain, error",
                "scalar-depth, error",
                "deep-3, error",
                "slope −1/2, the theory’s",
                "window of the fit",
                "time t (log scale)",
                "10⁻²",
                "10⁵",
            ],
        ),
        ("figure-appendix", ["plain, error", "scalar-depth, error", "scalar-depth, s", "scalar s"]),
        ("figure-2", ["normal, total loss", "overparameterized, total loss", "normal, cross-entropy", "steps", "8000"]),
    ],
)
def test_words_of_a_drawing_can_be_searched(id: str, words: list[str], elements: list[Element]) -> None:
    (figure,) = select(elements, "figure", id=id)
    texts = {e.text for e in select(elements, "text") if e.inside(figure)}
    assert set(words) <= texts


def test_missing_figures_say_what_to_run() -> None:
    page = parse(_page(interrupted()))
    text = next(select(page, id="figures")).text
    assert text.count("This run recorded no curves for it; to draw it, run") == 3
    asked = "pytest claims/ -k init_multiverse or pytest claims/ -k multiverse."
    assert text.count(f"This run recorded no specifications for it; to draw it, run {asked}") == 1
    assert text.count("This run recorded no map for it; to draw it, run pytest claims/ -k ill_conditioned.") == 1
    assert text.count("pytest claims/ -k figure_1 or pytest claims/test_scalar_depth_same_rate.py.") == 2, "one is on record"
    assert "pytest claims/ -k total_loss_accelerated or pytest claims/ -k cross_entropy_not_accelerated." in text


def _page(record: Json) -> str:
    from reports.page import render

    return render(record)


def test_curves_without_a_finite_number_count_as_missing() -> None:
    lost = curve("figure-1", "plain", "error", lambda t: math.nan, [1, 10, 100])
    assert isinstance(drawn([lost])[0], Missing)


def test_of_two_claims_with_one_curve_the_first_is_drawn() -> None:
    first = curve("figure-1", "plain", "error", lambda t: 7.0, [1, 10])
    second = curve("figure-1", "plain", "error", lambda t: 9.0, [1, 10])
    assert [row[2] for row in one([first, second]).rows] == ["7", "7"]


def test_drawing_uses_no_fixed_colour_and_no_font() -> None:
    bodies = [one([curve(id, "plain", "error", lambda t: 1 / t, [1, 10, 100])], i).body for i, id in enumerate(IDS)]
    for body in bodies:
        assert "currentColor" in body and "var(--s1)" in body
        assert not re.search(r"#[0-9a-f]{6}|font-family|<style|<metadata|xmlns|<!--", body)


def test_lines_differ_by_more_than_colour() -> None:
    arms = ["plain", "scalar-depth", "deep-2", "deep-3"]
    body = one([curve("figure-1", arm, "error", lambda t: 1 / t, [1.0 * k for k in range(1, 40)]) for arm in arms]).body
    styles = re.findall(r'style="(fill:none[^"]*stroke:var\(--s\d\)[^"]*)"', body)
    dashes = {re.sub(r"var\(--s\d\)", "", style) for style in styles}
    assert len(dashes) == len(arms)


def test_two_figures_share_no_id() -> None:
    same = [curve(id, "plain", "error", lambda t: 1 / t, [1, 10, 100]) for id in IDS]
    ids = [set(re.findall(r' id="([^"]+)"', one(same, i).body)) for i in range(3)]
    assert ids[0] and not (ids[0] & ids[1] or ids[1] & ids[2])


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    long = curve("figure-1", "plain", "error", lambda t: 1 / t, [float(t) for t in range(1, 100_001)])
    kept = points(long, log_x=True)
    assert len(kept.x) <= MOST_POINTS and kept.x[0] == 1 and kept.x[-1] == 100_000
    assert len(one([long]).body) < 8_000


BENT = [lambda t: 1 / t, lambda t: (1 + t / 30) ** -0.5, lambda t: 1.6 - 1.4 / (1 + t / 40), lambda t: 2 + math.sin(t**0.25)]


@pytest.mark.parametrize("logs", [True, False])
@pytest.mark.parametrize("shape", BENT)
def test_curve_keeps_its_shape_where_points_are_left_out(shape: Any, logs: bool) -> None:
    x = np.geomspace(1, 1e6, MOST_POINTS)
    kept = points(curve("figure-1", "plain", "error", shape, x.tolist()), log_x=True)
    scale = np.log10 if logs else np.asarray
    y = scale(np.array([shape(t) for t in x]))
    seen = np.interp(np.log10(x), np.log10(kept.x), scale(kept.median))
    assert np.abs(seen - y).max() < 0.0021 * np.ptp(y) + 0.0021 * (scale(1.2 * max(kept.median)) - scale(0.85 * min(kept.median)))


def test_straight_line_needs_few_points_and_keeps_its_marks_even() -> None:
    straight = curve("figure-1", "plain", "error", lambda t: 3.0, np.geomspace(1, 1e6, 500).tolist())
    kept = points(straight, log_x=True)
    steps = np.diff(np.log10(kept.x[kept.marks]))
    assert len(kept.x) <= MARKS + 2 and steps == pytest.approx(steps[0], rel=0.05) and kept.x[-1] == 1e6


def test_few_points_are_all_kept_and_marked() -> None:
    kept = points(curve("c", "a", "q", lambda t: t, [1.0, 2.0, 3.0, 4.0]), log_x=False)
    assert kept.few and kept.x.tolist() == [1, 2, 3, 4] and list(kept.marks) == [0, 1, 2, 3]


def test_gaps_of_a_curve_stay_where_they_are() -> None:
    x = [float(t) for t in range(1, 41)]
    gap = curve("c", "a", "q", lambda t: math.nan if t in (20, 21) else 1.0, x)
    assert points(gap, log_x=False).x[np.isnan(points(gap, log_x=False).median)].tolist() == [20, 21]


def test_times_up_to_a_trillion_are_drawn_with_their_ticks() -> None:
    x = np.geomspace(1, 1e12, 481).tolist()
    body = one([curve("figure-1", "plain", "error", lambda t: (1 + t) ** -0.5, x)]).body
    assert {"10⁰", "10⁶", "10¹²"} <= set(re.findall(">([^<]+)</text>", body))


# ---- what theory predicts ------------------------------------------------------------------------------------

LATE = [10.0**k for k in range(13)]


def rate(figure: str = "figure-1", arm: str = "plain", factor: float = 1.0) -> tuple[Json, Json]:
    def y(t: float) -> float:
        return factor * t**-0.5

    return curve(figure, arm, "error", y, LATE), theory(figure, arm, "error", y, LATE)


def test_theory_line_is_dash_dotted_labelled_and_told() -> None:
    found = one([rate()[0]], lines=[rate()[1]])
    assert "plain, error: theory" in found.body and "slope −1/2" not in found.body
    assert re.search(r'style="fill:none;stroke-dasharray:[\d.]+,[\d.]+,[\d.]+,[\d.]+;stroke:currentColor', found.body)
    assert "plain, error: theory, 1 at 1, 1×10⁻⁶ at 1×10¹²" in found.description
    assert "slope" not in found.drawn and found.theory


def test_without_a_theory_line_the_slope_is_drawn_and_said() -> None:
    found = one([rate()[0]])
    assert "slope −1/2, the theory’s" in found.body and "has the slope −1/(p − 2) = −1/2" in found.drawn and not found.theory


def test_two_theory_lines_differ_by_their_dashes() -> None:
    curves, lines = zip(rate(), rate(arm="scalar-depth", factor=0.4), strict=True)
    body = one(list(curves), lines=list(lines)).body
    dashes = set(re.findall(r"stroke-dasharray:([\d.,]+);stroke:currentColor", body))
    assert sorted(dash.count(",") for dash in dashes) == [3, 5]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_theory_far_away_does_not_squeeze_the_curves(index: int) -> None:
    (near, _), (_, far) = rate(IDS[index]), rate(IDS[index], factor=1e9)

    def heights(body: str) -> list[str]:
        return re.findall(r'd="M([^"]+)"[^>]*stroke:var\(--s1\)', body)

    alone = one([near, rate(IDS[index], "other")[0]], index)
    assert heights(alone.body)
    both = one([near, rate(IDS[index], "other")[0]], index, lines=[far])
    assert [h.count(" ") for h in heights(both.body)] == [h.count(" ") for h in heights(alone.body)]
    ticks = [set(re.findall(">(10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)</text>", each.body)) for each in (alone, both)]
    assert ticks[0] == ticks[1]


def test_theory_stands_in_the_table_and_the_csv() -> None:
    found = one([rate()[0]], lines=[rate()[1]])
    told = [row for row in found.rows if row[0] == "plain, error: theory"]
    assert told[0][1:] == ["1", "1", "none", "none"] and told[-1][2] == "1×10⁻⁶"
    rows = list(csv.DictReader(io.StringIO(found.csv)))
    assert {row["n"] for row in rows if row["quantity"] == "error: theory"} == {""}
    assert float(rows[-1]["x"]) == 1e12 and float(rows[-1]["median"]) == pytest.approx(1e-6)


def test_theory_of_other_figures_is_left_out() -> None:
    assert "theory" not in one([rate()[0]], lines=[rate("figure-2")[1]]).body.replace("the theory’s", "")


def test_theory_line_that_is_not_finite_breaks_nothing() -> None:
    lost = theory("figure-1", "plain", "error", lambda t: math.nan, LATE)
    assert "plain, error: theory, no finite number" in one([rate()[0]], lines=[lost]).description
    assert places(lost, log_x=True)[0].tolist() == LATE


def test_caption_says_what_the_lines_are(elements: list[Element]) -> None:
    captions = {e.get("id"): e.text for e in select(elements, "figure")}
    assert "Dash-dotted lines are what theory predicts. Other lines are medians over 30 seeds" in captions["figure-appendix"]
    assert "Dash-dotted lines are" not in captions["figure-1"]
    assert "Shaded: the window of the fit." in captions["figure-1"]
    assert "window of the fit" not in captions["figure-2"]


def test_curves_come_from_the_claim_that_the_figure_names_first() -> None:
    curves = {id: rate(factor=k)[0] for id, k in (("other", 1.0), ("scalar-depth-same-rate", 2.0), ("figure-1", 3.0))}
    claims = [claim(id, [], "invalid", curves=[each]) for id, each in curves.items()]
    found = figures(sample() | {"claims": claims})[0]
    assert isinstance(found, Drawing) and found.rows[0][2] == "3"


def test_scalar_has_a_panel_of_its_own_over_the_same_times() -> None:
    s = curve("figure-appendix", "scalar-depth", "s", lambda t: 1.5, [1.0, 1e3, 1e6])
    error = curve("figure-appendix", "plain", "error", lambda t: 1 / t, [1.0, 1e3, 1e6])
    both, alone = one([error, s], 1), one([s], 1)
    assert "scalar s" in both.body and "scalar s" in alone.body and "parameter error" not in alone.body
    assert both.body.count("time t (log scale)") == 1, "the axis is shared"
    starts = [re.findall(rf'd="M([\d.]+)[ -][^"]*"[^>]*stroke:var\(--s{i}\)', both.body)[0] for i in (1, 3)]
    assert starts[0] == starts[1]


def test_csv_holds_the_points_drawn(elements: list[Element]) -> None:
    (link,) = select(elements, "a", download="figure-2.csv")
    head, *rows = csv.reader(io.StringIO(unquote(link.get("href").partition(",")[2])))
    assert head == ["arm", "quantity", "n", "x", "median", "low", "high"]
    assert {(row[0], row[1], row[2]) for row in rows} >= {("normal", "total loss", "30")}
    assert float(rows[0][3]) == 0 and float(rows[0][4]) == pytest.approx(3.125, rel=0.01)


@pytest.mark.parametrize("values", [[0.0, -1.0, 2.0], [None, 1.0, None], [3.0, 3.0, 3.0], [1e-30, 1.0, 1e30]])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_no_numbers_break_a_drawing(index: int, values: list[float | None]) -> None:
    odd = curve(IDS[index], "plain", "error", lambda t: 1.0, [0.0, 5.0, 10.0], window=[None, None])
    assert one([odd | {"median": values, "low": values, "high": values}], index).body


def test_a_single_point_is_drawn() -> None:
    assert "<use" in one([curve("figure-1", "plain", "error", lambda t: 1.0, [5.0])]).body


def test_other_curves_are_drawn_with_their_claim(elements: list[Element]) -> None:
    (home,) = select(elements, id="claim-figure-1")
    (figure,) = (e for e in select(elements, "figure") if e.inside(home))
    assert figure.get("id") == "plot-figure-1-1" and "Curves “depth-<and>-width”" in figure.text


def test_own_figures_are_grouped_by_name() -> None:
    curves = [curve(name, arm, "gain", lambda t: t, [1, 2]) for name in ("b", "a") for arm in ("x", "y")]
    found = own_figures(claim("c", [], "invalid", curves=curves))
    assert [(each.id, each.title) for each in found] == [("plot-c-1", "Curves “b”"), ("plot-c-2", "Curves “a”")]


def test_theory_of_a_claims_own_figure_is_drawn_there() -> None:
    x = [1.0, 10.0, 100.0]
    curves, lines = [curve("own", "a", "q", lambda t: t, x)], [theory(name, "a", "q", lambda t: t, x) for name in ("own", "b")]
    (found,) = own_figures(claim("c", [], "invalid", curves=curves, lines=lines))
    assert isinstance(found, Drawing) and str(found.body).count(">a, q: theory<") == 1
