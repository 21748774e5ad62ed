"""How things are trained: gradient descent kernels, the seed-ensemble SGD trainer, and the run store."""

from training.descent import Descent, DescentRuns
from training.network import PUBLISHED, NetworkRuns, NetworkTraining, Protocol
from training.recipe import Recipe

__all__ = ["PUBLISHED", "Descent", "DescentRuns", "NetworkRuns", "NetworkTraining", "Protocol", "Recipe"]
