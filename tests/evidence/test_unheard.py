"""What takes the place of a judge where nothing is to be judged."""

import inspect

import numpy as np
import pytest

from evidence.judge import Judge
from evidence.unheard import Unheard

TOLD = [name for name, found in inspect.getmembers(Judge, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("name", TOLD)
def test_it_takes_all_that_a_judge_is_told(name):
    assert getattr(Unheard(), name)("a part", np.zeros(3), seeds=range(3), estimand="anything") is not None


def test_what_comes_back_can_be_told_more():
    assert Unheard().lower("faster").verdict.anything()


def test_it_is_no_evidence():
    judge = Unheard()
    judge.lower("faster", seeds=[0])
    assert vars(judge) == {}
