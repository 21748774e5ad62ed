"""What reads one number per seed off trajectories, and how an effect is planted in them.

An estimator measures the curves of one arm, or compares those of two arms; it knows what is left of its own error, which seeds it
could not read, and how to change the curves so that a given effect is in them. The judge needs no more to judge a claim and to
try itself on planted effects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Curves",
    "Difference",
    "Estimator",
    "Measured",
    "MeasurementError",
    "Unpaired",
    "one_arm",
    "two_arms",
    "unreadable",
    "without",
]

Floats: TypeAlias = NDArray[np.float64]

SAFETY = 0.25
"""By what share the error left may be larger than its estimate: the safety factor of Roache's grid convergence index is 1.25.

P. J. Roache, Perspective: a method for uniform reporting of grid refinement studies, J. Fluids Eng. 116 (1994) 405-413. On power
laws whose correction is as large as the error itself the true error was up to 1.10 times the estimate (p = 8, ten million steps;
tests/calibration/test_bias.py).
"""


class MeasurementError(ValueError):
    """Curves cannot be measured at all; the message is a sentence. The judge turns it into the verdict `invalid`."""


@dataclass(frozen=True)
class Curves:
    """Trajectories of one arm: recorded times (records,), common to all seeds, and values (seeds, records)."""

    times: Floats
    values: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", np.asarray(self.times, dtype=np.float64))
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))
        if self.values.ndim != 2 or self.values.shape[1:] != self.times.shape:
            shape = " x ".join(map(str, self.values.shape))
            raise MeasurementError(
                f"values of shape {shape} do not fit {len(self.times)} recorded times: they must be (seeds, recorded times)"
            )

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, rows: Sequence[int] | NDArray[np.intp]) -> "Curves":
        """Return the trajectories of some seeds, by their place.

        >>> Curves(np.ones(1), np.array([[1.0], [2.0]])).rows([1]).values.tolist()
        [[2.0]]
        """
        return replace(self, values=self.values[np.asarray(rows)])

    def scaled(self, factor: ArrayLike) -> "Curves":
        """Return the curves multiplied by a number, or by one for each recorded time."""
        return replace(self, values=self.values * np.asarray(factor))

    def tilted(self, shift: float) -> "Curves":
        """Return the curves times t^shift: their exponent moves by the shift; a record at time zero stays as it is.

        >>> Curves(np.array([0.0, 10.0]), np.array([[1.0, 1.0]])).tilted(-1.0).values.tolist()
        [[1.0, 0.1]]
        """
        return self.scaled(np.where(self.times > 0, self.times, 1.0) ** shift)

    def stretched(self, factor: float) -> "Curves":
        """Return the curves slowed down: what happened at t happens at factor · t."""
        return replace(self, times=self.times * factor)


@dataclass(frozen=True)
class Measured:
    """One number for each seed, and what is known of its error.

    Attributes
    ----------
    values : (n,) the numbers; nan where a seed could not be read
    correction : (n,) estimate, for each seed, of the error that is left in its number
    doubt : (n,) size of all the corrections behind `correction`, where that is a difference of several
    systematic : a known bound on an error common to all seeds
    reference : (m,) the numbers of an unpaired second arm
    broken : why a seed could not be read, by its place
    """

    values: Floats
    correction: Floats | None = None
    doubt: Floats | None = None
    systematic: float = 0.0
    reference: Floats | None = None
    broken: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))

    @property
    def bias(self) -> float:
        """Return how far the mean may be off: the corrections' mean size, and a share of their doubt for safety.

        Corrections of opposite sign get no credit for cancelling in the mean; in a difference of two arms corrections of the same
        sign cancel, but how well each of them is known does not.

        >>> Measured(np.zeros(2), correction=np.array([0.4, -0.4])).bias
        0.5
        """
        if self.correction is None:
            return self.systematic
        return self.systematic + float(np.mean(np.abs(self.correction)) + SAFETY * np.mean(self._doubts()))

    def _doubts(self) -> Floats:
        """Return the size of the corrections, (n,); zero where none is known."""
        if self.doubt is not None:
            return self.doubt
        return np.zeros(len(self.values)) if self.correction is None else np.abs(self.correction)

    def __sub__(self, other: "Measured") -> "Measured":
        """Return the differences, paired by seed."""
        return Measured(
            self.values - other.values,
            correction=_less(self.correction, other.correction),
            doubt=self._doubts() + other._doubts(),
            systematic=self.systematic + other.systematic,
            broken={**other.broken, **self.broken},
        )


class Estimator(Protocol):
    """Reads numbers off the curves of its arms, and plants effects in them.

    `paired` says that it compares two arms, so that two identical arms must give zero.
    """

    @property
    def paired(self) -> bool:
        """Tell whether two arms are compared seed by seed."""

    def measure(self, *arms: Curves) -> Measured:
        """Return one number for each seed. Raises ``MeasurementError`` where there is nothing to read."""

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return arms changed so that the mean of what `measure` gives moves by `shift`."""


