"""The compiled convolution computes what torch's operations do, and every member for itself."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.convolution import pooled_convolution

LENET5_FIRST = {"side": 28, "channels": 1, "outputs": 6, "padding": 2}
LENET5_SECOND = {"side": 14, "channels": 6, "outputs": 16}
BITS = """
import sys
import models.convolution_kernels as kernels
from tests.models.test_convolution import digests

kernels.HERE = kernels.Registers(*map(int, sys.argv[1:]))
print(*digests())
"""
SMALL = {"side": 8, "channels": 2, "outputs": 3, "size": 3, "batch": 16, "members": 1}


def inputs(*, members=2, batch=16, side=28, channels=1, outputs=6, size=5, integers=False, seed=3):
    """Draw maps, weight and bias in float32; from few integers, sums have many ties."""
    rng = np.random.default_rng(seed)
    shapes = (members, batch, side, side, channels), (members * outputs, channels, size, size), (members * outputs,)
    draws = [rng.integers(-1, 2, shape) if integers else rng.normal(size=shape) for shape in shapes]
    return [torch.from_numpy(draw.astype(np.float32)) for draw in draws]


def separate(maps, weight, bias, padding=0):
    """Compute the same, member by member, with torch's operations."""
    members = []
    for own, kernels, shift in zip(maps, weight.chunk(len(maps)), bias.chunk(len(maps)), strict=True):
        sums = functional.conv2d(own.permute(0, 3, 1, 2), kernels, shift, padding=padding)
        members.append(functional.relu(functional.max_pool2d(sums, 2)).permute(0, 2, 3, 1))
    return torch.stack(members)


def value_and_gradients(operation, tensors, padding=0, slope=None):
    """Return the result and the gradients of maps, weight and bias, from a gradient of the result that is drawn or given."""
    leaves = [tensor.detach().clone().requires_grad_(True) for tensor in tensors]
    result = operation(*leaves, padding)
    if slope is None:
        slope = torch.randn(result.shape, generator=torch.Generator().manual_seed(1))
    result.backward(slope.to(result.dtype))
    return [result.detach(), *(leaf.grad for leaf in leaves)]


def in_double(tensors):
    return [tensor.double() for tensor in tensors]


def same(first, second):
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


# ---- against torch ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(LENET5_FIRST, id="LeNet-5, first"),
        pytest.param(LENET5_SECOND, id="LeNet-5, second"),
        pytest.param({"outputs": 32, "padding": 2, "members": 1}, id="tutorial, first"),
        pytest.param({"side": 14, "channels": 32, "outputs": 64, "padding": 2, "members": 1}, id="tutorial, second"),
        pytest.param(LENET5_SECOND | {"batch": 1, "members": 3}, id="batch of 1"),
        pytest.param(LENET5_FIRST | {"batch": 33}, id="batch of 33"),
        pytest.param({"side": 5, "channels": 3, "outputs": 7, "size": 4, "batch": 5}, id="even kernel, prime channels"),
        pytest.param({"side": 2, "channels": 40, "outputs": 5, "size": 1}, id="kernel of one pixel"),
        pytest.param({"side": 8, "channels": 4, "outputs": 20, "size": 3, "padding": 3}, id="padding as wide as the kernel"),
    ],
)
def test_values_and_gradients_are_those_of_torch_in_double_precision(shape):
    padding = shape.get("padding", 0)
    tensors = inputs(**{name: value for name, value in shape.items() if name != "padding"})
    found = value_and_gradients(pooled_convolution, tensors, padding)
    expected = value_and_gradients(separate, in_double(tensors), padding)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.float32
        assert (one - other).abs().max() < 3e-6 * other.abs().max()


@pytest.mark.parametrize("shape", [LENET5_FIRST, LENET5_SECOND], ids=["first", "second"])
def test_where_sums_tie_the_first_takes_the_gradient_as_in_torch(shape):
    padding = shape.get("padding", 0)
    tensors = inputs(**{name: value for name, value in shape.items() if name != "padding"}, integers=True)
    slope = torch.randint(-3, 4, pooled_convolution(*tensors, padding).shape, generator=torch.Generator().manual_seed(2))
    found = value_and_gradients(pooled_convolution, tensors, padding, slope)
    assert same(found, value_and_gradients(separate, tensors, padding, slope))  # small integers are exact in any order


def test_cut_maps_have_no_gradient():
    maps, weight, bias = inputs(**SMALL)
    result, *gradients = value_and_gradients(pooled_convolution, [maps, weight, bias - 1000])
    assert not result.any() and not any(gradient.any() for gradient in gradients)


def test_a_sum_of_exactly_zero_has_no_gradient():
    maps, weight, bias = inputs(**SMALL)
    _, *gradients = value_and_gradients(pooled_convolution, [maps, weight * 0, bias * 0])
    assert not any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1), (4, 5)])
def test_what_is_not_finite_goes_through_as_in_torch(bad, place):
    maps, weight, bias = inputs(**SMALL)
    maps[0, 3][(*place, 0)] = bad
    found, expected = (operation(maps, weight, bias, 1) for operation in (pooled_convolution, separate))
    assert torch.equal(found.isnan(), expected.isnan()) and torch.equal(found.isinf(), expected.isinf())
    assert found.isnan().any() == np.isnan(bad)
    torch.testing.assert_close(found, expected, equal_nan=True)


def test_a_gradient_that_is_not_finite_stays_in_its_sample_and_reaches_the_weights():
    tensors, slope = inputs(**SMALL), torch.ones(1, 16, 3, 3, 3)
    slope[0, 5] = np.nan
    _, maps_slope, weight_slope, _ = value_and_gradients(pooled_convolution, tensors, slope=slope)
    assert maps_slope[0, 5].isnan().any() and weight_slope.isnan().any()
    assert not torch.cat([maps_slope[0, :5], maps_slope[0, 6:]]).isnan().any()


