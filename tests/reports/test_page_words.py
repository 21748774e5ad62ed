"""Numbers and texts: as many digits as the interval bears, true minus signs, ratios beside their logarithms."""

from __future__ import annotations

from typing import Any

import pytest

from reports.numerals import bracket, duration, grain, half_width, number, probability, span, telling
from reports.scales import linear_ticks, log_ticks, steps
from reports.wording import alternative, in_short, lines, region, seed_values, target
from tests.reports.sample_record import as_deviation, exact, part


def judged(estimate: float | None, low: float | None, high: float | None, unit: str = "") -> Any:
    ends = [low, high]
    return part(
        "p = 4", 0.0, 1.0, [-0.1, None], 0.0, "supported", unit=unit, estimate=estimate, interval={"90": ends, "95": ends}
    )


@pytest.mark.parametrize(
    "estimate, low, high, text",
    [
        (-0.500123, -0.5093, -0.4909, "−0.5001 [−0.5093, −0.4909]"),
        (-0.51234, -0.63, -0.39, "−0.51 [−0.63, −0.39]"),
        (0.0012345, -0.02, 0.02, "0.001 [−0.020, 0.020]"),
        (12345.6, 12000.0, 12700.0, "12350 [12000, 12700]"),
        (1.2344e-6, 1.2e-6, 1.27e-6, "1.234×10⁻⁶ [1.200×10⁻⁶, 1.270×10⁻⁶]"),
        (-0.5, -0.5000017, -0.4999983, "−0.5000 ± 1.7×10⁻⁶"),
        (0.0, 0.0, 0.0, "0.000 [0.000, 0.000]"),
        (0.3, None, 0.4, "0.3000 up to 0.4000"),
        (None, None, None, "not finite"),
    ],
)
def test_estimate_and_interval_share_their_digits(estimate: float, low: float, high: float, text: str) -> None:
    assert in_short(judged(estimate, low, high)).text == text


def test_logarithms_are_shown_as_ratios_too() -> None:
    part = judged(-0.1487, -0.172, -0.128, unit="log10 ratio")
    assert [line.ratio for line in lines(part)] == ["×0.710", "[×0.673, ×0.745]", "[×0.673, ×0.745]"]
    assert region(part).ratio == "at least ×0.7943"


def test_ratio_beyond_all_bounds_is_left_out() -> None:
    assert lines(judged(400.0, 399.0, 401.0, unit="log10 ratio"))[0].ratio == ""


def test_exact_part_gives_deviation_and_tolerance() -> None:
    assert in_short(exact("p", -2e-3, 1e-9, "refuted")).text == "deviation 0.002, tolerance 10⁻⁹"


def test_exact_part_around_zero_tells_its_deviation_once() -> None:
    part = as_deviation(3e-6)
    assert [(line.label, line.text) for line in lines(part)] == [("deviation", "3×10⁻⁶"), ("tolerance", "0.0001")]
    assert region(part).text == "deviation at most 0.0001"


def test_part_without_interval_says_so() -> None:
    bare = judged(0.25, 0.0, 1.0)
    del bare["interval"]
    assert alternative(bare) == "p = 4: estimate 0.25 without an interval; region at least −0.1."


@pytest.mark.parametrize(
    "estimate, low, high, goal, text",
    [
        (-0.99999907272, -0.99999919923, -0.99999894619, -1.0, "−0.999999 ± 1.3×10⁻⁷"),
        (-0.5000059, -0.50001337, -0.49999843, -0.5, "−0.5000 ± 7.5×10⁻⁶"),
        (-0.5000059, -0.5000089, -0.5000029, -0.5, "−0.500006 [−0.500009, −0.500003]"),
        (0.01, 0.00004, 0.01996, 0.0, "0.01000 [0.00004, 0.01996]"),
        (0.01, -0.00004, 0.02004, 0.0, "0.01000 [−0.00004, 0.02004]"),
        (0.01, 0.0, 0.02, 0.0, "0.010 [0.000, 0.020]"),
        (-0.5, -0.5000017, -0.4999983, -1.0, "−0.5000 ± 1.7×10⁻⁶"),
    ],
)
def test_rounding_does_not_hide_on_which_side_the_target_lies(
    estimate: float, low: float, high: float, goal: float, text: str
) -> None:
    assert in_short(judged(estimate, low, high) | {"target": goal}).text == text


