"""Descents with the printed update: right for even p, running away for odd p, no numbers otherwise."""

import numpy as np
import pytest

from models.lp.printed import lemma_excess, printed_excess
from models.lp.rates import late_error

SEEDS = list(range(10))


@pytest.mark.parametrize("p", [4, 6])
def test_even_p_is_right_as_printed(p):
    assert printed_excess(p, SEEDS, absolute=False, steps=2000).max() == 0
    assert printed_excess(p, SEEDS, absolute=True, steps=2000).max() == 0


@pytest.mark.parametrize("p", [3, 5, 2.5])
def test_other_p_need_the_absolute_value(p):
    assert printed_excess(p, SEEDS, absolute=False, steps=2000).min() == 1
    assert printed_excess(p, SEEDS, absolute=True, steps=2000).max() == 0


def test_an_excess_is_the_share_above_the_lemma():
    rates = np.full(1, 0.1)
    assert lemma_excess(1.25 * late_error(4, rates, 100), 4, rates, 100) == pytest.approx(0.25)
    assert lemma_excess(0.5 * late_error(4, rates, 100), 4, rates, 100) == 0


def test_excesses_are_capped_and_broken_descents_count_as_the_cap():
    rates = np.full(4, 0.5)
    found = lemma_excess(np.array([0.05, np.inf, np.nan, 0.3]), 4, rates, 100)
    assert found.tolist() == [0.0, 1.0, 1.0, 1.0]
