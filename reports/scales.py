"""From numbers to places on paper: scales and the ticks on them.

>>> scale = Scale(low=0.0, high=2.0, left=10.0, right=110.0)
>>> scale(1.0)
60.0
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.numerals import Grain, number, power

__all__ = ["Scale", "Tick", "decades", "linear_ticks", "log_ticks", "roomy", "steps"]

Tick = tuple[float, str]


@dataclass(frozen=True)
class Scale:
    """Maps [low, high] onto [left, right]; what lies beyond is put on the edge."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """The place of `value`."""
        share = (value - self.low) / (self.high - self.low)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def beyond(self, value: float) -> bool:
        """Whether `value` had to be put on the edge."""
        return not self.low <= value <= self.high


def steps(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 round numbers between `low` and `high`.

    >>> steps(-0.53, -0.47, 3)
    [-0.52, -0.5, -0.48]
    """
    step = _nice_step((high - low) / max(most, 1))
    places = max(0, -math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, places) + 0.0 for i in range(first, last + 1)]


def _nice_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * k for k in (1, 2, 5, 10) if size * k >= rough * (1 - 1e-9))


def decades(low: float, high: float, most: int) -> list[int]:
    """At most `most` whole exponents of ten between the exponents `low` and `high`.

    >>> decades(-3.2, 5.0, 5)
    [-2, 0, 2, 4]
    """
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / most))
    return [e for e in range(first, last + 1) if e % stride == 0]


def linear_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Ticks on an even scale, with labels of one length.

    >>> linear_ticks(0.0, 1.0, 2)
    [(0.0, '0.0'), (0.5, '0.5'), (1.0, '1.0')]
    """
    places = steps(low, high, most)
    return list(zip(places, _labels(places), strict=True))


def _labels(places: Sequence[float]) -> list[str]:
    top = max((abs(p) for p in places), default=0.0)
    size = math.floor(math.log10(top)) if top > 0 else 0
    exponent = size if size < -4 or size > 4 else 0
    step = min((b - a for a, b in zip(places, places[1:], strict=False)), default=top or 1.0)
    grain = Grain(max(0, exponent - math.floor(math.log10(step) + 1e-9)), exponent)
    return [grain.text(place) for place in places]


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Ticks on a log scale: powers of ten, or 1, 2, 5 between them where there are few.

    >>> log_ticks(0.3, 6.0, 6)
    [(0.5, '0.5'), (1.0, '1'), (2.0, '2'), (5.0, '5')]
    """
    exponents = decades(math.log10(low), math.log10(high), most)
    if len(exponents) >= 3:
        return [(10.0**e, power(e)) for e in exponents]
    finer = [k * 10.0**e for e in _around(low, high) for k in (1, 2, 5)]
    ticks = [(v, number(v)) for v in finer if low <= v <= high]
    return ticks if len(ticks) >= 2 else linear_ticks(low, high, most)


def _around(low: float, high: float) -> range:
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def roomy(ticks: Callable[[int], list[Tick]], width: float, per_character: float) -> list[Tick]:
    """The largest set of ticks whose labels fit beside each other in `width`.

    >>> roomy(lambda most: linear_ticks(0.0, 1.0, most), width=40.0, per_character=6.0)
    [(0.0, '0'), (1.0, '1')]
    """
    for most in (5, 4, 3, 2):
        found = ticks(most)
        if sum(len(label) + 2 for _, label in found) * per_character <= width:
            return found
    return ticks(1)
