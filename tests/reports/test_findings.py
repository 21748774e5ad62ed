"""One sentence for each family, of what this record's verdicts bear out."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from evidence.claim import registered
from reports.findings import FOUND, found, told
from tests.reports.sample_record import claim, exponents, sample

ROOT = Path(__file__).resolve().parents[2]


def on_record() -> dict[str, str]:
    for path in sorted((ROOT / "claims").glob("test_*.py")):
        importlib.import_module(f"claims.{path.stem}")
    return {each.id: str(each.expect) for each in registered()}


@pytest.mark.parametrize("family", ["theory", "network"])
def test_every_clause_is_borne_out_by_the_verdicts_on_record(family: str) -> None:
    verdicts = on_record()
    for clause in FOUND[family]:  # type: ignore[index]
        assert {id: verdicts[id] for id in clause.rests_on} == clause.rests_on, clause.words


def test_clause_is_left_out_where_a_verdict_turns() -> None:
    verdicts = on_record()
    whole, less = told("network", verdicts), told("network", verdicts | {"early-then-parallel": "supported"})  # type: ignore[arg-type]
    assert "lead still grows" in whole and "lead still grows" not in less and less.endswith(".") and less[0].isupper()


def test_what_is_true_of_the_smaller_network_alone_is_not_told_of_the_larger_one() -> None:
    verdicts = on_record()
    smaller, larger = (told("network", verdicts, budget) for budget in ("standard", "paper"))  # type: ignore[arg-type]
    assert "twice as high early on" in smaller and "early on" not in larger and "lead still grows" in larger


def test_claims_that_are_incomplete_bear_nothing_out() -> None:
    record = sample()
    record["claims"] = [claim(id, exponents(0.01), "supported") for id in ("gd-rate", "figure-1")]
    assert found(record)["theory"] == "Gradient descent on ℓ_p loss converges at the rate of Lemma 2.1."
    record["claims"][0]["complete"] = False
    assert found(record)["theory"] == ""


@pytest.mark.parametrize(("budget", "told_so"), [("smoke", True), ("standard", True), ("paper", False)])
def test_below_paper_budget_the_summary_says_whose_networks_these_are(budget: str, told_so: bool) -> None:
    record = sample()
    record["run"]["budget"] = budget
    verdicts = {"total-loss-accelerated": "supported", "regularizer-reduced": "supported", "early-then-parallel": "refuted"}
    record["claims"] = [claim(id, exponents(0.01), verdict) for id, verdict in verdicts.items()]
    assert ("All of this is LeNet-5’s" in found(record)["network"]) == told_so
    record["claims"] = []
    assert found(record)["network"] == ""


def test_families_without_clauses_have_no_sentence() -> None:
    assert found(sample())["cited"] == found(sample())["extension"] == ""
