"""Stochastic gradient descent with momentum on an ensemble of networks, one member for each seed.

The recipe is that of the TensorFlow MNIST tutorial: momentum 0.9, staircase decay of the learning rate, dropout before the
last layer, an L2 penalty on dense weights and biases; a `Recipe` may change each of them. Arms are paired by seed: the same seed
gives the same batches and the same dropout masks in every arm, and on every device. On a GPU steps are replayed as graphs
(`training.graphs`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.arms import Architecture, Arm
from models.mnist import Digits
from models.networks import Ensemble, build, cross_entropies, step_multipliers
from training.batches import Batch, Draw, Resident, ahead, draws
from training.graphs import Graph, Replays, graph_of, side_stream
from training.machine import Progress, silent
from training.recipe import Recipe, held_out_looks
from training.recording import Log, Records

__all__ = ["train_members"]

TOLD = 40
"""How often a training tells how far it is, and can be stopped."""


def train_members(
    architecture: Architecture,
    arm: Arm,
    recipe: Recipe,
    seeds: Sequence[int],
    digits: Digits,
    held_out: Digits | None = None,
    *,
    device: str = "cpu",
    progress: Progress = silent,
) -> Records:
    """Train one arm at several seeds and return what was recorded.

    Returns
    -------
    dict of arrays in float64, those of `training.network.NetworkRuns`: ``steps`` (records,); ``cross_entropy``, ``penalty`` (the
    weighted one of the tutorial, recorded also where the training did not use it) and ``accuracy``, each (seeds, records);
    ``powers`` (seeds, records, 4) and ``squares`` (seeds, records, dense layers); and where digits are held out, ``held_out``
    (seeds, looks), at the records of `held_out_looks`.
    """
    digits = digits.head(recipe.digits or len(digits))
    with side_stream(device):
        return _train(architecture, arm, recipe, seeds, digits, held_out, device, progress)


def _train(
    architecture: Architecture,
    arm: Arm,
    recipe: Recipe,
    seeds: Sequence[int],
    digits: Digits,
    held_out: Digits | None,
    device: str,
    progress: Progress,
) -> Records:
    at = recipe.record_steps(len(digits))
    network = build(architecture, arm, seeds).to(device)
    update = _Update(network, recipe, step_multipliers(architecture, arm, seeds))
    log = Log(digits.head(min(recipe.evaluated, len(digits))), held_out, held_out_looks(len(at)), device)
    told = set(np.linspace(0, at[-1], TOLD + 1).astype(np.int64).tolist())
    if at[0] == 0:
        log.look(network)
    batches, take = _steps(update, architecture.dense[-2], seeds, digits, device)
    for step, batch in enumerate(batches, start=1):
        take(batch, (step - 1) // (len(digits) // recipe.batch))
        if step in at:
            log.look(network)
        if step in told:
            progress(step / at[-1])
    return {"steps": at.astype(np.float64)} | log.records()


class _Update:
    """One step of the recipe on every member."""

    def __init__(self, network: Ensemble, recipe: Recipe, multipliers: dict[str, Tensor]) -> None:
        self.network, self.recipe = network, recipe
        self.optimiser = torch.optim.SGD(network.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum)
        parameters = dict(network.named_parameters())
        self.multiplied = [(parameters[name], each.to(parameters[name].device)) for name, each in multipliers.items()]
        if recipe.penalty:
            matrices = network.factors() if recipe.penalized == "factors" else network.plain_matrices()
            self._penalize([*network.biases(), *matrices])

    def __call__(self, batch: Batch, epoch: int) -> None:
        """Move every parameter, with the learning rate of an epoch."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * self.recipe.decay**epoch
        self.optimiser.zero_grad()
        self.losses(*batch).sum().backward()  # members share no parameter, so the sum's gradient is each member's own
        for parameter, each in self.multiplied:
            cast(Tensor, parameter.grad).mul_(each)  # as a learning rate of its own would, also with momentum
        self.optimiser.step()

    def losses(self, images: Tensor, labels: Tensor, keep: Tensor) -> Tensor:
        """Return each member's cross-entropy, (members,), whose gradient comes with that of the penalty."""
        matrices = self.network.end_to_end()
        if self.recipe.penalty and self.recipe.penalized == "product":
            self._penalize([matrix for matrix in matrices if not matrix.is_leaf])
        return cross_entropies(self.network(images, matrices, keep), labels)

    def _penalize(self, arrays: Sequence[Tensor]) -> None:
        """Let the gradient of each array come with that of the penalty, weight |w|^(power - 1) sign(w).

        As a term of the loss the penalty would read every matrix three times on the way forth and back; this reads it once.
        """
        for each in arrays:
            # An alias, since a hook that holds its own tensor would keep it alive.
            each.register_hook(partial(_with_penalty, held=each.detach(), recipe=self.recipe))


def _with_penalty(gradient: Tensor, held: Tensor, recipe: Recipe) -> Tensor:
    return gradient.add(_slope(held, recipe.power), alpha=recipe.penalty)


def _slope(array: Tensor, power: float) -> Tensor:
    """Return the derivative of |w|^power / power."""
    return array if power == 2 else array.sign() * array.abs().pow(power - 1)


def _steps(
    update: _Update, width: int, seeds: Sequence[int], digits: Digits, device: str
) -> tuple[Iterator[Any], Callable[[Any, int], None]]:
    """Return what each step is taken on and what takes it in an epoch: batches, or on a GPU draws from digits that live there."""
    recipe, graph = update.recipe, graph_of(device)
    if graph is None:
        return _batches(recipe, width, seeds, digits, device), update
    resident = Resident(digits, recipe, len(seeds), width, device)
    return ahead(draws(recipe, width, seeds, len(digits))), _replayed(update, resident, graph)


def _batches(recipe: Recipe, width: int, seeds: Sequence[int], digits: Digits, device: str) -> Iterator[Batch]:
    """Yield every step's batch, gathered on the CPU."""
    images, labels = digits.pixels(), digits.labels.astype(np.int64)
    for rows, kept in draws(recipe, width, seeds, len(digits)):
        scale = torch.from_numpy(kept.astype(np.float32) / (1 - recipe.dropout)).to(device)
        # Gathered by numpy, which takes a third of torch's time for it.
        drawn = torch.from_numpy(images[rows]).to(device), torch.from_numpy(labels[rows]).to(device)
        yield drawn[0].transpose(0, 1), drawn[1], scale


def _replayed(update: _Update, resident: Resident, graph: Graph) -> Callable[[Draw, int], None]:
    """Return what takes the step of a draw in an epoch, from digits on the device and mostly by a graph."""
    replays = Replays(lambda epoch: update(resident.batch(), epoch), graph)

    def take(draw: Draw, epoch: int) -> None:
        resident.load(draw)
        replays(epoch)

    return take
