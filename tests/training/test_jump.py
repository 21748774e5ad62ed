"""A jump lands where the steps lead."""

import numpy as np
import pytest

from models.lp import PLAIN
from training import jump as module
from training.jump import jump, largest
from training.kernels import descend

POWERS = [2.1, 2.5, 3, 4, 5, 6, 7.3, 8, 12, 20]
RATES = np.array([0.3, 0.02, 5.0])


def small(p, share=0.999):
    """Return residuals (1, 3) of both signs whose eta |Delta|^(p-2) is a share of the largest from which to jump."""
    x = share * largest(p)
    return (x / RATES) ** (1 / (p - 2)) * np.array([[1, -1, 1]])


@pytest.mark.parametrize("p", POWERS)
def test_a_jump_lands_where_as_many_steps_lead(p):
    start = small(p)
    stepped = descend(PLAIN, p, [], np.repeat(start.T, 2, axis=1), RATES, np.array([1, 10, 1000, 100_000])).residual[:, :1]
    for record, steps in enumerate([1, 10, 1000, 100_000]):
        np.testing.assert_allclose(jump(start, RATES, steps, p), stepped[record], rtol=2e-12)


@pytest.mark.parametrize("p", POWERS)
def test_two_jumps_make_one(p):
    start = small(p)
    np.testing.assert_allclose(jump(jump(start, RATES, 1e6, p), RATES, 1e9, p), jump(start, RATES, 1e6 + 1e9, p), rtol=1e-13)


@pytest.mark.parametrize("p", POWERS)
def test_no_steps_lead_nowhere(p):
    np.testing.assert_allclose(jump(small(p), RATES, 0, p), small(p), rtol=1e-13)


@pytest.mark.parametrize("p", [4, 6])
def test_a_jump_obeys_the_law_of_the_lemma_at_any_distance(p):
    found = jump(small(p), RATES, 1e15, p)
    np.testing.assert_allclose(np.abs(found) * ((p - 2) * RATES * 1e15) ** (1 / (p - 2)), 1, rtol=1e-9)


@pytest.mark.parametrize("p", POWERS)
def test_the_series_solves_abels_equation_as_well_as_its_terms_allow(p):
    x, q = largest(p), p - 2
    gained = module._abel(np.log(x * (1 - x) ** q), q) - module._abel(np.log(x), q)
    assert gained == pytest.approx(1, abs=1e-11)  # of the 10 to 1000 that A itself is


def test_the_leading_coefficients_follow_by_hand():
    """For q = 1, x' = x - x^2: 1/x' = 1/x + 1 + x + x^2 + ... and ln x' = ln x - x - x^2/2 - ... leave x^2/2 to a_1."""
    np.testing.assert_allclose(module._coefficients(1.0)[:5], [0, 1 / 2, 1 / 3, 13 / 36, 113 / 240], rtol=1e-13)


def test_where_the_series_is_not_exact_a_jump_is_refused():
    far = np.array([[(1.01 * largest(4) / 0.3) ** 0.5, 1e-3]])
    assert np.isnan(jump(far, np.array([0.3, 0.3]), 10, 4)).tolist() == [[True, False]]


def test_what_is_not_finite_stays_so_and_zero_stays_zero():
    found = jump(np.array([[np.nan, np.inf, 0.0]]), np.full(3, 0.1), 10, 4)
    assert np.isnan(found[0, :2]).all()
    assert found[0, 2] == 0


@pytest.mark.parametrize(("p", "residual"), [(4, 1e-155), (6, 1e-80), (8, -1e-60), (14, 1e-30)])
def test_what_no_step_can_move_stays(p, residual):
    assert jump(np.array([[residual]]), np.array([0.1]), 1e12, p)[0, 0] == residual
