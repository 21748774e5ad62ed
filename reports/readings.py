"""How specifications read against their finding's region: where it holds, where it flips, and by which choices.

>>> ends = {"90": [-0.3, -0.2], "95": [-0.32, -0.18]}
>>> reading({"estimate": -0.25, "interval": ends, "region": [None, -0.1]})
'holds'
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from reports.numerals import finite
from reports.record import Bounds, Specification

__all__ = ["PUBLISHED", "READINGS", "base_of", "by_choices", "ordered", "reading", "tally", "where"]

READINGS = ("holds", "flips", "undecided", "lost")
PUBLISHED = "the published protocol"
MOST_NAMED = 8
"""So many specifications are named in a sentence; all are marked in the drawing."""


def reading(found: Specification) -> str:
    """`holds` with the 90 % interval inside the region, `flips` with the 95 % interval outside, else `undecided` or `lost`.

    These are the intervals by which a part is supported or refuted; an end that is missing decides nothing.

    >>> given = {"estimate": 0.1, "region": [-0.1, 0.1]}
    >>> [reading(given | {"interval": {"90": [low, 0.3], "95": [low, 0.3]}}) for low in (0.2, 0.0)]
    ['flips', 'undecided']
    >>> reading(given | {"estimate": None})
    'lost'
    """
    if not finite(found["estimate"]):
        return "lost"
    low, high = _open(found["region"])
    (low90, high90), (low95, high95) = found["interval"]["90"], found["interval"]["95"]
    if finite(low90) and finite(high90) and low < low90 and high90 < high:
        return "holds"
    if finite(low95) and finite(high95) and (high95 < low or high < low95):
        return "flips"
    return "undecided"


def _open(region: Bounds) -> tuple[float, float]:
    low, high = region
    return low if finite(low) else -math.inf, high if finite(high) else math.inf


def ordered(found: Iterable[Specification]) -> list[Specification]:
    """Specifications from the lowest estimate to the highest; those without a number come last.

    >>> [each["estimate"] for each in ordered([{"estimate": None}, {"estimate": 0.2}, {"estimate": -0.1}])]
    [-0.1, 0.2, None]
    """
    return sorted(found, key=lambda each: each["estimate"] if finite(each["estimate"]) else math.inf)


def base_of(found: Sequence[Specification]) -> Specification | None:
    """The published protocol, where it is among the specifications.

    >>> base_of([{"base": False}]) is None
    True
    """
    return next((each for each in found if each["base"]), None)


def by_choices(found: Specification, every: Sequence[Specification]) -> str:
    """The choices in which a specification differs from the published one; without one, all that vary.

    >>> old, new = ({"base": start == "old", "choices": {"start": start, "width": "1"}} for start in ("old", "new"))
    >>> by_choices(new, [old, new]), by_choices(old, [old, new]), by_choices(new, [new])
    ('start = new', 'the published protocol', 'start = new, width = 1')
    """
    if found["base"]:
        return PUBLISHED
    base = base_of(every)
    beside = [base] if base else every
    choices = found["choices"]
    differing = [name for name in choices if any(each["choices"].get(name) != choices[name] for each in beside)]
    return ", ".join(f"{name} = {choices[name]}" for name in differing or choices)


def tally(found: Sequence[Specification]) -> str:
    """In how many specifications the finding holds, flips or is undecided.

    >>> tally([{"estimate": 0.3, "interval": {"90": [0.2, 0.4], "95": [0.1, 0.5]}, "region": [0.0, None]}] * 3)
    'In 3 of 3 specifications the finding holds; it flips in none and is undecided in none.'
    """
    counts = Counter(map(reading, found))
    holds, flips, undecided, lost = (counts[name] or "none" for name in READINGS)
    words = "specification" if len(found) == 1 else "specifications"
    told = f"In {holds} of {len(found)} {words} the finding holds; it flips in {flips} and is undecided in {undecided}"
    return f"{told}; {lost} gave no number." if counts["lost"] else f"{told}."


def where(found: Sequence[Specification]) -> str:
    """Where the finding flips, by choices; and where it holds, if not in the published protocol.

    >>> ends = {"interval": {"90": [0.2, 0.4], "95": [0.1, 0.5]}, "estimate": 0.3}
    >>> plain = ends | {"base": True, "choices": {"start": "published"}, "region": [0.0, None]}
    >>> other = ends | {"base": False, "choices": {"start": "matched"}, "region": [None, 0.0]}
    >>> where([plain, other]), where([plain])
    ('It flips with start = matched.', '')
    """
    base = base_of(found)
    flips = _named([each for each in found if reading(each) == "flips"], found)
    told = [f"It flips with {flips}."] if flips else []
    if base and reading(base) != "holds":
        holds = _named([each for each in found if reading(each) == "holds"], found)
        told += [f"It holds with {holds}."] if holds else []
    return " ".join(told)


def _named(some: Sequence[Specification], every: Sequence[Specification]) -> str:
    """Specifications by their choices, the nearest to the published one first."""
    names = sorted((by_choices(each, every) for each in some), key=lambda name: (name != PUBLISHED, name.count(" = ")))
    more = [f"{len(names) - MOST_NAMED} more, marked in the drawing"] if len(names) > MOST_NAMED else []
    return "; ".join([*names[:MOST_NAMED], *more])
