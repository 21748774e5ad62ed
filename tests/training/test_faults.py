"""Trajectories that go wrong are told from those that go well, each with its reason."""

import numpy as np
import pytest

from training.faults import GREW, Course, fault_codes, sentences

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


def told(errors, *, stepped=1000.0, initial=1.0, reached=None):
    error = np.array(errors, dtype=float)
    last = error[:, TIMES[: error.shape[1]].searchsorted(min(stepped, TIMES[error.shape[1] - 1]))]
    reached = last if reached is None else np.full(len(error), reached)
    return sentences(*fault_codes(Course(TIMES[: error.shape[1]], error, np.full(len(error), initial), reached, stepped)))


@pytest.mark.parametrize("name", CASES)
def test_faults_are_found_and_told(name):
    error, sentence = CASES[name]
    assert told([error]) == ({0: sentence} if sentence else {})


def test_what_is_missing_after_the_last_exact_step_could_not_be_followed():
    (sentence,) = told([[1, 0.5, np.nan, np.nan]], stepped=10.0).values()
    assert "could not be followed without exact steps to t = 100" in sentence


def test_what_broke_during_exact_steps_is_not_laid_on_what_follows():
    assert told([[1, 1, np.nan, np.nan]], stepped=50.0, reached=np.inf) == {
        0: "its residual is not a number or overflowed from t = 50 on"
    }
    assert told([[1, 1, np.nan, np.nan]], stepped=50.0, reached=30.0) == {
        0: "it diverged: its error is 30 times that at the start"
    }


@pytest.mark.parametrize(("grown", "found"), [(0.99 * GREW, False), (1.01 * GREW, True)])
def test_divergence_is_measured_from_the_start(grown, found):
    assert bool(told([[0.5 * grown, 0.6 * grown, 0.8 * grown, grown]], initial=1.0)) == found
    assert told([[1, 1.5, 1.2, 1.1]], initial=0.01)[0].startswith("it diverged: its error is 110 times")


def test_faults_are_told_by_place():
    errors = [CASES["well"][0], CASES["stall"][0], CASES["well"][0], CASES["divergence"][0]]
    assert list(told(errors)) == [1, 3]


def test_a_single_record_has_no_stall():
    assert told([[0.5]], stepped=1.0) == {}
