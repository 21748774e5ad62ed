"""A counterexample to a refuted finding: a typical seed outside the region, in the part that decided.

>>> part = {"kind": "superiority", "name": "late", "unit": "", "region": [None, 0.0], "estimand": "gap",
...         "verdict": "refuted", "seeds": [7, 8], "per_seed": [0.1, 0.3]}
>>> counterexample(part)
'Seed 7 in part “late”: gap: 0.1, where the finding is true for at most 0; 2 of 2 seeds lie outside.'
"""

from __future__ import annotations

from reports.exact import by_deviation, deviations, tolerance
from reports.numerals import TIMES, finite, number, ratio
from reports.record import Bounds, Part
from reports.wording import LOG_RATIO, region

__all__ = ["counterexample"]


def counterexample(part: Part | None) -> str:
    """One sentence; empty where no single seed lies outside the region, or the part is not refuted."""
    if part is None or part["verdict"] != "refuted":
        return ""
    beyond = _beyond(part)
    outside = sorted((far, place) for place, far in enumerate(beyond) if far > 0)
    if not outside:
        return ""
    _, typical = outside[(len(outside) - 1) // 2]  # the median of them: the farthest may be a freak
    counted = f"{len(outside)} of {len(beyond)} seeds {'lies' if len(outside) == 1 else 'lie'} outside"
    found = f"{_seed(part, typical)} in part “{part['name']}”: {_value(part, typical)}"
    return f"{found}, where the finding is true for {_region(part)}; {counted}."


def _beyond(part: Part) -> list[float]:
    """How far each seed's number lies outside the region; negative inside, and for no number."""
    if by_deviation(part):
        most = tolerance(part)
        return [distance - most if finite(distance) else -1.0 for distance in deviations(part)]
    return [_outside(value, part["region"]) for value in part["per_seed"]]


def _outside(value: float | None, region: Bounds) -> float:
    if not finite(value):
        return -1.0
    low, high = region
    return max(low - value if finite(low) else -1.0, value - high if finite(high) else -1.0)


def _seed(part: Part, place: int) -> str:
    return f"Seed {part['seeds'][place]}" if place < len(part["seeds"]) else f"Seed number {place + 1}"


def _value(part: Part, place: int) -> str:
    if by_deviation(part):
        return f"{part['estimand']}, off by {number(deviations(part)[place], 3)}"
    value = part["per_seed"][place]
    plain = ratio(value) if part["unit"] == LOG_RATIO else None
    return f"{part['estimand']}: {number(value, 3)}" + (f" ({TIMES}{number(plain, 3)})" if finite(plain) else "")


def _region(part: Part) -> str:
    found = region(part)
    return found.text + (f" ({found.ratio})" if found.ratio else "")
