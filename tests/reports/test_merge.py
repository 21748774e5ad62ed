"""The matrix: claims down, runs across, disagreement marked by shape and words, the same bytes each time."""

from __future__ import annotations

import copy
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reports.merge import in_order, matrix, render, spread, verdict_of_row
from reports.record import check
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import (
    NASTY,
    NO_NUMBER,
    Json,
    claim,
    exact,
    interrupted,
    of_first_version,
    of_fourth_version,
    part,
    run,
    sample,
)

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = {"python": "3.11.7", "torch": "2.9.1", "numpy": "2.4.6"}


def record(*claims: Json, not_run: list[Json] | None = None, torch: str = "2.9.1", **more: Any) -> Any:
    made = run(**{"referee": None, "versions": VERSIONS | {"torch": torch}} | more)
    return check({**interrupted(), "run": made, "claims": list(claims), "not_run": not_run or []})


def judged(verdict: str = "supported", mean: float = 0.5, *, id: str = "one", name: str = "late", **more: Any) -> Json:
    return claim(id, [part(name, mean, 0.01, [0.4, 0.6], 0.5, verdict)], verdict, **more)


def left_out(id: str) -> Json:
    return {key: judged(id=id)[key] for key in ("id", "statement", "source", "origin", "family", "expect", "command")}


def row(page: str, id: str = "one") -> list[Element]:
    """The cells of a claim's row, its heading first."""
    elements = parse(page)
    whole = next(select(elements, "tr", id=f"row-{id}"))
    return [each for each in elements if each.tag in ("td", "th") and each.inside(whole)]


def words(page: str, id: str) -> str:
    return next(select(parse(page), "section", id=id)).text


# ---- what is held against what -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verdicts, verdict, by_majority",
    [
        (["supported"], "supported", True),
        (["supported", "refuted"], "supported", False),
        (["refuted", "supported", "supported"], "supported", True),
        (["inconclusive", "supported", "refuted", "refuted", "supported"], "supported", False),
    ],
)
def test_most_runs_decide_and_among_equals_the_first(verdicts: Any, verdict: str, by_majority: bool) -> None:
    assert verdict_of_row(verdicts) == (verdict, by_majority)


def test_cell_that_differs_from_most_is_marked_in_words() -> None:
    page = render([record(judged(v), torch=f"2.{i}") for i, v in enumerate(["supported", "refuted", "supported"])])
    cells = row(page)
    assert [("≠" in cell.text, "odd" in cell.get("class")) for cell in cells[1:4]] == [
        (False, False),
        (True, True),
        (False, False),
    ]
    assert cells[2].text.startswith("Refuted≠ most runs: supported")
    assert "2 of 3 agree" in cells[0].text


def test_tie_goes_to_the_first_run_and_says_so() -> None:
    page = render([record(judged("supported"), torch="2.8"), record(judged("refuted"), torch="2.9")])
    assert "≠ the first run: supported" in row(page)[2].text and "1 of 2 agrees" in row(page)[0].text
    assert "where several verdicts are equally frequent, against the one that comes first from the left" in words(
        page, "agreement"
    )


@pytest.mark.parametrize(
    "lists, merged",
    [
        ([], []),
        ([["a", "b"], ["b", "a"]], ["a", "b"]),
        ([["a", "c"], ["x", "a", "b", "c", "d"]], ["x", "a", "b", "c", "d"]),
        ([["b"], ["a"], ["c"]], ["c", "a", "b"]),
    ],
)
def test_catalogues_are_merged_in_their_order(lists: list[list[str]], merged: list[str]) -> None:
    assert in_order(lists) == merged


def test_every_claim_has_one_row_and_every_row_one_cell_a_run() -> None:
    records = [check(sample()), record(judged(id="gd-rate"), judged(id="new")), check(interrupted())]
    found = matrix(records)
    assert Counter(each.id for each in found.rows) == Counter({id for r in records for id in (c["id"] for c in r["claims"])})
    assert {len(each.cells) for each in found.rows} == {3} and len(found.columns) == 3


