"""Tests without a browser are skipped with a reason, or fail where a browser is required."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.needs import NAMES, VARIABLE, chromium, insist, lacking

pytestmark = pytest.mark.fast

FOUND = "/usr/bin/chromium"


@pytest.mark.parametrize("name", NAMES)
def test_browser_is_found_under_each_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / name
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium() == str(program)


def test_no_browser_is_found_on_an_empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium() is None


def test_sentence_names_what_is_missing() -> None:
    assert lacking(["json"], FOUND) == ""
    assert lacking(["json", "no_such_module"], FOUND).startswith("no_such_module is not installed; ")
    assert lacking(["no_such_one", "no_such_other"], FOUND).startswith("no_such_one, no_such_other are not installed; ")
    assert lacking([], None) == "No Chromium is on PATH under any of the names chromium, chromium-browser, google-chrome."


def test_missing_browser_skips_or_fails() -> None:
    with pytest.raises(pytest.skip.Exception, match="^No Chromium.$"):
        insist("No Chromium.", {})
    with pytest.raises(pytest.fail.Exception, match=f"^No Chromium. {VARIABLE} is set to required"):
        insist("No Chromium.", {VARIABLE: "required"})


def test_nothing_missing_goes_on() -> None:
    insist("", {})
    insist("", {VARIABLE: "required"})


def test_other_values_of_the_variable_are_refused() -> None:
    with pytest.raises(pytest.UsageError, match='is "yes"; it may be "required"'):
        insist("", {VARIABLE: "yes"})
