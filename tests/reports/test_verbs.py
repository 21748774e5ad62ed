"""The command line's verbs: what they write, their exit codes, and one sentence for all that goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import EXAMPLES, main, records_in
from reports.badge import render as badge
from reports.merge import render as matrix
from reports.record import check
from tests.reports.sample_record import Json, claim, interrupted, of_first_version, part, run

ROOT = Path(__file__).resolve().parents[2]


def record(verdict: str = "supported", **more: Any) -> Json:
    claims = [claim("one", [part("late", 0.5, 0.01, [0.4, 0.6], 0.5, verdict)], verdict)]
    return {**interrupted(), "run": run(**{"referee": None} | more), "claims": claims, "not_run": []}


def write(path: Path, each: Json) -> str:
    path.write_text(each if isinstance(each, str) else json.dumps(each), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Three records: one, one that disagrees, and one of the first version."""
    made = {"a": record(), "b": record("refuted", budget="smoke"), "old": of_first_version(record())}
    return {name: write(tmp_path / f"{name}.json", each) for name, each in made.items()}


# ---- what is written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["render", "merge", "badge"])
def test_a_record_is_never_written_over(
    verb: str, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(files["a"]).read_bytes()
    link = tmp_path / "link.json"
    link.symlink_to(files["a"])
    for output in (files["a"], str(link)):
        assert main([verb, files["a"], "-o", output]) == 2
        assert capsys.readouterr().err == f"--output is {output!r}, which is the record itself; name another file.\n"
    assert Path(files["a"]).read_bytes() == before


# ---- diff ----------------------------------------------------------------------------------------------------


def test_difference_of_verdicts_has_exit_code_1(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", files["a"], files["b"]]) == 1
    said = capsys.readouterr()
    assert "one: supported → refuted, the opposite was found" in said.out and "budget: standard → smoke" in said.out
    assert said.err == ""


@pytest.mark.parametrize("other", ["a", "old"])
def test_same_verdicts_have_exit_code_0(other: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", files["a"], files[other]]) == 0
    assert "No verdict differs." in capsys.readouterr().out


def test_difference_as_markdown(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", files["a"], files["b"], "--markdown"]) == 1
    assert capsys.readouterr().out.startswith("### 1 verdict differs\n\n")


# ---- merge and badge -----------------------------------------------------------------------------------------


def test_matrix_is_written_where_it_was_asked_for(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "deep" / "m.html"
    assert main(["merge", files["a"], files["b"], "-o", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    assert target.read_text(encoding="utf-8") == matrix([check(record()), check(record("refuted", budget="smoke"))])


def test_matrix_goes_to_the_current_folder(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["merge", files["a"], files["old"]]) == 0
    assert [each.name for each in Path().iterdir()] == ["matrix.html"]


def test_matrix_does_not_tell_where_the_records_lay(files: dict[str, str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        copy = write(tmp_path / name / f"{name}.json", record())
        assert main(["merge", copy, files["b"], "-o", str(tmp_path / name / "m.html")]) == 0
    assert (tmp_path / "one" / "m.html").read_bytes() == (tmp_path / "two" / "m.html").read_bytes()
    assert str(tmp_path) not in (tmp_path / "one" / "m.html").read_text(encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Three records in folders of their own, among what is no record."""
    for name, budget in {"torch2.14": "smoke", "torch2.9": "standard", "torch2.9-py312": "paper"}.items():
        (tmp_path / "runs" / name).mkdir(parents=True)
        write(tmp_path / "runs" / name / "evidence.json", record(budget=budget))
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "matrix.html").touch()
    return tmp_path / "runs"


def test_a_folder_stands_for_its_records_older_versions_first(folders: Path, tmp_path: Path) -> None:
    assert [path.parent.name for path in records_in(folders)] == ["torch2.9", "torch2.9-py312", "torch2.14"]
    assert main(["merge", str(folders), "-o", str(tmp_path / "m.html")]) == 0
    expected = matrix([check(record(budget=budget)) for budget in ("standard", "paper", "smoke")])
    assert (tmp_path / "m.html").read_text(encoding="utf-8") == expected


def test_a_folder_and_a_record_go_together(folders: Path, files: dict[str, str], tmp_path: Path) -> None:
    assert main(["merge", files["b"], str(folders), "-o", str(tmp_path / "m.html")]) == 0
    each = [record("refuted", budget="smoke"), *(record(budget=budget) for budget in ("standard", "paper", "smoke"))]
    assert (tmp_path / "m.html").read_text(encoding="utf-8") == matrix([check(one) for one in each])


def test_a_record_stands_for_itself_even_if_it_is_missing(tmp_path: Path) -> None:
    assert records_in(tmp_path / "none.json") == [tmp_path / "none.json"]


def test_a_folder_without_records_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert failed(["merge", str(tmp_path)], capsys) == f"{tmp_path}: no folder in it has an evidence.json.\n"


def test_badge_lies_beside_the_record(files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["badge", files["a"]]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'badge.svg'}\n"
    assert (tmp_path / "badge.svg").read_text(encoding="utf-8") == badge(check(record()))


def test_badge_is_written_where_it_was_asked_for(files: dict[str, str], tmp_path: Path) -> None:
    assert main(["badge", files["a"], "-o", str(tmp_path / "new" / "b.svg")]) == 0
    assert (tmp_path / "new" / "b.svg").stat().st_mode & 0o777 == 0o644


# ---- what goes wrong -----------------------------------------------------------------------------------------


def failed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and said.err.endswith(".\n")
    return said.err


@pytest.mark.parametrize("verb", ["render", "diff", "merge", "badge"])
def test_missing_record(verb: str, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.json")
    others = [files["a"]] if verb in ("diff", "merge") else []
    assert failed([verb, *others, missing], capsys) == f"There is no evidence record at {missing}.\n"


@pytest.mark.parametrize("verb", ["diff", "merge"])
@pytest.mark.parametrize(
    "content, words",
    [
        ("{", "is not JSON: Expecting property name"),
        ("[]", "its top level is not an object."),
        (json.dumps(record() | {"claims": 3}), "damaged at claims: 3 is not of type 'array'."),
        (json.dumps(record() | {"schema": "something else"}), "this one says 'something else'."),
    ],
)
def test_damaged_record_among_several_is_named(
    verb: str, content: str, words: str, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = write(tmp_path / "damaged.json", content)
    said = failed([verb, files["a"], damaged], capsys)
    assert said.count(damaged) == 1 and words in said and files["a"] not in said
    assert not (tmp_path / "matrix.html").exists()


@pytest.mark.parametrize("verb, makes", [("merge", "matrix"), ("badge", "badge")])
def test_what_cannot_be_written(
    verb: str, makes: str, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").mkdir()
    before = sorted(tmp_path.iterdir())
    said = failed([verb, files["a"], "-o", str(tmp_path / "taken")], capsys)
    assert said.startswith(f"The {makes} cannot be written: Is a directory (")
    assert sorted(tmp_path.iterdir()) == before


def stopped(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_no_verb_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert stopped([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("usage: python -m reports") and all(f"\n    {verb} " in said for verb in EXAMPLES)


def test_unknown_verb_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert stopped(["draw", "a.json"]) == 2
    assert capsys.readouterr().err.endswith("\nThere is no verb 'draw'; the verbs are render, diff, merge and badge.\n")


@pytest.mark.parametrize(
    "arguments", [["diff", "a.json"], ["merge"], ["badge", "a.json", "b.json"], ["diff", "a", "b", "--html"]]
)
def test_wrong_usage_names_what_is_wrong(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert stopped(arguments) == 2
    said = capsys.readouterr().err
    assert "usage: python -m reports" in said and "error: " in said


@pytest.mark.parametrize("verb", EXAMPLES)
def test_help_of_each_verb_has_its_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert stopped([verb, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Example: {EXAMPLES[verb]}" in said and EXAMPLES[verb].startswith(f"python -m reports {verb} ")


# ---- in a process of its own ---------------------------------------------------------------------------------


def test_comparing_and_counting_load_no_drawing(files: dict[str, str]) -> None:
    code = f"""
import sys
from reports.__main__ import main
assert main(["diff", {files["a"]!r}, {files["b"]!r}]) == 1 and main(["badge", {files["a"]!r}]) == 0
print(sorted({{"matplotlib", "jinja2", "numpy", "torch", "numba"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_terminal_without_our_characters_is_served_too(files: dict[str, str]) -> None:
    command = [sys.executable, "-X", "utf8=0", "-m", "reports", "diff", files["a"], files["b"]]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="ascii")
    assert done.returncode == 1 and done.stderr == "" and "one: supported -> refuted, the opposite was found" in done.stdout


def test_reader_that_has_seen_enough_changes_nothing(files: dict[str, str]) -> None:
    inside, outside = os.pipe()
    os.close(inside)
    command = [sys.executable, "-m", "reports", "diff", files["a"], files["b"]]
    done = subprocess.run(command, cwd=ROOT, stdout=outside, stderr=subprocess.PIPE, text=True)
    os.close(outside)
    assert (done.returncode, done.stderr) == (1, "")
