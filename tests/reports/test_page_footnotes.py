"""The sentences below a part's numbers: which true values it could have refuted, bias, single seeds, skew, what was planted."""

from __future__ import annotations

from typing import Any

import pytest
from scipy.stats import skew

from reports.footnotes import footnotes, planted, settle, skewness
from tests.reports.sample_record import Json, control, exact, part

CALM = [0.01, -0.02, 0.0, 0.02, -0.01]


def judged(kind: str = "equivalence", unit: str = "", **more: Any) -> Json:
    region = {"equivalence": [-0.1, 0.1], "non-superiority": [-0.1, None], "superiority": [None, 0.0]}[kind]
    plain = part("p = 4", 0.0, 1.0, region, 0.0, "supported", kind=kind, unit=unit, n=5, per_seed=CALM)
    return plain | more


def only(words: str, notes: list[str]) -> list[str]:
    return [note for note in notes if words in note]


# ---- what could have been refuted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, unit, target, distance, where",
    [
        ("equivalence", "", 0.0, 0.018, "0.018 or more from the target, on either side"),
        ("equivalence", "log10 ratio", 0.0, 0.143, "0.14 (a factor of 1.39) or more from the target, on either side"),
        ("non-superiority", "log10 ratio", 0.0, 0.15, "−0.15 (×0.71) or lower"),
        ("superiority", "log10 ratio", 0.0, 0.0131, "0.013 (×1.03) or higher"),
        ("superiority", "log10 ratio", -0.04139268515822508, 0.0021059, "−0.0393 (×0.914) or higher"),
        ("superiority", "", 0.5, 0.25, "0.75 or higher"),
        ("superiority", "log10 ratio", 0.0, 400.0, "400 or higher"),
    ],
)
def test_detectable_effect_has_a_direction_and_the_scale_of_the_estimate(
    kind: str, unit: str, target: float, distance: float, where: str
) -> None:
    (note,) = only("Had", footnotes(judged(kind, unit, target=target, detectable=distance)))
    assert note == (
        f"Had the true value been {where}, 5 seeds with the spread seen here would have refuted the finding with probability 0.8."
    )


@pytest.mark.parametrize(
    "more",
    [{"detectable": None}, {"target": None, "region": [None, 1.0]}, {"region": [None, None]}, {"detectable": float("inf")}],
)
def test_detectable_effect_that_is_not_known_is_not_told(more: Json) -> None:
    assert only("Had", footnotes(judged(detectable=0.3) | more)) == []


# ---- bias ----------------------------------------------------------------------------------------------------


def test_bias_is_an_estimate_and_its_width_stands_apart_from_that_of_the_seeds() -> None:
    ends = {"90": [-0.0009, 0.0009], "95": [-0.00092, 0.00092]}
    assert footnotes(judged(bias=0.0009, interval=ends))[0] == (
        "Both ends are moved outwards by 0.0009: the estimator’s own estimate of the error left in it, no guarantee. "
        "The 95 % interval: ±2×10⁻⁵ from seeds, ±0.0009 from bias."
    )


def test_bias_beyond_the_interval_leaves_nothing_to_the_seeds() -> None:
    ends = {"90": [-1.0, 1.0], "95": [-1.0, 1.0]}
    assert "±0 from seeds, ±2 from bias" in footnotes(judged(bias=2.0, interval=ends))[0]


@pytest.mark.parametrize("bias", [None, 0.0])
def test_no_bias_is_not_mentioned(bias: float | None) -> None:
    assert only("Both ends", footnotes(judged(bias=bias))) == []


def test_bias_without_an_interval_has_one_width() -> None:
    lost = {"90": [None, None], "95": [None, None]}
    assert footnotes(judged(bias=0.2, interval=lost))[0].endswith("no guarantee.")


# ---- seeds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, values, told",
    [
        ("equivalence", [0.2, -0.3, 0.0, 0.1, -0.1], ["2 of 5 seeds lie outside the region."]),
        ("equivalence", CALM, ["No seed lies outside the region."]),
        ("equivalence", [0.2, None, 0.0], ["1 of 2 seeds lies outside the region."]),
        ("non-superiority", [-0.2, 5.0, 4.0], ["1 of 3 seeds lies outside the region."]),
        ("superiority", [-0.2, -0.1], []),
        ("superiority", [0.2, -0.1, 0.0], ["1 of 3 seeds lies outside the region."]),
        ("equivalence", [None], []),
    ],
)
def test_seeds_outside_the_region_are_counted(kind: str, values: list[float | None], told: list[str]) -> None:
    assert only("outside", footnotes(judged(kind, per_seed=values))) == told


@pytest.mark.parametrize("values", [CALM, [1.0, 2.0, 9.0], [0.0] * 20 + [1.0], [-1e-7, -2e-7, -9e-7], [1e300, -1e300, 1e299]])
def test_skewness_is_that_of_scipy(values: list[float]) -> None:
    small = [value / 1e290 for value in values] if max(values) > 1e200 else values
    assert skewness(values) == pytest.approx(float(skew(small)), abs=1e-12)


@pytest.mark.parametrize("values, told", [([0.0] * 5 + [1.0], "1.8"), ([0.0] * 5 + [-1.0], "−1.8")])
def test_skewed_seeds_are_flagged(values: list[float], told: str) -> None:
    sentence = f"The seeds are skewed (skewness {told}): a t-interval covers less than it says."
    assert only("skewed", footnotes(judged(per_seed=values))) == [sentence]


@pytest.mark.parametrize("values", [CALM, [1.0], [], [2.0, 2.0, 2.0], [0.0, 0.0, 1.0]])
def test_other_seeds_are_not(values: list[float]) -> None:
    assert only("skewed", footnotes(judged(per_seed=values))) == []


def test_exact_part_has_no_such_notes() -> None:
    assert footnotes(exact("p = 4", 0.5, 0.1, "refuted")) == []


# ---- what would settle it, what was planted ------------------------------------------------------------------


def test_what_the_reason_tells_is_not_told_twice() -> None:
    found = judged(reason="about 240 seeds would settle it", seeds_to_settle=240)
    assert settle(found) == ""
    assert footnotes(found | {"seconds_to_settle": 90})[-1] == "That would take 1\xa0min 30\xa0s here."


def test_what_would_settle_it_comes_last() -> None:
    notes = footnotes(judged(detectable=0.3, bias=0.1, seeds_to_settle=240, seconds_to_settle=720.0))
    assert len(notes) == 4 and notes[-1] == "About 240 seeds would settle it, in 12\xa0min here."


def test_exact_part_says_what_was_planted() -> None:
    tried = [control("p = 4"), control("p = 6"), control("p = 4", passed=False) | {"planted": "nothing", "name": "A/A"}]
    assert planted(exact("p = 4", 0.0, 0.1, "supported"), tried) == "Planted as a control: an exponent 20 % too steep (refuted)."
    assert planted(exact("p = 8", 0.0, 0.1, "supported"), tried) == ""
    assert planted(judged(), [control("p = 4")]) == ""
