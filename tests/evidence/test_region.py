"""Margins and regions."""

import math

import pytest

from evidence.region import Margin, Region


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_margin_that_cannot_be_met_or_missed_is_refused(value):
    with pytest.raises(ValueError, match=f"A margin of {value} cannot be met or missed"):
        Margin(value, "words")


@pytest.mark.parametrize(
    "low, high, inside, outside",
    [(-0.5, 0.5, True, False), (-1, 0.5, False, False), (0.5, 1, False, False), (1.1, 2, False, True), (-3, -1.1, False, True)],
)
def test_interval_is_inside_outside_or_across(low, high, inside, outside):
    region = Region(-1, 1)
    assert (region.contains(low, high), region.misses(low, high)) == (inside, outside)


def test_region_open_at_one_end_has_one_edge():
    assert Region(-1, math.inf).edges() == [-1]
    assert Region(-math.inf, 0).contains(-1e300, -1)
    assert Region(-1, math.inf).room(4) == 5


def test_room_is_the_distance_to_the_nearest_edge_from_either_side():
    assert [Region(-1, 1).room(value) for value in (0.75, -0.5, 3)] == [0.25, 0.5, 2]
