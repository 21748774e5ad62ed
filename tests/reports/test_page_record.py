"""Damaged records, and the command line: one sentence that names the field, exit code 2."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.page import render
from reports.record import RecordError, check
from tests.reports.sample_record import Json, interrupted, large, sample


@pytest.mark.parametrize("record", [sample(), interrupted(), large(n=4)], ids=["sample", "interrupted", "large"])
def test_sample_records_obey_the_schema(record: Json) -> None:
    assert check(record) == record


def test_record_is_not_changed_and_not_shared() -> None:
    record = interrupted()
    before = copy.deepcopy(record)
    checked = check(record)
    checked["claims"].clear()
    assert record == before


def test_tuples_are_as_good_as_lists() -> None:
    record = interrupted()
    record["claims"] = tuple(record["claims"])
    assert "claim-gd-rate" in render(record)


def test_numbers_that_are_not_finite_become_null() -> None:
    record = interrupted()
    record["claims"][0] |= {"p_raw": float("nan"), "p_holm": float("inf")}
    assert check(record)["claims"][0]["p_raw"] is None
    assert "To support: p not finite; after Holm’s correction over the catalogue, p not finite." in render(record)


def damage(record: Json, change: Callable[[Json], Any]) -> str:
    change(record)
    with pytest.raises(RecordError) as caught:
        render(record)
    return str(caught.value)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda r: r.update(schema="depth-on-trial/evidence/9"), "says 'depth-on-trial/evidence/9'"),
        (lambda r: r.pop("schema"), "this one says None"),
        (lambda r: r.pop("run"), "at its top level: 'run' is a required property"),
        (lambda r: r["run"].pop("budget"), "at run: 'budget' is a required property"),
        (lambda r: r["run"].update(budget="huge"), "at run.budget: 'huge' is not one of"),
        (lambda r: r["claims"][2].update(verdict="maybe"), "at claims[2].verdict: 'maybe' is not one of"),
        (lambda r: r["claims"][1]["parts"][0].update(n="three"), "at claims[1].parts[0].n: 'three' is not of type"),
        (lambda r: r["claims"][0]["parts"][3]["interval"].pop("95"), "at claims[0].parts[3].interval: '95' is a required"),
        (lambda r: r["claims"][0].update(extra=1), "at claims[0]: Additional properties are not allowed ('extra'"),
        (lambda r: r["claims"][3].update(id="gd-rate"), "at claims[3].id: 'gd-rate' appears twice"),
        (lambda r: r["claims"][0]["curves"][1]["low"].pop(), "claims[0].curves[1].low: it has 239 values where x has 240"),
        (lambda r: r["claims"][0]["lines"][0]["values"].pop(), "claims[0].lines[0].values: it has 79 values where x has 80"),
        (lambda r: r["claims"][5]["maps"][0]["low"].pop(), "claims[5].maps[0].low: it is no table of 5 rows of 5 numbers"),
        (lambda r: r["claims"][5]["maps"][0]["high"][2].pop(), "claims[5].maps[0].high: it is no table of 5 rows of 5 numbers"),
        (lambda r: r["claims"][5]["maps"][0].pop("panel"), "claims[5].maps[0]: 'panel' is a required property"),
        (lambda r: r["claims"][5].pop("maps"), "claims[5]: 'maps' is a required property"),
        (lambda r: r["claims"][6].pop("specifications"), "claims[6]: 'specifications' is a required property"),
        (lambda r: r["claims"][6]["specifications"][0].pop("note"), "claims[6].specifications[0]: 'note' is a required"),
        (lambda r: r["claims"][6]["specifications"][1].update(choices={}), "claims[6].specifications[1].choices: {}"),
        (lambda r: r["claims"][6]["specifications"][1]["choices"].update(start=3), "choices.start: 3 is not of type 'string'"),
        (lambda r: r["claims"][6]["specifications"][2].update(region=[0.0]), "claims[6].specifications[2].region: [0.0]"),
        (lambda r: r["claims"][6]["specifications"][3].update(base="yes"), "specifications[3].base: 'yes' is not of type"),
        (lambda r: r["claims"][0].update(seconds={1, 2}), "cannot be written as JSON"),
    ],
)
def test_damaged_record_is_one_sentence_that_names_the_field(change: Callable[[Json], Any], sentence: str) -> None:
    message = damage(sample(), change)
    assert sentence in message
    assert message.endswith(".") and "\n" not in message and len(message) < 300


def test_long_values_do_not_drown_the_sentence() -> None:
    message = damage(sample(), lambda r: r["run"].update(device_name=list(range(10_000))))
    assert "at run.device_name" in message and len(message) < 300


@pytest.mark.parametrize("record", [[], "text", None, 3])
def test_what_is_no_object_is_no_record(record: Any) -> None:
    with pytest.raises(RecordError, match="top level"):
        check(record)


# ---- command line --------------------------------------------------------------------------------------------


def evidence(folder: Path, text: str) -> str:
    path = folder / "evidence.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_page_is_made_beside_the_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", evidence(tmp_path, json.dumps(interrupted()))]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'index.html'}\n"
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == render(interrupted())


def test_output_can_be_named(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "page.html"
    assert main(["render", evidence(tmp_path, json.dumps(interrupted())), "-o", str(target)]) == 0
    assert target.exists()


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
        ("", "is not JSON: Expecting value at line 1, column 1."),
        (
            "{}",
            "'depth-on-trial/evidence/3', 'depth-on-trial/evidence/4' or 'depth-on-trial/evidence/5'; this one says None.",
        ),
        ("[]", "its top level is not an object."),
        (json.dumps(interrupted() | {"claims": 3}), "damaged at claims: 3 is not of type 'array'."),
    ],
)
def test_bad_record_gives_exit_code_2(text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", evidence(tmp_path, text)]) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err and captured.err.count("\n") == 1 and captured.out == ""
    assert not (tmp_path / "index.html").exists()


def test_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err == f"There is no evidence record at {tmp_path / 'none.json'}.\n"


def test_folder_in_place_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("cannot be read: Is a directory.\n")


def test_text_that_is_not_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "evidence.json").write_bytes(b"\xff\xfe{")
    assert main(["render", str(tmp_path / "evidence.json")]) == 2
    assert "is not JSON: it is not UTF-8 text." in capsys.readouterr().err


def test_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = evidence(tmp_path, json.dumps(interrupted()))
    (tmp_path / "page.html").mkdir()
    assert main(["render", record, "-o", str(tmp_path / "page.html")]) == 2
    assert capsys.readouterr().err.startswith("The page cannot be written: Is a directory")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["evidence.json", "page.html"]


@pytest.mark.parametrize("arguments", [[], ["draw"], ["render"]])
def test_wrong_usage_gives_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m reports" in capsys.readouterr().err
