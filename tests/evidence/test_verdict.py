"""The order of verdicts."""

import itertools

import pytest

from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict, worst


@pytest.mark.parametrize("first, second", list(itertools.pairwise([SUPPORTED, INCONCLUSIVE, REFUTED, INVALID])))
def test_worse_verdict_wins_in_either_order(first, second):
    assert worst([first, second]) is worst([second, first]) is second


def test_verdict_reads_as_its_word():
    assert [f"{verdict}" for verdict in Verdict] == ["supported", "inconclusive", "refuted", "invalid"]
