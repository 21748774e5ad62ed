"""What one number per seed says of a region: an estimate, intervals, p-values and a verdict.

The seed is the unit of replication. Intervals are Student's t over seeds; the equivalence, non-superiority and superiority
tests are the one-sided t-tests at the region's edges, so that p < 0.05 exactly where the 90 % interval lies inside, and
p < 0.025 to refute exactly where the 95 % interval lies outside. A permutation test stands beside them. An estimate of the bias
that remains, where there is one, widens the interval at both ends.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Measured
from evidence.power import MOST_SEEDS, detectable, seeds_for
from evidence.region import Region
from evidence.samples import OneSample, Sample, Side, TwoSamples
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict

__all__ = ["Examination", "decide", "examine", "intervals", "p_refute", "p_support", "sample_of", "trouble"]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
SUPPORT, REFUTE = 0.05, 0.025
"""Levels of the one-sided tests: a 90 % interval inside the region, a 95 % interval outside."""
LEAST_P = 1e-16
"""Smaller p-values are given as this: no model of the spread holds that far out."""
NOTHING = 1e-12
"""A spread below this share of the margin is rounding too."""
ROUNDING = 64 * np.finfo(np.float64).eps
"""A spread below this share of the numbers' size is rounding, not variation."""


@dataclass(frozen=True)
class Examination:
    """What a sample says of a region; numbers are nan where the sample cannot be examined."""

    verdict: Verdict
    reason: str
    estimate: float = math.nan
    interval90: tuple[float, float] = (math.nan, math.nan)
    interval95: tuple[float, float] = (math.nan, math.nan)
    p_support: float = math.nan
    p_refute: float = math.nan
    p_permutation: float = math.nan
    detectable: float = math.nan
    standard_error: float = math.nan
    seeds_to_settle: int | None = None


def examine(
    measured: Measured, seeds: Sequence[int], region: Region, *, margin: float = math.inf, permute: bool = True
) -> Examination:
    """Judge one number per seed against a region.

    Returns `invalid`, with the reason, for fewer than three seeds, repeated seeds, numbers that are not finite, no variance, or
    an estimated bias that is not smaller than the margin. `permute` asks for the permutation test, the slowest part.

    >>> examine(Measured(np.array([0.1, -0.2, 0.1, 0.0])), [1, 2, 3, 4], Region(-1, 1)).verdict
    <Verdict.SUPPORTED: 'supported'>
    """
    if broken := trouble(measured, seeds, margin):
        return Examination(INVALID, broken)
    sample, bias = sample_of(measured), measured.bias
    supported, refuted = decide(sample, region, bias)
    verdict = SUPPORTED if supported else REFUTED if refuted else INCONCLUSIVE
    more = _seeds_to_settle(sample, region, bias) if verdict is INCONCLUSIVE else None
    return Examination(
        verdict,
        _reason(verdict, more, sample, region, bias),
        float(sample.estimate),
        _interval(sample, 2 * SUPPORT, bias),
        _interval(sample, 2 * REFUTE, bias),
        max(LEAST_P, float(p_support(sample, region, bias))),
        max(LEAST_P, float(p_refute(sample, region, bias))),
        _p_permutation(sample, region, bias) if permute else math.nan,
        bias + detectable(float(sample.standard_error), float(sample.freedom)),
        float(sample.standard_error),
        more,
    )


def intervals(measured: Measured, seeds: Sequence[int]) -> tuple[Examination, str]:
    """Return the estimate and its intervals alone, or why there are none; the verdict means nothing."""
    if broken := trouble(measured, seeds):
        return Examination(INVALID, broken), broken
    sample, bias = sample_of(measured), measured.bias
    interval90, interval95 = _interval(sample, 2 * SUPPORT, bias), _interval(sample, 2 * REFUTE, bias)
    return Examination(INCONCLUSIVE, "", float(sample.estimate), interval90, interval95), ""


def decide(sample: Sample, region: Region, bias: float = 0.0) -> tuple[Flags, Flags]:
    """Return whether each sample supports, and whether it refutes: the rule of the whole project.

    >>> supported, refuted = decide(OneSample(np.array([[0.1, -0.2, 0.1], [9.1, 8.8, 9.1]])), Region(-1, 1))
    >>> supported.tolist(), refuted.tolist()
    ([True, False], [False, True])
    """
    inside = region.contains(*_ends(sample, 2 * SUPPORT, bias))
    outside = region.misses(*_ends(sample, 2 * REFUTE, bias))
    return np.asarray(inside), np.asarray(outside)


def sample_of(measured: Measured) -> Sample:
    """Return the sample that a measurement is: one, or two unpaired."""
    return OneSample(measured.values) if measured.reference is None else TwoSamples(measured.values, measured.reference)


def p_support(sample: Sample, region: Region, bias: float = 0.0) -> Floats:
    """Return the larger of the one-sided p-values inside the region's edges (TOST where it has two)."""
    return np.maximum.reduce([sample.p_value(*test) for test in _inside(region, bias)])


def p_refute(sample: Sample, region: Region, bias: float = 0.0) -> Floats:
    """Return the smaller of the one-sided p-values beyond the region's edges."""
    sides: list[tuple[float, Side]] = [(region.low - bias, "smaller"), (region.high + bias, "larger")]
    return np.minimum.reduce([sample.p_value(edge, side) for edge, side in sides if math.isfinite(edge)])


