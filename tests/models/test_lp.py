"""The toy problem, its starts and its step sizes are what the claims say, and the closed forms hold in simulation."""

from functools import partial

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    AlongDescent,
    AtZero,
    Balanced,
    BesideTarget,
    ConditionedRegression,
    ConstantStepSize,
    Intervention,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    ProductOf,
    StepSize,
    ZeroTarget,
    end_to_end,
    end_to_end_matrix,
    phi,
    plateau,
    rate_exponent,
)
from training import Descent
from training.machine import Machine

PROBLEM = LpRegression(p=4)
DEEP = LinearNetwork(layers=3, width=4)
SEEDS = range(200)


# ---- the problem ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2.5, 3, 4, 4.7, 5, 6, 8])
def test_phi_is_the_derivative_of_the_loss_on_both_sides(p):
    r, h = np.array([-1.7, -0.3, 0.4, 2.1]), 1e-6
    slope = (np.abs(r + h) ** p - np.abs(r - h) ** p) / (2 * h * p)
    np.testing.assert_allclose(phi(r, p), slope, rtol=1e-7)


@pytest.mark.parametrize("p", [2.5, 3, 5])
def test_phi_keeps_the_sign_where_the_power_of_the_report_does_not(p):
    assert phi(np.array([-2.0, 0.0, 2.0]), p).tolist() == [-(2.0 ** (p - 1)), 0.0, 2.0 ** (p - 1)]


@pytest.mark.parametrize("p", [4, 6, 8])
def test_phi_is_the_power_of_the_report_for_even_p(p):
    r = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(phi(r, p), r ** (p - 1), rtol=1e-14)


@pytest.mark.parametrize("p", [1.5, 0, -3, float("nan")])
@pytest.mark.parametrize(
    "make",
    [
        LpRegression,
        ZeroTarget,
        partial(ConditionedRegression, scale=1, condition=1),
        partial(MatrixRegression, singular=(1.0,)),
    ],
)
def test_a_power_below_two_is_refused(make, p):
    with pytest.raises(ValueError, match=f"p = {p}: l_p regression here needs p of at least 2"):
        make(p=p)


def test_the_square_loss_is_a_problem_but_has_no_rate_exponent():
    assert LpRegression(p=2).targets([0]).shape == (1, 2)
    with pytest.raises(ValueError, match="p = 2 gives no power law"):
        rate_exponent(2)


@pytest.mark.parametrize(("scale", "condition"), [(0.1, 1), (3, 10), (10, 100), (2, 0.5)])
def test_conditioned_targets_have_the_norm_and_the_ratio_asked_for(scale, condition):
    targets = ConditionedRegression(p=4, scale=scale, condition=condition).targets(SEEDS)
    np.testing.assert_allclose(np.linalg.norm(targets, axis=1), scale)
    np.testing.assert_allclose(np.abs(targets[:, 0] / targets[:, 1]), condition)
    assert len(np.unique(np.sign(targets), axis=0)) == 4


@pytest.mark.parametrize(("scale", "condition"), [(0, 1), (1, 0), (-1, 2)])
def test_a_target_of_no_size_or_ratio_is_refused(scale, condition):
    with pytest.raises(ValueError, match=f"scale = {scale} and condition = {condition} must both be above zero"):
        ConditionedRegression(p=4, scale=scale, condition=condition)


@pytest.mark.parametrize("singular", [(2.0, 1.0), (1.5, 0.0), (3.0, 2.0, 0.0)])
def test_matrix_targets_have_the_singular_values_asked_for(singular):
    targets = MatrixRegression(p=4, singular=singular).targets(SEEDS)
    assert targets.shape == (len(SEEDS), len(singular), len(singular))
    np.testing.assert_allclose(np.linalg.svd(targets)[1], np.tile(singular, (len(SEEDS), 1)), atol=1e-12)


def test_the_frames_of_a_matrix_target_are_those_of_its_singular_value_decomposition():
    problem = MatrixRegression(p=4, singular=(2.0, 0.0))
    left, right = (problem.frames(SEEDS, side) for side in ("left", "right"))
    np.testing.assert_allclose(
        left.mT @ problem.targets(SEEDS) @ right, np.tile(np.diag([2.0, 0.0]), (len(SEEDS), 1, 1)), atol=1e-12
    )


