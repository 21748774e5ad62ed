"""What is trained, as plain descriptions: importing this module imports no torch, so collecting tests stays fast."""

from dataclasses import dataclass

__all__ = ["LENET5", "NORMAL", "OVERPARAMETERIZED", "TUTORIAL", "Architecture", "DenseArm"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A convolutional network for 28x28 images: 5x5 convolutions, each with ReLU and 2x2 max-pooling, then dense layers.

    Attributes
    ----------
    channels : output channels of each convolution
    paddings : zero padding of each convolution, in pixels
    dense : widths from the first dense layer's input to the 10 classes
    """

    name: str
    channels: tuple[int, ...]
    paddings: tuple[int, ...]
    dense: tuple[int, ...]


LENET5 = Architecture(name="LeNet-5", channels=(6, 16), paddings=(2, 0), dense=(400, 120, 84, 10))
"""LeCun et al. (1998), with ReLU and max-pooling."""

TUTORIAL = Architecture(name="TensorFlow tutorial", channels=(32, 64), paddings=(2, 2), dense=(3136, 512, 10))
"""The network of the TensorFlow MNIST tutorial, which Arora, Cohen and Hazan (2018) over-parameterised."""


@dataclass(frozen=True, kw_only=True)
class DenseArm:
    """One side of the comparison: dense matrices as they are, or each as a product of two."""

    name: str
    overparameterized: bool


NORMAL = DenseArm(name="normal", overparameterized=False)
OVERPARAMETERIZED = DenseArm(name="overparameterized", overparameterized=True)
