"""Batches of an ensemble: what chance draws for each step, and how it comes to digits that live on another device.

What is drawn are numpy's numbers, the same on every device, since comparisons between arms and between devices rest on it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.mnist import Digits
from models.streams import stream
from training.recipe import Recipe

__all__ = ["Batch", "Draw", "Resident", "Staging", "ahead", "draws"]

Batch: TypeAlias = tuple[Tensor, ...]
"""Images (batch, members, 28, 28), labels (members, batch), and what scales the last hidden features, (members, batch, width)."""
Item = TypeVar("Item")
AHEAD = 4
"""Steps that are drawn before they are taken, and steps whose copies may be under way: enough to never wait for one another."""


class Draw(NamedTuple):
    """What chance decides of one step: each member's digits, (members, batch), and the features kept, (members, batch, width)."""

    rows: NDArray[np.int64]
    kept: NDArray[np.bool_]


def draws(recipe: Recipe, width: int, seeds: Sequence[int], digits: int) -> Iterator[Draw]:
    """Yield the draw of every step of a training on so many digits, each member's from the streams of its seed.

    >>> first = next(draws(Recipe(batch=4), 3, seeds=[0, 1], digits=10))
    >>> first.rows.shape, first.kept.shape
    ((2, 4), (2, 4, 3))
    """
    streams = [(stream(seed, "order"), stream(seed, "dropout")) for seed in seeds]
    for _ in range(recipe.epochs):
        order = np.stack([order.permutation(digits) for order, _ in streams])
        for start in range(0, digits - recipe.batch + 1, recipe.batch):
            # Compared member by member, while the numbers are in the cache.
            kept = np.stack([mask.random((recipe.batch, width)) >= recipe.dropout for _, mask in streams])
            yield Draw(order[:, start : start + recipe.batch], kept)


def ahead(items: Iterator[Item], depth: int = AHEAD) -> Iterator[Item]:
    """Yield the same items in the same order, of which a thread of its own makes so many before they are asked for.

    What making an item raises is raised where it is asked for.

    >>> list(ahead(iter("abc"), depth=2))
    ['a', 'b', 'c']
    """
    end = object()
    with ThreadPoolExecutor(max_workers=1) as thread:
        made = deque(thread.submit(next, items, end) for _ in range(depth))
        while (item := made.popleft().result()) is not end:
            made.append(thread.submit(next, items, end))
            yield item  # type: ignore[misc]  # anything but the end is an item


class Event(Protocol):
    """A mark among what a device has to do, as `torch.cuda.Event` is one."""

    def record(self) -> None:
        """Set the mark after all that the device was given so far."""

    def synchronize(self) -> None:
        """Wait until the device has come to the mark; at once where none was set."""


class Done:
    """The mark of a device whose copies are over when they return."""

    def record(self) -> None:
        """Set no mark."""

    def synchronize(self) -> None:
        """Do not wait."""


@dataclass(frozen=True)
class _Slot:
    """Host memory for one step's arrays, and the mark that its copies are over."""

    arrays: tuple[Tensor, ...]
    copied: Event


class Staging:
    """Sends arrays to the same tensors of a device, step after step, while the host goes on.

    Arrays go by way of pinned memory, from which a GPU copies by itself, so the memory of a step must be left alone until it was
    copied. There are slots for a few steps, and the host waits for the oldest: it runs ahead of the device by so many steps.
    """

    def __init__(self, targets: Sequence[Tensor], event: Callable[[], Event] | None = None, depth: int = AHEAD) -> None:
        on_gpu = targets[0].device.type == "cuda"
        self.targets = tuple(targets)
        self.slots = deque(_Slot(_host_memory(targets, on_gpu), (event or _event(on_gpu))()) for _ in range(depth))

    def send(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Copy arrays into the tensors, each of the shape of its own."""
        slot = self.slots[0]
        self.slots.rotate(-1)
        slot.copied.synchronize()
        for target, held, array in zip(self.targets, slot.arrays, arrays, strict=True):
            held.numpy()[...] = array
            target.copy_(held, non_blocking=True)
        slot.copied.record()


class Resident:
    """Digits that live on a device, where every step's batch is gathered from them.

    `load` sends a draw, and `batch` gathers what was sent last. It reads the same tensors at every step, as a captured step must.
    """

    def __init__(self, digits: Digits, recipe: Recipe, members: int, width: int, device: str) -> None:
        self.pixels = torch.from_numpy(digits.pixels()).to(device)
        self.labels = torch.from_numpy(digits.labels.astype(np.int64)).to(device)
        self.rows = torch.zeros(members, recipe.batch, dtype=torch.int64, device=device)
        self.kept = torch.zeros(members, recipe.batch, width, dtype=torch.bool, device=device)
        # The quotient as the CPU's batches have it, in float32: a GPU would divide by multiplying.
        self.scale = float(np.float32(1) / np.float32(1 - recipe.dropout))
        self.staging = Staging((self.rows, self.kept))

    def load(self, draw: Draw) -> None:
        """Send what the next step draws; the device may still be at an earlier one."""
        self.staging.send(draw)

    def batch(self) -> Batch:
        """Gather the batch on the device."""
        members, size = self.rows.shape
        images = self.pixels.index_select(0, self.rows.T.reshape(-1))
        return images.reshape(size, members, *self.pixels.shape[1:]), self.labels[self.rows], self.kept * self.scale


def _host_memory(targets: Sequence[Tensor], pinned: bool) -> tuple[Tensor, ...]:
    return tuple(torch.empty(each.shape, dtype=each.dtype, pin_memory=pinned) for each in targets)


def _event(on_gpu: bool) -> Callable[[], Event]:
    # A blocking event lets the host sleep where it waits, which leaves the core to the thread that draws.
    return (lambda: torch.cuda.Event(blocking=True)) if on_gpu else Done
