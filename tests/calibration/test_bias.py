"""What the referee believes is left of an exponent's bias is no less than what is left."""

from __future__ import annotations

import numpy as np
import pytest

from evidence import Curves, Difference, LateConstant, LateExponent, slope
from models.lp import PLAIN as DEPTHLESS
from models.lp import SCALAR_DEPTH, BesideTarget, LpRegression, NearZero, ProductOf, StepSize
from training import Descent
from training.machine import Machine

TIMES = np.unique(np.concatenate([[0.0], np.round(np.geomspace(1, 1e7, 561))]))[1:]
POWERS = (3, 4, 6, 8)


def late(curves):
    last = curves.times >= curves.times[-1] / 10
    return slope(np.log(curves.times[last]), np.log(curves.values[:, last]))


def plain(p, n=9):
    """Gradient flow without depth, in closed form."""
    start, rate = np.linspace(1, 2, n)[:, None], np.linspace(0.1, 0.5, n)[:, None] / np.linspace(1, 2, n)[:, None] ** (p - 2)
    return Curves(TIMES, (start ** -(p - 2) + (p - 2) * rate * TIMES) ** (-1 / (p - 2)))


def with_correction(p, strength, n=9):
    """A power law whose correction decays like the error itself, as with depth."""
    b, size = 1 / (p - 2), strength * np.linspace(0.2, 1.0, n)[:, None]
    return Curves(TIMES, TIMES**-b * (1 + size * TIMES**-b))


def mixed(p):
    """The same with corrections of either sign, which cancel in the mean."""
    both = [with_correction(p, strength).values for strength in (0.9, -0.9)]
    return Curves(TIMES, np.concatenate(both))


def trained(p):
    """Descent itself, in steps of finite size."""
    runs = Descent(LpRegression(p=p), DEPTHLESS, BesideTarget(), StepSize(), 10**7)
    seeds = range(16)
    return Curves((gathered := runs.gather(seeds, runs.train(seeds, Machine()))).times, gathered.error)


CURVES = {
    "plain descent, closed form of the flow": plain,
    "plain descent, as trained": trained,
    "power law, correction +1": lambda p: with_correction(p, 1.0),
    "power law, correction -0.5": lambda p: with_correction(p, -0.5),
    "power law, corrections of either sign": mixed,
}


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("name", CURVES)
def test_bias_left_in_the_exponent_is_within_its_estimate(name, p, found):
    curves, exact = CURVES[name](p), -1 / (p - 2)
    measured = LateExponent().measure(curves)
    true = abs(float(np.mean(measured.values)) - exact)
    before = abs(float(np.mean(late(curves))) - exact)
    found["bias"].append({"curve": name, "p": p, "late": before, "true": true, "estimated": measured.bias})
    assert true <= measured.bias + 1e-12
    assert measured.bias < 0.02 * abs(exact)


@pytest.mark.parametrize("p", POWERS)
def test_bias_left_in_the_constant_is_within_its_estimate(p):
    curves = with_correction(p, 0.5)
    measured = LateConstant(-1 / (p - 2)).measure(curves)
    assert abs(float(np.mean(measured.values))) <= measured.bias + 1e-12
    assert measured.bias < 0.02


@pytest.mark.parametrize("p", [4, 6, 8])
def test_bias_left_with_scalar_depth_as_trained_is_within_its_estimate(p, found):
    problem, start, step_size, seeds = LpRegression(p=p), NearZero(scale=0.1), StepSize(layers=2), range(16)
    arms = [
        Descent(problem, SCALAR_DEPTH, start, step_size, 10**7),
        Descent(problem, DEPTHLESS, ProductOf(network=SCALAR_DEPTH, start=start), step_size, 10**7),
    ]
    runs = [arm.gather(seeds, arm.train(seeds, Machine())) for arm in arms]
    curves = [Curves(each.times, each.error) for each in runs]
    measured = Difference(LateExponent()).measure(*curves)
    true, before = abs(float(np.mean(measured.values))), abs(float(np.mean(late(curves[0]) - late(curves[1]))))
    row = {"curve": "scalar depth against none, as trained (the theory's zero taken as true)", "p": p}
    found["bias"].append(row | {"late": before, "true": true, "estimated": measured.bias})
    spread = 3 * float(np.std(measured.values, ddof=1)) / 4
    assert true <= measured.bias + spread