def test_targets_have_sizes_in_range_and_all_signs():
    targets = LpRegression(p=4, low=1.5, high=3.0).targets(SEEDS)
    assert targets.shape == (200, 2)
    assert ((np.abs(targets) >= 1.5) & (np.abs(targets) <= 3.0)).all()
    assert len(np.unique(np.sign(targets), axis=0)) == 4
    assert len(np.unique(targets)) == targets.size


def test_targets_belong_to_the_seed_and_not_to_p():
    assert np.array_equal(LpRegression(p=3).targets([5, 6])[1], LpRegression(p=8).targets([6])[0])


@pytest.mark.parametrize(("p", "exponent"), [(2.5, -2.0), (3, -1.0), (4, -0.5), (6, -0.25)])
def test_the_rate_exponent_is_that_of_the_lemma(p, exponent):
    assert rate_exponent(p) == exponent


@pytest.mark.parametrize("p", [3, 4, 6])
def test_descent_falls_with_the_rate_exponent(p):
    runs = Descent(LpRegression(p=p), PLAIN, BesideTarget(), StepSize(), 10**5).train([0, 1], Machine())
    late = np.log(np.linalg.norm(runs["residual"], axis=1))[:, [-21, -1]]
    slope = np.diff(late, axis=1)[:, 0] / np.diff(np.log(runs["times"][[-21, -1]]))
    np.testing.assert_allclose(slope, rate_exponent(p), rtol=0.01)


# ---- networks ---------------------------------------------------------------------------------------------------


def test_networks_are_named_after_their_depth():
    named = {PLAIN: "plain", SCALAR_DEPTH: "scalar-depth", DEEP: "deep-3", LinearNetwork(layers=2, width=4): "deep-2"}
    assert {network: network.name for network in named} == named


def test_the_end_to_end_row_is_the_product_with_the_first_factor_applied_first():
    factors = NearZero(scale=1.0).factors(PROBLEM, DEEP, [7])
    expected = factors[2][0] @ factors[1][0] @ factors[0][0]
    np.testing.assert_allclose(end_to_end(factors), expected, rtol=1e-14)


# ---- starts -----------------------------------------------------------------------------------------------------

STARTS = [
    (BesideTarget(), PLAIN),
    *[(start, network) for start in (NearZero(scale=0.1), AlongDescent(scale=0.1), AtZero()) for network in (SCALAR_DEPTH, DEEP)],
    (NearZero(scale=0.1), PLAIN),
    (AlongDescent(scale=0.1), PLAIN),
    (Intervention(), SCALAR_DEPTH),
    (ProductOf(network=DEEP, start=NearZero(scale=0.1)), PLAIN),
]


@pytest.mark.parametrize(("start", "network"), STARTS, ids=lambda value: getattr(value, "name", type(value).__name__))
def test_a_start_has_one_factor_a_layer_and_depends_on_the_seed_alone(start, network):
    factors = start.factors(PROBLEM, network, [3, 4, 5])
    assert [factor.shape[1:] for factor in factors] == list(zip(network.sizes[1:], network.sizes, strict=False))
    assert {len(factor) for factor in factors} == {3}
    for many, one in zip(factors, start.factors(PROBLEM, network, [4]), strict=True):
        assert np.array_equal(many[1], one[0])


def test_a_start_beside_the_target_is_at_the_distance_and_on_either_side():
    offsets = BesideTarget(low=0.5, high=0.7).factors(PROBLEM, PLAIN, SEEDS)[0][:, 0] - PROBLEM.targets(SEEDS)
    assert ((np.abs(offsets) >= 0.5 - 1e-12) & (np.abs(offsets) <= 0.7 + 1e-12)).all()
    relative = np.sign(offsets) * np.sign(PROBLEM.targets(SEEDS))
    assert 0.4 < (relative > 0).mean() < 0.6


