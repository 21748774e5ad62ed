"""The penalty's own flow: against descent on the penalty, its conserved quantity, and closed forms."""

import numpy as np
import pytest

from models.penalty_flow import flow_times, penalty_alone, plain_squares, product_squares

WEIGHT = 0.02


def factors(seeds=3, shapes=((4, 7), (5, 4))):
    generator = np.random.default_rng(0)
    return [generator.normal(0, 0.4, (seeds, *shape)) for shape in shapes]


def descended(layers, rate, momentum, steps):
    """Return sum of squares of the product after each step of momentum descent on its penalty, (seeds, steps + 1)."""
    held, speed = [each.copy() for each in layers], [np.zeros_like(each) for each in layers]
    found = []
    for _ in range(steps + 1):
        whole = held[0] if len(held) == 1 else held[1] @ held[0]
        found.append((whole**2).sum(axis=(1, 2)))
        slopes = [whole] if len(held) == 1 else [held[1].swapaxes(1, 2) @ whole, whole @ held[0].swapaxes(1, 2)]
        speed = [momentum * v + WEIGHT * g for v, g in zip(speed, slopes, strict=True)]
        held = [w - rate * v for w, v in zip(held, speed, strict=True)]
    return np.stack(found, axis=1)


@pytest.mark.parametrize(
    ("momentum", "within"), [(0.0, 2e-3), (0.9, 1.5e-2)]
)  # momentum lags behind, to second order in the rate
@pytest.mark.parametrize("count", [1, 2])
def test_descent_on_the_penalty_follows_the_flow(count, momentum, within):
    layers, steps = factors()[:count], np.array([0, 40, 200, 1000])
    rate = 0.02 * (1 - momentum)
    times = flow_times(rate, 1.0, momentum, epoch=10**9, steps=steps)
    predicted = plain_squares(layers[0], WEIGHT, times) if count == 1 else product_squares(*layers, WEIGHT, times)
    np.testing.assert_allclose(descended(layers, rate, momentum, 1000)[:, steps], predicted, rtol=within)


def test_the_flow_does_not_depend_on_how_finely_it_is_recorded():
    layers = factors()
    fine = product_squares(*layers, WEIGHT, np.linspace(0, 20, 81))
    np.testing.assert_allclose(product_squares(*layers, WEIGHT, np.linspace(0, 20, 5)), fine[:, ::20], rtol=1e-6)


def test_an_orthogonal_last_factor_has_the_closed_form_of_its_spectrum():
    # B = 1 and A = diag(a): a' = -2 w a b with b - a = 1 - a0 conserved, a logistic equation.
    a0, tau, rest = 0.3, 4.0, 1 - 0.3
    first, last = np.array([[[np.sqrt(a0)]]]), np.array([[[1.0]]])
    growth = np.exp(-2 * WEIGHT * rest * tau)
    a = rest * a0 * growth / (rest + a0 * (1 - growth))
    np.testing.assert_allclose(product_squares(first, last, WEIGHT, np.array([0.0, tau]))[0, 1], a * (a + rest), rtol=1e-6)


def test_staircase_decay_shortens_later_epochs():
    times = flow_times(0.1, 0.5, 0.0, epoch=4, steps=np.array([4, 8, 12]))
    np.testing.assert_allclose(np.diff(times, prepend=0), [0.4, 0.2, 0.1])


def test_the_penalty_adds_layers_and_biases():
    layers, bias = [factors()[:1], factors()], np.ones((3, 1, 5))
    times = np.array([0.0, 3.0])
    parts = (
        plain_squares(layers[0][0], WEIGHT, times)
        + product_squares(*layers[1], WEIGHT, times)
        + plain_squares(bias, WEIGHT, times)
    )
    np.testing.assert_allclose(penalty_alone(layers, [bias], WEIGHT, times), WEIGHT / 2 * parts)


def test_three_factors_are_refused_in_words():
    with pytest.raises(ValueError, match=r"one matrix or two factors, not for 3"):
        penalty_alone([[np.ones((1, 1, 1))] * 3], [], WEIGHT, np.array([0.0]))
