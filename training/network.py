"""Training of the MNIST networks: a description of one arm, and what its runs recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.arms import Architecture, DenseArm
from training.machine import DataSet, Machine, Progress, silent
from training.recipe import Recipe

__all__ = ["NetworkRuns", "NetworkTraining"]

Floats: TypeAlias = NDArray[np.float64]
HELD_OUT_SHARE = 12
"""One digit in twelve is held out: the tutorial's 5,000 of 60,000."""


@dataclass(frozen=True)
class NetworkRuns:
    """What the trainings of one arm recorded, on fixed training digits and without dropout.

    Attributes
    ----------
    steps : (records,)
    cross_entropy : (seeds, records)
    penalty : (seeds, records), of the end-to-end matrices, with the tutorial's weight even where training did not use it
    accuracy : (seeds, records), share of the digits classified correctly
    """

    seeds: tuple[int, ...]
    steps: Floats
    cross_entropy: Floats
    penalty: Floats
    accuracy: Floats

    @property
    def total(self) -> Floats:
        """Return cross-entropy plus penalty, (seeds, records)."""
        return self.cross_entropy + self.penalty


@dataclass(frozen=True, kw_only=True)
class NetworkTraining:
    """One arm: an architecture, its dense layers, the recipe, and the digits."""

    architecture: Architecture
    network: DenseArm
    recipe: Recipe
    digits: DataSet

    code: ClassVar[tuple[str, ...]] = (
        *("models/arms.py", "models/mnist.py", "models/networks.py", "models/streams.py"),
        *("training/network.py", "training/recipe.py", "training/sgd.py"),
    )
    packages: ClassVar[tuple[str, ...]] = ("numpy", "torch")

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    def block(self, device: str) -> int:
        """Return how many seeds are trained together: four fit a core's cache, a GPU wants more."""
        return 4 if device == "cpu" else 20

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> dict[str, Floats]:
        """Train at every seed and return the arrays of `NetworkRuns`, in float64."""
        import torch  # for those who train, not for those who collect tests

        from training.sgd import train_members

        torch.set_num_threads(1)  # in this thread: blocks run side by side, each on one core
        digits = machine.digits(self.digits)
        training, _ = digits.split(len(digits) // HELD_OUT_SHARE)
        return train_members(
            self.architecture, self.network, self.recipe, seeds, training, device=machine.device, progress=progress
        )

    def gather(self, seeds: Sequence[int], arrays: dict[str, Floats]) -> NetworkRuns:
        """Return the arrays of all seeds as runs."""
        return NetworkRuns(tuple(seeds), **arrays)
