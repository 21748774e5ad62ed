"""Alternating least squares reaches what the theorem of Eckart and Young allows, and no more."""

import numpy as np
import pytest

from models.lp.capacity import _case, eckart_young, fitted_residual

SEEDS = list(range(12))


def test_wide_networks_express_every_matrix():
    assert fitted_residual(SEEDS, surplus=0).max() < 1e-10
    assert fitted_residual(SEEDS, surplus=1).max() < 1e-10
    assert eckart_young(SEEDS, surplus=0).tolist() == [0.0] * len(SEEDS)


@pytest.mark.parametrize("surplus", [-1, -2])
def test_narrow_networks_leave_the_singular_values_beyond_their_width(surplus):
    fitted = fitted_residual(SEEDS, surplus=surplus)
    assert fitted.min() > 0.01
    np.testing.assert_allclose(fitted, eckart_young(SEEDS, surplus=surplus), rtol=1e-9)


@pytest.mark.parametrize("surplus", [0, -1, -2])
def test_the_narrowest_hidden_layer_is_as_narrow_as_asked_and_inputs_and_outputs_fit(surplus):
    for seed in SEEDS:
        target, (inputs, *hidden, outputs) = _case(seed, surplus)
        assert target.shape == (outputs, inputs)
        assert min(hidden) == min(inputs, outputs) + surplus
        assert np.linalg.matrix_rank(target) == min(inputs, outputs)


def test_cases_differ_in_depth_and_size():
    widths = [_case(seed, 0).widths for seed in SEEDS]
    assert {len(each) for each in widths} == {3, 4, 5}
    assert len({(each[0], each[-1]) for each in widths}) > 4
