"""The small pieces that the verbs share: settings in words, a part in one line, Markdown cells, and how texts leave."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from reports.markdown import cell, table
from reports.numerals import NOT_FINITE
from reports.oneline import decided, estimate, in_line
from reports.outcomes import counts, failing, listed
from reports.output import printable, write_text
from reports.settings import columns, contrasts, settings
from tests.reports.sample_record import NO_NUMBER, Json, claim, exact, interrupted, one_test, part, run, sample

# ---- settings ------------------------------------------------------------------------------------------------


def told(**more: Any) -> dict[str, tuple[str, str]]:
    return {name: (each.value, each.label) for name, each in settings(run(**more)).items()}


@pytest.mark.parametrize(
    "more, name, value, label",
    [
        ({}, "torch", "2.9.1", "torch 2.9.1"),
        ({}, "Python", "3.11.7", "Python 3.11.7"),
        ({}, "numpy", "2.4.6", "numpy 2.4.6"),
        ({}, "seeds", "each claim’s own seeds", "each claim’s own seeds"),
        ({"seeds": 30}, "seeds", "30", "30 seeds"),
        ({"seeds": "auto"}, "seeds", "as many seeds as pilots planned", "as many seeds as pilots planned"),
        ({"controls": False}, "controls", "not run", "without controls"),
        ({"device_name": ""}, "device name", "unknown", "on an unknown device"),
        ({"versions": {"python": "3.13.1"}}, "torch", "none", "no torch"),
        ({"git": {"sha": None, "dirty": None}}, "commit", "not a git checkout", "no commit"),
        ({"git": {"sha": "ab" * 20, "dirty": False}}, "commit", "abababababab", "commit abababababab"),
        ({"git": {"sha": "ab" * 20, "dirty": None}}, "commit", "abababababab", "commit abababababab"),
    ],
)
def test_setting_in_words(more: Json, name: str, value: str, label: str) -> None:
    assert told(**more)[name] == (value, label)


def test_data_of_one_name_differ_by_their_sums() -> None:
    data = [{"name": "mnist", "source": "folder", "images": 5, "sha256": {"images": sum * 64}} for sum in "ab"]
    found = [each for each in contrasts([run(datasets=[each]) for each in data]) if each.differs]
    assert [each.name for each in found] == ["data"]
    assert found[0].values[0] == "mnist (folder, 5 images, sha256 aaaaaaaaaaaa)"


def test_where_a_run_lies_in_time_and_how_long_it_took_is_no_setting() -> None:
    runs = [run(), run(started="2027-01-01T00:00:00Z", finished="2027-01-01T00:00:01Z", seconds=1.0, workers=4, threads=2)]
    assert not any(each.differs for each in contrasts(runs))


def test_columns_are_as_many_as_runs_and_all_different() -> None:
    runs = [run(seeds=seeds, budget=budget) for seeds in (None, 30, 30) for budget in ("smoke", "standard")]
    names = columns(runs)
    assert len(set(names)) == len(runs) == 6 and all("smoke" in name for name in names[::2])


def test_single_run_is_named_by_its_start() -> None:
    assert columns([run()]) == ["2026-01-02 03:04:05 UTC"]


# ---- one line ------------------------------------------------------------------------------------------------


def test_every_part_of_the_sample_fits_one_line() -> None:
    for each in sample()["claims"]:
        for judged in each["parts"]:
            line = in_line(judged)
            assert "\n" not in line and line.startswith(f"{judged['name']}: ") and line.endswith(f"n = {judged['n']}")


def test_interval_is_the_one_at_90_percent() -> None:
    judged: Any = part("late", 0.5, 0.01, [0.4, 0.6], 0.5, "supported", estimate=0.5)
    judged["interval"] = {"90": [0.49, 0.51], "95": [0.48, 0.52]}
    assert estimate(judged) == "0.500 [0.490, 0.510]"


def test_middle_and_half_width_give_the_estimate_once() -> None:
    judged: Any = part("late", 3.0, 0.01, [2.9, 3.1], 2.0, "supported", estimate=3.0)
    judged["interval"] = {"90": [2.99999, 3.00001], "95": [2.9, 3.1]}
    assert estimate(judged).count("3.0") == 1 and "±" in estimate(judged)


def test_lost_numbers_and_open_sides_have_words() -> None:
    lost: Any = part("late", 0.5, 0.01, [0.4, 0.6], 0.5, "invalid") | NO_NUMBER
    assert estimate(lost) == NOT_FINITE
    one_sided: Any = exact("p", 0.5, 1e-4, "supported", region=[0, None])
    assert estimate(one_sided) == "1.5"


def test_claim_is_decided_by_its_worst_part_or_by_its_reason() -> None:
    parts = [exact("good", 0.0, 1e-4, "supported"), exact("bad", 1e-3, 1e-4, "refuted")]
    assert decided(claim("one", parts, "refuted")) == "bad: deviation 0.001, tolerance 0.0001, n = 3"
    assert decided(claim("one", [], "invalid", reason="no data.")) == "nothing measured: no data"


# ---- outcomes ------------------------------------------------------------------------------------------------


def test_counts_are_of_verdicts_that_occur() -> None:
    found = counts(sample())
    assert sum(number for _, number in found) == len(sample()["claims"]) and all(number for _, number in found)
    assert listed(found, " · ").startswith(f"{found[0][1]} supported · ")


def test_one_failed_test_is_enough() -> None:
    tests = [one_test("a", "refuted"), one_test("b", "refuted", outcome="failed")]
    record: Any = {**interrupted(), "claims": [claim("one", [], "refuted", tests=tests), claim("two", [], "refuted")]}
    assert [each["id"] for each in failing(record)] == ["one"]


# ---- Markdown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, escaped",
    [
        ("plain", "plain"),
        ("a | b", "a \\| b"),
        ("one\ntwo\r\n\tthree", "one two three"),
        ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
        ("\\|", "\\\\\\|"),
        ("[0.1, 0.2]", "\\[0.1, 0.2\\]"),
        ("−0.5 ‖y‖ 10⁻⁴", "−0.5 ‖y‖ 10⁻⁴"),
        ("", ""),
    ],
)
def test_cell_is_text(text: str, escaped: str) -> None:
    assert cell(text) == escaped


def test_table_without_rows_is_its_heading() -> None:
    assert table(["a", "b"], []) == "| a | b |\n|---|---|"


# ---- files and terminals -------------------------------------------------------------------------------------


def test_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.svg"
    assert write_text(target, "first\n") == target and write_text(target, "−second\n") == target
    assert target.read_bytes() == "−second\n".encode()
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\ud800")
    assert target.read_bytes() == "−second\n".encode() and os.listdir(target.parent) == ["file.svg"]


def test_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        write_text(tmp_path / "file" / "badge.svg", "x")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_printable_can_be_printed_and_keeps_what_it_can(encoding: str) -> None:
    text = "one: −0.5 ± 2×10⁻⁵ ≠ ‖y‖’s → two"
    shown = printable(text, encoding)
    assert shown.encode(encoding).decode(encoding) == shown and shown.startswith("one: ") and "0.5" in shown
    assert (shown == text) == (encoding == "utf-8") and (encoding == "utf-8" or shown.startswith("one: -0.5"))
