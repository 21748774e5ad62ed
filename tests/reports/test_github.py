"""What GitHub shows: a table that stays within its limit, commands that survive any text, and nothing that fails a session."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reports import github, plugin
from reports.github import LARGEST, append, command, commands, notes, summary
from reports.oneline import estimate
from reports.record import check
from tests.reports.sample_record import NASTY, Json, claim, exact, interrupted, left_out, one_test, part, run, sample


def judged(verdict: str = "supported", *, id: str = "one", failed: bool = False, name: str = "late", **more: Any) -> Json:
    test = one_test(f"claims/test_{id}.py::test_it", verdict, outcome="failed" if failed else "passed")
    return claim(id, [part(name, 0.5, 0.01, [0.4, 0.6], 0.5, verdict)], verdict, tests=[test], **more)


def record(*claims: Json, not_run: list[Json] | None = None, **more: Any) -> Any:
    return check({**interrupted(), "run": run(**{"referee": None} | more), "claims": list(claims), "not_run": not_run or []})


def rows(text: str) -> list[list[str]]:
    """The cells of a Markdown table's rows, as GitHub takes them apart."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[each.strip() for each in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[1:]]


# ---- the summary ---------------------------------------------------------------------------------------------


def test_row_tells_verdict_record_and_deciding_part() -> None:
    one = judged()
    (cells,) = rows(summary(record(one)))
    shown = estimate(one["parts"][0]).replace("[", "\\[").replace("]", "\\]")
    assert cells == ["one", "supported", "supported", f"late: {shown}", "30"]


def test_verdicts_that_differ_come_first_and_are_marked() -> None:
    text = summary(record(judged(), judged("refuted", id="two"), judged("refuted", id="three", expect="supported", failed=True)))
    assert [cells[:3] for cells in rows(text)] == [
        ["three", "**≠ refuted**", "supported"],
        ["one", "supported", "supported"],
        ["two", "refuted", "refuted"],
    ]
    assert text.startswith(
        "### Depth on Trial: 1 supported, 2 refuted\n\n**1 verdict differs from the record; tests of 1 claim failed.**"
    )


@pytest.mark.parametrize(
    "claims, words",
    [
        ([], "There is no verdict."),
        ([judged()], "Every verdict is the one on record. "),
        ([judged("inconclusive", expect="supported")], "**1 verdict differs from the record; no test failed.**"),
        ([judged("refuted", failed=True)], "**Every verdict is the one on record; tests of 1 claim failed.**"),
        (
            [judged("refuted", expect="supported", id=id, failed=True) for id in ("one", "two")],
            "**2 verdicts differ from the record; tests of 2 claims failed.**",
        ),
    ],
)
def test_opening_sentence(claims: list[Json], words: str) -> None:
    assert f"\n\n{words}" in summary(record(*claims))


def test_run_is_told() -> None:
    text = summary(record(judged(complete=False), not_run=[left_out("two", "theory")], complete=False, budget="smoke")).replace(
        "\xa0", " "
    )
    assert (
        "Run with smoke budget, cpu, torch 2.9.1, commit 3f1c0de5a9b8, with uncommitted changes; interrupted after 15 min 30 s."
        in text
    )
    assert "supported (in part)" in text and text.endswith("Not run: 1 claim of the catalogue.\n")


def test_claim_without_parts_says_why() -> None:
    (cells,) = rows(summary(record(claim("one", [], "invalid", reason="the test stopped: no data"))))
    assert cells[3:] == ["nothing measured: the test stopped: no data", "0"]


def test_exact_part_gives_deviation_and_tolerance() -> None:
    (cells,) = rows(summary(record(claim("one", [exact("p = 8", -2e-3, 1e-4, "refuted")], "refuted"))))
    assert cells[3:] == ["p = 8: deviation 0.002, tolerance 0.0001", "3"]


