"""Descent on correlated inputs, beside ten lines of NumPy; step sizes found as they say."""

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, Balanced, LinearNetwork, NearZero, phi
from models.lp.correlated import CorrelatedRegression
from training.machine import Machine
from training.regression_descent import LargestStable, RegressionDescent

SEEDS = [3, 4, 5]
POWERS = [2, 2.5, 4]
START = NearZero(scale=0.4)


def arm(p, network, *, steps=200, stepped=5000, condition=10, fraction=0.5, start=START, shared=False):
    problem = CorrelatedRegression(p=p, condition=condition)
    return RegressionDescent(problem, network, start, LargestStable(shared, fraction), steps, stepped)


def numpy_errors(what, seed, eta):
    """Descend in NumPy, on m and s themselves, and return the error after every step."""
    x, target, p = what.problem.inputs([seed])[0], what.problem.targets([seed])[0], what.problem.p
    m, s = (each[0] for each in what.start.factors(what.problem, LinearNetwork(layers=2, inputs=x.shape[1]), [seed]))
    m, s = (m[0], s[0, 0]) if what.network == SCALAR_DEPTH else (m[0] * s[0, 0], 1.0)
    errors = [np.linalg.norm(s * m - target)]
    for _ in range(what.steps):
        slope = x.T @ phi(x @ (s * m - target), p) / len(x)
        m, s = m - eta * s * slope, s - eta * (slope @ m) * (what.network == SCALAR_DEPTH)
        errors.append(np.linalg.norm(s * m - target))
    return np.array(errors)


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH], ids=lambda network: network.name)
def test_the_errors_are_those_of_numpy(p, network):
    what = arm(p, network)
    runs = what.gather(SEEDS, what.train(SEEDS, Machine()))
    for place, seed in enumerate(SEEDS):
        expected = numpy_errors(what, seed, runs.rates[place])[runs.times.astype(int)]
        assert expected[-1] < expected[0]
        np.testing.assert_allclose(runs.error[place], expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH], ids=lambda network: network.name)
def test_the_flow_goes_on_where_the_steps_end(network):
    stepped, flowing = (arm(4, network, steps=10**5, stepped=n, condition=100) for n in (10**5, 2000))
    first, second = (each.train(SEEDS, Machine())["error"] for each in (stepped, flowing))
    np.testing.assert_allclose(second, first, rtol=2e-3)


def test_a_descent_that_diverges_ends_with_errors_that_are_not_numbers():
    with np.errstate(all="ignore"):
        error = arm(4, SCALAR_DEPTH, fraction=8.0, steps=10**9, stepped=1000).train(SEEDS, Machine())["error"]
    assert np.isfinite(error[:, 0]).all() and not np.isfinite(error[:, -1]).any()


def test_far_later_the_error_falls_with_the_exponent_of_the_lemma():
    what = arm(4, PLAIN, steps=10**12, condition=1)
    error = what.train(SEEDS, Machine())["error"]
    np.testing.assert_allclose(np.log10(error[:, -1] / error[:, -41]), -0.5, atol=0.01)


def test_more_records_which_make_the_integration_finer_change_nothing(monkeypatch):
    what = arm(4, SCALAR_DEPTH, steps=10**9, condition=100)
    coarse = what.train(SEEDS, Machine())["error"]
    monkeypatch.setattr("training.regression_descent.PER_DECADE", 800)
    np.testing.assert_allclose(what.train(SEEDS, Machine())["error"][:, -1], coarse[:, -1], rtol=1e-6)


@pytest.mark.parametrize("p", [2, 4])
@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH], ids=lambda network: network.name)
def test_the_largest_stable_step_size_is_an_edge(p, network):
    inside, beyond = (arm(p, network, fraction=share, start=Balanced(scale=1.0)) for share in (1.0, 2.0))
    assert (inside.train(SEEDS, Machine())["error"][:, -1] < 10).all()
    with np.errstate(all="ignore"):
        assert not (beyond.train(SEEDS, Machine())["error"][:, -1] < 10).any()


def test_for_two_the_edge_is_two_over_the_largest_eigenvalue():
    rates = arm(2, PLAIN, fraction=1.0, condition=100).train(SEEDS, Machine())["rates"]
    assert ((rates > 2 / 2**0.25 * 0.99) & (rates < 2 * 1.02)).all()  # the second moment's largest eigenvalue is one


def test_a_shared_step_size_is_the_smaller_of_both_edges():
    one, other = (arm(4, network).train(SEEDS, Machine())["rates"] for network in (PLAIN, SCALAR_DEPTH))
    for network in (PLAIN, SCALAR_DEPTH):
        assert np.array_equal(arm(4, network, shared=True).train(SEEDS, Machine())["rates"], np.minimum(one, other))


def test_both_arms_start_at_the_same_function_and_share_inputs():
    plain, deep = (arm(4, network).train(SEEDS, Machine())["error"][:, 0] for network in (PLAIN, SCALAR_DEPTH))
    assert np.array_equal(plain, deep)


def test_a_seed_gives_the_same_bits_alone_and_among_others():
    what = arm(4, SCALAR_DEPTH, steps=10**6)
    assert np.array_equal(what.train([4], Machine())["error"][0], what.train(SEEDS, Machine())["error"][1])


def test_inputs_have_exactly_the_condition_asked_for():
    for condition in (1, 10, 100):
        x = CorrelatedRegression(p=4, condition=condition).inputs([0])[0]
        eigenvalues = np.linalg.eigvalsh(x.T @ x / len(x))
        np.testing.assert_allclose(eigenvalues[[0, -1]], [1 / condition, 1], rtol=1e-10)


def test_other_networks_and_impossible_inputs_are_refused():
    with pytest.raises(ValueError, match="deep-3 is not trained here"):
        arm(4, LinearNetwork(layers=3))
    with pytest.raises(ValueError, match="all 6000 steps must be taken, not 5000"):
        arm(2, PLAIN, steps=6000)
    with pytest.raises(ValueError, match="has no such inputs"):
        CorrelatedRegression(p=4, condition=0.5)
    with pytest.raises(ValueError, match="must be above zero"):
        LargestStable(fraction=0.0)


def test_times_and_arrays_are_as_described():
    what = arm(4, PLAIN, steps=1000)
    arrays = what.train(SEEDS, Machine())
    assert {name: array.shape for name, array in arrays.items()} == {"times": (89,), "error": (3, 89), "rates": (3,)}
    assert (arrays["times"][0], arrays["times"][-1]) == (0, 1000) and what.arm == "plain"
