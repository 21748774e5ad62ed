"""Plain descent in single precision, with the parameters stored or with the residual stored, and where rounding stops it.

A stored number moves only where the step is more than half the spacing of floating-point numbers there (its ulp). For a parameter
near y that spacing is fixed, so that descent stalls at eta |Delta|^(p-1) = ulp(m) / 2. A residual's own spacing shrinks with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import PLAIN, BesideTarget, LpRegression, StepSize, end_to_end

__all__ = ["SingleDescent", "single_descent", "stall_level"]

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class SingleDescent:
    """Where descents in single precision ended: arrays (seeds, 2), rates (seeds,).

    Attributes
    ----------
    parameters : m, the nearest single-precision numbers where the residual was stored
    error : |Delta|
    rates : eta
    moved : how far one more step would move the stored number, in its own spacings
    """

    parameters: Singles
    error: Floats
    rates: Floats
    moved: Floats


def stall_level(spacing: Floats, rates: Floats, p: float) -> Floats:
    """Return (ulp / (2 eta))^(1/(p-1)), the error below which a step is lost in rounding, for a stored number's spacing.

    >>> stall_level(np.array([2.0**-23]), np.array([0.25]), 3).round(6).tolist()
    [0.000488]
    """
    return (spacing / (2 * rates)) ** (1 / (p - 1))


def single_descent(
    problem: LpRegression, start: BesideTarget, seeds: Sequence[int], steps: int, *, stored: Literal["parameters", "residual"]
) -> SingleDescent:
    """Descend in float32 from a start, with the rates of `StepSize`, and return where it ended.

    Targets are rounded to float32 first, so that they can be reached.
    """
    targets = problem.targets(seeds).astype(np.float32)
    begun = end_to_end(start.factors(problem, PLAIN, seeds)).astype(np.float32)
    rates = StepSize().rates(problem, (begun - targets).astype(np.float64), seeds)
    eta, origin = rates.astype(np.float32)[:, None], targets if stored == "parameters" else np.zeros_like(targets)
    now = begun if stored == "parameters" else begun - targets
    for _ in range(steps):
        now = now - eta * _phi(now - origin, problem.p)
    after = now - eta * _phi(now - origin, problem.p)
    residual = now - origin
    moved = np.abs(after - now).astype(np.float64) / np.spacing(np.abs(now))
    return SingleDescent(targets + residual, np.abs(residual).astype(np.float64), rates, moved)


def _phi(residual: Singles, p: float) -> Singles:
    """Return sign(r) |r|^(p-1) in float32: products for whole p, which are faster than a power."""
    if p != int(p):
        power: Singles = np.abs(residual) ** np.float32(p - 2)
        return residual * power
    squared = residual * residual
    out = residual * np.abs(residual) if int(p) % 2 else residual
    for _ in range((int(p) - 2) // 2):
        out = out * squared
    return out
