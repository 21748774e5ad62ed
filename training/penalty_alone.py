"""The penalty that an arm would have if nothing but the penalty acted on it, from its start and its learning rates."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.penalty_flow import flow_times, penalty_alone
from training.network import NetworkTraining
from training.recipe import PENALTY

__all__ = ["predicted_penalty"]

Floats: TypeAlias = NDArray[np.float64]


def predicted_penalty(arm: NetworkTraining, seeds: Sequence[int], steps: Floats) -> Floats:
    """Return the L2 penalty of the end-to-end matrices and dense biases at the steps, (seeds, steps), by `models.penalty_flow`.

    Parameters
    ----------
    arm : of plain matrices or products of two, with the tutorial's penalty on the product
    steps : begin with 0, end with the last of the training, from which the length of an epoch follows

    Raises ``ValueError`` for an arm whose flow is not known: another penalty, on factors, or of another power.
    """
    recipe = arm.recipe
    if (recipe.penalty, recipe.power, recipe.penalized) != (PENALTY, 2, "product"):
        raise ValueError(
            f"The penalty's flow is known for half the squares of the product with the weight {PENALTY:g}; this arm has the "
            f"weight {recipe.penalty:g} on |w|^{recipe.power:g} of the {recipe.penalized}."
        )
    from models.networks import build  # for those who predict, not for those who collect tests
    from models.overparameterization import factors_of

    network = build(arm.architecture, arm.network, seeds)
    layers = [[factor.detach().double().numpy() for factor in factors_of(layer)] for layer in network.dense]
    biases = [bias.detach().double().numpy() for bias in network.biases()]
    epoch = round(steps[-1] / recipe.epochs)
    times = flow_times(recipe.learning_rate, recipe.decay, recipe.momentum, epoch, np.asarray(steps, dtype=np.int64))
    return penalty_alone(layers, biases, recipe.penalty, times)
