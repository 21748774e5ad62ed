"""The report's figures, redrawn: present, legible, told in words and numbers, or missed in a sentence."""

from __future__ import annotations

import csv
import io
import math
import re
from urllib.parse import unquote

import pytest

from reports.figures import Drawing, Missing, figures, own_figures
from reports.plots import MOST_POINTS, points
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import Json, claim, curve, interrupted, sample

IDS = ["figure-1", "figure-appendix", "figure-2"]


def drawn(curves: list[Json]) -> list[Drawing | Missing]:
    return figures(sample() | {"claims": [claim("c", [], "invalid", curves=curves)]})


def one(curves: list[Json], index: int = 0) -> Drawing:
    found = drawn(curves)[index]
    assert isinstance(found, Drawing)
    return found


@pytest.mark.parametrize("id", IDS)
def test_each_figure_is_drawn_with_words(id: str, elements: list[Element]) -> None:
    (figure,) = select(elements, "figure", id=id)
    tags = {e.tag for e in elements if e.inside(figure)}
    assert {"svg", "title", "desc", "figcaption", "details", "table"} <= tags
    assert "The report’s" in figure.text
    assert "medians over 30 seeds; bands run from the 10th to the 90th percentile over seeds" in figure.text


def test_bands_of_several_arms_say_nothing_about_their_difference(elements: list[Element]) -> None:
    sentence = "Bands show the spread of seeds; arms are paired by seed, so overlapping bands say nothing about the difference."
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
    assert "run pytest claims/test_scalar_depth_same_rate.py." in text, "the command on record"
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
    styles = re.findall(r'style="(fill: none[^"]* stroke: var\(--s\d\)[^"]*)"', body)
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
    assert max(b / a for a, b in zip(kept.x[20:], kept.x[21:], strict=False)) < 1.2, "evenly in log time"
    assert len(one([long]).body) < 15_000


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