def test_target_has_the_digits_that_its_interval_asks_for() -> None:
    part = judged(-1 / 6, -0.16669, -0.16665)
    assert target(part | {"target": -1 / 6}) == "−0.16667"
    assert target(part | {"target": -0.5}) == "−0.5"
    assert target(part | {"target": None}) == "not finite"


def test_ratio_too_says_whether_one_lies_inside() -> None:
    part = judged(0.0232, -0.00103, 0.0474, unit="log10 ratio")
    assert [line.ratio for line in lines(part)] == ["×1.055", "[×0.998, ×1.115]", "[×0.998, ×1.115]"]


@pytest.mark.parametrize("low, high, goal", [(None, 1.0, 0.0), (0.0, 1.0, None), (5e-324, 1.0, 0.0), (-1e300, 1e300, 1e-300)])
def test_what_no_digits_can_tell_keeps_its_grain(low: float | None, high: float | None, goal: float | None) -> None:
    assert telling(grain([1.0]), [low, high], goal) == grain([1.0])


def test_seed_values_can_be_told_apart() -> None:
    values = [0.5000001, 0.5000002, 0.5000004]
    names, text = seed_values(judged(0.5, 0.4, 0.6) | {"seeds": [3, 4, 5], "per_seed": values})
    assert names == "seeds 3 to 5" and len(set(text.split())) == 3


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-1.5, "−1.5"),
        (0.025, "0.025"),
        (99999.0, "1×10⁵"),
        (1e5, "1×10⁵"),
        (5e-324, "0"),
        (0.000123, "0.000123"),
        (-1.5e-7, "−1.5×10⁻⁷"),
        (float("nan"), "not finite"),
        (float("-inf"), "not finite"),
    ],
)
def test_single_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_no_hyphen_stands_for_minus() -> None:
    shown = [number(-0.5), span([-0.525, -0.475]), bracket([-2, -1], grain([-2, -1])), number(-1e-9)]
    assert not any("-" in text for text in shown)


def test_regions_keep_the_digits_that_make_them_regions() -> None:
    assert span([0.99999, 1.00001]) == "0.99999 to 1.00001"
    assert span([-0.175, -0.1583333]) == "−0.1750 to −0.1583"


def test_half_width_needs_both_ends() -> None:
    assert half_width([None, 1.0]) is None and half_width([1.0, 3.0]) == 1.0


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0.004, "0.004 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3599.9, "1 h"),
        (86399.0, "1 d"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds).replace("\xa0", " ") == text


def test_small_probabilities_are_bounds() -> None:
    told = [probability(p) for p in (0.0, 1e-16, 9.9e-7, 1e-6, 0.000012, 1.0)]
    assert told == [*["p < 10⁻⁶"] * 3, "p = 1×10⁻⁶", "p = 1.2×10⁻⁵", "p = 1"]


@pytest.mark.parametrize("low, high", [(0, 1), (-0.53, -0.47), (1e-9, 3e-9), (0, 1e8), (-7, 12345)])
def test_ticks_are_round_inside_and_all_different(low: float, high: float) -> None:
    ticks = linear_ticks(low, high, 5)
    assert 2 <= len(ticks) <= 6 and all(low <= value <= high for value, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


@pytest.mark.parametrize("low, high", [(1e-9, 1e9), (0.3, 6), (1.1, 1.4), (2, 3000), (1e-12, 1e-11)])
def test_log_ticks_are_inside_and_several(low: float, high: float) -> None:
    ticks = log_ticks(low, high, 7)
    assert len(ticks) >= 2 and all(low * 0.999 <= value <= high * 1.001 for value, _ in ticks)


def test_steps_hold_no_rounding_dust() -> None:
    assert steps(0.0, 0.6, 6) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
