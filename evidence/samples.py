"""Samples of one number per seed, and Student's t on them: one sample (or paired differences), or two by Welch.

All functions work on the last axis, so that thousands of simulated experiments are examined by the code that judges a claim.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["OneSample", "Sample", "TwoSamples"]

Floats: TypeAlias = NDArray[np.float64]
Side: TypeAlias = Literal["larger", "smaller"]
RESAMPLES, ALL_SIGNS = 999, 4_999
"""Random resamples of a permutation test, and how many take all 2^n sign flips of up to `FEW` seeds."""
FEW = 12
NUMBERS_AT_ONCE = 4_000_000
"""Numbers that a permutation test holds at one time: 32 MB."""


class Sample(Protocol):
    """What the referee asks of a sample; results have the shape of all axes but the last."""

    @property
    def count(self) -> int:
        """Return the number of seeds."""

    @property
    def estimate(self) -> Floats:
        """Return the mean, or the difference of means."""

    @property
    def standard_error(self) -> Floats:
        """Return the estimate's standard error."""

    @property
    def freedom(self) -> Floats:
        """Return the degrees of freedom."""

    def interval(self, alpha: float) -> tuple[Floats, Floats]:
        """Return the ends of the 1 - alpha interval."""

    def p_value(self, edge: float | Floats, side: Side) -> Floats:
        """Return the one-sided p-value of the estimate lying on a side of an edge."""

    def p_permutation(self, edge: float, side: Side) -> float:
        """Return the same from a permutation test."""


@dataclass(frozen=True)
class OneSample:
    """Numbers (..., n), one for each seed: single ones, or differences of paired arms.

    >>> low, high = OneSample(np.array([-1.0, 0.0, 1.0])).interval(0.05)
    >>> round(float(high), 3)
    2.484
    """

    values: Floats

    @cached_property
    def _described(self) -> Any:
        from statsmodels.stats.weightstats import DescrStatsW

        return DescrStatsW(_columns(self.values))

    @property
    def count(self) -> int:
        """Return the number of seeds."""
        return int(self.values.shape[-1])

    @property
    def estimate(self) -> Floats:
        """Return the mean."""
        return self._back(self._described.mean)

    @property
    def standard_error(self) -> Floats:
        """Return the mean's standard error."""
        return self._back(self._described.std_mean)

    @property
    def freedom(self) -> Floats:
        """Return n - 1."""
        return np.asarray(self.count - 1.0)

    def interval(self, alpha: float) -> tuple[Floats, Floats]:
        """Return Student's interval."""
        low, high = self._described.tconfint_mean(alpha)
        return self._back(low), self._back(high)

    def p_value(self, edge: float | Floats, side: Side) -> Floats:
        """Return the one-sided t-test's p-value."""
        return self._back(self._described.ttest_mean(np.ravel(edge), side)[1])

    def p_permutation(self, edge: float, side: Side) -> float:
        """Return the p-value by flipping signs around the edge: all ways where they are few, else a fixed choice of them."""
        from scipy.stats import permutation_test

        return _permuted(permutation_test, (self.values - edge,), np.mean, "samples", side)

    def _back(self, numbers: Floats) -> Floats:
        return np.reshape(numbers, self.values.shape[:-1])


@dataclass(frozen=True)
class TwoSamples:
    """Numbers of two arms without common seeds, (..., n) and (..., m); the estimate is first minus second (Welch).

    >>> float(TwoSamples(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])).estimate)
    1.0
    """

    values: Floats
    reference: Floats

    @cached_property
    def _compared(self) -> Any:
        from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

        return CompareMeans(DescrStatsW(_columns(self.values)), DescrStatsW(_columns(self.reference)))

    @property
    def count(self) -> int:
        """Return the number of seeds of both arms."""
        return int(self.values.shape[-1] + self.reference.shape[-1])

    @property
    def estimate(self) -> Floats:
        """Return the difference of means."""
        return self._back(self._compared.d1.mean - self._compared.d2.mean)

    @property
    def standard_error(self) -> Floats:
        """Return the difference's standard error, variances not pooled."""
        return self._back(self._compared.std_meandiff_separatevar)

    @property
    def freedom(self) -> Floats:
        """Return Satterthwaite's degrees of freedom."""
        return self._back(self._compared.dof_satt())

    def interval(self, alpha: float) -> tuple[Floats, Floats]:
        """Return Welch's interval."""
        low, high = self._compared.tconfint_diff(alpha, usevar="unequal")
        return self._back(low), self._back(high)

    def p_value(self, edge: float | Floats, side: Side) -> Floats:
        """Return the one-sided p-value of Welch's test."""
        return self._back(self._compared.ttest_ind(side, usevar="unequal", value=np.ravel(edge))[1])

    def p_permutation(self, edge: float, side: Side) -> float:
        """Return the p-value by exchanging seeds between the arms, the first shifted by the edge."""
        from scipy.stats import permutation_test

        return _permuted(permutation_test, (self.values - edge, self.reference), _welch_t, "independent", side)

    def _back(self, numbers: Floats) -> Floats:
        return np.reshape(numbers, self.values.shape[:-1])


def _columns(values: Floats) -> Floats:
    return values.reshape(-1, values.shape[-1]).T


def _welch_t(first: Floats, second: Floats, axis: int = -1) -> Floats:
    """Return Welch's t: the plain difference of means would not keep its level where the arms spread differently."""
    difference = np.mean(first, axis=axis) - np.mean(second, axis=axis)
    variances = (np.var(arm, axis=axis, ddof=1) / arm.shape[axis] for arm in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        return difference / np.sqrt(sum(variances))


def _permuted(test: Any, data: tuple[Floats, ...], statistic: Any, kind: str, side: Side) -> float:
    n = sum(map(len, data))
    resamples = ALL_SIGNS if n <= FEW else RESAMPLES
    result = test(
        data, statistic, permutation_type=kind, alternative={"larger": "greater", "smaller": "less"}[side], vectorized=True,
        n_resamples=resamples, batch=max(1, NUMBERS_AT_ONCE // n), rng=np.random.default_rng(0),
    )  # fmt: skip
    return float(result.pvalue)
