"""The fused pooling gives torch's bits."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.pooling import pooled_relu

RNG = np.random.default_rng(9)


def separate(maps):
    return functional.relu(functional.max_pool2d(maps, 2))


def maps_of(*shape, ties=False):
    numbers = RNG.integers(-2, 3, shape) if ties else RNG.normal(size=shape)
    return torch.from_numpy(numbers.astype(np.float32))


def both(maps, gradient):
    found = []
    for pool in (pooled_relu, separate):
        leaf = maps.detach().clone(memory_format=torch.preserve_format).requires_grad_(True)
        pooled = pool(leaf)
        pooled.backward(gradient)
        found.append((pooled.detach(), leaf.grad))
    return found


def same(first, second):
    return torch.equal(first.nan_to_num(nan=7e7), second.nan_to_num(nan=7e7))


@pytest.mark.parametrize("shape", [(1, 1, 2, 2), (3, 24, 28, 28), (2, 5, 10, 6), (64, 64, 10, 10)])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_values_and_gradients_are_torchs_to_the_bit(shape, ties, layout):
    maps = maps_of(*shape, ties=ties).contiguous(memory_format=layout)
    gradient = maps_of(shape[0], shape[1], shape[2] // 2, shape[3] // 2)
    (pooled, slope), (expected, expected_slope) = both(maps, gradient)
    assert same(pooled, expected) and same(slope, expected_slope)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_goes_through_as_in_torch(place, bad):
    maps = maps_of(1, 2, 4, 4)
    maps[0, 0, place // 2, place % 2] = bad
    assert same(pooled_relu(maps), separate(maps))
    assert np.isnan(bad) == bool(pooled_relu(maps).isnan().any())


def test_negative_zero_and_zero_have_no_gradient():
    (_, slope), (_, expected) = both(torch.tensor([[[[0.0, -0.0], [-1.0, -2.0]]]]), torch.ones(1, 1, 1, 1))
    assert same(slope, expected) and slope.abs().sum() == 0


def test_double_precision_is_left_to_torch():
    maps = maps_of(1, 2, 4, 4).double()
    assert pooled_relu(maps).dtype == torch.float64 and torch.equal(pooled_relu(maps), separate(maps))


def test_gradient_that_is_not_contiguous_is_taken():
    maps, gradient = maps_of(2, 3, 4, 4), maps_of(2, 2, 2, 3).permute(0, 3, 1, 2)
    (_, slope), (_, expected) = both(maps, gradient)
    assert same(slope, expected)
