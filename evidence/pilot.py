"""How many seeds a claim needs, planned from a pilot on seeds that the verdict does not use.

The plan asks for enough seeds to support a planted agreement and to refute each planted violation with probability 0.9. It
uses the pilot's spread alone, at its upper confidence limit, and never the pilot's estimate: n does not depend on which way the
pilot went.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from evidence.controls import FEWEST_FOR_IDENTICAL, VIOLATION
from evidence.inference import REFUTE, SUPPORT
from evidence.power import seeds_for, spread_limit

__all__ = ["Plan", "plan"]

Json: TypeAlias = dict[str, Any]
PLANNED_POWER = 0.9
CEILING = 4
"""A plan asks for at most this many times the budget's own number of seeds."""


@dataclass(frozen=True)
class Plan:
    """The number of seeds, and the sentence that says why."""

    seeds: int
    reason: str


def plan(parts: Sequence[Mapping[str, Any]], own: int) -> Plan:
    """Return the plan for a claim whose pilot gave these parts and that uses `own` seeds at this budget.

    >>> plan([], own=12)
    Plan(seeds=12, reason='no part has a spread over seeds: the budget’s own number')
    """
    statistical = [part for part in parts if part["kind"] != "exact" and part["n"] >= 3]
    if not statistical:
        return Plan(own, "no part has a spread over seeds: the budget’s own number")
    ceiling = max(CEILING * own, FEWEST_FOR_IDENTICAL)
    needs = {part["name"]: _needed(part) for part in statistical}
    name = max(needs, key=lambda name: needs[name] or np.inf)
    wanted = needs[name]
    if wanted is None:
        return Plan(own, f"{name}: {_why_not(statistical, name)}: the budget’s own number")
    if wanted > ceiling:
        return Plan(
            ceiling, f"{name}: {wanted} seeds are needed; the ceiling is {ceiling}, {CEILING} times the budget’s own {own}"
        )
    if wanted < FEWEST_FOR_IDENTICAL:
        return Plan(FEWEST_FOR_IDENTICAL, f"{name}: {wanted} would do; controls need {FEWEST_FOR_IDENTICAL}")
    return Plan(wanted, f"{name} needs {wanted}")


def _needed(part: Mapping[str, Any]) -> int | None:
    """Return the seeds at which planted effects get their verdicts with the planned power; None where none is enough."""
    if not math.isfinite(part["standard_error"]):
        return None
    spread = spread_limit(part["standard_error"] * math.sqrt(part["n"]), part["n"])
    margin, superiority = float(part["margin"]["value"]), part["kind"] == "superiority"
    inside = VIOLATION * margin if superiority else margin
    outside = VIOLATION * margin - (0.0 if superiority else margin)
    # Inside a region with two edges both tests must succeed.
    power = 1 - (1 - PLANNED_POWER) / 2 if part["kind"] == "equivalence" else PLANNED_POWER
    agreement = seeds_for(inside - part["bias"], spread, level=SUPPORT, power=power)
    violation = seeds_for(outside - part["bias"], spread, level=REFUTE, power=PLANNED_POWER)
    return None if agreement is None or violation is None else max(agreement, violation)


def _why_not(parts: Sequence[Mapping[str, Any]], name: str) -> str:
    part = next(part for part in parts if part["name"] == name)
    if not math.isfinite(part["standard_error"]):
        return f"the pilot could not be judged ({part['reason']})"
    return "no number of seeds is enough, since the estimated bias fills the room to the planted violation"
