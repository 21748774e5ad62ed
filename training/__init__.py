"""How things are trained: gradient descent kernels, the seed-ensemble SGD trainer, and the run store."""

from training.descent import Descent, DescentRuns
from training.network import PUBLISHED, VARIED, NetworkRuns, NetworkTraining, Protocol
from training.recipe import Recipe, matched_weight

__all__ = [
    "PUBLISHED", "VARIED", "Descent", "DescentRuns", "NetworkRuns", "NetworkTraining", "Protocol", "Recipe", "matched_weight",
]  # fmt: skip