def test_absent_claims_are_not_run_or_unknown() -> None:
    page = render(
        [record(judged(), judged(id="two")), record(judged(id="two"), not_run=[left_out("one")]), record(judged(id="two"))]
    )
    assert [cell.text for cell in row(page)[2:4]] == ["not run", "not run: not in this run’s catalogue"]
    assert "1 claim was judged by one run alone." in words(page, "agreement")


def test_claims_that_no_run_judged_are_named_without_a_row() -> None:
    page = render([record(judged(), not_run=[left_out("two")]), record(judged(), not_run=[left_out("two")])])
    assert "Not run in any of them: two." in words(page, "agreement")
    assert not list(select(parse(page), id="row-two"))


# ---- agreement and spread ------------------------------------------------------------------------------------


def test_agreement_is_counted_over_claims_that_more_than_one_run_judged() -> None:
    one = record(judged(), judged("refuted", id="two"), judged(id="three"), judged(id="alone"), torch="2.8")
    other = record(judged(), judged("supported", id="two"), judged(id="three"), torch="2.9")
    said = words(render([one, other]), "agreement")
    assert "Of 3 claims judged by more than one run, 2 have one verdict throughout and 1 does not: two (1 of 2 refuted)." in said


def test_agreement_throughout() -> None:
    assert "All 2 claims judged by more than one run have one verdict throughout." in words(
        render([record(judged(), judged(id="two"))] * 2), "agreement"
    )
    assert "The one claim judged by more than one run has one verdict throughout." in words(
        render([record(judged())] * 2), "agreement"
    )


def test_single_record_has_nothing_to_compare() -> None:
    page = render([record(judged())])
    assert "No claim was judged by more than one run" in words(page, "agreement") and row(page)[-1].text == "none to tell"


def test_no_record_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="at least one evidence record"):
        render([])


def test_record_without_claims_has_a_page() -> None:
    page = render([record(), record()])
    assert "These runs have no claims." in words(page, "matrix")


def at(estimate: float | None, name: str = "late", **more: Any) -> Json:
    return part(name, 0.5, 0.01, [0.4, 0.6], 0.5, "supported", estimate=estimate, **more)


def test_spread_is_the_largest_difference_in_margins() -> None:
    claims: Any = [claim("one", [at(x), at(y, "early")], "supported") for x, y in ((0.5, 0.1), (0.51, 0.1), (0.49, 0.2))]
    found = spread(claims)
    assert found is not None and (found.part, found.runs, found.same_margin) == ("early", 3, True)
    assert found.margins == pytest.approx(0.1 / 0.025)
    assert row(render([record(each) for each in claims]))[-1].text == "4 marginsearly"


def test_spread_of_an_exact_part_is_in_tolerances() -> None:
    claims: Any = [claim("one", [exact("p = 4", far, 1e-4, "supported")], "supported") for far in (0.0, 5e-5)]
    found = spread(claims)
    assert found is not None and found.margins == pytest.approx(0.5)


def test_same_estimates_have_no_spread() -> None:
    assert row(render([record(judged())] * 2))[-1].text == "none: every part’s estimate is the same"


def test_margins_that_differ_are_said() -> None:
    claims = [claim("one", [at(x, margin=words)], "supported") for x, words in ((0.5, "half"), (0.51, "all"))]
    claims[1]["parts"][0]["margin"]["value"] = 0.05
    assert "margins differ between runs, the first is used" in row(render([record(each) for each in claims]))[-1].text


def test_lost_numbers_are_said_and_spread_over_nothing() -> None:
    lost = claim("one", [at(0.5) | NO_NUMBER], "invalid")
    cells = row(render([record(judged()), record(judged(mean=0.51)), record(lost)]))
    assert "not finite in a run: late" in cells[-1].text and "in 2 runs" in cells[-1].text
    assert "late" in cells[3].text and "not finite" in cells[3].text


def test_parts_that_only_one_run_has_are_no_spread() -> None:
    claims: Any = [judged(name="early"), judged(name="late")]
    assert spread(claims) is None


