"""What is recorded of an ensemble in training: losses on fixed digits without dropout, and sums over its matrices."""

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.mnist import Digits
from models.networks import Ensemble, cross_entropies, power_sums
from training.memory import EVALUATION_CHUNK
from training.recipe import PENALTY

__all__ = ["Log", "Records"]

Records: TypeAlias = dict[str, NDArray[np.float64]]


class Log:
    """Records of every member, one row each time it looks; at some of the rows it looks at the held-out digits, too."""

    def __init__(self, digits: Digits, held_out: Digits | None, held_out_looks: NDArray[np.intp], device: str) -> None:
        self.training = _Seen(digits, device)
        self.held_out = None if held_out is None else _Seen(held_out, device)
        self.held_out_looks = held_out_looks
        self.rows: list[dict[str, Tensor]] = []
        self.held_out_rows: list[Tensor] = []

    def look(self, network: Ensemble) -> None:
        """Record the network as it is now."""
        with torch.inference_mode():
            matrices = network.end_to_end()
            if self.held_out and len(self.rows) in self.held_out_looks:
                self.held_out_rows.append(self.held_out.accuracy(self.held_out.logits(network, matrices)))
            logits = self.training.logits(network, matrices)
            losses = {"cross_entropy": self.training.cross_entropy(logits), "accuracy": self.training.accuracy(logits)}
            self.rows.append(losses | _sums(network, matrices))

    def records(self) -> Records:
        """Return everything recorded, with members first and rows second, in float64."""
        seen = {name: [row[name] for row in self.rows] for name in self.rows[0]}
        if self.held_out:
            seen["held_out"] = self.held_out_rows
        return {name: torch.stack(values, dim=1).cpu().numpy() for name, values in seen.items()}


class _Seen:
    """Fixed digits that every member classifies."""

    def __init__(self, digits: Digits, device: str) -> None:
        self.images = torch.from_numpy(digits.pixels()).to(device)
        self.labels = torch.from_numpy(digits.labels.astype(np.int64)).to(device)

    def logits(self, network: Ensemble, matrices: list[Tensor]) -> Tensor:
        """Return unnormalised log-probabilities, (members, digits, 10)."""
        whole = self.images[:, None].expand(-1, network.members, -1, -1)
        return torch.cat([network(part, matrices) for part in whole.split(EVALUATION_CHUNK)], dim=1)

    def cross_entropy(self, logits: Tensor) -> Tensor:
        """Return each member's mean cross-entropy, (members,)."""
        return cross_entropies(logits.double(), self.labels.expand(len(logits), -1))

    def accuracy(self, logits: Tensor) -> Tensor:
        """Return each member's share of digits classified correctly, (members,)."""
        return (logits.argmax(dim=2) == self.labels).double().mean(dim=1)


def _sums(network: Ensemble, matrices: list[Tensor]) -> dict[str, Tensor]:
    """Return the tutorial's penalty, sums of powers, and sums of squares of each matrix, of the end-to-end matrices."""
    each = torch.stack([power_sums(stack) for stack in (*matrices, *network.biases())])
    powers = each.sum(dim=0)
    return {"penalty": PENALTY / 2 * powers[:, 1], "powers": powers, "squares": each[: len(matrices), :, 1].T}
