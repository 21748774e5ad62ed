"""Budgets."""

import pytest

from evidence.budget import BUDGETS, FIRST_SEED, Budget

COUNTS = {"smoke": 3, "standard": 10, "paper": 30}


@pytest.mark.parametrize("name", BUDGETS)
def test_budget_chooses_its_own_value_and_number_of_seeds(name):
    assert Budget(name)(**COUNTS) == COUNTS[name]
    assert Budget(name).seeds(**COUNTS) == range(FIRST_SEED, FIRST_SEED + COUNTS[name])


@pytest.mark.parametrize("name", BUDGETS)
def test_number_of_seeds_asked_for_wins(name):
    assert len(Budget(name, count=5).seeds(**COUNTS)) == 5


def test_larger_budgets_continue_the_seeds_of_smaller_ones():
    small, large = (Budget(name).seeds(**COUNTS) for name in ("smoke", "paper"))
    assert list(large)[: len(small)] == list(small)
