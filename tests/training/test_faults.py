"""Trajectories that go wrong are told from those that go well, each with its reason."""

import numpy as np
import pytest

from training.faults import fault_codes, sentences

TIMES = np.array([1.0, 10.0, 100.0, 1000.0])
CASES = {
    "well": ([1, 0.5, 0.2, 0.1], ""),
    "reached the target": ([1, 0.5, 0.0, 0.0], ""),
    "overflow": ([1, 1e200, np.inf, np.nan], "its residual is not a number or overflowed from t = 100 on"),
    "divergence": ([1, 5, 20, 100], "it diverged: its error is 100 times that at the start"),
    "a bounce is no divergence": ([1, 1.5, 1.2, 0.4], ""),
    "stall": ([1, 0.5, 0.5, 0.5], "its error stands still from t = 10 on"),
    "stall of the last record": ([1, 0.5, 0.4, 0.4], "its error stands still from t = 100 on"),
    "a pause is no stall": ([1, 1, 1, 0.5], ""),
    "never moved": ([1, 1, 1, 1], "its error stands still from t = 1 on"),
}


@pytest.mark.parametrize("name", CASES)
def test_faults_are_found_and_told(name):
    error, sentence = CASES[name]
    assert sentences(*fault_codes(TIMES, np.array([error]), 1000.0)) == ({0: sentence} if sentence else {})


def test_what_is_missing_after_the_last_exact_step_was_refused():
    codes, numbers = fault_codes(TIMES, np.array([[1, 0.5, np.nan, np.nan], [np.nan, np.nan, np.nan, np.nan]]), 10.0)
    told = sentences(codes, numbers)
    assert "too near the edge of stability" in told[0]
    assert "t = 10" in told[0]
    assert "overflowed from t = 1 on" in told[1]


def test_faults_are_told_by_place():
    errors = np.array([CASES["well"][0], CASES["stall"][0], CASES["well"][0], CASES["divergence"][0]])
    assert list(sentences(*fault_codes(TIMES, errors, 1000.0))) == [1, 3]


def test_a_single_record_has_no_stall():
    assert sentences(*fault_codes(TIMES[:1], np.array([[0.5]]), 1.0)) == {}


def test_examples_in_the_docstrings_are_true():
    import doctest

    from training import faults

    failed, tried = doctest.testmod(faults)
    assert (failed, tried > 0) == (0, True)
