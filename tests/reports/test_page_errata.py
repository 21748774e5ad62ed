"""Errata of the report: all of them on every page, each with the verdicts that the record has on it."""

from __future__ import annotations

import re

import pytest

from reports.errata import ERRATA, errata
from reports.page import render
from reports.record import check
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import Json, claim, exponents, interrupted, left_out, of_first_version, sample

ON_TRIAL = {
    "proof-expansion",
    "proof-induction",
    "proof-indices",
    "proof-burn-in",
    "odd-p",
    "step-size-edge",
    "capacity",
    "saddle-at-zero",
    "figure-1",
    "rate-once-s-stable",
    "larger-learning-rate",
    "loss-rate",
}


def rows(record: Json) -> list[list[Element]]:
    """The cells of every row of the section."""
    elements = parse(render(record))
    (table,) = select(elements, "table", cls="errata")
    lines = [row for row in select(elements, "tr") if row.inside(table)]
    return [[e for e in elements if e.tag in ("th", "td") and e.inside(row)] for row in lines[1:]]


def shown_by(record: Json, place: str) -> str:
    return next(cells[3].text for cells in rows(record) if cells[0].text.startswith(place))


@pytest.mark.parametrize("record", [sample(), interrupted(), of_first_version(sample()), sample() | {"claims": []}])
def test_every_erratum_is_on_every_page(record: Json) -> None:
    told = [[cell.text for cell in cells[:3]] for cells in rows(record)]
    assert told == [[each.place, each.printed, each.right] for each in ERRATA]


def test_every_claim_on_an_erratum_is_linked_to_it() -> None:
    assert {id for each in ERRATA for id in each.claims} >= ON_TRIAL
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", id) for each in ERRATA for id in each.claims)


def test_printed_and_right_differ_and_say_something() -> None:
    for each in ERRATA:
        assert each.place and each.printed and each.right and each.printed != each.right
    assert len({(each.place, each.printed) for each in ERRATA}) == len(ERRATA)


def test_some_errata_are_misprints_that_nothing_tests() -> None:
    assert sum(not each.claims for each in ERRATA) >= 5
    assert shown_by(sample(), "Lemma 2.1; appendix A") == "no experiment needed"


@pytest.mark.parametrize("verdict", ["supported", "refuted", "inconclusive", "invalid"])
def test_verdict_of_the_record_stands_beside_the_erratum(verdict: str) -> None:
    judged = claim("capacity", exponents(0.01), verdict, statement="Depth adds no capacity.")
    assert shown_by(sample() | {"claims": [judged]}, "Section 1") == (
        f"capacity {verdict.capitalize()}on trial: Depth adds no capacity."
    )


def test_claim_that_was_not_run_is_named_with_its_command() -> None:
    record = interrupted()
    record["not_run"].append(left_out("capacity", "theory"))
    assert shown_by(record, "Section 1") == "capacity not run here: pytest claims/test_capacity.py"


def test_claim_that_the_record_does_not_know_is_named_alone() -> None:
    assert shown_by(sample(), "Section 1") == "capacity not run here"


def test_erratum_with_two_claims_shows_both() -> None:
    text = shown_by(sample(), "Figure 1")
    assert text.startswith("figure-1 Inconclusive") and "loss-rate not run here" in text


def test_claim_on_an_erratum_says_so_and_others_do_not(elements: list[Element]) -> None:
    sentence = "What the report prints here is among its errata."
    for home in select(elements, "section", cls="claim"):
        assert (sentence in home.text) is (home.get("id").removeprefix("claim-") in ON_TRIAL)


def test_errata_are_in_the_contents(elements: list[Element]) -> None:
    (contents,) = select(elements, "nav")
    links = [e.get("href") for e in select(elements, "a") if e.inside(contents)]
    assert "#errata" in links and next(select(elements, "h2", id="h-errata")).text == "Errata of the report"


def test_views_keep_the_order_of_the_report() -> None:
    assert [view.erratum for view in errata(check(sample()))] == list(ERRATA)
    order = ["Abstract", "Section 1", "Section 2", "Lemma 2.1", "Figure 1", "Section 3", "Appendix A"]
    places = [next(i for i, name in enumerate(order) if each.place.startswith(name)) for each in ERRATA]
    assert places == sorted(places)
