r"""The texts that belong to one part: estimate and intervals, region, what would settle it, every seed's value.

>>> settle({"seeds_to_settle": 240, "seconds_to_settle": 720.0, "reason": "the interval crosses an edge"})
'About 240 seeds would settle it, in 12\xa0min here.'
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.exact import by_deviation, deviation, tolerance
from reports.numerals import (
    TIMES,
    Grain,
    bracket,
    duration,
    finite,
    grain,
    half_width,
    number,
    probability,
    ratio,
    span,
)
from reports.record import Bounds, Exploration, Interval, Part

__all__ = [
    "Line",
    "alternative",
    "explored",
    "explored_values",
    "footnotes",
    "in_short",
    "lines",
    "p_values",
    "region",
    "seed_names",
    "seed_values",
    "settle",
]

LOG_RATIO = "log10 ratio"


@dataclass(frozen=True)
class Line:
    """One labelled number; `ratio` repeats it as a plain ratio where it is stored as a logarithm."""

    label: str
    text: str
    ratio: str = ""


def lines(part: Part) -> list[Line]:
    """Estimate and intervals, or estimate, deviation and tolerance.

    >>> exact = {"kind": "exact", "estimate": 1.0, "target": 1.0, "region": [0.9, 1.1], "tolerance": 1e-9}
    >>> [(line.label, line.text) for line in lines(exact)]
    [('estimate', '1'), ('deviation', '0'), ('tolerance', '10⁻⁹')]
    """
    if "interval" not in part:
        return _exact_lines(part) if by_deviation(part) else [Line("estimate", number(part["estimate"]))]
    return _interval_lines(part["estimate"], part["interval"], part["unit"])


def explored(exploration: Exploration) -> list[Line]:
    """Estimate and intervals of a number that is not judged.

    >>> ends = {"90": [0.291, 0.311], "95": [0.281, 0.321]}
    >>> [line.text for line in explored({"estimate": 0.301, "unit": "", "interval": ends})]
    ['0.301', '[0.291, 0.311]', '[0.281, 0.321]']
    """
    return _interval_lines(exploration["estimate"], exploration["interval"], exploration["unit"])


def _interval_lines(estimate: float | None, interval: Interval, unit: str) -> list[Line]:
    ninety, ninety_five = interval["90"], interval["95"]
    numbers = [estimate, *ninety, *ninety_five]
    fine = grain(numbers, half_width(ninety_five))
    coarse = _ratio_grain(numbers, ninety_five) if unit == LOG_RATIO else None
    return [
        Line("estimate", fine.text(estimate), _ratio_text(estimate, coarse)),
        Line("90 %", bracket(ninety, fine), _ratio_bracket(ninety, coarse)),
        Line("95 %", bracket(ninety_five, fine), _ratio_bracket(ninety_five, coarse)),
    ]


def _exact_lines(part: Part) -> list[Line]:
    # Around a target of zero the estimate is the deviation, and once is enough.
    estimate = [Line("estimate", number(part["estimate"]))] if part["target"] else []
    return [*estimate, Line("deviation", number(deviation(part), digits=3)), Line("tolerance", _tolerance(part))]


def _tolerance(part: Part) -> str:
    return number(tolerance(part), digits=3).removeprefix("1" + TIMES)


def in_short(part: Part) -> Line:
    """The estimate with its 95 % interval in one line; an exact part gives its deviation and tolerance.

    >>> part = {"kind": "superiority", "unit": "log10 ratio", "estimate": 0.301,
    ...         "interval": {"90": [0.291, 0.311], "95": [0.281, 0.321]}}
    >>> in_short(part)
    Line(label='estimate', text='0.301 [0.281, 0.321]', ratio='×2.00 [×1.91, ×2.09]')
    """
    found = {line.label: line for line in lines(part)}
    if "deviation" in found:
        return Line("deviation", f"deviation {found['deviation'].text}, tolerance {found['tolerance'].text}")
    estimate, interval = found["estimate"], found.get("95 %", Line("95 %", "without an interval"))
    if not finite(part["estimate"]):
        return estimate
    return Line("estimate", f"{estimate.text} {interval.text}", f"{estimate.ratio} {interval.ratio}".strip())


def _ratio_grain(numbers: Sequence[float | None], widest: Bounds) -> Grain:
    return grain([ratio(each) for each in numbers], half_width([ratio(end) for end in widest]), digits=3)


def _ratio_text(value: float | None, coarse: Grain | None) -> str:
    plain = ratio(value)
    return "" if coarse is None or plain is None else TIMES + coarse.text(plain)


def _ratio_bracket(bounds: Bounds, coarse: Grain | None) -> str:
    ends = [ratio(end) for end in bounds]
    return "" if coarse is None or ends == [None, None] else bracket(ends, coarse, sign=TIMES)


def region(part: Part) -> Line:
    """Where the finding is true.

    >>> region({"kind": "superiority", "unit": "log10 ratio", "region": [None, 0.1]})
    Line(label='region', text='at most 0.1', ratio='at most ×1.259')
    """
    if by_deviation(part):
        return Line("region", f"deviation at most {_tolerance(part)}")
    ends = [ratio(end) for end in part["region"]]
    plain = span(ends, sign=TIMES) if part["unit"] == LOG_RATIO and ends != [None, None] else ""
    return Line("region", span(part["region"]), plain)


def alternative(part: Part) -> str:
    """The picture of a part in words, for those who do not see it.

    >>> alternative({"name": "p = 4", "kind": "superiority", "unit": "", "estimate": 2.0, "region": [1.0, None]})
    'p = 4: estimate 2 without an interval; region at least 1.'
    """
    short = in_short(part)
    label = "" if short.label == "deviation" else "estimate "
    level = ", 95 % interval in brackets" if "interval" in part else ""
    return f"{part['name']}: {label}{short.text}{level}; region {region(part).text}."


def p_values(part: Part) -> list[Line]:
    """The p value of what was decided, and the permutation test's beside it.

    >>> part = {"kind": "equivalence", "verdict": "refuted", "p_raw": 1.0, "p_refute": 1e-16, "p_permutation": 1.0}
    >>> [(line.label, line.text) for line in p_values(part)]
    [('to refute', '< 10⁻⁶'), ('permutation, to support', '1')]
    """
    permutation = _p_text(part, part["p_permutation"])
    # Records of the first version hold no p value to refute.
    if part["verdict"] == "refuted" and finite(part["p_refute"]):
        return [Line("to refute", _p_text(part, part["p_refute"])), Line("permutation, to support", permutation)]
    return [Line("to support", _p_text(part, part["p_raw"])), Line("permutation", permutation)]


def _p_text(part: Part, p: float | None) -> str:
    if part["kind"] == "exact" and not finite(p):
        return "not applicable"
    return probability(p).removeprefix("p ").removeprefix("= ")


# ---- below the numbers ---------------------------------------------------------------------------------------


def footnotes(part: Part) -> list[str]:
    """What else a careful reader wants to know about a part's numbers.

    >>> footnotes({"verdict": "supported", "bias": 0.0004})
    ['Both ends of the intervals include 0.0004 for what may be left of the estimator’s bias.']
    """
    notes = [_bias(part.get("bias")), _detectable(part.get("detectable")), settle(part)]
    return [note for note in notes if note]


def _bias(bias: float | None) -> str:
    text = f"Both ends of the intervals include {number(bias, 2)} for what may be left of the estimator’s bias."
    return text if bias else ""


def _detectable(distance: float | None) -> str:
    text = f"A departure of {number(distance, 2)} from the target would have been refuted with probability 0.8."
    return text if finite(distance) else ""


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


def seed_values(part: Part) -> tuple[str, str]:
    """Which seeds, and their values in that order.

    >>> seed_values({"kind": "superiority", "seeds": [0, 1, 2], "per_seed": [0.51, 0.49, None]})
    ('seeds 0 to 2', '0.5100 0.4900 not finite')
    """
    if by_deviation(part):  # deviations may lie decades apart, where one grain would round most of them to zero
        return seed_names(part["seeds"]), " ".join(number(value) for value in part["per_seed"])
    return _values(part["seeds"], part["per_seed"])


def explored_values(exploration: Exploration) -> tuple[str, str]:
    """The same for a number that is not judged.

    >>> explored_values({"seeds": [4], "per_seed": [0.25]})
    ('seed 4', '0.2500')
    """
    return _values(exploration["seeds"], exploration["per_seed"])


def _values(seeds: Sequence[int], values: Sequence[float | None]) -> tuple[str, str]:
    fine = _seed_grain([value for value in values if finite(value)])
    return seed_names(seeds), " ".join(fine.text(value) for value in values)


def _seed_grain(values: Sequence[float]) -> Grain:
    """Four digits, or as many as it takes to tell the seeds apart."""
    spread = max(values, default=0.0) - min(values, default=0.0)
    top = max((abs(value) for value in values), default=0.0)
    digits = math.ceil(math.log10(top / spread)) + 2 if spread > 0 and top > 0 else 4
    return grain(values, digits=min(max(digits, 4), 15))


def seed_names(seeds: Sequence[int]) -> str:
    """Which seeds, as a range where they are in sequence.

    >>> seed_names([3, 4, 5]), seed_names([0, 7]), seed_names([])
    ('seeds 3 to 5', 'seeds 0, 7', 'in order')
    """
    if not seeds:
        return "in order"
    if len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return ("seed " if len(seeds) == 1 else "seeds ") + ", ".join(map(str, seeds))
