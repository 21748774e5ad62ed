"""What is not installed is told before anything is trained."""

import re
from pathlib import Path

import pytest

import evidence
from evidence import packages
from evidence.packages import NEEDED, lacking

PROJECT = Path(evidence.__file__).parent.parent / "pyproject.toml"


def test_what_is_needed_is_what_the_group_installs_but_for_torch():
    (group,) = re.findall(r"^run = \[(.*?)^\]", PROJECT.read_text(), flags=re.MULTILINE | re.DOTALL)
    installed = {name.replace("-", "_") for name in re.findall(r'"([a-z0-9-]+)>=', group)}
    assert installed == {*NEEDED, "torch", "pytest"}


@pytest.mark.parametrize(
    ("absent", "told"),
    [
        ([], ""),
        (["numba"], "The claims need numba, which is not installed: python -m pip install --group run"),
        (["jinja2", "numba", "torch"], "The claims need jinja2, numba and torch, which are not installed:"),
    ],
)
def test_missing_packages_are_named_with_the_command(monkeypatch, absent, told):
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name in absent else name)
    assert lacking(["torch"]).startswith(told) and bool(lacking(["torch"])) == bool(told)
