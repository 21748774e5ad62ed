"""In how many parts the allowance for bias rules the interval."""

import math

import pytest

from reports.caveats import allowances


def part(bias: float | None = None, low: float | None = 0.9, high: float | None = 1.1) -> dict[str, object]:
    return ({} if bias is None else {"bias": bias}) | {"interval": {"90": [low, high], "95": [low, high]}}


def record(*parts: dict[str, object]) -> dict[str, object]:
    return {"claims": [{"parts": list(parts)}]}


def test_a_record_without_allowances_says_nothing() -> None:
    assert allowances(record(part(), part(0.0), {"tolerance": 1e-9})) == ""  # type: ignore[arg-type]


def test_parts_are_counted_by_the_allowance_s_share_of_the_half_width() -> None:
    told = allowances(record(part(0.01), part(-0.06), part(0.095), part(), {"tolerance": 1e-9}))  # type: ignore[arg-type]
    assert told == (
        "Of the 4 parts with an interval 3 have one; it is more than half of the 90 % interval in 2, more than nine tenths in 1."
    )


@pytest.mark.parametrize("broken", [part(math.nan), part(0.1, None, None), part(0.1, 1.0, 1.0), part(0.1, -math.inf, math.inf)])
def test_numbers_that_are_none_count_as_no_allowance(broken: dict[str, object]) -> None:
    assert allowances(record(broken)) == ""  # type: ignore[arg-type]
