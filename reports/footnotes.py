r"""The sentences below a part's numbers: its bias, what it could have found, its seeds, and what would settle it.

>>> settle({"seeds_to_settle": 240, "seconds_to_settle": 720.0, "reason": "the interval crosses an edge"})
'About 240 seeds would settle it, in 12\xa0min here.'
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from reports.numerals import TIMES, duration, finite, grain, half_width, number, ratio
from reports.record import Control, Exploration, Part
from reports.wording import LOG_RATIO

__all__ = ["footnotes", "planted", "settle", "skewed", "skewness"]

SKEWED = 1.0


def footnotes(part: Part) -> list[str]:
    """What else a careful reader wants to know about a part's numbers.

    >>> part = {"kind": "equivalence", "verdict": "supported", "unit": "", "target": 0.0, "region": [-0.1, 0.1]}
    >>> footnotes(part | {"n": 3, "per_seed": [0.1, 0.12, 0.08]})
    ['1 of 3 seeds lies outside the region.']
    """
    notes = [_bias(part), _detectable(part), *_seeds(part), settle(part)]
    return [note for note in notes if note]


# ---- bias ----------------------------------------------------------------------------------------------------


def _bias(part: Part) -> str:
    bias = part.get("bias")
    if not bias or not finite(bias):
        return ""
    moved = f"Both ends are moved outwards by {number(bias, 2)}"
    return f"{moved}: the estimator’s own estimate of the error left in it, no guarantee.{_two_widths(part, bias)}"


def _two_widths(part: Part, bias: float) -> str:
    """Seeds and bias apart, since together they do not tell how much more seeds would help."""
    both = half_width(part["interval"]["95"]) if "interval" in part else None
    if not finite(both):
        return ""
    return f" The 95 % interval: ±{number(max(both - bias, 0.0), 2)} from seeds, ±{number(bias, 2)} from bias."


# ---- what could have been found ------------------------------------------------------------------------------


def _detectable(part: Part) -> str:
    """The true value that would have been refuted, and on which side; the record holds its distance from the target."""
    distance = part.get("detectable")
    where = _refutable(part, distance) if finite(distance) else ""
    if not where:
        return ""
    return f"Had the true value been {where}, {part['n']} seeds with the spread seen here would have refuted the finding with \
probability 0.8."


def _refutable(part: Part, distance: float) -> str:
    low, high = (finite(edge) for edge in part["region"])
    if low and high:
        factor = _factor(part, distance)
        return f"{number(distance, 2)}{f' (a factor of {factor})' if factor else ''} or more from the target, on either side"
    target = part["target"]
    if not finite(target) or not (low or high):
        return ""
    return f"{_beyond(part, target, -distance)} or lower" if low else f"{_beyond(part, target, distance)} or higher"


def _factor(part: Part, distance: float) -> str:
    plain = ratio(distance) if part["unit"] == LOG_RATIO else None
    return number(plain, 3) if finite(plain) else ""


def _beyond(part: Part, target: float, step: float) -> str:
    """The value a step away from the target, in digits that let the step be seen."""
    value = target + step
    text = grain([value], abs(step)).text(value)
    plain, start = ratio(value), ratio(target)
    if part["unit"] != LOG_RATIO or plain is None or start is None:
        return text
    return f"{text} ({TIMES}{grain([plain], abs(plain - start), digits=3).text(plain)})"


# ---- seeds ---------------------------------------------------------------------------------------------------


def _seeds(part: Part) -> list[str]:
    if part["kind"] == "exact":
        return []
    values = [value for value in part["per_seed"] if finite(value)]
    return [_outside(part, values), _skewed(values)]


def _outside(part: Part, values: Sequence[float]) -> str:
    """How many single seeds contradict the finding; the interval is about their mean."""
    low, high = part["region"]
    count = sum((finite(low) and value < low) or (finite(high) and value > high) for value in values)
    if not count:
        return "No seed lies outside the region." if part["kind"] == "equivalence" and values else ""
    return f"{count} of {len(values)} seeds {'lies' if count == 1 else 'lie'} outside the region."


def _skewed(values: Sequence[float]) -> str:
    skew = skewness(values)
    if not _exceeds(skew):
        return ""
    return f"The seeds are skewed (skewness {grain([skew], digits=2).text(skew)}): a t-interval covers less than it says."


def skewed(part: Part | Exploration) -> bool:
    """Tell whether a number's seeds are so skewed that its intervals bear less; an exact part has none.

    >>> skewed({"kind": "superiority", "per_seed": [0.0, 0.0, 0.0, 1.0]}), skewed({"kind": "superiority", "per_seed": [0.0, 1.0]})
    (True, False)
    """
    return part.get("kind") != "exact" and _exceeds(skewness([value for value in part["per_seed"] if finite(value)]))


def _exceeds(skew: float) -> bool:
    return abs(skew) > SKEWED


def skewness(values: Sequence[float]) -> float:
    """The third central moment over the 3/2 power of the second (g1, the biased form); 0 without spread.

    >>> round(skewness([0.0, 0.0, 0.0, 1.0]), 4), skewness([-1.0, 0.0, 1.0]), skewness([5.0, 5.0]), skewness([])
    (1.1547, 0.0, 0.0, 0.0)
    """
    # Numbers are divided by the largest, so that no power of them leaves the range of a double.
    apart = _scaled(_centred(_scaled(values)))
    second = fmean([each**2 for each in apart]) if apart else 0.0
    return fmean([each**3 for each in apart]) / second**1.5 if second > 0 else 0.0


def _scaled(values: Sequence[float]) -> list[float]:
    top = max((abs(value) for value in values), default=0.0)
    return [value / top for value in values] if top > 0 else list(values)


def _centred(values: Sequence[float]) -> list[float]:
    middle = fmean(values) if values else 0.0
    return [value - middle for value in values]


# ---- what else -----------------------------------------------------------------------------------------------


def settle(part: Part) -> str:
    """What would settle an inconclusive part; empty where nothing is known about it.

    >>> settle({"verdict": "supported"})
    ''
    """
    seeds, seconds = part.get("seeds_to_settle"), part.get("seconds_to_settle")
    if seeds is None:
        return ""
    if "would settle it" in part["reason"]:  # then the number of seeds has been told already
        return f"That would take {duration(seconds)} here." if finite(seconds) else ""
    return f"About {seeds} seeds would settle it{f', in {duration(seconds)} here' if finite(seconds) else ''}."


def planted(part: Part, controls: Sequence[Control]) -> str:
    """What was planted to try an exact part, which has no power to speak of; empty for the other kinds.

    >>> tried = [{"part": "gradient", "name": "planted violation", "planted": "deviations of 0.01", "outcome": "refuted"}]
    >>> planted({"name": "gradient", "kind": "exact"}, tried)
    'Planted as a control: deviations of 0.01 (refuted).'
    """
    if part["kind"] != "exact":
        return ""
    told = [f"{each['planted']} ({each['outcome']})" for each in controls if _tries(each, part)]
    return f"Planted as a control: {'; '.join(told)}." if told else ""


def _tries(control: Control, part: Part) -> bool:
    return control["part"] == part["name"] and control["name"].startswith("planted")
