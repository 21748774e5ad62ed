"""How the networks are trained, as a description that imports no torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PENALTY", "Recipe"]

PENALTY = 5e-4
"""The tutorial's weight of half the sum of squares of dense weights and biases."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The rules of the TensorFlow MNIST tutorial, `convolutional.py`; batches are drawn anew for each seed and epoch.

    Attributes
    ----------
    epochs : passes over the training digits; a last incomplete batch of an epoch is dropped
    decay : factor on the learning rate after each epoch
    dropout : share of the last hidden features set to zero in training
    penalty : weight of half the sum of squares, 0 for cross-entropy alone
    evaluated : number of training digits, the first ones, on which the losses are recorded without dropout
    records : number of recorded steps
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 0.01
    decay: float = 0.95
    momentum: float = 0.9
    dropout: float = 0.5
    penalty: float = PENALTY
    evaluated: int = 2000
    records: int = 31

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
        """
        shares = np.linspace(0, 1, self.records) ** 2
        return np.unique(np.round(self.steps(digits) * shares).astype(np.int64))