# ---- cells and columns ---------------------------------------------------------------------------------------


def test_cell_tells_the_deciding_part() -> None:
    page = render(
        [record(claim("one", [exact("p = 4", 3e-7, 1e-4, "supported"), exact("p = 8", -2e-3, 1e-4, "refuted")], "refuted"))]
    )
    assert row(page)[1].text == "Refutedp = 8deviation 0.002, tolerance 0.0001n = 3"


def test_cell_tells_what_is_not_as_on_record_and_what_was_run_in_part() -> None:
    page = render([record(judged("refuted", expect="supported", complete=False))])
    assert "on record: supportedrun in partlate" in row(page)[1].text


def test_broken_claim_has_a_cell_without_a_number() -> None:
    assert row(render([record(claim("one", [], "invalid"))]))[1].text == "Invalidnothing measured"


def headings(page: str, section: str) -> list[str]:
    elements = parse(page)
    inside = next(select(elements, "section", id=section))
    return [each.text for each in select(elements, "th", scope="col") if each.inside(inside)]


@pytest.mark.parametrize(
    "runs, columns",
    [
        ([{"torch": "2.8"}, {"torch": "2.9"}], ["torch 2.8", "torch 2.9"]),
        ([{"device": "cpu"}, {"device": "cuda"}], ["cpu", "cuda"]),
        ([{"torch": "2.8", "budget": "smoke"}, {}], ["torch 2.8, smoke budget", "torch 2.9.1, standard budget"]),
        ([{"seeds": 30}, {"seeds": "auto"}, {}], ["30 seeds", "as many seeds as pilots planned", "each claim’s own seeds"]),
        ([{"datasets": []}, {}], ["no data set", "mnist-12000"]),
        (
            [{"git": {"sha": "ab" * 20, "dirty": False}}, {"git": {"sha": "cd" * 20, "dirty": False}}],
            ["commit abababababab", "commit cdcdcdcdcdcd"],
        ),
        (
            [{"started": "2026-01-02T03:04:05Z"}, {"started": "2026-01-03T00:00:00Z"}],
            ["2026-01-02 03:04:05 UTC", "2026-01-03 00:00:00 UTC"],
        ),
        ([{}, {}], ["2026-01-02 03:04:05 UTC (no. 1)", "2026-01-02 03:04:05 UTC (no. 2)"]),
        (
            [{"torch": "2.8"}, {"started": "2026-01-03T00:00:00Z"}, {}],
            ["torch 2.8", "torch 2.9.1, 2026-01-03 00:00:00 UTC", "torch 2.9.1, 2026-01-02 03:04:05 UTC"],
        ),
    ],
)
def test_columns_are_named_by_what_differs(runs: list[Json], columns: list[str]) -> None:
    page = render([record(judged(), **more) for more in runs])
    assert headings(page, "matrix")[1:-1] == columns == headings(page, "runs")[1:]


def test_commit_is_named_only_where_the_rest_tells_too_little() -> None:
    git = [{"sha": each * 20, "dirty": False} for each in ("ab", "cd", "ef")]
    found = matrix([record(judged(), torch=t, git=g) for t, g in zip(["2.8", "2.9", "2.10"], git, strict=True)])
    assert found.columns == ["torch 2.8", "torch 2.9", "torch 2.10"]
    found = matrix([record(judged(), torch=t, git=g) for t, g in zip(["2.8", "2.9", "2.9"], git, strict=True)])
    assert found.columns == [f"torch {t}, commit {c * 6}" for t, c in (("2.8", "ab"), ("2.9", "cd"), ("2.9", "ef"))]


def test_settings_that_differ_are_marked_in_the_table_of_runs() -> None:
    page = render([record(judged(), torch="2.8"), record(judged(), torch="2.9", complete=False)])
    said = words(page, "runs")
    assert (
        "torch≠ differs2.82.9" in said
        and "budgetstandardstandard" in said
        and "15 min 30 s, interrupted" in said.replace("\xa0", " ")
    )