def test_a_start_beside_the_target_is_for_one_layer():
    with pytest.raises(ValueError, match="for one layer with one output, not for 3 with 1"):
        BesideTarget().factors(PROBLEM, DEEP, [0])


def test_a_start_near_zero_has_the_same_draws_at_every_scale():
    small, large = (NearZero(scale=scale).factors(PROBLEM, DEEP, SEEDS) for scale in (0.25, 2.0))
    assert all(np.array_equal(8 * few, many) for few, many in zip(small, large, strict=True))
    assert [np.std(factor) for factor in large] == pytest.approx([2.0] * 3, rel=0.05)


@pytest.mark.parametrize("network", [SCALAR_DEPTH, DEEP, LinearNetwork(layers=4, width=2)], ids=lambda network: network.name)
def test_a_start_along_descent_is_balanced_and_of_its_norm(network):
    factors = AlongDescent(scale=0.3).factors(PROBLEM, network, range(8))
    for factor in factors:
        np.testing.assert_allclose(np.linalg.norm(factor, axis=(1, 2)), 0.3, rtol=1e-12)
    for first, second in zip(factors, factors[1:], strict=False):
        np.testing.assert_allclose(first @ first.mT, second.mT @ second, rtol=0, atol=1e-15)


@pytest.mark.parametrize("p", [2.5, 3, 4])
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_a_start_along_descent_points_along_phi_of_the_targets(p, layers):
    problem, network = LpRegression(p=p), LinearNetwork(layers=layers, width=3)
    product = end_to_end(AlongDescent(scale=0.3).factors(problem, network, range(8)))
    downhill = phi(problem.targets(range(8)), p)
    cosine = (product * downhill).sum(axis=1) / np.linalg.norm(product, axis=1) / np.linalg.norm(downhill, axis=1)
    np.testing.assert_allclose(cosine, 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(product, axis=1), 0.3**layers, rtol=1e-12)


def test_the_intervention_computes_the_function_of_the_saddle():
    m, s = Intervention().factors(PROBLEM, SCALAR_DEPTH, [0, 1])
    assert np.array_equal(end_to_end([m, s]), end_to_end(AtZero().factors(PROBLEM, SCALAR_DEPTH, [0, 1])))
    assert (s == 1).all()
    assert (m == 0).all()


def test_the_intervention_is_for_scalar_depth():
    with pytest.raises(ValueError, match="is for scalar depth, not for deep-3"):
        Intervention().factors(PROBLEM, DEEP, [0])


def test_plain_regression_starts_at_the_product_of_another_network():
    start = NearZero(scale=0.7)
    (row,) = ProductOf(network=DEEP, start=start).factors(PROBLEM, PLAIN, [1, 2])
    assert np.array_equal(row[:, 0], end_to_end(start.factors(PROBLEM, DEEP, [1, 2])))


# ---- step sizes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2.5, 4, 8])
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_step_sizes_are_the_declared_share_of_the_curvature(p, layers):
    problem, residual = LpRegression(p=p), np.random.default_rng(0).uniform(1, 2, (200, 2))
    rates = StepSize(layers=layers, low=0.2, high=0.4).rates(problem, residual, SEEDS)
    norm = np.linalg.norm(problem.targets(SEEDS), axis=1)
    share = rates * layers * norm ** (2 - 2 / layers) * residual.max(axis=1) ** (p - 2)
    assert rates.shape == (200,)
    assert 0.2 - 1e-12 <= share.min() < 0.22
    assert 0.38 < share.max() <= 0.4 + 1e-12


def test_small_targets_do_not_make_the_step_size_larger():
    problem = LpRegression(p=4, low=0.01, high=0.02)
    rates = StepSize(layers=2, low=0.3, high=0.3).rates(problem, np.ones((3, 2)), range(3))
    np.testing.assert_allclose(rates, 0.15)


def test_arms_that_name_the_same_layers_share_the_step_size():
    one, other = (StepSize(layers=3).rates(PROBLEM, np.ones((3, 2)), range(3)) for _ in range(2))
    assert np.array_equal(one, other)


# ---- closed forms -----------------------------------------------------------------------------------------------


