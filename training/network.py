"""Training of the MNIST networks: a description of one arm, and what its runs recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.arms import LENET5, TUTORIAL, Architecture, Arm
from training.machine import DataSet, Machine, Progress, part_of, silent
from training.memory import bytes_per_member, usable_bytes
from training.recipe import PENALTY, POWERS, Recipe, held_out_looks

__all__ = ["PUBLISHED", "VARIED", "NetworkRuns", "NetworkTraining", "Protocol"]

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
    held_out : (seeds, looks), the same share of the held-out digits, at `held_out_steps`
    powers : (seeds, records, 4), sums of |w|^q over end-to-end dense matrices and dense biases, for q = 1, 2, 3, 4
    squares : (seeds, records, dense layers), sum of squares of each end-to-end dense matrix, without biases
    """

    seeds: tuple[int, ...]
    steps: Floats
    cross_entropy: Floats
    penalty: Floats
    accuracy: Floats
    held_out: Floats
    powers: Floats
    squares: Floats

    @property
    def total(self) -> Floats:
        """Return cross-entropy plus penalty, (seeds, records)."""
        return self.cross_entropy + self.penalty

    @property
    def held_out_steps(self) -> Floats:
        """Return the steps at which the held-out digits were looked at, (looks,)."""
        return self.steps[held_out_looks(len(self.steps))]

    def penalty_of(self, power: int, weight: float = PENALTY) -> Floats:
        """Return weight / power * sum |w|^power over end-to-end dense matrices and dense biases, (seeds, records).

        It may be another penalty than the one in training. Raises ``ValueError`` for a power that was not recorded.
        """
        if power not in POWERS:
            raise ValueError(f"Sums of |w|^q were recorded for q = {', '.join(map(str, POWERS))}, not for {power}.")
        return weight / power * self.powers[:, :, POWERS.index(power)]

    def total_of(self, power: int, weight: float = PENALTY) -> Floats:
        """Return cross-entropy plus `penalty_of`, (seeds, records)."""
        return self.cross_entropy + self.penalty_of(power, weight)


@dataclass(frozen=True, kw_only=True)
class NetworkTraining:
    """One arm: an architecture, its matrices as they are or as products, the recipe, and the digits."""

    architecture: Architecture
    network: Arm
    recipe: Recipe
    digits: DataSet

    code: ClassVar[tuple[str, ...]] = (
        *("models/arms.py", "models/convolution.py", "models/convolution_kernels.py", "models/factors.py", "models/mnist.py"),
        *("models/networks.py", "models/overparameterization.py", "models/streams.py", "training/batches.py"),
        *("training/graphs.py", "training/memory.py", "training/network.py", "training/recipe.py"),
        *("training/recording.py", "training/sgd.py"),
    )
    packages: ClassVar[tuple[str, ...]] = ("numba", "numpy", "torch")

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together: eight share what a step costs besides, a GPU wants more.

        The number does not depend on the memory that happens to be free, since the store finds a block by its seeds; `train` cuts
        a block that does not fit.
        """
        return 8 if device == "cpu" else 20

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> dict[str, Floats]:
        """Train at every seed and return the arrays of `NetworkRuns`, in float64; as many seeds at once as memory holds."""
        import torch  # for those who train, not for those who collect tests

        from training.sgd import train_members

        torch.set_num_threads(1)  # in this thread: blocks run side by side, each on one core
        digits = machine.digits(self.digits)
        training, held_out = digits.split(len(digits) // HELD_OUT_SHARE)
        parts = self._parts(seeds, machine)
        arrays = [
            train_members(
                *(self.architecture, self.network, self.recipe, part, training, held_out),
                device=machine.device,
                progress=part_of(progress, done / len(parts), (done + 1) / len(parts)),
            )
            for done, part in enumerate(parts)
        ]
        return {
            name: first if name == "steps" else np.concatenate([each[name] for each in arrays])
            for name, first in arrays[0].items()
        }

    def _parts(self, seeds: Sequence[int], machine: Machine) -> list[Sequence[int]]:
        """Cut seeds into as few ensembles as fit into the memory that is free."""
        each = bytes_per_member(self.architecture, self.network, self.recipe.batch, machine.device)
        most = max(1, usable_bytes(machine.device) // machine.threads // each)
        return [seeds[start : start + most] for start in range(0, len(seeds), most)]

    def gather(self, seeds: Sequence[int], arrays: dict[str, Floats]) -> NetworkRuns:
        """Return the arrays of all seeds as runs."""
        return NetworkRuns(tuple(seeds), **arrays)


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What the arms of a comparison have in common."""

    architecture: Architecture
    recipe: Recipe
    digits: DataSet

    def with_(self, **changes: Any) -> "Protocol":
        """Return the protocol with some of the recipe's values changed.

        >>> PUBLISHED["smoke"].with_(momentum=0.0, power=4).recipe.power
        4
        """
        return replace(self, recipe=replace(self.recipe, **changes))

    def arm(self, network: Arm, *, penalized: bool = True) -> NetworkTraining:
        """Return an arm, trained with the recipe's penalty or on cross-entropy alone."""
        recipe = self.recipe if penalized else replace(self.recipe, penalty=0.0)
        return NetworkTraining(architecture=self.architecture, network=network, recipe=recipe, digits=self.digits)


PUBLISHED = {
    "smoke": Protocol(architecture=LENET5, recipe=Recipe(epochs=6, records=16), digits="embedded"),
    "standard": Protocol(architecture=LENET5, recipe=Recipe(), digits="embedded"),
    "paper": Protocol(architecture=TUTORIAL, recipe=Recipe(), digits="full"),
}
"""The published protocol by budget: the tutorial's network on all of MNIST, and LeNet-5 with the same rules on fewer digits."""

VARIED = {
    "smoke": Protocol(architecture=LENET5, recipe=Recipe(epochs=5, records=16, digits=4480, evaluated=1000), digits="embedded"),
    "standard": Protocol(architecture=LENET5, recipe=Recipe(digits=4480, evaluated=1000), digits="embedded"),
    "paper": PUBLISHED["paper"],
}
"""The protocol whose choices are varied, in many trainings: the published one, at standard budget on 4,480 digits."""
