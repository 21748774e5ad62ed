"""The examples in docstrings are true, in every module of every room."""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("models", "training", "evidence", "reports")
MODULES = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if not path.name.startswith("__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    module = importlib.import_module(name)
    failed, tried = doctest.testmod(module)
    examples = [line for line in inspect.getsource(module).splitlines() if ">>> " in line and "+SKIP" not in line]
    assert failed == 0 and bool(tried) == bool(examples)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_examples(room: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / room).rglob("*.py")]
    assert sum(">>> " in text for text in texts) > len(texts) / 2
