"""The small pictures: everything where its number says, however odd the numbers."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from reports.marks import DOTS_PER_STRIP, Strip, glance, strip
from reports.summary import decisive, slack
from tests.reports.sample_record import as_deviation, claim, exact, part


def sketch(**changes: Any) -> Strip:
    plain = part("p = 4", -0.5, 0.01, [-0.525, -0.475], -0.5, "supported") | {
        "estimate": -0.5,
        "interval": {"90": [-0.51, -0.49], "95": [-0.515, -0.485]},
        "per_seed": [-0.51, -0.5, -0.49],
    }
    return strip(plain | changes)


def dots(picture: Strip) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h", picture.dots)]


def test_order_on_paper_is_the_order_of_the_numbers() -> None:
    s = sketch()
    assert s.thin and s.thick and s.point and s.target
    left, right = s.edges
    assert left < s.thin[0] < s.thick[0] < s.point < s.thick[1] < s.thin[1] < right
    assert s.point == s.target == pytest.approx(s.width / 2)
    assert s.region[0] == left and s.region[1] == pytest.approx(right - left)


def test_every_seed_is_a_dot() -> None:
    values = [-0.5 + 0.0001 * i for i in range(DOTS_PER_STRIP)]
    assert len(dots(sketch(per_seed=values))) == DOTS_PER_STRIP
    assert sketch(per_seed=values).note == ""


def test_more_seeds_are_thinned_and_it_is_said() -> None:
    values = [-0.5 + 0.01 * math.sin(i) for i in range(1000)]
    s = sketch(per_seed=values)
    assert len(dots(s)) <= DOTS_PER_STRIP and re.fullmatch(r"\d+ of 1000 seeds drawn", s.note)
    everyone = strip(part("p", -0.5, 0.01, [-0.525, -0.475], -0.5, "supported", per_seed=values), most_dots=2000)
    places, all_places = [x for x, _ in dots(s)], [x for x, _ in dots(everyone)]
    assert max(places) - min(places) == pytest.approx(max(all_places) - min(all_places), abs=2)


def test_dots_lie_apart_and_the_same_every_time() -> None:
    equal = sketch(per_seed=[-0.5] * 5)
    assert len({y for _, y in dots(equal)}) == 5
    assert equal == sketch(per_seed=[-0.5] * 5)


def test_open_ends_reach_the_edge_of_the_picture() -> None:
    s = sketch(region=[None, -0.475], interval={"90": [None, -0.49], "95": [None, -0.485]})
    assert s.region[0] == 0 and s.thin and s.thin[0] == 0 and len(s.edges) == 1


def test_lost_numbers_are_not_drawn() -> None:
    s = sketch(estimate=None, interval={"90": [None, None], "95": [None, None]}, target=None, per_seed=[None, -0.5])
    assert {s.point, s.thin, s.thick, s.target} == {None}
    assert len(dots(s)) == 1 and s.note == "1 seed not finite"


def test_wild_seed_does_not_hide_the_others() -> None:
    s = sketch(per_seed=[-0.51, -0.505, -0.5, -0.495, -0.49, 1e9])
    assert s.note == "1 seed beyond the picture, put on its edge"
    assert s.edges[1] - s.edges[0] > 100


def test_far_estimate_still_shows_the_region() -> None:
    s = sketch(estimate=50.0, interval={"90": [49.0, 51.0], "95": [48.0, 52.0]}, per_seed=[])
    assert s.region[1] >= 1.5


def test_tick_labels_are_readable_beside_each_other() -> None:
    for scale in (1.0, 1e-3, 1e-9, 1e7):
        labels = [
            label
            for _, label in sketch(
                estimate=-0.5 * scale,
                target=None,
                region=[-0.525 * scale, -0.475 * scale],
                per_seed=[],
                interval={"90": [-0.51 * scale, -0.49 * scale], "95": [-0.515 * scale, -0.485 * scale]},
            ).ticks
        ]
        assert 2 <= len(labels) <= 6 and len(set(labels)) == len(labels)
        assert sum(map(len, labels)) < 45


def test_exact_part_is_drawn_in_decades() -> None:
    s = strip(exact("p = 4", 3e-7, 1e-4, "supported"))
    (limit,) = s.edges
    assert s.point is not None and s.point < limit and s.region[0] == 0
    assert "10⁻⁴" in [label for _, label in s.ticks]
    assert s.note == "1 seed without any deviation, put on the left edge"


def test_exact_part_beyond_its_tolerance_lies_right_of_it() -> None:
    s = glance(exact("p = 4", -2e-3, 1e-4, "refuted"))
    assert s.point is not None and s.point > s.edges[0]


def test_tolerance_bounds_the_picture_whatever_the_region_says() -> None:
    s = strip(as_deviation(3e-6))
    assert s.point is not None and s.point < s.edges[0] and "10⁻⁴" in [label for _, label in s.ticks]


def test_exact_parts_are_ranked_by_the_tolerance_that_is_left() -> None:
    assert slack(as_deviation(2.5e-5)) == pytest.approx(0.75)
    assert slack(as_deviation(3e-4)) == pytest.approx(-2)


def test_one_sided_exact_part_keeps_its_own_scale() -> None:
    s = strip(exact("eigenvalue", 2.0, 1e-9, "supported", region=[-1e-9, None], target=0.0))
    assert s.point is not None and s.point > s.edges[0]
    assert "10⁻⁹" not in [label for _, label in s.ticks]


# ---- which part decided --------------------------------------------------------------------------------------


def test_worst_verdict_decides() -> None:
    order = ["supported", "inconclusive", "refuted", "invalid"]
    parts = [part(v, -0.5, 0.01, [-0.525, -0.475], -0.5, v) for v in order]
    for upto in range(1, 5):
        found = decisive(claim("c", parts[:upto], "invalid"))
        assert found and found["name"] == order[upto - 1]


def test_among_equals_the_one_nearest_to_the_edge_decides() -> None:
    wide = part("wide", -0.5, 0.01, [-0.6, -0.4], -0.5, "supported")
    near = part("near", -0.52, 0.01, [-0.525, -0.475], -0.5, "supported")
    found = decisive(claim("c", [wide, near, wide], "supported"))
    assert found and found["name"] == "near"


def test_room_is_measured_in_margins() -> None:
    small = part("small", 0.0, 1.0, [-1, 1], 0.0, "supported", interval={"90": [-0.5, 0.5], "95": [-0.6, 0.6]})
    large = part("large", 0.0, 1.0, [-100, 100], 0.0, "supported", interval={"90": [-50, 50], "95": [-60, 60]})
    assert slack(small) == slack(large) == 0.5


def test_lost_estimate_has_no_room() -> None:
    lost = part("lost", 0.0, 1.0, [-1, 1], 0.0, "invalid", interval={"90": [None, None], "95": [None, None]})
    assert slack(lost) == -math.inf
