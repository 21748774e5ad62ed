"""Training of the MNIST networks: a description of one arm, and what its runs recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.arms import LENET5, TUTORIAL, Architecture, DenseArm
from training.machine import DataSet, Machine, Progress, silent
from training.recipe import Recipe

__all__ = ["PUBLISHED", "NetworkRuns", "NetworkTraining", "Protocol"]

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
        *("models/arms.py", "models/mnist.py", "models/networks.py", "models/pooling.py", "models/streams.py"),
        *("training/network.py", "training/recipe.py", "training/sgd.py"),
    )
    packages: ClassVar[tuple[str, ...]] = ("numba", "numpy", "torch")

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


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What the arms of a comparison have in common."""

    architecture: Architecture
    recipe: Recipe
    digits: DataSet

    def arm(self, network: DenseArm, *, penalized: bool = True) -> NetworkTraining:
        """Return an arm, trained with the recipe's penalty or on cross-entropy alone."""
        recipe = self.recipe if penalized else replace(self.recipe, penalty=0.0)
        return NetworkTraining(architecture=self.architecture, network=network, recipe=recipe, digits=self.digits)


PUBLISHED = {
    "smoke": Protocol(architecture=LENET5, recipe=Recipe(epochs=6, records=16), digits="embedded"),
    "standard": Protocol(architecture=LENET5, recipe=Recipe(), digits="embedded"),
    "paper": Protocol(architecture=TUTORIAL, recipe=Recipe(), digits="full"),
}
"""The published protocol by budget: the tutorial's network on all of MNIST, and LeNet-5 with the same rules on fewer digits."""
