"""Whose turn it is to train: blocks that a test waits for go first, blocks that later tests will ask for take what is idle."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

__all__ = ["Turns"]

GRACE = 0.2
"""Seconds for which a place must stand idle before it is given to a later test: the one that waits may be between two blocks."""


class Turns:
    """Places for blocks, of which as many are trained at once.

    >>> turns = Turns(1)
    >>> with turns.now():
    ...     turns.idle_places
    0
    """

    def __init__(self, places: int) -> None:
        self.places = self.idle_places = places
        # The core of one place is the test's own: it judges there, or has a block, or will have one soon.
        self.most_ahead = self.idle_ahead = max(1, places - 1)
        self.waiting = 0
        self.closed = Event()
        """Set once nothing is trained ahead any more, and what is begun is to stop."""
        self._busy = -GRACE  # when a test last took a place or left one
        self._changed = Condition()

    @contextmanager
    def now(self, stopped: Event | None = None) -> Iterator[bool]:
        """Take a place for a block that a test waits for, as soon as there is one; False once it is stopped (see `wake`)."""
        with self._changed:
            self.waiting += 1
            self._changed.wait_for(lambda: self.idle_places > 0 or _is_set(stopped))
            self.waiting -= 1
            granted = not _is_set(stopped)
            self.idle_places -= granted
            self._busy = time.monotonic()
            self._changed.notify_all()  # there may be a place left for one who let this one go first
        try:
            yield granted
        finally:
            if granted:
                self._give_back(time.monotonic())

    @contextmanager
    def ahead(self) -> Iterator[bool]:
        """Take a place that nobody else wants, for a block that none waits for; False once all are told to stop."""
        with self._changed:
            while not self.closed.is_set() and (wait := self._wait()) != 0:
                self._changed.wait(wait)
            granted = not self.closed.is_set()
            self.idle_places -= granted
            self.idle_ahead -= granted
        try:
            yield granted
        finally:
            if granted:
                self._give_back(self._busy, ahead=1)

    def close(self) -> None:
        """Give no more places ahead, and let those who have one know."""
        self.closed.set()
        self.wake()

    def wake(self) -> None:
        """Let those who wait see that they are stopped."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self) -> float | None:
        """Return how many seconds a block that none waits for must wait at least; None until something changes."""
        if self.waiting or not self.idle_places or not self.idle_ahead:
            return None
        return max(0.0, self._busy + GRACE - time.monotonic())

    def _give_back(self, busy: float, ahead: int = 0) -> None:
        with self._changed:
            self.idle_places += 1
            self.idle_ahead += ahead
            self._busy = max(self._busy, busy)
            self._changed.notify_all()


def _is_set(event: Event | None) -> bool:
    return event is not None and event.is_set()
