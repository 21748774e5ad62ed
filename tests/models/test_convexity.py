"""The Hessians agree with finite differences; convex losses show no violation, and non-convex ones do."""

import numpy as np
import pytest

from models.lp.convexity import RandomRegression, _hessians, chord_excess, curvature_deficit, solution_excess

SEEDS = list(range(20))


@pytest.mark.parametrize(("p", "printed"), [(4, True), (3, True), (3, False), (2.5, False)])
def test_the_hessian_agrees_with_differences_of_the_loss(p, printed):
    problem, h = RandomRegression(p=p, printed=printed), 1e-3
    inputs, solutions = problem.inputs([3]), problem.solutions([3])
    at = solutions + 1.0

    def loss(offset):
        return problem.loss(at + offset.reshape(1, 2, 3), inputs, solutions)[0]

    units = h * np.eye(6)
    theirs = [
        [(loss(a + b) - loss(a - b) - loss(b - a) + loss(-a - b)) / (4 * h**2) for a in units] for b in units
    ]  # fmt: skip
    ours = _hessians(problem, [3], at)[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-3 * np.abs(ours).max())


@pytest.mark.parametrize(("p", "printed"), [(2, True), (4, True), (8, True), (2.5, False), (3, False), (5, False)])
def test_even_and_absolute_powers_are_convex(p, printed):
    problem = RandomRegression(p=p, printed=printed)
    assert curvature_deficit(problem, SEEDS).max() < 1e-12
    assert chord_excess(problem, SEEDS).max() < 1e-12


@pytest.mark.parametrize("p", [3, 5])
def test_printed_odd_powers_are_not(p):
    problem = RandomRegression(p=p, printed=True)
    assert curvature_deficit(problem, SEEDS).min() > 0.1
    assert chord_excess(problem, SEEDS).min() > 0


def test_a_printed_power_that_is_not_whole_is_refused():
    with pytest.raises(ValueError, match=r"r\^2\.5 is not a number for negative r"):
        RandomRegression(p=2.5, printed=True)


def test_the_loss_is_zero_at_the_solution_alone():
    problem = RandomRegression(p=4)
    inputs, solutions = problem.inputs(SEEDS), problem.solutions(SEEDS)
    assert problem.loss(solutions, inputs, solutions).max() == 0
    assert problem.loss(solutions + 0.1, inputs, solutions).min() > 0


@pytest.mark.parametrize("p", [2, 3, 4])
def test_the_scalar_puts_a_hill_between_two_solutions_and_regression_alone_does_not(p):
    problem = RandomRegression(p=p)
    np.testing.assert_allclose(solution_excess(problem, SEEDS, scalar=True), 1, rtol=1e-12)
    np.testing.assert_allclose(solution_excess(problem, SEEDS, scalar=False), 1 - 2.0 ** (p - 1), rtol=1e-12)
