"""A description depends on the files of all it holds."""

import dataclasses

import pytest

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, ConstantStepSize, LpRegression, NearZero, ProductOf, StepSize
from models.lp.correlated import CorrelatedRegression
from models.lp.equal_entries import EqualEntries
from training import Descent
from training.regression_descent import LargestStable, RegressionDescent
from training.sources import sources
from training.store import ROOT

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), steps=10)


@pytest.mark.parametrize("start", [EqualEntries(), ProductOf(network=SCALAR_DEPTH, start=EqualEntries())])
def test_a_start_from_a_file_of_its_own_is_a_source(start):
    assert "models/lp/equal_entries.py" in dataclasses.replace(ARM, start=start).code
    assert "models/lp/equal_entries.py" not in ARM.code


def test_regression_descends_by_the_files_of_what_it_holds():
    start = EqualEntries()
    arm = RegressionDescent(CorrelatedRegression(p=4, condition=10), PLAIN, start, LargestStable(), steps=1000)
    wanted = {
        "models/lp/equal_entries.py",
        "models/lp/correlated.py",
        "training/regression_descent.py",
        "training/regression_kernels.py",
    }
    assert wanted <= set(arm.code)
    assert all((ROOT / name).is_file() for name in arm.code)


@pytest.mark.parametrize("arm", [ARM, dataclasses.replace(ARM, step_size=ConstantStepSize(eta=0.1), start=NearZero(scale=0.1))])
def test_every_source_is_a_file_and_named_once(arm):
    assert all((ROOT / name).is_file() for name in arm.code)
    assert len(set(arm.code)) == len(arm.code)


def test_what_is_no_description_has_no_sources():
    assert sources(3) == ()
