"""A typical seed outside the region, for refuted parts."""

from __future__ import annotations

from reports.counterexamples import counterexample
from tests.reports.sample_record import Json, exact, part


def refuted(values: list[float | None], region: list[float | None], **more: object) -> Json:
    judged = part("late", 0.0, 1.0, region, 0.0, "refuted", estimand="gap") | {
        "per_seed": values,
        "seeds": list(range(5000, 5000 + len(values))),
    }
    return judged | more


def test_the_median_of_those_outside_is_told_not_the_farthest() -> None:
    told = counterexample(refuted([0.0, 1.1, 99.0, 1.5, None], [-1, 1]))
    assert told == "Seed 5003 in part “late”: gap: 1.5, where the finding is true for −1 to 1; 3 of 5 seeds lie outside."


def test_both_sides_count_and_one_seed_is_singular() -> None:
    assert counterexample(refuted([-3.0, 0.0], [-1, 1])).startswith("Seed 5000 in part “late”: gap: −3,")
    assert counterexample(refuted([-3.0, 0.0], [-1, 1])).endswith("1 of 2 seeds lies outside.")


def test_log_ratios_are_told_as_ratios_too() -> None:
    told = counterexample(refuted([-0.30103], [-0.1, None], unit="log10 ratio"))
    assert "gap: −0.301 (×0.5), where the finding is true for at least −0.1 (at least ×0.7943)" in told


def test_exact_parts_tell_the_deviation() -> None:
    told = counterexample(exact("p = 8", -2e-3, 1e-4, "refuted"))
    assert told.startswith("Seed 1 in part “p = 8”: limit of the scaled error, off by 0.000667") and "2 of 3 seeds" in told


def test_seeds_that_are_not_known_are_counted() -> None:
    assert counterexample(refuted([3.0], [-1, 1], seeds=[])).startswith("Seed number 1 in part")


def test_there_is_none_without_a_refuted_part_or_a_seed_outside() -> None:
    assert counterexample(None) == "" == counterexample(refuted([0.0, 0.5], [-1, 1]))
    assert counterexample(refuted([3.0], [-1, 1], verdict="supported")) == ""
