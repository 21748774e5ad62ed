"""What a sample of a size can see: detectable effects, seeds that settle a verdict, seeds that a plan needs.

Power is that of one one-sided t-test, from the noncentral t distribution.
"""

import math

__all__ = ["MOST_SEEDS", "POWER", "detectable", "seeds_for", "spread_limit"]

POWER = 0.8
MOST_SEEDS = 100_000
MOST_SPREADS = 1e6
"""A room of so many standard deviations needs no more seeds than the fewest."""


def detectable(standard_error: float, freedom: float, *, level: float = 0.025, power: float = POWER) -> float:
    """Return how far beyond an edge a true value must lie to be found there with a probability.

    >>> round(detectable(1.0, 1e6), 3)  # normal: 1.960 + 0.842
    2.802
    """
    from scipy.special import nctdtrinc
    from scipy.stats import t

    return float(nctdtrinc(freedom, 1 - power, t.isf(level, freedom))) * standard_error


def seeds_for(room: float, spread: float, *, level: float, power: float = POWER, at_least: int = 3) -> int | None:
    """Return the fewest seeds at which a true value `room` inside an edge is found inside with a probability; None for too many.

    `spread` is the standard deviation over seeds; `level` is 0.05 to support (90 % interval) and 0.025 to refute (95 %).

    >>> seeds_for(1.0, 1.0, level=0.05)
    8
    """
    if not room > 0 or not math.isfinite(spread):
        return None
    if not room / MOST_SPREADS < spread:
        return at_least
    low, high = at_least - 1, at_least
    while _power(high, room / spread, level) < power:
        low, high = high, 2 * high
        if high > 2 * MOST_SEEDS:
            return None
    while high - low > 1:  # power grows with the number of seeds
        middle = (low + high) // 2
        low, high = (low, middle) if _power(middle, room / spread, level) >= power else (middle, high)
    return high if high <= MOST_SEEDS else None


def spread_limit(spread: float, n: int, *, confidence: float = 0.8) -> float:
    """Return an upper confidence limit for the standard deviation that n numbers showed as `spread`.

    A plan made with it from a small pilot is rarely too small: R. H. Browne, On the use of a pilot sample for sample size
    determination, Statistics in Medicine 14 (1995) 1933-1940.

    >>> round(spread_limit(1.0, 5), 2)
    1.56
    """
    from scipy.stats import chi2

    return spread * math.sqrt((n - 1) / float(chi2.ppf(1 - confidence, n - 1)))


def _power(n: int, effect: float, level: float) -> float:
    """Return the probability that the one-sided t-test of n numbers finds an effect, in standard deviations."""
    from scipy.special import nctdtr
    from scipy.stats import norm, t

    critical, shift = float(t.isf(level, n - 1)), effect * math.sqrt(n)
    if shift > 30:  # certain; the noncentral distribution loses its footing there
        return 1.0
    found = 1 - float(nctdtr(n - 1, shift, critical))
    return found if math.isfinite(found) else float(norm.sf(critical - shift))
