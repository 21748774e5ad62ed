"""Appendix A, figure: the saddle."""

import numpy as np
import pytest

from evidence import claim
from models.lp import SCALAR_DEPTH, AtZero, LpRegression, NearZero, StepSize
from models.lp.landscape import critical_gradient, hessian_eigenvalues, hessian_norm, predicted_eigenvalues
from models.lp.saddle import leading_change, set_eigenvalues, set_eigenvalues_predicted
from training import Descent

PROBLEM = LpRegression(p=4)
ROUNDING = 1e-12


@claim(
    "saddle-at-zero",
    "Appendix A, figure",
    position=320,
    family="theory",
    finding="The saddle is no single point: every s = 0 with m perpendicular to φ(y) is critical, and the Hessian has an "
    "eigenvalue above zero and one below everywhere on that set. With N ≥ 3 layers the Hessian at zero vanishes, so "
    "that second derivatives show no saddle there; zero still is one, since the loss falls by ‖v‖ hᴺ along one "
    "diagonal and rises by as much along another.",
    rewording="Zero is one of a set of saddle points: every s = 0 with m perpendicular to φ(y).",
)
@pytest.mark.parametrize("part", ["gradient", "hessian", "set", "convergence", "deeper", "flat", "stays"])
def test_saddle_at_zero(part, train, judge, budget):
    """There is a saddle point at 0.

    Scope: scalar depth at (s, m) = 0 for targets other than zero, p = 4; three and four layers for the Hessian and the loss at
    zero.

    Derivatives of the loss are taken by automatic differentiation in float64 and compared with the closed form at random
    targets: the gradient is zero at zero and everywhere on s = 0, m ⟂ v with v = φ(y); the Hessian at zero has the eigenvalues
    ‖v‖, -‖v‖ and 0, and on the critical set (c ± √(c² + 4‖v‖²))/2 and 0 with c = (p-1) Σ |yᵢ|^(p-2) mᵢ²; moving away from zero
    by h, its eigenvalues change like h² (a test of the derivatives more than of the finding), so that the rising and the falling
    direction stay around it. With three and four
    layers the loss at h along the diagonals is compared with ∓‖v‖ hᴺ. Descent started exactly at zero stays. These are
    identities, not statistics: the largest deviation is compared with a tolerance. Deviations are relative to ‖v‖.
    """
    seeds = budget.seeds(smoke=20, standard=100, paper=1000)
    judged = {
        "gradient": _gradient, "hessian": _hessian, "set": _set, "convergence": _convergence, "deeper": _deeper, "flat": _flat,
    }  # fmt: skip
    if part == "stays":
        _stays(judge, train, seeds)
    else:
        judged[part](judge, seeds)


def _gradient(judge, seeds):
    judge.exact(
        "gradient",
        critical_gradient(PROBLEM, seeds, tilt=0.0),
        seeds,
        again=critical_gradient(PROBLEM, seeds[::-1], tilt=0.0)[::-1],
        estimand="largest gradient at zero and at s = 0, m perpendicular to v, relative to the slope along m = v",
        tolerance=ROUNDING,
        planted=critical_gradient(PROBLEM, seeds, tilt=0.01),
    )


def _hessian(judge, seeds):
    def away(h, seeds):
        return np.abs(hessian_eigenvalues(PROBLEM, seeds, h) - predicted_eigenvalues(PROBLEM, seeds)).max(axis=1)

    judge.exact(
        "Hessian",
        away(0.0, seeds),
        seeds,
        again=away(0.0, seeds[::-1])[::-1],
        estimand="largest deviation of the eigenvalues at zero from ‖v‖, 0 and -‖v‖, relative to ‖v‖",
        tolerance=ROUNDING,
        planted=away(0.1, seeds),
    )


def _set(judge, seeds):
    def off(seeds, tilt=0.0):
        return np.abs(set_eigenvalues(PROBLEM, seeds, tilt) - set_eigenvalues_predicted(PROBLEM, seeds)).max(axis=1)

    judge.exact(
        "Hessian on the critical set",
        off(seeds),
        seeds,
        again=off(seeds[::-1])[::-1],
        estimand="largest deviation of the eigenvalues at s = 0, m perpendicular to v, from the closed form, relative to ‖v‖",
        tolerance=ROUNDING,
        planted=off(seeds, tilt=0.1),
    )


def _convergence(judge, seeds):
    def order(first, second, seeds=seeds, linear=0.0):
        near, far = (
            np.abs(hessian_eigenvalues(PROBLEM, seeds, h) + linear * h - predicted_eigenvalues(PROBLEM, seeds)).max(axis=1)
            for h in (first, second)
        )
        return np.log(far / near) / np.log(second / first)

    judge.exact(
        "convergence",
        order(1e-4, 1e-3) - 2,
        seeds,
        again=order(1e-4, 1e-3, seeds[::-1])[::-1] - 2,
        estimand="order at which the eigenvalues approach the closed form, minus 2",
        tolerance=0.05,
        planted=order(1e-4, 1e-3, linear=1.0) - 2,
    )


def _deeper(judge, seeds):
    def largest(seeds):
        return np.maximum(hessian_norm(PROBLEM, 3, seeds), hessian_norm(PROBLEM, 4, seeds))

    judge.exact(
        "three and four layers",
        largest(seeds),
        seeds,
        again=largest(seeds[::-1])[::-1],
        estimand="largest entry of the Hessian at zero with three and four layers, relative to ‖v‖",
        tolerance=ROUNDING,
        planted=hessian_norm(PROBLEM, 2, seeds),
    )


def _flat(judge, seeds):
    def off(seeds, distance=1e-3):
        each = [
            leading_change(PROBLEM, layers, seeds, distance=distance, falling=falling) + (1 if falling else -1)
            for layers in (3, 4)
            for falling in (True, False)
        ]
        return np.abs(each).max(axis=0)

    judge.exact(
        "falls and rises with three and four layers",
        off(seeds),
        seeds,
        again=off(seeds[::-1])[::-1],
        estimand="largest deviation of the change of the loss at h = 0.001 along the diagonals from ∓‖v‖ hᴺ, relative to it",
        tolerance=1e-6,
        planted=off(seeds, distance=0.3),
    )


def _stays(judge, train, seeds):
    starts = (AtZero(), NearZero(scale=1e-3))
    arms = [Descent(PROBLEM, SCALAR_DEPTH, start, StepSize(layers=2), steps=10_000) for start in starts]
    at_zero, beside = train(*arms, seeds=seeds)
    again = train(arms[0], seeds=seeds[::-1])

    def change(runs):
        return np.abs(runs.error / runs.error[:, :1] - 1).max(axis=1)

    judge.exact(
        "descent from zero stays",
        change(at_zero),
        seeds,
        again=change(again)[::-1],
        estimand="largest relative change of the error in 10,000 steps from exactly zero",
        tolerance=ROUNDING,
        planted=change(beside),
    )
