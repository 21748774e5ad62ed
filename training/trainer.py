"""Training arms at many seeds: blocks of seeds side by side, each found in the store or trained now."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.machine import Machine
from training.store import Arrays, Store, Trainable

__all__ = ["Trainer"]

SHARED = ("times", "steps")
"""Arrays that every seed of an arm has in common."""


@dataclass
class Trainer:
    """Trains arms; `report` is told the share done of all blocks and the seconds since the start, a few times a second.

    `seconds` adds up what the trainings took when they were run, also for those that came from the store.
    """

    store: Store
    machine: Machine
    report: Callable[[float, float], None] = lambda share, seconds: None
    seconds: float = field(default=0.0, init=False)

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs of each arm at every seed: one object for one arm, else a list in the arms' order."""
        blocks = [(arm, block) for arm in arms for block in _blocks(seeds, arm.block(self.machine.device))]
        shares = np.zeros(len(blocks))
        with ThreadPoolExecutor(self.machine.threads) as pool:
            futures = [pool.submit(self._block, *pair, _teller(shares, i)) for i, pair in enumerate(blocks)]
            self._watch(futures, shares)
        arrays = [future.result() for future in futures]
        self.seconds += sum(float(block.pop("seconds")) for block in arrays)
        each = len(blocks) // len(arms)
        runs = [arm.gather(seeds, _joined(arrays[i * each : (i + 1) * each])) for i, arm in enumerate(arms)]
        return runs[0] if len(runs) == 1 else runs

    def _block(self, arm: Trainable, seeds: Sequence[int], progress: Callable[[float], None]) -> Arrays:
        def train() -> Arrays:
            start = time.perf_counter()
            arrays = arm.train(seeds, self.machine, progress)
            return arrays | {"seconds": np.array(time.perf_counter() - start)}

        arrays = self.store.obtain(arm, seeds, self.machine, train)
        progress(1.0)
        return arrays

    def _watch(self, futures: list[Future[Arrays]], shares: Any) -> None:
        """Report until all is done or one failed; what has not begun is then dropped."""
        start = time.perf_counter()
        waiting: set[Future[Arrays]] = set(futures)
        while waiting:
            done, waiting = wait(waiting, timeout=0.5)
            if any(future.exception() for future in done):
                for future in waiting:
                    future.cancel()
                break
            self.report(float(shares.mean()), time.perf_counter() - start)


def _teller(shares: Any, i: int) -> Callable[[float], None]:
    def tell(share: float) -> None:
        shares[i] = share

    return tell


def _blocks(seeds: Sequence[int], size: int) -> list[tuple[int, ...]]:
    """Cut seeds into consecutive blocks.

    >>> _blocks([0, 1, 2], 2)
    [(0, 1), (2,)]
    """
    return [tuple(seeds[start : start + size]) for start in range(0, len(seeds), size)]


def _joined(blocks: list[Arrays]) -> Arrays:
    first = blocks[0]
    return {name: first[name] if name in SHARED else np.concatenate([b[name] for b in blocks]) for name in first}