@dataclass(frozen=True)
class Difference:
    """The difference of one number between two arms, paired by seed: of slopes, of log constants, of times."""

    of: Estimator
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return first minus second, for each seed."""
        first, second = two_arms(arms, paired=True)
        return self.of.measure(first) - self.of.measure(second)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Plant the effect in the first arm."""
        first, second = two_arms(arms)
        return *self.of.plant(shift, first), second


@dataclass(frozen=True)
class Unpaired:
    """The difference of one number between two arms that share no seeds: Welch's test, any two numbers of seeds."""

    of: Estimator
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the first arm's numbers, with the second's as their reference."""
        first, second = (self.of.measure(arm) for arm in two_arms(arms))
        broken = {**first.broken, **{len(first.values) + place: why for place, why in second.broken.items()}}
        return replace(first, reference=second.values, systematic=first.systematic + second.bias, broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Plant the effect in the first arm."""
        first, second = two_arms(arms)
        return *self.of.plant(shift, first), second


def one_arm(arms: tuple[Curves, ...]) -> Curves:
    """Return the only arm; raises ``MeasurementError`` for another number."""
    if len(arms) != 1:
        raise MeasurementError(f"this number is read off one arm, not {len(arms)}: compare two with Difference or Unpaired")
    return arms[0]


def two_arms(arms: tuple[Curves, ...], *, paired: bool = False) -> tuple[Curves, Curves]:
    """Return both arms; raises ``MeasurementError`` for another number, or for paired arms of different length."""
    if len(arms) != 2:
        raise MeasurementError(f"a comparison takes two arms, not {len(arms)}")
    first, second = arms
    if paired and len(first) != len(second):
        raise MeasurementError(
            f"the arms have {len(first)} and {len(second)} seeds: paired arms need the same seeds, in the same order"
        )
    return first, second


def unreadable(curves: Curves, what: str) -> dict[int, str]:
    """Return, by place, why a trajectory has no logarithm; one that breaks anywhere is no evidence elsewhere either.

    >>> unreadable(Curves(np.array([1.0, 2.0]), np.array([[1.0, 0.5], [1.0, 0.0]])), "its error")
    {1: 'its error is zero or negative from t = 2 on'}
    """
    values, found = curves.values, {}
    for place in np.flatnonzero(~np.isfinite(values).all(axis=1)):
        when = curves.times[(~np.isfinite(values[place])).argmax()]
        found[int(place)] = f"{what} is not finite from t = {when:.3g} on"
    for place in np.flatnonzero((values <= 0).any(axis=1)):
        when = curves.times[(values[place] <= 0).argmax()]
        found.setdefault(int(place), f"{what} is zero or negative from t = {when:.3g} on")
    return found


def without(values: Floats, broken: Mapping[int, str]) -> Floats:
    """Return the numbers with nan in place of those that could not be read.

    >>> without(np.array([1.0, 2.0]), {0: "its error is not finite"}).tolist()
    [nan, 2.0]
    """
    kept = values.copy()
    kept[list(broken)] = np.nan
    return kept


def _less(first: Floats | None, second: Floats | None) -> Floats | None:
    """Return the difference of two corrections, of which none, one or both are known."""
    if first is None or second is None:
        return first if second is None else -second
    return first - second
