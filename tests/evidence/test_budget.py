"""Budgets."""

import pytest

from evidence.budget import BUDGETS, FIRST_PILOT_SEED, FIRST_SEED, PILOT_SEEDS, Budget

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


def test_pilot_has_few_seeds_apart_from_those_of_verdicts_and_this_budgets_steps():
    pilot = Budget("paper", pilot=True)
    assert list(pilot.seeds(**COUNTS)) == list(range(FIRST_PILOT_SEED, FIRST_PILOT_SEED + PILOT_SEEDS))
    assert pilot(**COUNTS) == COUNTS["paper"] and pilot.asked == [COUNTS["paper"]]
    assert not set(pilot.seeds(smoke=8, standard=32, paper=100)) & set(Budget("paper").seeds(smoke=8, standard=32, paper=100))
    assert len(pilot.seeds(smoke=8, standard=32, paper=100)) == 8
