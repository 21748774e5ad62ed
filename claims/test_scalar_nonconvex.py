"""Section 1: one scalar makes l_p regression non-convex."""

import numpy as np

from evidence import claim
from models.lp import LpRegression
from models.lp.convexity import RandomRegression, solution_excess
from models.lp.landscape import hessian_eigenvalues

POWERS = (2.5, 3, 4, 6, 8)
ROUNDING = 1e-12


@claim(
    "scalar-nonconvex",
    "Section 1",
    position=140,
    family="theory",
    finding="At (s, m) = 0 the loss falls with curvature -‖v‖, v = φ(y), along s = m·v/‖v‖. And (s, M*/s) and (-s, -M*/s) are "
    "both solutions while the map halfway between them is zero: no convex function has that. The report prints M*y for the "
    "target M*x.",
)
def test_scalar_nonconvex(judge, budget):
    """Even adding depth via a scalar to this problem makes the problem non-convex in s and M.

    Scope: the loss |r|^p at p = 2.5, 3, 4, 6 and 8, which is the printed one for even p; targets other than zero.

    Two witnesses, both without noise. On the toy problem the smallest eigenvalue of the Hessian at s = 0, m = 0, by automatic
    differentiation in float64, is -‖v‖ with v = φ(y). On l_p regression with random inputs, halfway between two solutions of
    opposite signs the loss is that of the map zero, although it is zero at both ends. The largest relative deviation over seeds
    and p from these values is compared with a tolerance. Planted violation: the same problem without the scalar, which is
    convex.
    """
    seeds = budget.seeds(smoke=20, standard=100, paper=1000)
    judge.exact(
        "curvature at zero",
        _curvature(seeds),
        seeds,
        again=_curvature(seeds[::-1])[::-1],
        estimand="deviation of the smallest eigenvalue of the Hessian at zero from -‖v‖, relative to ‖v‖",
        tolerance=ROUNDING,
        planted=_curvature(seeds, np.min, layers=1),
    )
    judge.exact(
        "between two solutions",
        _chord(seeds),
        seeds,
        again=_chord(seeds[::-1])[::-1],
        estimand="deviation of the excess of the loss halfway between two solutions from the loss of the map zero, relative to it",
        tolerance=ROUNDING,
        planted=_chord(seeds, np.min, scalar=False),
    )


def _curvature(seeds, choose=np.max, layers=2):
    smallest = [hessian_eigenvalues(LpRegression(p=p), seeds, 0.0, layers)[:, 0] for p in POWERS]
    return choose(np.abs(np.array(smallest) + 1), axis=0)


def _chord(seeds, choose=np.max, scalar=True):
    return choose([np.abs(solution_excess(RandomRegression(p=p), seeds, scalar=scalar) - 1) for p in POWERS], axis=0)
