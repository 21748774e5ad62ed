"""Exact parts: judged by how far they are from a target, not by an interval.

>>> part = {"kind": "exact", "estimate": 1.5, "target": 1, "region": [0, 2], "tolerance": 0.1, "per_seed": [1.5, 0.75]}
>>> deviation(part), tolerance(part), deviations(part)
(0.5, 0.1, [0.5, 0.25])
"""

from __future__ import annotations

from reports.numerals import finite
from reports.record import Part

__all__ = ["by_deviation", "deviation", "deviations", "tolerance"]


def by_deviation(part: Part) -> bool:
    """Whether a part is judged by its deviation; with an open side ("at least 0, exactly") it is judged by its region.

    >>> by_deviation({"kind": "exact", "region": [0, None]}), by_deviation({"kind": "superiority", "region": [0, 1]})
    (False, False)
    """
    return part["kind"] == "exact" and all(finite(edge) for edge in part["region"])


def tolerance(part: Part) -> float:
    """The largest deviation that an exact part may have.

    >>> tolerance({"margin": {"value": 1e-4, "words": "at most 0.0001"}})
    0.0001
    """
    return part["tolerance"] if "tolerance" in part else part["margin"]["value"]


def deviation(part: Part) -> float | None:
    """How far the estimate is from the target, which is zero where there is none.

    >>> deviation({"estimate": -1e-9, "target": None})
    1e-09
    """
    return _distance(part["estimate"], part["target"])


def deviations(part: Part) -> list[float | None]:
    """The same for every seed.

    >>> deviations({"per_seed": [None, 3.0], "target": 1.0})
    [None, 2.0]
    """
    return [_distance(value, part["target"]) for value in part["per_seed"]]


def _distance(value: float | None, target: float | None) -> float | None:
    return abs(value - (target or 0.0)) if finite(value) else None
