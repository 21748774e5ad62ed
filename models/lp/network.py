"""Linear networks: their shapes, and the end-to-end matrix of their factors.

Factor j of a network has the shape (seeds, width_out, width_in); the first one is applied first.
"""

from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["PLAIN", "SCALAR_DEPTH", "Factors", "LinearNetwork", "end_to_end", "end_to_end_matrix"]

Floats: TypeAlias = NDArray[np.float64]
Factors: TypeAlias = list[Floats]


@dataclass(frozen=True, kw_only=True)
class LinearNetwork:
    """A linear network: `layers` matrices, hidden layers of the same `width`.

    One layer is plain regression; two layers of width 1 with one output are the report's scalar depth, w = s m.
    """

    layers: int
    width: int = 1
    inputs: int = 2
    outputs: int = 1

    def __post_init__(self) -> None:
        if min(self.layers, self.width, self.inputs, self.outputs) < 1:
            raise ValueError(f"{self} cannot be built: it needs at least 1 of each.")

    @property
    def name(self) -> str:
        """Return plain, scalar-depth or deep-N."""
        if self.layers == 1:
            return "plain"
        return "scalar-depth" if (self.layers, self.width, self.outputs) == (2, 1, 1) else f"deep-{self.layers}"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the widths from input to output.

        >>> LinearNetwork(layers=3, width=4).sizes
        (2, 4, 4, 1)
        """
        return (self.inputs, *[self.width] * (self.layers - 1), self.outputs)


PLAIN = LinearNetwork(layers=1)
SCALAR_DEPTH = LinearNetwork(layers=2)


def end_to_end_matrix(factors: Factors) -> Floats:
    """Return W, (seeds, outputs, inputs), the product of all factors."""
    return reduce(lambda product, factor: factor @ product, factors)


def end_to_end(factors: Factors) -> Floats:
    """Return w, (seeds, inputs), the product of all factors of a network with one output."""
    return end_to_end_matrix(factors)[:, 0]
