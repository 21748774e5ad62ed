"""Contrasts of several arms."""

import numpy as np
import pytest

from evidence.contrasts import Contrast, gain_slope
from evidence.estimators import Curves, Difference, MeasurementError
from evidence.slopes import LateConstant
from evidence.times import HalfTime

TIMES = np.geomspace(1, 1e6, 241)
RNG = np.random.default_rng(0)


def arm(*constants, bend=0.0):
    """Return curves C t^(-1/2), one for each constant, that come to it like t^(-1/2)."""
    return Curves(TIMES, np.array(constants)[:, None] * TIMES**-0.5 * (1 + bend * TIMES**-0.5))


def test_a_contrast_of_two_arms_is_their_difference():
    arms, of = (arm(1.0, 2.0, bend=0.3), arm(3.0, 5.0, bend=0.1)), LateConstant(-0.5)
    ours, theirs = Contrast(of, (1, -1)).measure(*arms), Difference(of).measure(*arms)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-12)
    assert ours.bias == pytest.approx(theirs.bias)


def test_the_slope_of_a_gain_is_that_of_least_squares():
    places, gains = [0.0, 1.0, 2.5, 3.0], RNG.normal(size=(4, 5))
    pairs = [(arm(*10.0**gain), arm(*np.ones(5))) for gain in gains]
    found = Contrast(LateConstant(-0.5), gain_slope(places)).measure(*[each for pair in pairs for each in pair])
    np.testing.assert_allclose(found.values, np.polyfit(places, gains, 1)[0], rtol=1e-9)


def test_weights_scale_the_error_that_is_left():
    one, three = (Contrast(LateConstant(-0.5), (weight, -1)).measure(arm(1.0, 2.0, bend=2.0), arm(1.0, 2.0)) for weight in (1, 3))
    assert three.bias == pytest.approx(3 * one.bias, rel=1e-3) and one.bias > 0


@pytest.mark.parametrize("weights", [(1, -1), (-0.5, 0.5, 0.5, -0.5), (0.1, 3.0, -2.0)])
def test_what_is_planted_arrives(weights):
    arms = [arm(*10.0 ** RNG.normal(size=4)) for _ in weights]
    contrast = Contrast(LateConstant(-0.5), weights)
    changed = contrast.measure(*contrast.plant(0.7, *arms)).values - contrast.measure(*arms).values
    np.testing.assert_allclose(changed, 0.7, rtol=1e-9)


def test_a_seed_broken_in_one_arm_is_broken_in_the_contrast():
    spoiled = arm(1.0, 2.0)
    spoiled.values[1, -1] = np.nan
    found = Contrast(LateConstant(-0.5), (1, -1)).measure(arm(1.0, 2.0), spoiled)
    assert np.isnan(found.values).tolist() == [False, True] and set(found.broken) == {1}


def test_arms_and_weights_must_fit():
    with pytest.raises(MeasurementError, match="a contrast of 3 weights takes as many arms, not 2"):
        Contrast(HalfTime(), (1, -2, 1)).measure(arm(1.0), arm(1.0))
    with pytest.raises(MeasurementError, match=r"the arms of a contrast have \[1, 2\] seeds"):
        Contrast(HalfTime(), (1, -1)).measure(arm(1.0), arm(1.0, 2.0))
    with pytest.raises(MeasurementError, match="weights are all zero"):
        Contrast(HalfTime(), (0, 0)).measure(arm(1.0), arm(1.0))
    with pytest.raises(MeasurementError, match="places that are all the same"):
        gain_slope([2, 2])
