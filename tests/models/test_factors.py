"""Factors multiply to the matrix they were made from, start as they say, and move their product as the kernel predicts."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from models.factors import balanced, factor_shapes, matched, mean_eigenvalue, orthogonal, product, published
from models.streams import stream, truncated_normal

EXACT = {
    "matched": matched,
    "balanced": balanced,
    "orthogonal": lambda weight, count, inner: orthogonal(weight, count, inner, [f"Q{j}" for j in range(count)], [3, 4]),
}
starts = pytest.mark.parametrize("start", EXACT.values(), ids=EXACT.keys())
counts = pytest.mark.parametrize("count", [2, 3, 4])
shapes = pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6)], ids=["wide", "tall", "square"])


def weights(shape, dtype=torch.float32):
    return torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (2, *shape))).to(dtype)


def identity(size):
    return torch.eye(size, dtype=torch.float64)


# ---- starts that split a matrix ---------------------------------------------------------------------------------


@starts
@counts
@shapes
@pytest.mark.parametrize("more", [0, 3])
def test_factors_multiply_to_the_matrix(start, count, shape, more):
    weight, inner = weights(shape), shape[0] + more
    factors = start(weight, count, inner)
    assert [tuple(factor.shape) for factor in factors] == factor_shapes((2, *shape), count, inner)
    assert {factor.dtype for factor in factors} == {torch.float32}
    torch.testing.assert_close(product(factors), weight, rtol=0, atol=2e-7)


@counts
@pytest.mark.parametrize("more", [0, 3])
def test_the_matched_product_is_the_matrix_bit_by_bit(count, more):
    assert torch.equal(product(matched(weights((5, 9)), count, 5 + more)), weights((5, 9)))


def test_matched_factors_are_the_matrix_and_identities():
    first, second, third = matched(weights((5, 9)), 3, 5)
    assert torch.equal(first, weights((5, 9)))
    assert all(torch.equal(factor, torch.eye(5).expand(2, 5, 5)) for factor in (second, third))


def test_factors_too_narrow_for_the_matrix_hold_the_nearest_of_their_rank():
    weight = weights((5, 9), torch.float64)
    left, values, right = torch.linalg.svd(weight, full_matrices=False)
    nearest = left[..., :2] * values[:, None, :2] @ right[:, :2]
    torch.testing.assert_close(product(matched(weight, 3, 2)), nearest)


@counts
@shapes
def test_balanced_factors_are_balanced(count, shape):
    factors = balanced(weights(shape, torch.float64), count, shape[0] + 2)
    for before, after in pairwise(factors):
        torch.testing.assert_close(after.mT @ after, before @ before.mT, rtol=0, atol=1e-15)


def test_matched_factors_are_not_balanced():
    first, second = matched(weights((5, 9)), 2, 5)
    assert (second.mT @ second - first @ first.mT).abs().max() > 0.5


def test_balanced_factors_depend_on_the_matrix_alone_and_not_on_the_basis_that_svd_returns():
    weight = weights((5, 9), torch.float64)
    turned = torch.linalg.qr(weights((9, 9), torch.float64)).Q
    for factor, other in zip(balanced(weight, 3, 5)[1:], balanced(weight @ turned, 3, 5)[1:], strict=True):
        torch.testing.assert_close(factor, other)


@counts
def test_orthogonal_factors_have_orthonormal_rows_but_for_the_first(count):
    factors = EXACT["orthogonal"](weights((5, 9), torch.float64), count, 7)
    for factor in factors[1:]:
        torch.testing.assert_close(factor @ factor.mT, identity(factor.shape[-2]).expand_as(factor @ factor.mT))


def test_orthogonal_factors_come_from_the_stream_of_their_name_and_seed():
    def second(name, seed):
        return orthogonal(weights((5, 9))[:1], 2, 5, ["", name], [seed])[1]

    assert torch.equal(second("Q", 3), second("Q", 3))
    assert not torch.equal(second("Q", 3), second("Q", 4)) and not torch.equal(second("Q", 3), second("R", 3))
    assert torch.equal(EXACT["orthogonal"](weights((5, 9)), 2, 5)[1][:1], second("Q1", 3))


def test_orthogonal_factors_have_no_favoured_direction():
    # Without the signs of the triangle, Householder reflections leave a diagonal of one sign.
    corners = [orthogonal(torch.zeros(1, 3, 3), 2, 3, ["", "Q"], [seed])[1][0, 2, 2].item() for seed in range(200)]
    assert abs(np.mean(corners)) < 4 * np.sqrt(1 / 3 / 200)


# ---- the published start ----------------------------------------------------------------------------------------


def test_published_factors_are_drawn_each_from_its_own_stream():
    first, second = published((2, 5, 9), 2, 5, ["one", "two"], seeds=[3, 4])
    assert (first.shape, second.shape) == ((2, 5, 9), (2, 5, 5))
    drawn = truncated_normal(stream(4, "two"), (25,), 0.1).reshape(5, 5).astype(np.float32)
    assert np.array_equal(second[1].numpy(), drawn)


# ---- how fast the product moves ---------------------------------------------------------------------------------


def kernel(factors):
    """Build the operator sum_j (B_j' B_j) x (A_j A_j') on the stacked columns of a matrix, explicitly."""
    out, before = factors[-1].shape[0], factors[0].shape[1]
    total = torch.zeros(out * before, out * before, dtype=torch.float64)
    for j in range(len(factors)):
        after = product(factors[j + 1 :]) if factors[j + 1 :] else identity(out)
        prior = product(factors[:j]) if j else identity(before)
        total += torch.kron(prior.mT @ prior, after @ after.mT)
    return total


@pytest.fixture(params=[2, 3, 4])
def factors(request):
    widths = [3, 5, 2, 4, 3][: request.param] + [2]
    generator = np.random.default_rng(request.param)
    return [torch.from_numpy(generator.normal(size=(rows, columns))) for columns, rows in pairwise(widths)]


def test_the_mean_eigenvalue_is_that_of_the_operator_built_explicitly(factors):
    mean = torch.linalg.eigvalsh(kernel(factors)).mean().item()
    assert mean_eigenvalue(factors).item() == pytest.approx(mean, rel=1e-12)


def test_the_operator_is_how_a_small_gradient_step_moves_the_product(factors):
    wanted = [factor.clone().requires_grad_() for factor in factors]
    slope = torch.randn(factors[-1].shape[0], factors[0].shape[1], generator=torch.Generator().manual_seed(0)).double()
    (product(wanted) * slope).sum().backward()
    rate = 1e-7
    moved = product([factor - rate * each.grad for factor, each in zip(factors, wanted, strict=True)]) - product(factors)
    predicted = (kernel(factors) @ slope.mT.flatten()).reshape(slope.mT.shape).mT
    torch.testing.assert_close(moved / -rate, predicted, rtol=1e-4, atol=1e-4)


def test_with_two_factors_it_is_the_printed_formula():
    first, second = weights((4, 9)), weights((4, 4))
    expected = second.double().square().sum(dim=(1, 2)) / 4 + first.double().square().sum(dim=(1, 2)) / 9
    torch.testing.assert_close(mean_eigenvalue([first, second]), expected)


def test_a_plain_matrix_moves_as_its_gradient_says():
    assert mean_eigenvalue([weights((4, 9))]).item() == 1.0


def test_matched_and_orthogonal_factors_have_the_same_kernel():
    weight = weights((4, 9), torch.float64)[0]
    one, other = matched(weight, 2, 4), orthogonal(weight, 2, 4, ["", "Q"], [3])
    torch.testing.assert_close(kernel(one), kernel(other))
