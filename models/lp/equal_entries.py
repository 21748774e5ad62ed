"""A balanced start that descent with finite steps keeps balanced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.network import Factors, LinearNetwork
from models.lp.problem import Problem
from models.streams import stream

__all__ = ["EqualEntries"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class EqualEntries:
    """Factors of rank one, equal norm and random hidden directions, whose product has entries of one size and random signs.

    Norms are uniform in [low, high]. For a target of zero phi(w) points along w, so that every step scales all factors alike:
    they stay balanced. From any other balanced start finite steps break the balance a little, by order eta.

    >>> from models.lp.problem import ZeroTarget
    >>> first, second = EqualEntries().factors(ZeroTarget(p=4), LinearNetwork(layers=2), [0])
    >>> bool(np.isclose(abs(second[0, 0, 0]), np.linalg.norm(first)))
    True
    """

    low: float = 0.8
    high: float = 1.2

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor for each layer. Raises ``ValueError`` for more than one output."""
        if network.outputs != 1:
            raise ValueError(f"A start with equal entries is for one output, not for {network.outputs}.")
        each = [self._of_one(network, seed) for seed in seeds]
        return [np.stack(layer) for layer in zip(*each, strict=True)]

    def _of_one(self, network: LinearNetwork, seed: int) -> list[Floats]:
        generator = stream(seed, "init")
        norm = generator.uniform(self.low, self.high)
        signs = generator.choice([-1.0, 1.0], network.inputs) / np.sqrt(network.inputs)
        hidden = [_unit(stream(seed, f"init.{j}").normal(size=network.width)) for j in range(network.layers - 1)]
        directions = [signs, *hidden, np.ones(1)]
        return [norm * np.outer(out, into) for out, into in zip(directions[1:], directions, strict=False)]


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector)
