"""Training ahead: what later tests will ask for is trained on cores that the present test leaves idle.

A test that judges uses one core, and at the end of its trainings there are fewer blocks than cores. What is trained meanwhile
goes into the store, where the test that asks for it finds it; it is the same training, so that no number depends on it.
"""

import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from threading import Condition, Event, Lock, Thread
from typing import Protocol

from training.executors import Workers
from training.machine import Machine
from training.store import Arrays, Store, Trainable
from training.turns import Turns

__all__ = ["Ahead", "Ask", "Outlook"]

PATIENCE = 2.0
"""Seconds that the end of a session waits for what was trained ahead."""


@dataclass(frozen=True)
class Ask:
    """A block that a later test will ask for, and where it will be trained."""

    arm: Trainable
    seeds: tuple[int, ...]
    machine: Machine
    workers: Workers


class Outlook(Protocol):
    """Tells what later tests will ask for."""

    def asks(self) -> Iterator[Ask]:
        """Give blocks that are not stored, those of the next test first; none that was given before."""


class Ahead:
    """Threads that train what an outlook gives, as long as places are idle; one place is left for the tests.

    What goes wrong here is left to the test that asks for the block: it meets the same.
    """

    def __init__(self, store: Store, outlook: Outlook) -> None:
        self.store, self.outlook = store, outlook
        self.threads: list[Thread] = []
        self.begun: set[Workers] = set()
        self.known: set[Workers] = set()
        self.stopped = Event()
        self._asks: Iterator[Ask] = iter(())
        self._looking = Lock()
        self._changed = Condition()
        self._stale = True

    def begin(self, workers: Workers) -> None:
        """Have a thread for each of the workers' places that may be used, unless there is one."""
        with self._changed:
            if workers in self.begun or self.stopped.is_set():
                return
            self.begun.add(workers)
            more = [Thread(target=self._work, name="training ahead", daemon=True) for _ in range(workers.turns.most_ahead)]
            self.threads += more
        for thread in more:
            thread.start()

    def look_again(self) -> None:
        """Note that the tests to come are others than before, or tell of more."""
        with self._changed:
            self._stale = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Have all stop at the next place where that can be done; nothing more is stored."""
        self.stopped.set()
        with self._changed:
            self._changed.notify_all()
            known = list(self.known)
        for workers in known:
            workers.turns.close()
            workers.stop()  # what comes of it would not be stored

    def join(self, seconds: float = PATIENCE) -> None:
        """Wait for what was stopped, but no longer than this: a block that tells no progress is left to end with the process."""
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while (ask := self._next()) is not None and self._may_ask(ask.workers):
            with ask.workers.turns.ahead() as granted:
                if granted:
                    self._train(ask)

    def _may_ask(self, workers: Workers) -> bool:
        """Note workers, so that they are stopped as well; False where that was done already."""
        with self._changed:
            self.known.add(workers)
            return not self.stopped.is_set()

    def _next(self) -> Ask | None:
        """Return the next block, or wait for one; None once all is over."""
        while not self.stopped.is_set():
            with self._looking:
                if (ask := self._look()) is not None:
                    return ask
            with self._changed:
                self._changed.wait_for(lambda: self._stale or self.stopped.is_set())
        return None

    def _look(self) -> Ask | None:
        with self._changed:
            if self._stale:
                self._asks, self._stale = self.outlook.asks(), False
        return next(self._asks, None)

    def _train(self, ask: Ask) -> None:
        try:
            if self.store.prepare(ask.arm, ask.seeds, ask.machine, lambda: self._trained(ask)):
                self.look_again()  # a test whose first trainings are stored may tell of its next
        except OSError:
            self.stopped.set()  # what cannot be stored would be trained twice
        except (CancelledError, Exception):
            return

    def _trained(self, ask: Ask) -> Arrays:
        self._check()  # or workers that have been stopped would begin anew
        arrays = ask.workers.train(ask.arm, ask.seeds, ask.machine, _Stop(ask.workers.turns), ahead=True)
        self._check()  # the session may be at its end, and the store is put in order
        return arrays

    def _check(self) -> None:
        if self.stopped.is_set():
            raise CancelledError


@dataclass(frozen=True)
class _Stop:
    """Takes the progress of a block, and stops it once it is told to."""

    turns: Turns

    def __call__(self, share: float) -> None:
        if self.turns.closed.is_set() and share < 1.0:
            raise CancelledError
