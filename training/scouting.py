"""What later tests will ask the store for: they are called ahead of their turn with a `train` that trains nothing."""

import inspect
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from training import explain
from training.ahead import Ask
from training.machine import driver_found
from training.options import machine_for, store_of, workers_for
from training.store import Trainable
from training.trainer import Trainer

__all__ = ["Scout", "unjudged"]

SKIPPED = ("skip", "skipif", "xfail")


class Ended(Exception):
    """Ends a test of which only the trainings were wanted."""


class Scout:
    """Looks at the tests to come; one whose trainings are all stored is looked at once."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.coming: Sequence[pytest.Item] = ()
        self.seen: set[str] = set()
        self.given: set[str] = set()

    def asks(self) -> Iterator[Ask]:
        """Give blocks that are not stored, those of the next test first; none that was given before."""
        for item in self.coming:
            if item.nodeid not in self.seen:
                yield from self._of(item)

    def _of(self, item: pytest.Item) -> Iterator[Ask]:
        """Call a test up to the first trainings that are not stored, and give these."""
        train = _Preview(self.config)
        with suppress(BaseException):  # what a test makes of its runs, or would skip for, is not asked here
            given = _given(item, train)
            if given is not None:
                item.obj(**given)  # type: ignore[attr-defined]  # a function's
        if not (train.left or train.put_off):
            self.seen.add(item.nodeid)
        for key, ask in train.left:
            if key not in self.given:
                self.given.add(key)
                yield ask


class _Preview:
    """Takes the place of `train`: gives stored runs, and ends the test at the first that are not."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.left: list[tuple[str, Ask]] = []
        self.put_off = False

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs as `Trainer` does. Raises `Ended` where one is not stored."""
        if any("torch" in arm.packages for arm in arms) and "torch" not in sys.modules and driver_found():
            # Which device a session used is read off what it imported: a network ahead of its turn must not be the first.
            self.put_off = True
            raise Ended
        machine = machine_for(self.config, arms)
        workers = workers_for(self.config, machine)
        shelf = explain.Shelf(store_of(self.config)[0], [])
        for arm, block in shelf.look_at(arms, seeds, machine):
            if block.state != explain.STORED:
                self.left.append((block.key, Ask(arm, block.seeds, machine, workers)))
        if self.left:
            raise Ended
        return Trainer(shelf, machine)(*arms, seeds=seeds)


def unjudged(config: pytest.Config) -> dict[str, Any]:
    """Return the fixtures for a test of which only the trainings are wanted, as far as another room gives them."""
    hook = getattr(config.hook, "pytest_claims_unjudged", None)
    return (hook and hook(config=config)) or {}


def _given(item: pytest.Item, train: _Preview) -> dict[str, Any] | None:
    """Return what a claim's test is called with; None for one that does not train, may be skipped, or wants other fixtures.

    Tests that are no claims may do more than to train and to judge, so that they are left alone.
    """
    if not isinstance(item, pytest.Function) or not inspect.isfunction(item.obj) or not hasattr(item.obj, "claim"):
        return None
    if any(item.get_closest_marker(mark) for mark in SKIPPED):
        return None
    known = {"train": train} | unjudged(item.config)
    if callspec := getattr(item, "callspec", None):
        known |= callspec.params
    names = item._fixtureinfo.argnames
    return {name: known[name] for name in names} if "train" in names and known.keys() >= set(names) else None
