"""The examples in the docstrings of this room are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import evidence

MODULES = sorted(path.stem for path in Path(evidence.__file__).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(f"evidence.{name}")).failed == 0


def test_the_room_has_examples():
    tried = [doctest.testmod(importlib.import_module(f"evidence.{name}")).attempted for name in MODULES]
    assert sum(tried) >= 30