def _inside(region: Region, bias: float) -> list[tuple[float, Side]]:
    """Return the one-sided tests that together place an estimate inside a region, its edges moved inwards by the bias."""
    tests: list[tuple[float, Side]] = [(region.low + bias, "larger"), (region.high - bias, "smaller")]
    return [(edge, side) for edge, side in tests if math.isfinite(edge)]


# ---- guards --------------------------------------------------------------------------------------------------


def trouble(measured: Measured, seeds: Sequence[int], margin: float = math.inf) -> str:
    """Return why a measurement cannot be judged, or nothing."""
    numbers = np.concatenate(_arms(measured))
    bad = [place for place, number in enumerate(numbers) if not math.isfinite(number)]
    problems = {
        f"{len(numbers)} values came for {len(seeds)} seeds": len(numbers) != len(seeds),
        _too_few(measured): _fewest(measured) < 3,
        "some seeds occur twice, so the runs are not independent": len(set(seeds)) < len(seeds),
        _unread(bad, seeds, measured.broken): bool(bad),
        "all seeds gave the same number, so nothing varied that should": not bad and _without_spread(measured, margin),
        "the numbers are too large or too small for a spread to be computed": not bad and not _computable(measured),
        f"the estimated bias is {measured.bias}": not math.isfinite(measured.bias),
        f"the estimated bias ({measured.bias:.2g}) is not smaller than the margin ({margin:.2g}): longer trainings make it "
        "smaller, more seeds do not": not measured.bias < margin,
    }
    return next((sentence for sentence, holds in problems.items() if holds), "")


def _arms(measured: Measured) -> list[Floats]:
    """Return the numbers of one sample, or of two unpaired."""
    return [measured.values] if measured.reference is None else [measured.values, measured.reference]


def _fewest(measured: Measured) -> int:
    return min(map(len, _arms(measured)))


def _too_few(measured: Measured) -> str:
    few = _fewest(measured)
    return f"{few} seed{'' if few == 1 else 's'}{' is' if few == 1 else ' are'} too few: a verdict needs at least 3"


def _unread(bad: list[int], seeds: Sequence[int], broken: Mapping[int, str]) -> str:
    if not bad or len(seeds) <= bad[0]:
        return "a seed gave no finite number"
    why = broken.get(bad[0], "it gave no finite number")
    more = f"; {len(bad)} of {len(seeds)} seeds could not be read" if len(bad) > 1 else ""
    return f"seed {seeds[bad[0]]}: {why}{more}"


def _without_spread(measured: Measured, margin: float) -> bool:
    """Tell whether nothing varied beyond rounding: in one sample, or in both of two.

    Differences of nearly equal arms are rounding as well; they are told by being nothing beside the margin.
    """
    least = NOTHING * margin if math.isfinite(margin) else 0.0
    with np.errstate(over="ignore"):
        return all(float(np.ptp(arm)) <= max(least, ROUNDING * float(np.max(np.abs(arm)))) for arm in _arms(measured) if len(arm))


def _computable(measured: Measured) -> bool:
    """Tell whether the standard error neither overflows nor vanishes."""
    if _fewest(measured) < 2:
        return True  # told as too few
    with np.errstate(all="ignore"):
        return bool(0 < sample_of(measured).standard_error < math.inf)


# ---- words and numbers -----------------------------------------------------------------------------------------


def _reason(verdict: Verdict, more: int | None, sample: Sample, region: Region, bias: float) -> str:
    n = sample.count
    if verdict is SUPPORTED:
        return f"the 90 % interval over {n} seeds lies inside the region"
    if verdict is REFUTED:
        return f"the 95 % interval over {n} seeds lies wholly outside the region"
    if more is not None:
        return f"the interval over {n} seeds crosses an edge of the region; about {more} seeds would settle it"
    if bias >= region.room(float(sample.estimate)):
        return f"the estimated bias ({bias:.2g}) reaches an edge: longer trainings, not more seeds, would settle it"
    return f"the estimate lies on an edge of the region: {MOST_SEEDS} seeds would not settle it"


def _ends(sample: Sample, alpha: float, bias: float) -> tuple[Floats, Floats]:
    low, high = sample.interval(alpha)
    return low - bias, high + bias


def _interval(sample: Sample, alpha: float, bias: float) -> tuple[float, float]:
    low, high = _ends(sample, alpha, bias)
    return float(low), float(high)


def _p_permutation(sample: Sample, region: Region, bias: float) -> float:
    """Return the larger of the permutation test's p-values inside the region's edges."""
    return max(sample.p_permutation(*test) for test in _inside(region, bias))


def _seeds_to_settle(sample: Sample, region: Region, bias: float) -> int | None:
    """Return the number of seeds at which this mean and spread would settle the verdict with probability 0.8, if any does."""
    mean = float(sample.estimate)
    level = SUPPORT if region.contains(mean, mean) else REFUTE
    spread = float(sample.standard_error) * math.sqrt(sample.count)
    return seeds_for(region.room(mean) - bias, spread, level=level, at_least=sample.count + 1)