# ---- the page as a whole -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def records() -> list[Any]:
    """Three runs of the sample: one as it is, one that disagrees, one of an older version and in part."""
    other = sample()
    other["run"] = run(versions=VERSIONS | {"torch": "2.14.1"}, device="cuda")
    other["claims"][0] |= {"verdict": "refuted"}
    return [check(sample()), check(other), check(of_first_version(interrupted()))]


@pytest.fixture(scope="module")
def merged(records: list[Any]) -> str:
    return render(records)


def test_same_records_give_same_bytes_and_are_left_alone(records: list[Any], merged: str) -> None:
    before = copy.deepcopy(records)
    assert render(copy.deepcopy(records)) == merged == render(records) and records == before


def test_older_versions_take_part() -> None:
    newest = sample()
    newest["run"]["referee"] = None
    found = matrix([check(newest), *(check(old(newest)) for old in (of_first_version, of_fourth_version))])
    assert all(each.agreeing == 3 for each in found.rows)


def test_nothing_is_loaded_and_nothing_runs(merged: str) -> None:
    elements = parse(merged)
    targets = [each.get(name) for each in elements for name in ("src", "href", "srcset", "data", "action")]
    assert all(target.startswith(("#", "data:")) for target in targets if target)
    assert "<script" not in merged and not re.search(r"url\((?!#)", merged) and "default-src 'none'" in merged


def test_links_lead_somewhere_and_ids_are_unique(merged: str) -> None:
    elements = parse(merged)
    ids = [each.get("id") for each in elements if each.get("id")]
    assert len(ids) == len(set(ids))
    assert {each.get("href")[1:] for each in elements if each.get("href").startswith("#")} <= set(ids)
    assert {each.get("aria-labelledby") for each in elements if each.get("aria-labelledby")} <= set(ids)


def test_page_is_built_for_everyone(merged: str) -> None:
    elements = parse(merged)
    (html,) = select(elements, "html")
    assert (
        html.get("lang") == "en"
        and [len(list(select(elements, tag))) for tag in ("h1", "main", "header", "footer", "nav")] == [1] * 5
    )
    skip = next(select(elements, "a", cls="skip"))
    assert skip.get("href") == "#matrix" and elements.index(skip) < elements.index(next(select(elements, "header")))
    assert all(each.get("scope") in ("row", "col") for each in select(elements, "th"))
    for table in select(elements, "table"):
        frame = table.parents[-1]
        assert (frame.get("role"), frame.get("tabindex"), "scroll" in frame.get("class")) == ("region", "0", True)
        assert frame.get("aria-labelledby") or frame.get("aria-label")
    levels = [int(each.tag[1]) for each in elements if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))


def test_rows_are_as_wide_as_the_heading(merged: str) -> None:
    elements = parse(merged)
    for table in select(elements, "table"):
        rows = [each for each in select(elements, "tr") if each.inside(table)]
        assert len({sum(cell.tag in ("td", "th") and cell.inside(each) for cell in elements) for each in rows}) == 1


def test_what_a_record_says_is_text(merged: str) -> None:
    assert NASTY not in merged and "&lt;script&gt;alert(" in merged
    page = render([record(judged(name="<b>x</b>"), torch="<i>2</i>"), record(judged(name="<b>x</b>"))])
    assert "<b>x</b>" not in page and "<i>2</i>" not in page


def test_page_uses_the_style_sheet_of_the_evidence_page(merged: str) -> None:
    assert (ROOT / "reports" / "page.css").read_text(encoding="utf-8").strip() in merged
    assert "prefers-color-scheme: dark" in merged and "@page { size: landscape; }" in merged


def test_verdicts_have_shape_and_word(merged: str) -> None:
    elements = parse(merged)
    badges = list(select(elements, "span", cls="badge"))
    uses = [each for each in select(elements, "use")]
    assert len(badges) == sum(any(use.inside(badge) for badge in badges) for use in uses) > 20
    assert all(badge.text.lower() in badge.get("class") for badge in badges)
