"""Training arms at many seeds: blocks of seeds side by side, each found in the store or trained now."""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from typing import Any
from warnings import warn

import numpy as np

from training.ahead import Ahead
from training.executors import Threads, Workers
from training.machine import Machine
from training.pace import Pace, Standing
from training.store import Arrays, Store, Trainable
from training.unstored import Unstored

__all__ = ["Trainer", "blocks_of"]

SHARED = ("times", "steps")
"""Arrays that every seed of an arm has in common."""
LOOK_SECONDS = 0.5
"""How often progress is looked at."""
STOP_SECONDS = 1.5
"""How long after Ctrl-C it is told what is waited for."""


@dataclass
class Trainer:
    """Trains arms; `report` is told the share done of all blocks and the seconds since the start, a few times a second.

    `tell` is told the same with the time left, and `say` a sentence on what is waited for after Ctrl-C. Where the store cannot be
    written, the runs are returned all the same, with a warning.

    `seconds` adds up what the trainings took when they were run, also for those that came from the store. Blocks are trained by
    `workers`; without, in as many threads as the machine has. From the first of them on, `ahead` trains for later tests on what
    is left idle.
    """

    store: Store
    machine: Machine
    report: Callable[[float, float], None] = lambda share, seconds: None
    workers: Workers | None = None
    tell: Callable[[Standing], None] = lambda standing: None
    say: Callable[[str], None] = lambda sentence: None
    ahead: Ahead | None = None
    seconds: float = field(default=0.0, init=False)

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs of each arm at every seed: one object for one arm, else a list in the arms' order."""
        cut = [blocks_of(seeds, arm.block(self.machine.device)) for arm in arms]
        arrays = self._obtained([(arm, block) for arm, blocks in zip(arms, cut, strict=True) for block in blocks])
        self.seconds += sum(float(block.pop("seconds")) for block in arrays)
        left = iter(arrays)
        runs = [arm.gather(seeds, _joined(list(islice(left, len(blocks))))) for arm, blocks in zip(arms, cut, strict=True)]
        return runs[0] if len(runs) == 1 else runs

    def _obtained(self, blocks: Sequence[tuple[Trainable, Sequence[int]]]) -> list[Arrays]:
        """Return all blocks, in their order; after a failure only what has begun is finished, and stored.

        After Ctrl-C a training stops where it next tells how far it is; elsewhere it is finished, unless Ctrl-C comes again.
        """
        workers, stopped, hurried = self.workers or Threads(self.machine.threads), Event(), Event()
        pace = Pace([(id(arm), len(seeds)) for arm, seeds in blocks], workers.turns.places)
        unstored = Unstored(self.store)
        # A thread for each block that is under way, wherever that is: it holds the block's lock meanwhile.
        pool = ThreadPoolExecutor(workers.turns.places)
        asked = {
            i: pool.submit(self._block, *blocks[i], workers, stopped, _Teller(pace, i, hurried), unstored)
            for i in _taking_turns([id(arm) for arm, _ in blocks])
        }
        futures = [asked[i] for i in range(len(blocks))]
        try:
            self._watch(futures, pace)
        except BaseException as error:
            stopped.set()
            workers.turns.wake()
            if not isinstance(error, Exception):
                hurried.set()
                workers.turns.close()  # a block that is trained ahead may be one that is waited for here
            pool.shutdown(wait=False, cancel_futures=True)
            workers.cancel()
            begun = [future for future in futures if not future.cancelled()]
            wait(begun) if isinstance(error, Exception) else self._finish(begun, workers)
            raise
        pool.shutdown()
        if unstored.reason:
            warn(unstored.reason, stacklevel=1)  # one place for all claims: pytest tells it once
        return [future.result() for future in futures]

    def _finish(self, begun: list[Future[Arrays]], workers: Workers) -> None:
        """Wait for blocks that have begun; another Ctrl-C ends that, and drops those that are not trained in this process."""
        try:
            left = wait(begun, timeout=STOP_SECONDS).not_done
            if left:
                self.say(f"Interrupted. {_awaited(len(left), finished=not workers.here)}")
                wait(left)
        except KeyboardInterrupt:
            workers.stop()

    def _block(
        self, arm: Trainable, seeds: Sequence[int], workers: Workers, stopped: Event, progress: "_Teller", unstored: Unstored
    ) -> Arrays:
        def train() -> Arrays:
            with workers.turns.now(stopped) as granted:
                if not granted:
                    raise CancelledError
                if self.ahead:
                    self.ahead.begin(workers)
                progress.begin()
                return workers.train(arm, seeds, self.machine, progress)

        arrays = unstored.obtain(arm, seeds, self.machine, train)
        progress(1.0)
        return arrays

    def _watch(self, futures: list[Future[Arrays]], pace: Pace) -> None:
        """Report until all is done. Raises what a block raised."""
        waiting: set[Future[Arrays]] = set(futures)
        while waiting:
            done, waiting = wait(waiting, timeout=LOOK_SECONDS)
            for future in futures:
                if future in done:
                    future.result()
            standing = pace.standing()
            self.report(standing.share, standing.seconds)
            self.tell(standing)


@dataclass(frozen=True)
class _Teller:
    """Takes the progress of one block; where there is hurry, it stops the block instead."""

    pace: Pace
    place: int
    hurried: Event

    def begin(self) -> None:
        self.pace.begin(self.place)

    def __call__(self, share: float) -> None:
        if self.hurried.is_set() and share < 1.0:
            raise CancelledError
        self.pace.tell(self.place, share)


def _awaited(blocks: int, *, finished: bool) -> str:
    """Return the sentence on blocks that have begun.

    >>> _awaited(2, finished=True)
    '2 blocks that have begun will be finished and stored; Ctrl-C again drops them.'
    >>> _awaited(1, finished=False)
    '1 block that has begun stops when it next tells how far it is.'
    """
    several = blocks > 1
    which = f"{blocks} blocks that have begun" if several else "1 block that has begun"
    if finished:
        return f"{which} will be finished and stored; Ctrl-C again drops {'them' if several else 'it'}."
    return f"{which} {'stop when they next tell how far they are' if several else 'stops when it next tells how far it is'}."


def _taking_turns(arms: Sequence[int]) -> list[int]:
    """Return the places of blocks, by their arms, so that the first are each of another arm: their paces are then known early.

    >>> _taking_turns([7, 7, 7, 8, 8])
    [0, 3, 1, 4, 2]
    """
    turns = [arms[:place].count(arm) for place, arm in enumerate(arms)]
    return sorted(range(len(arms)), key=turns.__getitem__)


def blocks_of(seeds: Sequence[int], size: int) -> list[tuple[int, ...]]:
    """Cut seeds into consecutive blocks.

    >>> blocks_of([0, 1, 2], 2)
    [(0, 1), (2,)]
    """
    return [tuple(seeds[start : start + size]) for start in range(0, len(seeds), size)]


def _joined(blocks: list[Arrays]) -> Arrays:
    first = blocks[0]
    return {name: first[name] if name in SHARED else np.concatenate([b[name] for b in blocks]) for name in first}
