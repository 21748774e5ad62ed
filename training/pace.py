"""How long a training will take yet, from how long its blocks took so far."""

import heapq
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

__all__ = ["Pace", "Standing", "finish"]


@dataclass(frozen=True)
class Standing:
    """How far a training is: blocks done of all, the share of seeds done, seconds so far, and seconds left, None if unknown."""

    done: int
    blocks: int
    share: float
    seconds: float
    left: float | None


class Pace:
    """Follows blocks of seeds, each of an arm and a size, of which `at_once` are trained at a time.

    Arms differ in what a seed costs, so that each has its own pace; one that has none yet is taken to go like the others. Blocks
    that came from the store tell nothing about the pace.

    >>> now = iter([0.0, 0.0, 3.0, 3.0, 3.0])
    >>> pace = Pace([("deep", 8), ("deep", 4)], at_once=1, clock=lambda: next(now))
    >>> pace.begin(0)
    >>> pace.tell(0, 1.0)
    >>> pace.standing()
    Standing(done=1, blocks=2, share=0.6666666666666666, seconds=3.0, left=1.5)
    """

    def __init__(
        self, blocks: Sequence[tuple[Hashable, int]], at_once: int, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.blocks, self.at_once, self.clock = list(blocks), max(1, at_once), clock
        self.start = clock()
        self.shares = [0.0] * len(self.blocks)
        self.begun: dict[int, float] = {}
        self.took: dict[int, float] = {}

    def begin(self, place: int) -> None:
        """Note that a block is trained from now on, or from its start again."""
        self.shares[place] = 0.0
        self.begun[place] = self.clock()

    def tell(self, place: int, share: float) -> None:
        """Note the share done of a block; told that it is done once more, once it is stored, that counts.

        A block that takes a part of its way again, in smaller steps, is as far as it was until it is farther.
        """
        self.shares[place] = max(self.shares[place], share)
        if share >= 1.0 and place in self.begun:
            self.took[place] = self.clock() - self.begun[place]

    def standing(self) -> Standing:
        """Return how far it is now."""
        now, shares = self.clock(), list(self.shares)
        seeds = sum(size for _, size in self.blocks)
        share = sum(done * size for done, (_, size) in zip(shares, self.blocks, strict=True)) / seeds if seeds else 1.0
        done = sum(each >= 1.0 for each in shares)
        return Standing(done, len(shares), share, now - self.start, self._left(now, shares))

    def _left(self, now: float, shares: Sequence[float]) -> float | None:
        todo = [place for place, share in enumerate(shares) if share < 1.0]
        paces = self._paces(now, shares)
        if not todo or not paces:
            return None if todo else 0.0
        typical = sum(paces.values()) / len(paces)
        running, waiting = [], []
        for place in todo:
            arm, size = self.blocks[place]
            whole = paces.get(arm, typical) * size
            if place in self.begun:
                # A block that tells no share while it runs is as far as its time.
                gone = shares[place] * whole or min(whole, now - self.begun[place])
                running.append(whole - gone)
            else:
                waiting.append(whole)
        return finish(running, waiting, self.at_once)

    def _paces(self, now: float, shares: Sequence[float]) -> dict[Hashable, float]:
        """Return the seconds for a seed of each arm, of blocks done in part or whole in this training."""
        spent: dict[Hashable, float] = {}
        seeds: dict[Hashable, float] = {}
        for place, since in list(self.begun.items()):
            if shares[place] > 0:
                arm, size = self.blocks[place]
                spent[arm] = spent.get(arm, 0.0) + self.took.get(place, now - since)
                seeds[arm] = seeds.get(arm, 0.0) + shares[place] * size
        return {arm: spent[arm] / seeds[arm] for arm in spent}


def finish(running: Sequence[float], waiting: Sequence[float], at_once: int) -> float:
    """Return when all is done: each that waits takes the place that is free first.

    >>> finish([1.0, 4.0], [2.0, 2.0], at_once=2)
    5.0
    """
    free = list(running) + [0.0] * (at_once - len(running))
    heapq.heapify(free)
    for each in waiting:
        heapq.heapreplace(free, free[0] + each)
    return max(free)