def left_after(network, scale, eta_slope, seeds, steps):
    """Return when the product has reached 1 % of the targets, in steps, and the rates."""
    slow = StepSize(layers=network.layers, low=eta_slope, high=eta_slope)
    runs = Descent(PROBLEM, network, AlongDescent(scale=scale), slow, steps, 1).train(seeds, Machine())
    product = np.linalg.norm(runs["residual"] + PROBLEM.targets(seeds)[:, :, None], axis=1)
    left = product > 0.01
    assert left[:, -1].all(), "the plateau lasts longer than the simulation"
    return left.argmax(axis=1), runs["rates"]


@pytest.mark.parametrize(("layers", "far", "near"), [(2, 1e-6, 1e-3), (3, 0.005, 0.02), (4, 0.1, 0.2)])
def test_the_plateau_is_as_much_longer_as_the_closed_form_says(layers, far, near):
    network, seeds = LinearNetwork(layers=layers, width=3), [0, 1, 2]
    long, rates = left_after(network, far, 0.02, seeds, 60_000)
    short, again = left_after(network, near, 0.02, seeds, 60_000)
    np.testing.assert_allclose(rates, again, rtol=0.01)
    predicted = plateau(PROBLEM, layers, far, rates, seeds) - plateau(PROBLEM, layers, near, again, seeds)
    np.testing.assert_allclose(long - short, predicted, rtol=0.03)


def test_the_plateau_is_shorter_for_larger_steps():
    halved, whole = (plateau(PROBLEM, 3, 0.01, np.full(2, rate), [0, 1]) for rate in (0.05, 0.1))
    np.testing.assert_allclose(halved, 2 * whole)


# ---- balanced starts and constant steps ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    [
        LinearNetwork(layers=1),
        LinearNetwork(layers=2),
        LinearNetwork(layers=3, width=4),
        LinearNetwork(layers=4, width=3, inputs=3, outputs=3),
        LinearNetwork(layers=2, width=5, inputs=2, outputs=4),
    ],
    ids=lambda network: "x".join(map(str, network.sizes)),
)
def test_a_balanced_start_is_balanced_and_has_the_norm_asked_for(network):
    factors = Balanced(scale=0.5).factors(PROBLEM, network, SEEDS)
    assert [factor.shape[1:] for factor in factors] == list(zip(network.sizes[1:], network.sizes, strict=False))
    for lower, upper in zip(factors, factors[1:], strict=False):
        np.testing.assert_allclose(upper.mT @ upper, lower @ lower.mT, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(end_to_end_matrix(factors), axis=(1, 2)), 0.5**network.layers)


def test_a_balanced_start_needs_hidden_layers_of_its_rank():
    narrow = LinearNetwork(layers=2, width=1, inputs=2, outputs=2)
    with pytest.raises(ValueError, match="hidden width of 1 cannot hold a balanced start of rank 2"):
        Balanced(scale=1.0).factors(MatrixRegression(p=4, singular=(1.0, 1.0)), narrow, SEEDS)


def test_a_constant_step_size_is_the_same_for_every_seed():
    assert ConstantStepSize(eta=0.25).rates(PROBLEM, np.ones((3, 2)), [0, 1, 2]).tolist() == [0.25] * 3


@pytest.mark.parametrize("eta", [0, -0.1, float("nan")])
def test_a_step_size_that_does_not_descend_is_refused(eta):
    with pytest.raises(ValueError, match=f"A learning rate of {eta} does not descend"):
        ConstantStepSize(eta=eta)


def test_a_factor_multiplies_every_step_size():
    residual = np.array([[1.0, 2.0], [0.5, 0.1]])
    plain, half = (StepSize(factor=factor).rates(PROBLEM, residual, [0, 1]) for factor in (1.0, 0.5))
    np.testing.assert_allclose(half, plain / 2)


@pytest.mark.parametrize("sizes", [{"layers": 0}, {"layers": 2, "width": 0}, {"layers": 1, "inputs": 0}])
def test_a_network_without_something_is_refused(sizes):
    with pytest.raises(ValueError, match="cannot be built"):
        LinearNetwork(**sizes)
