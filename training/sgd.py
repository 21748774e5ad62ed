"""Stochastic gradient descent with momentum on an ensemble of networks, one member for each seed.

The recipe is that of the TensorFlow MNIST tutorial: momentum 0.9, staircase decay of the learning rate, dropout before the
last layer, an L2 penalty on dense weights and biases. Arms are paired by seed: the same seed gives the same batches and the
same dropout masks in every arm.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.arms import Architecture, DenseArm
from models.mnist import Digits
from models.networks import Ensemble, build, cross_entropies
from models.streams import stream
from training.machine import Progress, silent
from training.recipe import PENALTY, Recipe

__all__ = ["train_members"]

Records: TypeAlias = dict[str, NDArray[np.float64]]
EVALUATION_CHUNK = 250


def train_members(
    architecture: Architecture,
    arm: DenseArm,
    recipe: Recipe,
    seeds: Sequence[int],
    digits: Digits,
    *,
    device: str = "cpu",
    progress: Progress = silent,
) -> Records:
    """Train one arm at several seeds and return what was recorded.

    Returns
    -------
    dict of arrays: ``steps`` (records,); ``cross_entropy``, ``penalty`` (the weighted one of the tutorial, recorded also
    where the training did not use it) and ``accuracy``, each (seeds, records).
    """
    network = build(architecture, arm, seeds).to(device)
    at = recipe.record_steps(len(digits))
    optimiser = torch.optim.SGD(network.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum)
    batches = _batches(recipe, architecture.dense[-2], seeds, digits, device)
    look = _Look(digits.head(min(recipe.evaluated, len(digits))), device)
    rows = [look(network)]
    for step, batch in enumerate(batches, start=1):
        _set_learning_rate(optimiser, recipe, (step - 1) // (len(digits) // recipe.batch))
        _update(network, optimiser, recipe.penalty, batch)
        if step in at:
            rows.append(look(network))
            progress(step / at[-1])
    names = ("cross_entropy", "penalty", "accuracy")
    return {"steps": at.astype(np.float64)} | dict(zip(names, np.stack(rows, axis=2), strict=True))


def _set_learning_rate(optimiser: torch.optim.Optimizer, recipe: Recipe, epoch: int) -> None:
    for group in optimiser.param_groups:
        group["lr"] = recipe.learning_rate * recipe.decay**epoch


def _update(network: Ensemble, optimiser: torch.optim.Optimizer, penalty: float, batch: tuple[Tensor, ...]) -> None:
    images, labels, keep = batch
    matrices = network.end_to_end()
    losses = cross_entropies(network(images, matrices, keep), labels)
    if penalty:
        losses = losses + penalty / 2 * network.sum_of_squares(matrices)
    optimiser.zero_grad()
    losses.sum().backward()  # members share no parameter, so the sum's gradient is each member's own
    optimiser.step()


def _batches(recipe: Recipe, width: int, seeds: Sequence[int], digits: Digits, device: str) -> Iterator[tuple[Tensor, ...]]:
    images = torch.from_numpy(digits.pixels()).to(device)
    labels = torch.from_numpy(digits.labels.astype(np.int64)).to(device)
    draws = [(stream(seed, "order"), stream(seed, "dropout")) for seed in seeds]
    for _ in range(recipe.epochs):
        order = np.stack([order.permutation(len(digits)) for order, _ in draws])
        for start in range(0, len(digits) - recipe.batch + 1, recipe.batch):
            rows = torch.from_numpy(order[:, start : start + recipe.batch]).to(device)
            keep = np.stack([mask.random((recipe.batch, width)) for _, mask in draws]) >= recipe.dropout
            scale = torch.from_numpy(keep.astype(np.float32) / (1 - recipe.dropout)).to(device)
            yield images[rows].transpose(0, 1), labels[rows], scale


class _Look:
    """Losses of every member on fixed training digits, without dropout."""

    def __init__(self, digits: Digits, device: str) -> None:
        self.images = torch.from_numpy(digits.pixels()).to(device)
        self.labels = torch.from_numpy(digits.labels.astype(np.int64)).to(device)

    def __call__(self, network: Ensemble) -> NDArray[np.float64]:
        """Return cross-entropy, penalty and accuracy, (3, members)."""
        with torch.inference_mode():
            matrices = network.end_to_end()
            logits = self._logits(network, matrices)
            labels = self.labels.expand(network.members, -1)
            correct = (logits.argmax(dim=2) == labels).double().mean(dim=1)
            penalty = PENALTY / 2 * network.sum_of_squares(matrices)
            seen = torch.stack([cross_entropies(logits.double(), labels), penalty.double(), correct])
        return seen.cpu().numpy()

    def _logits(self, network: Ensemble, matrices: list[Tensor]) -> Tensor:
        whole = self.images[:, None].expand(-1, network.members, -1, -1)
        return torch.cat([network(part, matrices) for part in whole.split(EVALUATION_CHUNK)], dim=1)
