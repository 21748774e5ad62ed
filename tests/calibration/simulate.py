"""Experiments with a known truth, thousands at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Floats = NDArray[np.float64]

MANY, SOME = 20_000, 4_000
DOUBT = 1e-5
"""How rarely a binomial tolerance may fail a sound referee: a session makes a few hundred such checks."""


def noise(name: str, shape: tuple[int, ...], seed: int) -> Floats:
    """Return numbers of mean zero and standard deviation one."""
    rng = np.random.default_rng([seed, *shape])
    if name == "normal":
        return rng.normal(size=shape)
    if name == "t_3":
        return rng.standard_t(3, size=shape) / np.sqrt(3.0)
    sigma = {"log-normal, spread 25 %": 0.25, "log-normal, spread 130 %": 1.0}[name]
    mean, variance = np.exp(sigma**2 / 2), (np.exp(sigma**2) - 1) * np.exp(sigma**2)
    return (rng.lognormal(sigma=sigma, size=shape) - mean) / np.sqrt(variance)


def at_most(hits: int, experiments: int, limit: float) -> bool:
    """Tell whether a count is no more than a rate of `limit` may give by chance."""
    return hits <= binom.isf(DOUBT, experiments, limit)


def at_least(hits: int, experiments: int, limit: float) -> bool:
    """Tell whether a count is no less than a rate of `limit` may give by chance."""
    return hits >= binom.ppf(DOUBT, experiments, limit)