@pytest.mark.parametrize(
    "name", [NASTY, "|w|³ at | bars", "two\nlines\r\nand \\ more", "`code` *a* _b_ [c](d) ~e~", "<!-- x", "a|\\|b\\"]
)
def test_cells_hold_any_text(name: str) -> None:
    text = summary(record(judged(name=name)))
    (cells,) = rows(text.replace("\\\\", "/"))
    assert len(cells) == 5 and "<" not in text


def test_sample_has_a_row_for_each_claim() -> None:
    whole = sample()
    assert sorted(cells[0] for cells in rows(summary(whole))) == sorted(each["id"] for each in whole["claims"])


# ---- its limit -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide() -> Any:
    """So many long names that the summary would be too long; the last claim is not as on record."""
    claims = [judged(id=f"claim-{i}", name="‖y‖ " * 800) for i in range(400)]
    claims[-1] |= {"expect": "refuted"}
    return {"claims": claims, "not_run": [], "run": run(referee=None)}


def test_long_summary_stays_below_the_limit_and_counts_what_is_missing(wide: Any) -> None:
    text = summary(wide)
    assert LARGEST * 0.98 < len(text.encode()) < LARGEST
    assert rows(text)[0][0] == "claim-399"
    assert f"\n\n{400 - len(rows(text))} claims not shown: the summary would be too long.\n" in text


@pytest.mark.parametrize("room", [0, 100, 1000, 5000, 20_000, LARGEST - 1])
def test_summary_fits_any_room(wide: Any, room: int) -> None:
    assert len(summary(wide, room).encode()) <= max(room - 1, 0)


def test_small_summary_is_whole_in_any_room_it_fits() -> None:
    one = record(judged())
    whole = summary(one)
    assert summary(one, len(whole.encode()) + 1) == whole != summary(one, len(whole.encode()))


def test_what_the_step_wrote_before_is_kept_and_counted(wide: Any, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("no end of line", encoding="utf-8")
    append(record(judged()), path)
    assert path.read_text(encoding="utf-8").startswith("no end of line\n\n### Depth on Trial")
    append(wide, path)
    assert LARGEST * 0.98 < path.stat().st_size < LARGEST
    before = path.read_bytes()
    append(wide, path)
    assert len(path.read_bytes()) < LARGEST and path.read_bytes().startswith(before)


def test_full_summary_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * (LARGEST - 10))
    append(record(judged()), path)
    assert path.stat().st_size == LARGEST - 10


# ---- notes on files ------------------------------------------------------------------------------------------


def unescaped(text: str) -> str:
    for code, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, plain)
    return text


def test_failed_test_is_an_error_on_the_claims_file() -> None:
    one = judged("refuted", expect="supported", failed=True)
    (line,) = commands(record(judged(id="two"), one))
    head, message = line.removeprefix("::").split("::", 1)
    assert head == "error file=claims/test_one.py,line=12,title=one%3A refuted%2C on record supported"
    shown = f"Decided by late: {estimate(one['parts'][0])} (90 % interval), margin 5 % of the exponent, n = 30."
    assert unescaped(message) == f"1 parts were judged; the worst is refuted. {shown}"


def test_inconclusive_that_passes_is_a_warning() -> None:
    (line,) = commands(record(judged("inconclusive", expect="refuted")))
    assert line.startswith("::warning file=claims/test_one.py,") and "on record refuted" in line


def test_other_verdict_that_passes_on_other_data_is_a_warning() -> None:
    (line,) = commands(
        record(judged("refuted", expect="supported", reason="the verdict on record is for MNIST, this one for kmnist"))
    )
    assert line.startswith("::warning ") and "this one for kmnist" in line


def test_refuted_in_another_part_than_on_record_is_an_error() -> None:
    (line,) = commands(record(judged("refuted", failed=True)))
    assert line.startswith("::error ") and "title=one%3A refuted%2C as on record%2C but a test failed::" in line


def test_verdicts_as_on_record_are_silent() -> None:
    assert commands(record(judged(), judged("refuted", id="two"), judged("inconclusive", id="three"))) == []


