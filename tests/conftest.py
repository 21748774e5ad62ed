"""Tests that start whole sessions or clusters are slow, and left to `pytest -m slow tests`; the longest to `-m endurance`."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ENDURANCE = ("test_smoke_killed.py",)
SLOW = ("survival/", "training/test_dask.py", "training/test_explain.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow files."""
    for item in items:
        if item.path.name in ENDURANCE:
            item.add_marker(pytest.mark.endurance)
        elif item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
