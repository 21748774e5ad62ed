"""Regions: where, on the scale of an estimate, a finding is true."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Margin", "Region"]

Number: TypeAlias = float | NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """A pre-declared bound, in the estimate's units and in the reader's words.

    >>> Margin(0.025, "5 % of the exponent").words
    '5 % of the exponent'
    """

    value: float
    words: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value > 0):
            raise ValueError(f"A margin of {self.value} cannot be met or missed: declare a positive, finite one.")
        # NumPy's numbers compare to NumPy's truth values, which are neither True nor False themselves.
        object.__setattr__(self, "value", float(self.value))


@dataclass(frozen=True)
class Region:
    """The open interval (low, high) in which the finding is true; an infinite end is open."""

    low: float
    high: float

    def contains(self, low: Number, high: Number) -> bool | NDArray[np.bool_]:
        """Tell whether [low, high] lies wholly inside, elementwise for arrays."""
        return (self.low < low) & (high < self.high)

    def misses(self, low: Number, high: Number) -> bool | NDArray[np.bool_]:
        """Tell whether [low, high] lies wholly outside, elementwise for arrays."""
        return (high < self.low) | (self.high < low)

    def moved(self, by: float) -> "Region":
        """Return the region shifted along the scale.

        >>> Region(-1, 1).moved(3)
        Region(low=2, high=4)
        """
        return Region(self.low + by, self.high + by)

    def edges(self) -> list[float]:
        """Return the finite ends."""
        return [end for end in (self.low, self.high) if math.isfinite(end)]

    def room(self, value: float) -> float:
        """Return the distance from a value to the nearest edge."""
        return min(abs(value - edge) for edge in self.edges())
