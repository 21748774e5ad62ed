"""What one number per seed says of a region: an estimate, intervals, p-values and a verdict.

The seed is the unit of replication. Intervals are Student's t over seeds; the equivalence, non-superiority and superiority
tests are the one-sided t-tests at the region's edges, so that p < 0.05 exactly where the 90 % interval lies inside. A sign-flip
permutation test stands beside them. An estimate of the bias that remains, where there is one, widens the interval at both ends.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.region import Region
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict

__all__ = ["Examination", "examine"]

Floats: TypeAlias = NDArray[np.float64]
MOST_SEEDS = 100_000
RESAMPLES = 9_999
POWER = 0.8


@dataclass(frozen=True)
class Examination:
    """What a sample says of a region; numbers are nan where the sample cannot be examined."""

    verdict: Verdict
    reason: str
    estimate: float = math.nan
    interval90: tuple[float, float] = (math.nan, math.nan)
    interval95: tuple[float, float] = (math.nan, math.nan)
    p_raw: float = math.nan
    p_permutation: float = math.nan
    detectable: float = math.nan
    seeds_to_settle: int | None = None


def examine(values: Floats, seeds: Sequence[int], region: Region, *, bias: float = 0.0) -> Examination:
    """Judge one number per seed, `values` (n,), against a region.

    Returns `invalid`, with the reason, for fewer than three seeds, repeated seeds, numbers that are not finite, or no variance.

    >>> examine(np.array([0.1, -0.2, 0.1, 0.0]), [1, 2, 3, 4], Region(-1, 1)).verdict
    <Verdict.SUPPORTED: 'supported'>
    """
    broken = _broken(values, seeds, bias)
    if broken:
        return Examination(INVALID, broken)
    interval90, interval95 = _interval(values, 0.10, bias), _interval(values, 0.05, bias)
    verdict = _verdict(region, interval90, interval95)
    more = _seeds_to_settle(values, region, bias) if verdict is INCONCLUSIVE else None
    return Examination(
        verdict,
        _reason(verdict, more, values, region, bias),
        float(values.mean()),
        interval90,
        interval95,
        _p_value(values, region, bias),
        _p_permutation(values, region, bias),
        _detectable(values, bias),
        more,
    )


# ---- the rule ------------------------------------------------------------------------------------------------


def _verdict(region: Region, interval90: tuple[float, float], interval95: tuple[float, float]) -> Verdict:
    if region.contains(*interval90):
        return SUPPORTED
    return REFUTED if region.misses(*interval95) else INCONCLUSIVE


def _broken(values: Floats, seeds: Sequence[int], bias: float) -> str:
    """Return why a sample cannot be examined, or nothing."""
    bad = [seed for seed, value in zip(seeds, values, strict=False) if not math.isfinite(value)]
    problems = {
        f"{len(values)} values came for {len(seeds)} seeds": len(values) != len(seeds),
        f"{len(values)} seeds are too few: a verdict needs at least 3": len(values) < 3,
        "some seeds occur twice, so the runs are not independent": len(set(seeds)) < len(seeds),
        f"seed {', '.join(map(str, bad[:3]))} gave no finite number ({len(bad)} of {len(values)} seeds)": bool(bad),
        "all seeds gave the same number, so nothing varied that should": len(values) > 0
        and not bad
        and bool(np.ptp(values) == 0),
        f"the estimated bias is {bias}": not math.isfinite(bias),
    }
    return next((sentence for sentence, holds in problems.items() if holds), "")


def _reason(verdict: Verdict, more: int | None, values: Floats, region: Region, bias: float) -> str:
    n = len(values)
    if verdict is SUPPORTED:
        return f"the 90 % interval over {n} seeds lies inside the region"
    if verdict is REFUTED:
        return f"the 95 % interval over {n} seeds lies wholly outside the region"
    if more is not None:
        return f"the interval over {n} seeds crosses an edge of the region; about {more} seeds would settle it"
    if bias >= region.room(float(values.mean())):
        return f"the estimated bias ({bias:.2g}) reaches an edge: longer trainings, not more seeds, would settle it"
    return f"the estimate lies on an edge of the region: {MOST_SEEDS} seeds would not settle it"


# ---- the statistics ------------------------------------------------------------------------------------------


def _interval(values: Floats, alpha: float, bias: float) -> tuple[float, float]:
    from statsmodels.stats.weightstats import DescrStatsW

    low, high = DescrStatsW(values).tconfint_mean(alpha)
    return float(low) - bias, float(high) + bias


def _p_value(values: Floats, region: Region, bias: float) -> float:
    """Return the larger of the one-sided p-values at the region's edges (TOST where it has two)."""
    from statsmodels.stats.weightstats import DescrStatsW

    described = DescrStatsW(values)
    tests = [(region.low + bias, "larger"), (region.high - bias, "smaller")]
    return max(float(described.ttest_mean(edge, side)[1]) for edge, side in tests if math.isfinite(edge))


def _p_permutation(values: Floats, region: Region, bias: float) -> float:
    """Return the same by flipping signs around each edge: all ways where they are few, else a fixed random choice of them."""
    from scipy.stats import permutation_test

    def p_value(edge: float, side: str) -> float:
        result = permutation_test(
            (values - edge,), np.mean, permutation_type="samples", alternative=side, n_resamples=RESAMPLES,
            vectorized=True, rng=np.random.default_rng(0),
        )  # fmt: skip
        return float(result.pvalue)

    tests = [(region.low + bias, "greater"), (region.high - bias, "less")]
    return max(p_value(edge, side) for edge, side in tests if math.isfinite(edge))


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def _detectable(values: Floats, bias: float) -> float:
    """Return how far beyond an edge a true value must lie to be refuted with probability 0.8."""
    from scipy.stats import t

    freedom = len(values) - 1
    return float(bias + (t.ppf(0.975, freedom) + t.ppf(POWER, freedom)) * _standard_error(values))


def _seeds_to_settle(values: Floats, region: Region, bias: float) -> int | None:
    """Return the number of seeds at which this mean and spread would settle the verdict, if any is enough."""
    from scipy.stats import t

    mean, spread = float(values.mean()), float(values.std(ddof=1))
    room = region.room(mean) - bias
    if room <= 0:
        return None
    level = 0.95 if region.contains(mean, mean) else 0.975
    counts = np.arange(len(values) + 1, MOST_SEEDS)
    enough = t.ppf(level, counts - 1) * spread / np.sqrt(counts) < room
    return int(counts[enough.argmax()]) if enough.any() else None
