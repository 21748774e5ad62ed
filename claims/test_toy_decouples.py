"""Section 2: the toy problem's coordinates, without depth and with it."""

import numpy as np

from evidence import claim
from models.lp import LpRegression
from models.lp.coupling import coupling, data_gap, mixed_curvature, predicted_coupling, step_coupling

POWERS = (2.5, 3, 4, 6, 8)
ROUNDING = 1e-12
ONE_STEP = 1e-4
"""A step is taken 1e-5 beside the solution, so that what it shows lies about that far from the solution's own coupling."""


@claim(
    "toy-decouples",
    "Section 2; appendix A; not a sentence of the report",
    position=200,
    family="theory",
    origin="ours",
    finding="With w = s·m the error obeys dΔ/d(ηt) = -K φ(Δ) with K = s² I + m m': besides the larger learning rate s² there "
    "is the term m m' of the same order, whose entry K₁₂ = y₁y₂/s² at the solution drives either coordinate by the other's "
    "error. Erratum: section 2 prints the data points as (0, 1) ↦ y₁ and (1, 0) ↦ y₂; the objective beside them belongs to "
    "(1, 0) ↦ y₁ and (0, 1) ↦ y₂.",
)
def test_toy_decouples(judge, budget):
    """Without depth the two coordinates of the toy problem are independent; depth couples them.

    Scope: the report's two data points, p = 2.5, 3, 4, 6 and 8 (the loss |r|^p), targets of size 1 to 2; scalar depth w = s·m
    at solutions with s of size 0.5 to 2.

    Derivatives are taken by automatic differentiation in float64. Without depth the mixed second derivative of the loss at a
    random point is zero. With the scalar, the derivatives of w = s·m at a random solution give K₁₂ = y₁y₂/s²; and one step of
    descent, from the solution with the second coordinate alone displaced, moves the first coordinate by -η K₁₂ φ(Δ₂). The
    objective is compared with the loss over the two data points. These are identities, not statistics: the largest deviation
    over seeds and p is compared with a tolerance. Planted violations: the data points as printed, inputs turned by 0.1 radians,
    a point 1 % off the solution, a step without depth.
    """
    seeds = budget.seeds(smoke=20, standard=100, paper=1000)
    judge.exact(
        "objective of the data points",
        _over_powers(_data, seeds),
        seeds,
        again=_over_powers(_data, seeds[::-1])[::-1],
        estimand="relative difference between the objective and the loss over (1, 0) ↦ y₁, (0, 1) ↦ y₂",
        tolerance=ROUNDING,
        planted=_over_powers(_data, seeds, np.min, swapped=True),
    )
    judge.exact(
        "without depth",
        _over_powers(mixed_curvature, seeds),
        seeds,
        again=_over_powers(mixed_curvature, seeds[::-1])[::-1],
        estimand="mixed second derivative of the loss, relative to the largest second derivative",
        tolerance=ROUNDING,
        planted=_over_powers(mixed_curvature, seeds, np.min, angle=0.1),
    )
    judge.exact(
        "with scalar depth",
        _over_powers(_solution, seeds),
        seeds,
        again=_over_powers(_solution, seeds[::-1])[::-1],
        estimand="relative deviation of K₁₂ at a solution from y₁y₂/s²",
        tolerance=ROUNDING,
        planted=_over_powers(_solution, seeds, np.min, off=1.01),
    )
    judge.exact(
        "one step of descent",
        _over_powers(_step, seeds),
        seeds,
        again=_over_powers(_step, seeds[::-1])[::-1],
        estimand="relative deviation of the K₁₂ that a step beside the solution shows from y₁y₂/s²",
        tolerance=ONE_STEP,
        planted=_over_powers(_step, seeds, np.min, depth=False),
    )


def _data(problem, seeds, swapped=False):
    return data_gap(problem, seeds, swapped=swapped)


def _solution(problem, seeds, off=1.0):
    return np.abs(coupling(problem, seeds, off=off) / predicted_coupling(problem, seeds) - 1)


def _step(problem, seeds, depth=True):
    return np.abs(step_coupling(problem, seeds, depth=depth) / predicted_coupling(problem, seeds) - 1)


def _over_powers(deviation, seeds, choose=np.max, **planted):
    return choose([deviation(LpRegression(p=p), seeds, **planted) for p in POWERS], axis=0)
