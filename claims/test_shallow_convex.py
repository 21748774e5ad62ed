"""Section 1: l_p regression without depth."""

import numpy as np

from evidence import claim
from models.lp.convexity import RandomRegression, chord_excess, curvature_deficit

EVEN, ABSOLUTE = (4, 6, 8), (2.5, 3, 5)
ROUNDING = 1e-12


@claim(
    "shallow-convex",
    "Section 1",
    position=130,
    family="theory",
    finding="Errata: the power must be that of the absolute value, |r|^p. The printed r^p is convex for even p alone; for "
    "odd p it is concave where a residual is negative and has no minimum, and for other p it is no number there. "
    "The target is M*x where M*y is printed, and the p-th power of a vector is read as the sum over its entries.",
    rewording="Realizable l_p regression, the minimum over M of E ‖Mx - M*x‖_p^p, is a convex problem.",
)
def test_shallow_convex(judge, budget):
    """Realizable l_p regression, the minimum over M of E (Mx - M*y)^p, is a convex problem.

    Scope: M*y read as M*x; p = 4, 6 and 8 as printed; p = 2.5, 3 and 5 with |r|^p in place of r^p; convexity alone, not that descent reaches M*,
    for which the inputs must span their space.

    Each seed draws eight inputs of three dimensions, M* with two outputs, and two points M, all normal. At the first point and
    its mirror image 2M* - M, so that every residual is met with either sign, the smallest eigenvalue of the Hessian (automatic
    differentiation in float64) must not be below zero: at standard budget 1,000 points for each p. Halfway between the points
    the loss must not lie above the mean of theirs. These are inequalities without noise: the largest violation over seeds and p
    is compared with a tolerance for rounding. The planted violation is the printed power at p = 3 and 5.
    """
    seeds = budget.seeds(smoke=50, standard=500, paper=5000)
    for name, powers in {"even p, as printed": EVEN, "absolute value": ABSOLUTE}.items():
        printed = powers is EVEN
        judge.exact(
            f"Hessian, {name}",
            _largest(curvature_deficit, powers, seeds, printed=printed),
            seeds,
            again=_largest(curvature_deficit, powers, seeds[::-1], printed=printed)[::-1],
            estimand="how far the Hessian's eigenvalues reach below zero, relative to the largest",
            tolerance=ROUNDING,
            planted=_odd(curvature_deficit, seeds),
        )
        judge.exact(
            f"chord, {name}",
            _largest(chord_excess, powers, seeds, printed=printed),
            seeds,
            again=_largest(chord_excess, powers, seeds[::-1], printed=printed)[::-1],
            estimand="how far the loss halfway between two points lies above the mean of theirs, relative",
            tolerance=ROUNDING,
            planted=_odd(chord_excess, seeds),
        )


def _largest(violation, powers, seeds, printed):
    return np.max([violation(RandomRegression(p=p, printed=printed), seeds) for p in powers], axis=0)


def _odd(violation, seeds):
    return np.min([violation(RandomRegression(p=p, printed=True), seeds) for p in (3, 5)], axis=0)
