"""Least squares; NIST's certified values are in tests/calibration."""

import numpy as np
import pytest
import statsmodels.api as sm

from evidence.regression import least_squares, slope

RNG = np.random.default_rng(5)


def test_well_conditioned_fit_is_statsmodels_ols():
    design, response = sm.add_constant(RNG.normal(size=(30, 3))), RNG.normal(size=30)
    ours, theirs = least_squares(design, response), sm.OLS(response, design).fit()
    assert ours.coefficients == pytest.approx(theirs.params)
    assert ours.standard_errors == pytest.approx(theirs.bse)
    assert ours.residual_sd == pytest.approx(np.sqrt(theirs.mse_resid))
    assert ours.r_squared == pytest.approx(theirs.rsquared)


def test_without_a_constant_r_squared_is_not_centred():
    design, response = RNG.normal(size=(30, 2)), 5 + RNG.normal(size=30)
    assert least_squares(design, response).r_squared == pytest.approx(sm.OLS(response, design).fit().rsquared)


def test_several_responses_are_fitted_as_one_by_one():
    design, responses = np.vander(np.linspace(0, 1, 20), 4), RNG.normal(size=(20, 5))
    together = least_squares(design, responses)
    for i in range(5):
        alone = least_squares(design, responses[:, i])
        assert together.coefficients[:, i] == pytest.approx(alone.coefficients)
        assert together.standard_errors[:, i] == pytest.approx(alone.standard_errors)


@pytest.mark.parametrize("refined", [False, True])
def test_a_response_that_is_not_a_number_spoils_only_itself(refined):
    design = np.vander(np.linspace(0, 1, 20), 9 if refined else 2)
    responses = RNG.normal(size=(20, 2))
    clean = least_squares(design, responses).coefficients[:, 1]
    responses[3, 0] = np.nan
    found = least_squares(design, responses).coefficients
    assert np.isnan(found[:, 0]).all() and found[:, 1] == pytest.approx(clean)


def test_refinement_saves_what_a_large_residual_takes():
    x = np.arange(21.0)
    design = x[:, None] ** np.arange(6)
    # A residual that is exactly perpendicular to every power up to the fifth: sixth differences, in whole numbers.
    apart = np.zeros(21)
    apart[:7] = 1e9 * np.array([1, -6, 15, -20, 15, -6, 1.0])
    loud = least_squares(design, design.sum(axis=1) + apart)
    plain = sm.OLS(design.sum(axis=1) + apart, design).fit().params
    assert loud.coefficients == pytest.approx(np.ones(6), abs=1e-9)
    assert np.abs(plain - 1).max() > 1e-6


def test_too_few_points_and_dependent_columns_are_refused_in_a_sentence():
    with pytest.raises(
        ValueError, match="2 points cannot be fitted with 2 coefficients and leave an error: at least 3 are needed"
    ):
        least_squares(np.eye(2), np.ones(2))
    with pytest.raises(np.linalg.LinAlgError, match="the 2 columns of the design are linearly dependent"):
        least_squares(np.ones((4, 2)), np.arange(4.0))
    with pytest.raises(np.linalg.LinAlgError, match="column 1 of the design is zero"):
        least_squares(np.array([[1.0, 0.0]] * 4), np.arange(4.0))


def test_slope_of_each_row_is_least_squares():
    x, y = np.array([[0.0, 1.0, 2.0, 5.0], [1.0, 2.0, 3.0, 4.0]]), np.array([[1.0, 0.0, 2.0, 3.0], [4.0, 2.0, 0.0, -2.0]])
    assert slope(x, y) == pytest.approx([np.polyfit(x[0], y[0], 1)[0], -2.0])
    assert slope(x[1], y) == pytest.approx([np.polyfit(x[1], y[0], 1)[0], -2.0])
