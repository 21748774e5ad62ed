"""What the section of a claim says beside its parts: controls, explorations, pilots, p values and Holm's correction."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reports import wording
from reports.caveats import falls_to_holm, pilots, tally, to_refute
from reports.page import ALLOWANCES, render
from reports.wording import p_values
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import (
    Json,
    claim,
    control,
    exact,
    exploration,
    exponents,
    identical,
    interrupted,
    one_test,
    part,
    pilot,
    run,
    sample,
)


def words(elements: list[Element], id: str) -> str:
    return next(select(elements, id=id)).text


def page_of(claims: list[Json], **facts: object) -> list[Element]:
    return parse(render(sample() | {"claims": claims, "run": run(**facts)}))


# ---- p values ------------------------------------------------------------------------------------------------


def told(verdict: str, **p: float | None) -> list[tuple[str, str]]:
    judged = part("p = 4", 0.0, 1.0, [-1, 1], 0.0, verdict, p_raw=0.2, p_refute=0.6, p_permutation=0.25) | p
    return [(line.label, line.text) for line in p_values(judged)]


@pytest.mark.parametrize("verdict", ["supported", "inconclusive", "invalid"])
def test_what_is_not_refuted_shows_its_p_to_support(verdict: str) -> None:
    assert told(verdict) == [("to support", "0.2"), ("permutation (sign flips)", "0.25")]


def test_what_is_refuted_shows_its_p_to_refute() -> None:
    assert told("refuted", p_refute=1e-16) == [("to refute", "< 10⁻⁶"), ("permutation (sign flips), to support", "0.25")]


def test_refuted_without_a_p_to_refute_shows_the_other() -> None:
    assert told("refuted", p_refute=None)[0] == ("to support", "0.2")


def test_lost_p_value_says_so() -> None:
    assert [text for _, text in told("invalid", p_raw=None, p_permutation=None)] == ["not finite"] * 2


@pytest.mark.parametrize("n, p, text", [(30, 0.001, "≤ 0.001"), (12, 0.001, "0.001"), (30, 0.002, "0.002"), (30, 1e-6, "1×10⁻⁶")])
def test_permutation_that_cannot_give_less_says_so(n: int, p: float, text: str) -> None:
    judged = part("p = 4", 0.0, 1.0, [-1, 1], 0.0, "supported", n=n, p_permutation=p)
    assert p_values(judged)[1].text == text


def test_unpaired_arms_flip_no_signs() -> None:
    judged = part("p = 4", 0.0, 1.0, [-1, 1], 0.0, "supported")
    assert p_values(judged | {"per_seed": judged["per_seed"][:15]})[1].label == "permutation"


def refuted(*parts: tuple[str, float | None]) -> str:
    named = [part(f"p = {i}", 0.0, 1.0, [-1, 1], 0.0, verdict, p_refute=p) for i, (verdict, p) in enumerate(parts)]
    return to_refute(claim("c", named, "refuted"))


@pytest.mark.parametrize(
    "parts, text",
    [
        ([("refuted", 1e-16), ("supported", 1.0), ("supported", 1.0)], "p < 10⁻⁶ (the smallest of 3 parts, times 3)"),
        ([("refuted", 0.02)], "p = 0.02"),
        ([("refuted", 0.02), ("invalid", None)], "p = 0.02"),
        ([("refuted", 0.6), ("supported", 0.9)], "p = 1 (the smallest of 2 parts, times 2)"),
        ([("refuted", None), ("supported", 0.9)], ""),
    ],
)
def test_refuted_claim_multiplies_the_smallest_p_by_the_number_of_parts(parts: list[tuple[str, float | None]], text: str) -> None:
    assert refuted(*parts) == text


def test_refuted_claim_is_headed_by_its_p_to_refute(elements: list[Element]) -> None:
    text = words(elements, "claim-cross-entropy-not-accelerated")
    assert "To refute: p = 0.013 (the smallest of 3 parts, times 3)." in text and "after Holm" not in text
    assert "To support: p = 0.0012; after Holm’s correction" in words(elements, "claim-gd-rate")
    assert "No p value: nothing here is a statistical test." in words(elements, "claim-gd-constant")


@pytest.mark.parametrize(
    ("trained", "seconds"),
    [((20.0, 25.0), "45 s"), ((20.0, 20.0), "20 s"), ((20.0, None), "20 s")],
    ids=["apart", "shared", "one"],
)
def test_time_is_that_with_stored_trainings_and_that_from_an_empty_store(trained: tuple[float | None, ...], seconds: str) -> None:
    tests = [one_test(f"test_{i}", "supported", trained=each) for i, each in enumerate(trained)]
    elements = page_of([claim("gd-rate", [part("p = 4", 0.0, 1.0, [-1, 1], 0.0, "supported")], "supported", tests=tests)])
    told = f"Took 12 s with stored trainings, from an empty store {seconds}."
    assert told in words(elements, "claim-gd-rate"), "on one thread; the same trainings are counted once"
    (row,) = [e for e in select(elements, "tr") if "gd-rate" in e.text and e.get("data-verdict")]
    assert row.text.endswith(seconds)


@pytest.mark.parametrize("whole", [True, False], ids=["in full", "in short"])
def test_skewed_seeds_are_marked_beside_n_also_where_a_part_is_told_in_short(
    monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr("reports.page.ALLOWANCES", [replace(ALLOWANCES[0], whole=whole)])
    monkeypatch.setattr("reports.page.LAST", 0)
    parts = [
        part(name, 0.0, 0.1, [-1, 1], 0.0, "supported", per_seed=values, n=6)
        for name, values in {"calm": [0.1, -0.1] * 3, "skewed one": [0.0] * 5 + [1.0]}.items()
    ]
    elements = page_of([claim("gd-rate", parts, "supported")])
    told = [e.text for e in select(elements, "td", cls="n") if e.text.startswith("6")]
    assert sorted(told[1:]) == ["6", "6 skewed"], "after the row of the table of claims"


def test_skewed_seeds_are_marked_in_the_table_of_claims_and_among_what_is_explored_too() -> None:
    skewed = [0.0] * 5 + [1.0]
    decided = part("p = 4", 0.0, 0.1, [-1, 1], 0.0, "supported", per_seed=skewed, n=6)
    explored = exploration("more", 0.1, per_seed=skewed, n=6)
    elements = page_of([claim("gd-rate", [decided], "supported", explorations=[explored])])
    assert sum(e.text == "6 skewed" for e in select(elements, "td")) == 3


def test_exact_part_has_no_p_value() -> None:
    assert {line.text for line in p_values(exact("p = 4", 0.0, 1e-4, "supported"))} == {"not applicable"}


def test_page_names_which_p_it_shows(elements: list[Element]) -> None:
    assert "to refute0.0045permutation (sign flips), to support3×10⁻⁶" in words(elements, "claim-cross-entropy-not-accelerated")
    assert "to support0.012permutation (sign flips)3×10⁻⁶" in words(elements, "claim-gd-rate")


# ---- Holm's correction ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verdict, p, falls",
    [
        ("supported", 0.0499, False),
        ("supported", 0.05, True),
        ("supported", 1.0, True),
        ("supported", None, False),
        ("refuted", 1.0, False),
        ("inconclusive", 0.3, False),
    ],
)
def test_only_support_falls_to_holm(verdict: str, p: float | None, falls: bool) -> None:
    assert falls_to_holm(claim("c", [], verdict, p_holm=p)) is falls


def test_support_that_falls_is_said_in_three_places(elements: list[Element]) -> None:
    sentence = "Would not stand after Holm’s correction over the catalogue."
    assert sentence in words(elements, "claim-width-free")
    assert sum(sentence in e.text for e in select(elements, "section", cls="claim")) == 1
    (note,) = [e.text for e in select(elements, "p", cls="note") if "would not stand" in e.text]
    assert note == (
        "1 supported claim would not stand after Holm’s correction over the catalogue, in which claims without a p value "
        "count as p = 1: width-free (p = 0.074)."
    )
    (row,) = [e for e in select(elements, "tr") if "width-free" in e.text and e.get("data-verdict")]
    assert "not after Holm’s correction" in row.text


def test_support_that_stands_is_left_alone() -> None:
    text = " ".join(e.text for e in select(page_of([claim("gd-rate", exponents(0.01), "supported")]), "main"))
    assert "would not stand after Holm’s correction over" not in text.replace("where a supported claim would not stand", "")
    assert "not after Holm’s correction" not in text


# ---- controls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "passed, sentence",
    [
        ([True], "Of 1 control, 1 came out as they must."),
        ([True, True, False], "Of 3 controls, 2 came out as they must and 1 failed."),
        ([None], "Of 1 control, 1 could not be run."),
        ([False, None, True], "Of 3 controls, 1 came out as they must, 1 failed and 1 could not be run."),
    ],
)
def test_controls_are_counted(passed: list[bool | None], sentence: str) -> None:
    assert tally([control("p") | {"passed": each} for each in passed]).endswith(sentence)


def test_what_controls_show_is_told_by_their_kind() -> None:
    agreement = control("p") | {"name": "planted agreement"}
    tried = [control("p"), control("q", passed=False), agreement, identical("p"), identical("q", n=5)]
    assert tally(tried) == (
        "With a violation planted (1.5 margins, or what a part without a margin tells), the part is refuted, in 1 of 2 trials; "
        "with an agreement planted, it is supported, in 1 of 1; identical arms, or for exact parts a second computation, "
        "raise no alarm, in 1 of 1. "
        "Of 5 controls, 3 came out as they must, 1 failed and 1 could not be run."
    )


def test_control_tells_what_it_must_be_and_what_came_out(elements: list[Element]) -> None:
    text = words(elements, "claim-effective-rank")
    assert "refuted in at most 5%supported in 93.5 %, refuted in 0.2 %" in text
    assert "not run: 5 seeds cannot be split into two arms of three" in text


def test_control_that_could_not_be_run_is_no_failure() -> None:
    elements = page_of([claim("c", exponents(0.01), "supported", controls=[identical("p = 3", n=5)])])
    home = next(select(elements, id="claim-c"))
    assert not [e for e in select(elements, cls="alarm") if e.inside(home)]
    assert "1 could not be run" in home.text and "not finite" not in home.text


@pytest.mark.parametrize("passed", [True, False])
def test_failed_controls_are_unfolded(passed: bool) -> None:
    elements = page_of([claim("c", exponents(0.01), "supported", controls=[control("p = 3", passed=passed)])])
    folded = next(e for e in select(elements, "details") if "What was planted" in e.text)
    assert ("open" in folded.attributes) is not passed


def test_session_without_controls_says_so_in_the_header_and_with_each_claim() -> None:
    elements = parse(render(interrupted()))
    notes = [e.text for e in select(elements, "p", cls="note")]
    assert any(note.startswith("Controls were not run in this session.") for note in notes)
    assert "Controls were not run in this session." in words(elements, "claim-gd-rate")
    assert "controls: not run" in words(elements, "made")


def test_session_with_controls_does_not(page: str, elements: list[Element]) -> None:
    assert "Controls were not run" not in page
    assert "controls: run" in words(elements, "made")
    assert "No control was run with this claim." in words(elements, "claim-saddle-at-zero")


# ---- explorations --------------------------------------------------------------------------------------------


def explored(elements: list[Element]) -> Element:
    (table,) = select(elements, "table", cls="explored")
    return table


def test_explored_number_is_shown_with_its_intervals_and_n(record: Json, elements: list[Element]) -> None:
    found = next(c for c in record["claims"] if c["explorations"])["explorations"][0]
    estimate, ninety, _ = (line.text for line in wording.explored(found))
    table = explored(elements)
    cells = [e.text for e in select(elements, "td") if e.inside(table)][:4]
    assert cells[0] == "total loss, overparameterized to normal (log10 ratio)"
    assert [cell.partition("×")[0].rstrip(" [") for cell in cells[1:3]] == [estimate, ninety]
    assert cells[3] == "12"


def test_explored_number_has_neither_verdict_nor_colour(elements: list[Element]) -> None:
    table = explored(elements)
    inside = [e for e in elements if e.inside(table)]
    assert not {"svg", "use"} & {e.tag for e in inside}
    assert not {"badge", "supported", "refuted", "inconclusive", "invalid"} & {c for e in inside for c in e.get("class").split()}
    assert not re.search("supported|refuted|inconclusive|invalid", table.text, re.IGNORECASE)


def test_explored_numbers_come_with_the_sentence_that_nothing_was_declared(elements: list[Element]) -> None:
    text = words(elements, "claim-width-free")
    assert "Explored, not judged No margin was declared for these numbers, and they carry neither p value nor verdict." in text
    assert "may itself rest on trial runs: see the scope." in text


def test_explored_number_that_is_lost_says_why(elements: list[Element]) -> None:
    assert "no number: one seed diverged.not finite" in explored(elements).text


def test_claim_without_explorations_does_not_mention_them(elements: list[Element]) -> None:
    assert "Explored, not judged" not in words(elements, "claim-gd-rate")


def test_seeds_of_an_exploration_are_listed() -> None:
    elements = page_of([claim("c", [], "invalid", explorations=[exploration("early", 0.33)])])
    lists = [e.text for e in select(elements, "p", cls="values")]
    assert len(lists) == 1 and lists[0].startswith("early, explored (seeds 0 to 11): 0.")


# ---- pilots --------------------------------------------------------------------------------------------------


def test_pilot_is_one_sentence_however_many_tests_share_it(elements: list[Element]) -> None:
    text = words(elements, "claim-gd-rate")
    assert text.count("A pilot on seeds 900 to 903 planned 14 seeds: p = 4 needs 14.") == 1


def test_different_pilots_are_all_told() -> None:
    tests = [one_test(f"t{i}", "supported", pilot=each) for i, each in enumerate([pilot(), None, pilot(6, "x: 4 would do.")])]
    assert pilots(claim("c", [], "supported", tests=tests)) == [
        "A pilot on seeds 900 to 903 planned 14 seeds: p = 4 needs 14.",
        "A pilot on seeds 900 to 903 planned 6 seeds: x: 4 would do.",
    ]


def test_claim_without_a_pilot_does_not_mention_one(elements: list[Element]) -> None:
    assert "A pilot on" not in words(elements, "claim-width-free")


@pytest.mark.parametrize(
    "seeds, text",
    [
        ("auto", "seeds: as many as each claim’s pilot planned"),
        (30, "seeds: 30"),
        (None, "seeds: each claim’s own number"),
    ],
)
def test_run_tells_where_its_numbers_of_seeds_come_from(seeds: object, text: str) -> None:
    assert text in words(page_of([], seeds=seeds), "made")
