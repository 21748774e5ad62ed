"""The proof's steps as numbers agree with the expressions written out."""

import numpy as np
import pytest

from models.lp.proof import drawn_rates, expansion_remainder, recursion_exponent, telescoped_growth

SEEDS = list(range(200))


def test_the_remainder_is_bounded_with_the_right_factor_alone():
    assert expansion_remainder(SEEDS, 1.0).max() < 0.51
    assert expansion_remainder(SEEDS, 0.5).min() > 100
    assert expansion_remainder(SEEDS, 2.0).min() > 100


def test_the_remainder_agrees_with_the_next_term_of_the_series(monkeypatch):
    monkeypatch.setattr(
        "models.lp.proof._log_uniform", lambda seeds, name, low, high: np.array([{"power": 2.0, "time": 1e5}[name]])
    )
    assert expansion_remainder([0], 1.0)[0] == pytest.approx(0.125, rel=1e-4)  # q = 1/2: |q (q - 1) / 2|
    assert expansion_remainder([0], 0.5)[0] == pytest.approx(0.25 * 1e5, rel=1e-3)


@pytest.mark.parametrize("rate", [0.1, 1 / 6, 1.0, 4.0])
def test_the_recursion_has_the_exponent_of_its_own_rate(rate):
    delta, last = 1.0, 30_000
    for t in range(last // 10, last):
        delta *= 1 - rate / t
    assert recursion_exponent(np.array([rate]))[0] == pytest.approx(np.log10(delta), rel=1e-10)
    assert recursion_exponent(np.array([rate]))[0] == pytest.approx(-rate, rel=1e-3)


def test_drawn_rates_keep_away_from_the_lemmas():
    relative = drawn_rates(SEEDS, 4) * 2
    assert ((relative >= 0.25) & (relative <= 0.5) | (relative >= 2) & (relative <= 4)).all()
    assert (relative < 1).any() and (relative > 1).any()


@pytest.mark.parametrize("p", [3, 4, 6])
def test_telescoping_sums_what_the_steps_add(p):
    start, rate, steps = 1.2, 0.1, 2000
    delta, added = start, []
    for _ in range(steps):
        after = delta * (1 - rate * delta ** (p - 2))
        added.append(after ** -(p - 2) - delta ** -(p - 2))
        delta = after
    grown = telescoped_growth(np.array([start]), np.array([delta]), np.array([rate]), steps, p, power=p - 2)
    assert grown[0] == pytest.approx(sum(added) / ((p - 2) * rate * steps), rel=1e-10)
    assert min(added) >= (p - 2) * rate  # Bernoulli
    assert added[-1] == pytest.approx((p - 2) * rate, rel=0.01)
