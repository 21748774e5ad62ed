"""What would change a part's verdict: margins, and shorter runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.record import Part
from reports.standing import MARGINS, grid, read_off, turning_margins, would_change
from tests.reports.sample_record import exact, part

Ends = list[float | None]


def with_ends(ninety: Ends, ninety_five: Ends, region: Ends, target: float = 0.0, **more: Any) -> Part:
    judged = part("late", 0.0, 1.0, region, target, "supported", **more)
    judged["margin"]["value"] = abs((region[1] if region[1] is not None else region[0] or 1.0) - target)
    judged["interval"] = {"90": ninety, "95": ninety_five}
    judged["verdict"] = read_off(judged["interval"], region)
    judged["shorter"] = []
    return judged  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "ninety, ninety_five, region, verdict",
    [
        ([0.2, 0.4], [0.1, 0.5], [-1, 1], "supported"),
        ([0.2, 1.0], [0.1, 1.1], [-1, 1], "inconclusive"),
        ([1.2, 1.4], [1.1, 1.5], [-1, 1], "refuted"),
        ([1.1, 1.4], [0.9, 1.5], [-1, 1], "inconclusive"),
        ([-1.4, -1.2], [-1.5, -1.1], [-1, None], "refuted"),
        ([5.0, 6.0], [4.0, 7.0], [-1, None], "supported"),
        ([-2.0, -1.0], [-3.0, -0.5], [None, 0], "supported"),
        ([None, 0.4], [None, 0.5], [-1, 1], "invalid"),
    ],
)
def test_verdict_is_read_off_by_the_rule_of_the_project(ninety: Ends, ninety_five: Ends, region: Ends, verdict: str) -> None:
    assert read_off({"90": ninety, "95": ninety_five}, region) == verdict


number = st.floats(-3, 3, allow_nan=False)


@given(number, st.floats(0.01, 1), st.floats(0.1, 2), st.sampled_from(["equivalence", "non-superiority"]))
def test_turning_margins_are_where_the_verdict_turns(middle: float, half: float, unit: float, kind: str) -> None:
    region: Ends = [-unit, unit if kind == "equivalence" else None]
    judged = with_ends([middle - half, middle + half], [middle - 1.2 * half, middle + 1.2 * half], region, kind=kind)
    supports, refutes = turning_margins(judged)
    assert supports is not None and refutes is not None and refutes <= supports

    def verdict(times: float) -> str:
        wide = unit * times
        return read_off(judged["interval"], [-wide, wide if kind == "equivalence" else None])

    assert verdict(supports + 1e-6) == "supported"
    if supports > 1e-6:
        assert verdict(supports - 1e-6) != "supported"
    if refutes > 1e-6:
        assert verdict(refutes - 1e-6) == "refuted"
    assert verdict(refutes + 1e-6) != "refuted"


@pytest.mark.parametrize(
    "ninety, ninety_five, sentence",
    [
        (
            [0.2, 0.4],
            [0.1, 0.5],
            "With a margin of 0.4 times the declared one or less it would be inconclusive, of less than 0.1 times refuted.",
        ),
        ([-0.2, 0.4], [-0.3, 0.5], "With a margin of 0.4 times the declared one or less it would be inconclusive."),
        (
            [1.2, 1.4],
            [1.1, 1.5],
            "It would take a margin of 1.1 times the declared one to be inconclusive, of more than 1.4 times to be supported.",
        ),
        (
            [0.9, 1.2],
            [0.8, 1.3],
            "A margin of more than 1.2 times the declared one would support it, one of less than 0.8 times refute it.",
        ),
        ([-0.1, 1.2], [-0.2, 1.3], "A margin of more than 1.2 times the declared one would support it."),
    ],
)
def test_sentence_names_the_margins_at_which_the_verdict_turns(ninety: Ends, ninety_five: Ends, sentence: str) -> None:
    assert would_change(with_ends(ninety, ninety_five, [-1.0, 1.0])) == sentence


def test_where_only_a_side_is_asked_for_the_margin_does_not_count() -> None:
    lower = with_ends([-0.3, -0.1], [-0.4, -0.05], [None, 0.0], kind="superiority")
    assert (
        would_change(lower) == "To be inconclusive the mean would have to be nearer to 0 by 0.1, 1 half-widths of its interval."
    )
    assert turning_margins(lower) == (None, None)
    open_ = with_ends([-0.3, 0.1], [-0.4, 0.2], [None, 0.0], kind="superiority")
    assert would_change(open_) == "The interval holds the edge, 0: more seeds would narrow it."


@pytest.mark.parametrize(
    "deviation, verdict, sentence",
    [
        (3e-5, "supported", "With a tolerance below 3×10⁻⁵, 0.3 of the declared one, it would be refuted."),
        (2e-3, "refuted", "It would take a tolerance of 0.002, 20 times the declared one."),
        (0.0, "supported", "No deviation was seen, so that any tolerance would do."),
    ],
)
def test_exact_parts_turn_at_another_tolerance(deviation: float, verdict: str, sentence: str) -> None:
    assert would_change(exact("p = 4", deviation, 1e-4, verdict)) == sentence
    assert grid(exact("p = 4", deviation, 1e-4, verdict)) == []


def test_broken_parts_have_nothing_to_change() -> None:
    broken = part("p = 4", 0.0, 1.0, [-1, 1], 0.0, "invalid")
    assert (would_change(broken), grid(broken)) == ("", [])


def test_grid_reads_every_length_at_every_margin() -> None:
    judged = with_ends([0.2, 0.4], [0.1, 0.5], [-1.0, 1.0])
    judged["shorter"] = [
        {"share": 0.5, "estimate": 0.6, "interval": {"90": [0.55, 0.65], "95": [0.54, 0.66]}},
        {"share": 0.1, "estimate": 3.0, "interval": {"90": [2.5, 3.5], "95": [2.4, 3.6]}},
    ]
    rows = grid(judged)
    assert [row.run for row in rows] == ["whole runs", "half of the runs", "a tenth of the runs"]
    assert [list(row.verdicts) for row in rows] == [
        ["supported", "supported", "supported"],
        ["refuted", "supported", "supported"],
        ["refuted", "refuted", "refuted"],
    ]
    assert len(MARGINS) == 3 and rows[1].interval.text == "[0.550, 0.650]"


def test_grid_of_a_side_has_one_margin() -> None:
    judged = with_ends([-0.3, -0.1], [-0.4, -0.05], [None, 0.0], kind="superiority")
    assert grid(judged) == []
    judged["shorter"] = [{"share": 0.25, "estimate": 0.2, "interval": {"90": [0.1, 0.3], "95": [0.05, 0.35]}}]
    assert [(row.run, list(row.verdicts)) for row in grid(judged)] == [
        ("whole runs", ["supported"]),
        ("0.25 of the runs", ["refuted"]),
    ]


def test_older_parts_know_no_shorter_runs() -> None:
    judged = with_ends([0.2, 0.4], [0.1, 0.5], [-1.0, 1.0])
    del judged["shorter"]  # type: ignore[misc]
    assert [row.run for row in grid(judged)] == ["whole runs"]
