"""The numbers of one part as texts: estimate and intervals, region, target, p values, every seed's value.

>>> region({"kind": "equivalence", "unit": "", "region": [-0.1, 0.1]}).text
'−0.1 to 0.1'
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
    finite,
    grain,
    half_width,
    number,
    probability,
    ratio,
    span,
    telling,
)
from reports.record import Bounds, Exploration, Interval, Part, Specification

__all__ = [
    "Line",
    "alternative",
    "digits_of",
    "explored",
    "explored_values",
    "in_short",
    "lines",
    "p_values",
    "region",
    "seed_names",
    "seed_values",
    "span_of",
    "target",
]

LOG_RATIO = "log10 ratio"
# Up to so many seeds the permutation test takes all flips of signs; beyond, this many draws, whose smallest p value is:
ALL_FLIPS, RESAMPLES = 12, 999
FLOOR = 1 / (RESAMPLES + 1)


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
    return _interval_lines(part["estimate"], part["interval"], part["unit"], _shown_target(part))


def explored(found: Exploration | Specification, target: float | None = None) -> list[Line]:
    """Estimate and intervals of a number that is not judged; no rounding changes their side of a `target`.

    >>> ends = {"90": [0.291, 0.311], "95": [0.281, 0.321]}
    >>> [line.text for line in explored({"estimate": 0.301, "unit": "", "interval": ends})]
    ['0.301', '[0.291, 0.311]', '[0.281, 0.321]']
    """
    return _interval_lines(found["estimate"], found["interval"], found["unit"], target)


def _interval_lines(estimate: float | None, interval: Interval, unit: str, target: float | None) -> list[Line]:
    ninety, ninety_five = interval["90"], interval["95"]
    numbers = [estimate, *ninety, *ninety_five]
    fine = telling(grain(numbers, half_width(ninety_five)), ninety_five, target)
    coarse = _ratio_grain(numbers, ninety_five, target) if unit == LOG_RATIO else None
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

    >>> part = {"kind": "superiority", "unit": "log10 ratio", "estimate": 0.301, "target": 0.0,
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
    return Line("estimate", _beside(estimate.text, interval.text), _beside(estimate.ratio, interval.ratio))


def _beside(estimate: str, interval: str) -> str:
    """An estimate and its interval; the estimate once where the interval is given as it and a half-width.

    >>> _beside("−3.000", "−3.000 ± 2×10⁻⁵"), _beside("1.5", "[1, 2]"), _beside("", "")
    ('−3.000 ± 2×10⁻⁵', '1.5 [1, 2]', '')
    """
    return interval if interval.startswith(f"{estimate} ±") else f"{estimate} {interval}".strip()


def _ratio_grain(numbers: Sequence[float | None], widest: Bounds, target: float | None) -> Grain:
    ends = [ratio(end) for end in widest]
    return telling(grain([ratio(each) for each in numbers], half_width(ends), digits=3), ends, ratio(target))


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
    return span_of(part["region"], part["unit"])


def span_of(bounds: Bounds, unit: str) -> Line:
    """A region in words, and as ratios where it is stored as logarithms.

    >>> span_of([-0.1, 0.1], "")
    Line(label='region', text='−0.1 to 0.1', ratio='')
    """
    ends = [ratio(end) for end in bounds]
    plain = span(ends, sign=TIMES) if unit == LOG_RATIO and ends != [None, None] else ""
    return Line("region", span(bounds), plain)


def target(part: Part) -> str:
    """The target, in as many digits as it takes to tell on which sides of it the 95 % interval ends.

    >>> [target({"target": 1 / 9, "interval": {"95": [low, 0.112]}}) for low in (0.1109, 0.111105)]
    ['0.1111', '0.11111']
    """
    return number(part["target"], digits=_target_digits(part))


def _shown_target(part: Part) -> float | None:
    exact = part["target"]
    return grain([exact], digits=_target_digits(part)).shown(exact) if finite(exact) else None


def _target_digits(part: Part) -> int:
    exact, ends = part["target"], part["interval"]["95"] if "interval" in part else []
    if not finite(exact):
        return 4
    ends = [end for end in ends if finite(end)]
    return next((digits for digits in range(4, 16) if _keeps_sides(exact, ends, digits)), 15)


def _keeps_sides(exact: float, ends: Sequence[float | None], digits: int) -> bool:
    seen = grain([exact], digits=digits).shown(exact)
    return all((end > exact, end < exact) == (end > seen, end < seen) for end in ends if finite(end))


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
    >>> [(line.label, line.text) for line in p_values(part | {"n": 2, "per_seed": [0.3, 0.4]})]
    [('to refute', '< 10⁻⁶'), ('permutation (sign flips), to support', '1')]
    """
    name, permutation = _permutation_name(part), _permutation_text(part)
    # Records of the first version hold no p value to refute.
    if part["verdict"] == "refuted" and finite(part["p_refute"]):
        return [Line("to refute", _p_text(part, part["p_refute"])), Line(f"{name}, to support", permutation)]
    return [Line("to support", _p_text(part, part["p_raw"])), Line(name, permutation)]


def _permutation_name(part: Part) -> str:
    # Two unpaired arms, whose seeds change places instead, list the values of one of them only.
    flips = part["kind"] != "exact" and len(part["per_seed"]) == part["n"]
    return "permutation (sign flips)" if flips else "permutation"


def _permutation_text(part: Part) -> str:
    p = part["p_permutation"]
    at_floor = finite(p) and part["n"] > ALL_FLIPS and math.isclose(p, FLOOR)
    return f"≤ {number(FLOOR)}" if at_floor else _p_text(part, p)


def _p_text(part: Part, p: float | None) -> str:
    if part["kind"] == "exact" and not finite(p):
        return "not applicable"
    return probability(p).removeprefix("p ").removeprefix("= ")


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
    kept = [value for value in values if finite(value)]
    fine = grain(kept, digits=digits_of(kept))
    return seed_names(seeds), " ".join(fine.text(value) for value in values)


def digits_of(values: Sequence[float]) -> int:
    """Four digits, or as many as it takes to tell the seeds apart.

    >>> digits_of([0.25, 0.5]), digits_of([1.0, 1.00001])
    (4, 8)
    """
    spread = max(values, default=0.0) - min(values, default=0.0)
    top = max((abs(value) for value in values), default=0.0)
    digits = math.ceil(math.log10(top / spread)) + 2 if spread > 0 and top > 0 else 4
    return min(max(digits, 4), 15)


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
