"""The steps of the appendix's proof of Lemma 2.1, as numbers: its expansion, its induction, and the sum that proves the lemma."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.streams import stream

__all__ = ["drawn_rates", "expansion_remainder", "recursion_exponent", "telescoped_growth"]

Floats: TypeAlias = NDArray[np.float64]


def expansion_remainder(seeds: Sequence[int], factor: float) -> Floats:
    """Return what 1 - factor / ((p-2)(t+1)) leaves of (1 - 1/(t+1))^(1/(p-2)), times (t+1)^2 / max(1, q^2), (seeds,).

    Bounded for all t where the remainder is O(1/t^2), by 1/2 with the right factor: it is q (q - 1) / 2 then, with
    q = 1/(p-2). Each seed draws p from 2.1 to 10 and t from 10^4 to 10^6.

    >>> bool(expansion_remainder([0, 1], factor=1).max() < 0.51), bool(expansion_remainder([0, 1], factor=0.5).min() > 100)
    (True, True)
    """
    p = 2 + _log_uniform(seeds, "power", 0.1, 8.0)
    t, q = _log_uniform(seeds, "time", 1e4, 1e6), 1 / (p - 2)
    # 1 - (1 - 1/(t+1))^q without cancellation.
    fallen = -np.expm1(q * np.log1p(-1 / (t + 1)))
    return np.abs(factor * q / (t + 1) - fallen) * (t + 1) ** 2 / np.maximum(1.0, q**2)


def drawn_rates(seeds: Sequence[int], p: float) -> Floats:
    """Return each seed's c for Delta (1 - c/t): a quarter to a half of 1/(p-2), or two to four times that, (seeds,)."""
    sides = np.array([stream(seed, "side").choice([-1.0, 1.0]) for seed in seeds])
    return _log_uniform(seeds, "rate", 2.0, 4.0) ** sides / (p - 2)


def recursion_exponent(rates: Floats, last: int = 30_000) -> Floats:
    """Return the exponent against t of Delta(t+1) = Delta(t) (1 - c/t) over the last decade, for each c, (n,).

    >>> recursion_exponent(np.array([0.5, 2.0])).round(2).tolist()
    [-0.5, -2.0]
    """
    times = np.arange(last // 10, last)
    fallen = np.array([np.log1p(-rate / times).sum() for rate in rates])
    return fallen / np.log(last / times[0])


def telescoped_growth(first: Floats, final: Floats, rates: Floats, steps: float, p: float, power: float) -> Floats:
    """Return (u_T - u_0) / ((p-2) eta T) for u = |Delta|^-power, given errors at both ends, (seeds,).

    With power p - 2 a step adds u ((1 - eta/u)^-(p-2) - 1) to u: never less than (p-2) eta (Bernoulli's inequality), and as
    little as that in the limit.
    """
    return (np.abs(final) ** -power - np.abs(first) ** -power) / ((p - 2) * rates * steps)


def _log_uniform(seeds: Sequence[int], name: str, low: float, high: float) -> Floats:
    return np.exp([stream(seed, name).uniform(np.log(low), np.log(high)) for seed in seeds])
