"""Specification curves: one estimate for each way of running an experiment, read against a finding's region, never judged.

Source: Simonsohn, Simmons and Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4, 1208-1214.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from evidence.estimators import MeasurementError

__all__ = ["Ends", "declared"]

Json: TypeAlias = dict[str, Any]
Ends: TypeAlias = tuple[float | None, float | None]
"""A region's low and high end, on the scale of the estimate; None is an open end."""
SHARED = ("estimand", "unit", "region")
"""What all specifications of one outcome have in common, so that they can stand on one axis."""


def declared(
    figure: str, outcome: str, choices: Mapping[str, object], *, estimand: str, unit: str, region: Ends, base: bool,
    before: Sequence[Json],
) -> Json:  # fmt: skip
    """Return a specification as the record holds it, still without its numbers; `before` are those noted so far.

    Choices become text, in the order of the dimensions of the figure's first specification. Raises ``MeasurementError`` where
    they do not fit those noted before, or the region is none.

    >>> read = {"estimand": "loss", "unit": "log10 ratio", "region": (None, -0.1), "base": False}
    >>> first = declared("multiverse", "loss", {"start": "matched", "factors": 3}, **read, before=[])
    >>> first["choices"]
    {'start': 'matched', 'factors': '3'}
    >>> declared("multiverse", "loss", {"width": 2}, **read, before=[first])
    Traceback (most recent call last):
        ...
    evidence.estimators.MeasurementError: a specification of the figure 'multiverse' chooses width, its first one start, \
factors: all must choose in the same dimensions
    """
    found = {
        "figure": figure, "outcome": outcome, "estimand": estimand, "unit": unit, "region": _region(figure, outcome, region),
        "choices": _choices(figure, choices, before), "base": bool(base),
    }  # fmt: skip
    for other in before:
        if (other["figure"], other["outcome"]) == (figure, outcome):
            _check_beside(found, other)
    return found


def _region(figure: str, outcome: str, region: Ends) -> list[float]:
    """Return both ends as numbers; open ones are infinite, which the record writes as null."""
    low, high = region
    ends = [-math.inf if low is None else float(low), math.inf if high is None else float(high)]
    where = f"the region of {outcome!r} in the figure {figure!r}"
    if not ends[0] < ends[1]:
        raise MeasurementError(f"{where} runs from {ends[0]:g} to {ends[1]:g}: its low end must be below its high end")
    if ends == [-math.inf, math.inf]:
        raise MeasurementError(f"{where} has no end: every number would lie in it")
    return ends


def _choices(figure: str, choices: Mapping[str, object], before: Sequence[Json]) -> dict[str, str]:
    """Return the choices as text, in the order of the figure's first specification."""
    if not choices:
        raise MeasurementError(f"a specification of the figure {figure!r} makes no choice: name a value for each dimension")
    first = next((other["choices"] for other in before if other["figure"] == figure), choices)
    if set(first) != set(choices):
        raise MeasurementError(
            f"a specification of the figure {figure!r} chooses {', '.join(choices)}, its first one {', '.join(first)}: "
            "all must choose in the same dimensions"
        )
    return {dimension: str(choices[dimension]) for dimension in first}


def _check_beside(found: Json, other: Json) -> None:
    """Refuse what could not be told apart from another specification, or not be drawn beside it."""
    named = f"the specification {_told(found['choices'])} of {found['outcome']!r} in the figure {found['figure']!r}"
    if found["choices"] == other["choices"]:
        raise MeasurementError(f"{named} is noted twice: each needs choices of its own")
    for name in SHARED:
        if found[name] != other[name]:
            raise MeasurementError(f"{named} has the {name} {found[name]!r}, one before it {other[name]!r}: they share one axis")
    if found["base"] and other["base"]:
        raise MeasurementError(f"{named} is said to be the published protocol, and so is {_told(other['choices'])}")


def _told(choices: Mapping[str, str]) -> str:
    return "(" + ", ".join(f"{dimension} = {value}" for dimension, value in choices.items()) + ")"
