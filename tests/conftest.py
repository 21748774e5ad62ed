"""Tests that start whole sessions, clusters or a browser are slow, and left to `-m slow`; the longest to `-m endurance`.

A few of them are marked `fast` all the same: what every change should pass before anything else is looked at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ENDURANCE = ("test_smoke_killed.py",)
SLOW = (
    "browser/",
    "calibration/",
    "survival/",
    "training/test_dask.py",
)
SESSION = "project"
"""The fixture of tests that run a small project's session in a process of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests by their files and fixtures."""
    for item in items:
        if item.path.name in ENDURANCE:
            item.add_marker(pytest.mark.endurance)
        elif _is_slow(item) and not item.get_closest_marker("fast"):
            item.add_marker(pytest.mark.slow)


def _is_slow(item: pytest.Item) -> bool:
    listed = item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW)
    return listed or SESSION in getattr(item, "fixturenames", ())
