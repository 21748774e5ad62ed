"""How many seeds a claim needs, planned from a pilot on seeds that the verdict does not use.

The plan asks for enough seeds to support a planted agreement and to refute each planted violation with probability 0.9. It
uses the pilot's spread alone, at its upper confidence limit, and never the pilot's estimate: n does not depend on which way the
pilot went.
"""

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
    needs = {part["name"]: _needed(part) for part in parts if part["kind"] != "exact" and len(part["per_seed"]) >= 3}
    if not needs:
        return Plan(own, "no part has a spread over seeds: the budget’s own number")
    ceiling = max(CEILING * own, FEWEST_FOR_IDENTICAL)
    name = max(needs, key=lambda name: needs[name] or np.inf)
    wanted = needs[name]
    if wanted is None:
        return Plan(ceiling, f"{name}: no number of seeds is enough, since its bias fills the margin; the ceiling is {ceiling}")
    if wanted > ceiling:
        return Plan(
            ceiling, f"{name}: {wanted} seeds are needed; the ceiling is {ceiling}, {CEILING} times the budget’s own {own}"
        )
    if wanted < FEWEST_FOR_IDENTICAL:
        return Plan(FEWEST_FOR_IDENTICAL, f"{name}: {wanted} would do; controls need {FEWEST_FOR_IDENTICAL}")
    return Plan(wanted, f"{name} needs {wanted}")


def _needed(part: Mapping[str, Any]) -> int | None:
    """Return the seeds at which planted effects get their verdicts with the planned power; None where none is enough."""
    values = np.array(part["per_seed"], dtype=float)
    if not np.isfinite(values).all():
        return None
    spread, margin = spread_limit(values), float(part["margin"]["value"])
    two_edges = part["kind"] == "equivalence"
    inside = VIOLATION * margin if part["kind"] == "superiority" else margin
    outside = VIOLATION * margin - (0.0 if part["kind"] == "superiority" else margin)
    # Inside a region with two edges both tests must succeed.
    power = 1 - (1 - PLANNED_POWER) / 2 if two_edges else PLANNED_POWER
    both = (
        seeds_for(inside - part["bias"], spread, level=SUPPORT, power=power),
        seeds_for(outside - part["bias"], spread, level=REFUTE, power=PLANNED_POWER),
    )
    return None if None in both else max(n for n in both if n is not None)