def test_gradients_of_the_maps_are_spared_where_nobody_wants_them():
    maps, weight, bias = inputs(**SMALL)
    leaf = weight.clone().requires_grad_(True)
    pooled_convolution(maps, leaf, bias).sum().backward()
    assert maps.grad is None
    assert torch.equal(
        leaf.grad, value_and_gradients(pooled_convolution, [maps, weight, bias], slope=torch.ones(1, 16, 3, 3, 3))[2]
    )


# ---- members, repetitions, threads ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [LENET5_FIRST, LENET5_SECOND], ids=["first", "second"])
def test_a_member_gets_the_same_bits_alone_and_in_an_ensemble(shape):
    padding = shape.get("padding", 0)
    maps, weight, bias = inputs(**{name: value for name, value in shape.items() if name != "padding"}, members=3)
    slope = torch.randn(pooled_convolution(maps, weight, bias, padding).shape, generator=torch.Generator().manual_seed(4))
    together = value_and_gradients(pooled_convolution, [maps, weight, bias], padding, slope)
    for member in range(3):
        own = [maps[member : member + 1], weight.chunk(3)[member], bias.chunk(3)[member]]
        alone = value_and_gradients(pooled_convolution, own, padding, slope[member : member + 1])
        assert same(alone, [tensor.chunk(3)[member] for tensor in together])


def test_what_is_not_finite_stays_in_its_member():
    maps, weight, bias = inputs(**SMALL | {"members": 3})
    maps[1] = np.nan
    result, maps_slope, weight_slope, bias_slope = value_and_gradients(pooled_convolution, [maps, weight, bias])
    assert [part.isnan().all().item() for part in (*result, *weight_slope.chunk(3))] == [False, True, False] * 2
    assert not any(tensor[others].isnan().any() for tensor in (result, maps_slope) for others in (0, 2))
    assert not any(tensor.chunk(3)[others].isnan().any() for tensor in (weight_slope, bias_slope) for others in (0, 2))


def test_the_same_inputs_give_the_same_bits_again_and_in_threads_side_by_side():
    tensors = inputs(**LENET5_SECOND, batch=32)
    first = value_and_gradients(pooled_convolution, tensors)
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda _: value_and_gradients(pooled_convolution, tensors), range(6)))
    assert all(same(first, each) for each in again)


def test_a_sample_gets_the_same_bits_in_a_batch_of_any_size():
    maps, weight, bias = inputs(**LENET5_SECOND, batch=21)
    whole = pooled_convolution(maps, weight, bias)
    assert torch.equal(pooled_convolution(maps[:, 4:11], weight, bias), whole[:, 4:11])


@pytest.mark.slow
@pytest.mark.parametrize("registers", [(16, 32, 1), (8, 16, 0)], ids=["AVX-512", "AVX2"])
def test_every_processor_gets_the_same_bits(registers, tmp_path):
    command = [sys.executable, "-c", BITS, *map(str, registers)]
    there = subprocess.run(
        command, env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}, capture_output=True, text=True, check=True
    ).stdout.split()
    assert there == digests() and len(set(there)) == 12


def digests():
    """Return digests of results and of gradients, for several shapes."""
    found = []
    for shape in (LENET5_FIRST, LENET5_SECOND, SMALL):
        tensors = inputs(**{name: value for name, value in shape.items() if name != "padding"})
        found += value_and_gradients(pooled_convolution, tensors, shape.get("padding", 0))
    return [hashlib.sha256(each.contiguous().numpy()).hexdigest() for each in found]


# ---- what is taken ----------------------------------------------------------------------------------------------


def test_memory_may_lie_in_any_order():
    maps, weight, bias = inputs(**SMALL)
    crossed = maps.transpose(2, 3).contiguous().transpose(2, 3)
    slope = torch.randn(1, 3, 16, 3, 3, generator=torch.Generator().manual_seed(5)).permute(0, 2, 3, 4, 1)
    found = value_and_gradients(pooled_convolution, [crossed, weight, bias], slope=slope)
    assert same(found, value_and_gradients(pooled_convolution, [maps, weight, bias], slope=slope.contiguous()))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        pytest.param({}, torch.float64, id="double precision"),
        pytest.param({"side": 9}, torch.float32, id="an odd number of sums"),
        pytest.param({"side": 10, "size": 4}, torch.float32, id="an odd number of sums, even kernel"),
    ],
)
def test_other_tensors_are_left_to_torch(change, kind):
    tensors = [tensor.to(kind) for tensor in inputs(**SMALL | {"members": 2} | change)]
    found = value_and_gradients(pooled_convolution, tensors)
    assert found[0].dtype == kind
    for one, other in zip(found, value_and_gradients(separate, tensors), strict=True):
        torch.testing.assert_close(one, other)


def test_kernels_that_are_not_square_are_left_to_torch():
    maps, weight, bias = inputs(**SMALL)
    flat = weight[:, :, :1]
    torch.testing.assert_close(pooled_convolution(maps, flat, bias), separate(maps, flat, bias))


def test_without_gradients_nothing_is_kept():
    tensors = [tensor.requires_grad_(True) for tensor in inputs(**SMALL)]
    with torch.inference_mode():
        assert pooled_convolution(*tensors).grad_fn is None


def test_a_second_derivative_is_refused():
    tensors = [tensor.requires_grad_(True) for tensor in inputs(**SMALL)]
    (slope,) = torch.autograd.grad(pooled_convolution(*tensors).square().sum(), tensors[1], create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        slope.sum().backward()


def test_importing_the_networks_imports_no_numba():
    code = "import sys, models.networks; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
