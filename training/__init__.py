"""How things are trained: gradient descent kernels, the seed-ensemble SGD trainer, and the run store."""

from training.descent import Descent, DescentRuns
from training.network import NetworkRuns, NetworkTraining
from training.recipe import Recipe

__all__ = ["Descent", "DescentRuns", "NetworkRuns", "NetworkTraining", "Recipe"]
