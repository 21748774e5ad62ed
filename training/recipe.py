"""How the networks are trained, as a description that imports no torch."""

from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from models.streams import INITIAL_STD

__all__ = ["PENALTY", "POWERS", "Penalized", "Recipe", "held_out_looks", "matched_weight"]

PENALTY = 5e-4
"""The tutorial's weight of half the sum of squares of dense weights and biases."""
Penalized: TypeAlias = Literal["product", "factors"]
POWERS = (1, 2, 3, 4)
"""The powers q of which the sums of |w|^q are recorded."""
HELD_OUT_LOOKS = 6


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The rules of the TensorFlow MNIST tutorial, `convolutional.py`; batches are drawn anew for each seed and epoch.

    Attributes
    ----------
    epochs : passes over the training digits; a last incomplete batch of an epoch is dropped
    decay : factor on the learning rate after each epoch
    dropout : share of the last hidden features set to zero in training
    penalty : weight of the penalty, 0 for cross-entropy alone
    power : the penalty is weight / power * sum |w|^power over dense matrices and dense biases, at least 1; 2 is the tutorial's
    penalized : whether the sum is over the ``product``, the end-to-end matrices, or over the ``factors``; biases are in both
    digits : number of training digits, the first ones, that are trained on; None for all
    evaluated : number of training digits, the first ones, on which the losses are recorded without dropout
    records : number of recorded steps
    recorded_from : share of the steps before which none of these is recorded: a training that is read at its end alone is not
        looked at before

    Raises ``ValueError`` for values that no training has; the sentence names them and the valid ones.
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 0.01
    decay: float = 0.95
    momentum: float = 0.9
    dropout: float = 0.5
    penalty: float = PENALTY
    power: float = 2
    penalized: Penalized = "product"
    digits: int | None = None
    evaluated: int = 2000
    records: int = 31
    recorded_from: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if self.penalized not in get_args(Penalized):
            raise ValueError(f"A penalty is on the product or on the factors, not on {self.penalized!r}.")
        if not 1 <= self.power < np.inf:
            raise ValueError(f"A penalty's power must be finite and at least 1, where it is convex, not {self.power}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"A dropout of {self.dropout} leaves nothing to train on; it must be from 0 up to, without, 1.")
        if not 0 <= self.recorded_from <= 1:
            raise ValueError(f"Records begin at a share of the steps from 0 to 1, not at {self.recorded_from}.")
        if self.records < 1:
            raise ValueError(f"A training needs at least 1 recorded step, not {self.records}.")
        if self.records < 2 and self.recorded_from:
            raise ValueError(
                f"The only record of 1 is the start: recorded from {self.recorded_from} of its steps on, a training needs 2."
            )
        if self.digits is not None and self.digits < self.batch:
            raise ValueError(f"{self.digits} digits do not fill a batch of {self.batch}: a training needs at least one batch.")

    def steps(self, digits: int) -> int:
        """Return the number of updates on so many training digits.

        >>> Recipe().steps(55_000)
        8590
        """
        return self.epochs * (digits // self.batch)

    def record_steps(self, digits: int) -> NDArray[np.int64]:
        """Return the recorded steps, from 0 to the last, denser early where the curves bend.

        >>> Recipe(epochs=1, records=5).record_steps(6400).tolist()
        [0, 6, 25, 56, 100]
        >>> Recipe(epochs=1, records=5, recorded_from=0.5).record_steps(6400).tolist()
        [56, 100]
        """
        last, shares = self.steps(digits), np.linspace(0, 1, self.records) ** 2
        steps = np.unique(np.round(last * shares).astype(np.int64))
        return steps[steps >= self.recorded_from * last]


def matched_weight(power: int) -> float:
    """Return the weight of a penalty on |w|^power whose gradient starts as large as that of the tutorial's L2 penalty.

    The gradients are weight |w|^(power - 1), of matrices drawn from the published truncated normal; their root mean squares are
    made equal. The weight of power 2 is the tutorial's own.

    >>> matched_weight(2), round(matched_weight(1), 7), round(matched_weight(4), 4)
    (0.0005, 4.4e-05, 0.0236)
    """
    if power not in POWERS:
        raise ValueError(f"A penalty's power is one of {', '.join(map(str, POWERS))} here, not {power}.")
    return float(PENALTY * np.sqrt(_even_moment(2) / _even_moment(2 * (power - 1))) * INITIAL_STD ** (2 - power))


def _even_moment(order: int, bound: float = 2.0) -> float:
    """Return E x^order, for an even order, of a standard normal x that is redrawn beyond the bound."""
    if order == 0:
        return 1.0
    inside = erf(bound / sqrt(2))
    edge = 2 * bound ** (order - 1) * exp(-(bound**2) / 2) / sqrt(2 * pi)
    return (order - 1) * _even_moment(order - 2, bound) - edge / inside


def held_out_looks(records: int) -> NDArray[np.intp]:
    """Return at which of so many records the held-out digits are looked at: the first, the last and up to four between.

    At every record they would lengthen a training for a number that is read at few of them.

    >>> held_out_looks(31).tolist(), held_out_looks(3).tolist()
    ([0, 6, 12, 18, 24, 30], [0, 1, 2])
    """
    return np.unique(np.round(np.linspace(0, records - 1, HELD_OUT_LOOKS)).astype(np.intp))
