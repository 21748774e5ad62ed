"""Numbers as a reader wants them: three or four significant digits, a true minus sign, no more than the interval bears.

>>> grain([-0.50123, -0.5093, -0.4931], half_width=0.0081).text(-0.50123)
'−0.5012'
>>> number(1.5e-7)
'1.5×10⁻⁷'
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

__all__ = [
    "FIXED_SPACE",
    "NOT_FINITE",
    "Grain",
    "bracket",
    "clock",
    "duration",
    "finite",
    "grain",
    "half_width",
    "number",
    "power",
    "probability",
    "ratio",
    "span",
    "telling",
]

NOT_FINITE = "not finite"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
FIXED_SPACE = "\N{NO-BREAK SPACE}"
# A unit, how many of the next smaller one it has, that smaller one, and its seconds.
UNITS = (("d", 24, "h", 3600), ("h", 60, "min", 60), ("min", 60, "s", 1))
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
# A double has no more.
MOST_DIGITS = 15
# Beyond this a log10 ratio no longer fits a double as a plain ratio.
LARGEST_LOG10 = 300.0


def finite(value: float | None) -> TypeGuard[float]:
    """Whether `value` is there and finite.

    >>> finite(None), finite(float("nan")), finite(0.0)
    (False, False, True)
    """
    return value is not None and math.isfinite(value)


def power(exponent: int) -> str:
    """Ten to the `exponent`, in characters that can be searched and copied.

    >>> power(-3)
    '10⁻³'
    """
    return "10" + str(exponent).translate(SUPERSCRIPTS)


@dataclass(frozen=True)
class Grain:
    """How finely a group of numbers is written: decimal `places` of the number divided by 10 to the `exponent`."""

    places: int
    exponent: int = 0

    def text(self, value: float | None) -> str:
        """`value` in this grain.

        >>> Grain(2).text(-1.234), Grain(1, -5).text(1.23e-5), Grain(2).text(None)
        ('−1.23', '1.2×10⁻⁵', 'not finite')
        """
        if not finite(value):
            return NOT_FINITE
        rounded = self._rounded(value)
        sign = MINUS if rounded < 0 else ""
        return f"{sign}{abs(rounded):.{max(self.places, 0)}f}{self._tail(rounded)}"

    def shown(self, value: float) -> float:
        """The number that a reader of the text sees.

        >>> Grain(2).shown(-1.234), Grain(1, -5).shown(1.23e-5)
        (-1.23, 1.2e-05)
        """
        return float(f"{self._rounded(value):.{max(self.places, 0)}f}e{self.exponent}")

    def _rounded(self, value: float) -> float:
        return round(value / 10.0**self.exponent, self.places)

    def _tail(self, rounded: float) -> str:
        return TIMES + power(self.exponent) if self.exponent and rounded else ""


def grain(values: Iterable[float | None], half_width: float | None = None, digits: int = 4) -> Grain:
    """The grain for numbers that belong together: `digits` significant ones, fewer where the interval is wide.

    Two digits of the interval's half-width are kept; finer ones would be noise.

    >>> grain([0.71234], half_width=0.03)
    Grain(places=3, exponent=0)
    """
    size = _magnitude(_rounded_to(max((abs(v) for v in values if finite(v)), default=0.0), digits))
    places = digits - 1 - size
    if finite(half_width) and half_width > 0:
        places = min(places, 1 - _magnitude(half_width))
    exponent = size if size < -4 or size > 4 else 0
    return Grain(max(places, -size) + exponent, exponent)


def telling(coarse: Grain, bounds: Sequence[float | None], target: float | None) -> Grain:
    """As fine a grain as it takes that no rounded end of an interval changes its side of `target`.

    >>> telling(Grain(4), [-0.9999992, -0.9999989], -1.0)
    Grain(places=6, exponent=0)
    >>> telling(Grain(3), [0.0004, 0.0196], 0.0), telling(Grain(3), [0.0044, 0.0196], 0.0)
    (Grain(places=4, exponent=0), Grain(places=3, exponent=0))
    """
    low, high = bounds
    if not finite(low) or not finite(high) or not finite(target):
        return coarse
    finer = (Grain(coarse.places + more, coarse.exponent) for more in range(MOST_DIGITS))
    wanted = _side(low, target), _side(high, target)
    return next((each for each in finer if tuple(_side(end, target) for end in _seen(low, high, each)) == wanted), coarse)


def _seen(low: float, high: float, fine: Grain) -> tuple[float, float]:
    """The ends of an interval as `bracket` shows them."""
    ends = fine.shown(low), fine.shown(high)
    if ends[0] != ends[1] or low == high:
        return ends
    middle, half = fine.shown((low + high) / 2), (high - low) / 2
    half = grain([half], digits=2).shown(half)
    return middle - half, middle + half


def _side(value: float, target: float) -> int:
    return (value > target) - (value < target)


def _rounded_to(value: float, digits: int) -> float:
    """`value` as its significant digits show it: what rounds up to the next power of ten has the size of that power."""
    return float(f"{value:.{digits - 1}e}")


def _magnitude(value: float) -> int:
    # Ten to a smaller power than this is no longer a full double.
    return max(math.floor(math.log10(value)), -300) if value > 0 else 0


def half_width(bounds: Sequence[float | None]) -> float | None:
    """Half the length of an interval, or None where an end is open.

    >>> half_width([1.0, 2.0]), half_width([None, 2.0])
    (0.5, None)
    """
    low, high = bounds
    return (high - low) / 2 if finite(low) and finite(high) else None


def number(value: float | None, digits: int = 4) -> str:
    """A single number that comes without an interval; trailing zeros are dropped.

    >>> number(-0.025), number(12345.6), number(123456.0), number(None), number(9.9996e-6, digits=3)
    ('−0.025', '12350', '1.235×10⁵', 'not finite', '1×10⁻⁵')
    """
    text = grain([value], digits=digits).text(value)
    head, times, tail = text.partition(TIMES)
    return (head.rstrip("0").rstrip(".") if "." in head else head) + times + tail


def ratio(log10_ratio: float | None) -> float | None:
    """The plain ratio of a number stored on the log10 scale; None where it does not fit.

    >>> ratio(2.0), ratio(400.0)
    (100.0, None)
    """
    if not finite(log10_ratio) or abs(log10_ratio) > LARGEST_LOG10:
        return None
    return float(10.0**log10_ratio)


def bracket(bounds: Sequence[float | None], grain: Grain, sign: str = "") -> str:
    """A confidence interval; where both ends would read the same, its middle and half-width instead.

    >>> bracket([0.12, 0.34], Grain(2)), bracket([None, 0.34], Grain(2))
    ('[0.12, 0.34]', 'up to 0.34')
    """
    low, high = bounds
    if not finite(low) or not finite(high):
        return _one_sided(low, high, grain, sign)
    ends = grain.text(low), grain.text(high)
    if ends[0] != ends[1] or low == high:
        return f"[{sign}{ends[0]}, {sign}{ends[1]}]"
    return f"{sign}{grain.text((low + high) / 2)} ± {number((high - low) / 2, digits=2)}"


def _one_sided(low: float | None, high: float | None, grain: Grain, sign: str) -> str:
    if finite(high):
        return f"up to {sign}{grain.text(high)}"
    return f"from {sign}{grain.text(low)} up" if finite(low) else NOT_FINITE


def span(bounds: Sequence[float | None], sign: str = "") -> str:
    """A declared region, in words.

    >>> span([-0.525, -0.475]), span([0.99999, 1.00001]), span([None, 0.1]), span([None, None])
    ('−0.525 to −0.475', '0.99999 to 1.00001', 'at most 0.1', 'any value')
    """
    low, high = bounds
    if finite(low) and finite(high):
        return " to ".join(sign + text for text in _ends(low, high))
    if finite(high):
        return f"at most {sign}{number(high)}"
    return f"at least {sign}{number(low)}" if finite(low) else "any value"


def _ends(low: float, high: float) -> tuple[str, str]:
    """Both ends in one grain, as fine as it takes to tell them from their middle, without needless zeros."""
    top, half = max(abs(low), abs(high)), (high - low) / 2
    shared = grain([low, high], digits=min(max(4, _magnitude(top) - _magnitude(half) + 1 if half > 0 else 4), 15))
    while shared.places > 0 and all(_needless_zero(shared, end) for end in (low, high)):
        shared = Grain(shared.places - 1, shared.exponent)
    return shared.text(low), shared.text(high)


def _needless_zero(shared: Grain, value: float) -> bool:
    return shared.text(value).partition(TIMES)[0].endswith("0")


def probability(p: float | None) -> str:
    """A p value; the smallest are given by a bound, since no model of the spread holds that far out.

    >>> probability(0.01234), probability(3e-9), probability(None)
    ('p = 0.012', 'p < 10⁻⁶', 'p not finite')
    """
    if not finite(p):
        return f"p {NOT_FINITE}"
    return f"p < {power(-6)}" if p < 1e-6 else f"p = {number(p, digits=2)}"


def duration(seconds: float | None) -> str:
    """A time span in the two units that matter; number and unit are never parted by a line break.

    >>> [duration(s).replace(FIXED_SPACE, " ") for s in (0.417, 75, 720, 7300, 200000)]
    ['0.42 s', '1 min 15 s', '12 min', '2 h 2 min', '2 d 8 h']
    """
    if not finite(seconds):
        return NOT_FINITE
    for large, size, small, smaller in UNITS:
        units = round(seconds / smaller)
        if units >= size:
            whole, rest = divmod(units, size)
            return f"{whole}{FIXED_SPACE}{large}" + (f" {rest}{FIXED_SPACE}{small}" if rest else "")
    return f"{number(seconds, digits=2)}{FIXED_SPACE}s"


def clock(stamp: str) -> str:
    """A UTC time stamp without its machine dress; anything else is given back as it came.

    >>> clock("2026-01-02T03:04:05Z")
    '2026-01-02 03:04:05 UTC'
    """
    try:
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return stamp