def test_claim_without_line_or_parts_has_a_note() -> None:
    broken = claim("one", [], "invalid", expect="supported", reason="the test stopped: 3 % left, no data\nat all", line=None)
    (line,) = commands(record(broken))
    assert line == (
        "::warning file=claims/test_one.py,title=one%3A invalid%2C on record supported"
        "::nothing measured: the test stopped: 3 %25 left, no data%0Aat all."
    )


@pytest.mark.parametrize("text", ["100 %", "a:b,c", "one\ntwo\r\nthree", "::error::x", "%0A", NASTY, ""])
def test_commands_survive_any_text(text: str) -> None:
    line = command("error", text, text, text)
    assert "\n" not in line and "\r" not in line
    head, message = line.removeprefix("::error ").split("::", 1)
    properties = dict(each.split("=", 1) for each in head.split(","))
    assert {name: unescaped(value) for name, value in properties.items()} == {"file": text, "title": text}
    assert unescaped(message) == text


# ---- in a session --------------------------------------------------------------------------------------------


def test_outside_a_workflow_nothing_is_said(tmp_path: Path) -> None:
    one = record(judged("refuted", expect="supported", failed=True))
    assert notes(one, {}) == notes(one, {"GITHUB_ACTIONS": "false", "GITHUB_STEP_SUMMARY": ""}) == []


def test_each_variable_asks_for_its_own(tmp_path: Path) -> None:
    one, path = record(judged("refuted", expect="supported", failed=True)), tmp_path / "summary.md"
    assert notes(one, {"GITHUB_STEP_SUMMARY": str(path)}) == [] and path.exists()
    assert notes(one, {"GITHUB_ACTIONS": "true"}) == commands(one)


def test_summary_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    one, missing = record(judged("refuted", expect="supported", failed=True)), tmp_path / "no" / "folder.md"
    *lines, said = notes(one, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(missing)})
    assert lines == commands(one)
    assert said == f"GitHub’s summary could not be written: No such file or directory ({missing})."
    assert "Is a directory" in notes(one, {"GITHUB_STEP_SUMMARY": str(tmp_path)})[0]


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The variables of a workflow, and a page that is written without being drawn."""
    path = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    monkeypatch.setattr("reports.page.write", lambda record, page: page)
    return path


def shown(each: Any, folder: Path, pytestconfig: pytest.Config) -> list[str]:
    return plugin.pytest_claims_record(pytestconfig, each, folder / "index.html").splitlines()


def test_session_ends_with_the_page(workflow: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    lines = shown(record(judged("refuted", expect="supported", failed=True)), tmp_path, pytestconfig)
    assert [line[:14] for line in lines] == ["::error file=c", "The evidence r"]
    assert lines[-1] == f"The evidence report: {tmp_path.resolve() / 'index.html'}"
    assert workflow.read_text(encoding="utf-8").startswith("### Depth on Trial: 1 refuted")


def test_page_that_fails_leaves_the_summary(
    workflow: Path, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.page.write", lambda record, page: 1 / 0)
    assert "The page could not be made (ZeroDivisionError" in shown(record(judged()), tmp_path, pytestconfig)[-1]
    assert workflow.exists()


def test_summary_that_fails_leaves_the_page(
    workflow: Path, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "summary", lambda *_: 1 / 0)
    lines = shown(record(judged()), tmp_path, pytestconfig)
    assert lines[0].startswith("GitHub could not be told of the verdicts (ZeroDivisionError") and lines[1].startswith(
        "The evidence report:"
    )


def test_unwritable_summary_leaves_the_page(
    workflow: Path, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    said, page = shown(record(judged()), tmp_path, pytestconfig)
    assert said.startswith("GitHub’s summary could not be written: Is a directory") and page.startswith("The evidence report:")


def test_without_a_workflow_the_page_is_all_that_is_said(
    workflow: Path, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert shown(record(judged("refuted", expect="supported", failed=True)), tmp_path, pytestconfig) == [
        f"The evidence report: {tmp_path.resolve() / 'index.html'}"
    ]
    assert not workflow.exists()
