"""What is trained, as plain descriptions: importing this module imports no torch, so collecting tests stays fast."""

from dataclasses import dataclass
from math import inf
from typing import Literal, TypeAlias, get_args

__all__ = [
    "BALANCED",
    "EFFECTIVE_STEP",
    "LENET5",
    "MATCHED",
    "MATCHED_STEP",
    "NORMAL",
    "ORTHOGONAL",
    "OVERPARAMETERIZED",
    "RESCALED",
    "SAME_START",
    "TUTORIAL",
    "Architecture",
    "Arm",
    "Layers",
    "Start",
    "Step",
]

KERNEL = 5
"""Height and width of every convolution's kernel."""


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

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """Return the shape (out, in) of each layer's matrix by its name; a convolution's is (out, in * 5 * 5).

        >>> LENET5.matrices
        {'conv.0': (6, 25), 'conv.1': (16, 150), 'dense.0': (120, 400), 'dense.1': (84, 120), 'dense.2': (10, 84)}
        """
        conv = zip(self.channels, (1, *self.channels), strict=False)
        dense = zip(self.dense[1:], self.dense, strict=False)
        named = {f"conv.{i}": (out, before * KERNEL**2) for i, (out, before) in enumerate(conv)}
        return named | {f"dense.{i}": shape for i, shape in enumerate(dense)}


LENET5 = Architecture(name="LeNet-5", channels=(6, 16), paddings=(2, 0), dense=(400, 120, 84, 10))
"""LeCun et al. (1998), with ReLU and max-pooling."""

TUTORIAL = Architecture(name="TensorFlow tutorial", channels=(32, 64), paddings=(2, 2), dense=(3136, 512, 10))
"""The network of the TensorFlow MNIST tutorial, which Arora, Cohen and Hazan (2018) over-parameterised."""

Layers: TypeAlias = Literal["dense", "all"]
Start: TypeAlias = Literal["published", "matched", "balanced", "orthogonal", "product"]
Step: TypeAlias = Literal["shared", "effective"]
SPLITTING = ("matched", "balanced", "orthogonal")
"""Starts whose factors multiply to the plain network's matrix."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One side of a comparison: an architecture's matrices as they are, or each as a product of factors.

    Attributes
    ----------
    name : what tables and figures call it
    factors : how many matrices are multiplied for one; 1 is the plain matrix
    inner : width between factors as a multiple of the matrix's output width; at 1, as published, 3136x512 becomes 3136x512 and
        512x512
    layers : which layers are products: the ``dense`` ones, or ``all``, convolutions as matrices (out, in * 5 * 5)
    start : ``published``: every matrix and every factor is drawn from the truncated normal, each from its own stream.
        The others begin with the matrix W that the plain network has at the same seed, as a product: ``matched`` as W and
        identities, ``balanced`` so that W_{j+1}' W_{j+1} = W_j W_j', ``orthogonal`` as Q'W and random orthogonal factors.
        ``product``, for plain matrices: the products that the arm `like` begins with
    rescale : beta; the first factor is divided by it and the last multiplied, which leaves their product as it is
    like : the arm of products that a plain arm takes its start or its step from
    step : ``shared``: one learning rate for all. ``effective``, for plain matrices: each matrix that is a product in `like`
        has its rate multiplied by the mean eigenvalue of that product's kernel at the start, seed by seed
        (see `models.factors.mean_eigenvalue`)

    Raises
    ------
    ValueError
        A value is not among the valid ones, or two do not go together; the sentence says which.

    >>> Arm(name="three", factors=3, start="balanced").inner_width(512)
    512
    >>> twin = Arm(name="same start and step", start="product", step="effective", like=OVERPARAMETERIZED)
    """

    name: str
    factors: int = 1
    inner: float = 1.0
    layers: Layers = "dense"
    start: Start = "published"
    rescale: float = 1.0
    like: "Arm | None" = None
    step: Step = "shared"

    def __post_init__(self) -> None:
        """Refuse what cannot be trained, or what would be the same training under another description."""
        self._check_values()
        if self.factors == 1:
            self._check_plain()
        else:
            self._check_product()

    def inner_width(self, out: int) -> int:
        """Return the width between the factors of a matrix with `out` rows, at least 1.

        >>> Arm(name="narrow", factors=2, inner=0.25).inner_width(10)
        2
        """
        return max(1, round(self.inner * out))

    def splits(self, layer: str) -> bool:
        """Tell whether a layer, by its name in `Architecture.matrices`, is a product.

        >>> [OVERPARAMETERIZED.splits(layer) for layer in ("conv.0", "dense.0")]
        [False, True]
        """
        return self.factors > 1 and (self.layers == "all" or layer.startswith("dense"))

    def _check_values(self) -> None:
        if self.factors < 1 or self.factors != int(self.factors):
            raise self._error(f"has {self.factors} factors; a matrix has 1, which is itself, or 2, 3 or more")
        for name, value in (("inner", self.inner), ("rescale", self.rescale)):
            if not 0 < value < inf:
                raise self._error(f"has {name}={value}; it must be positive and finite")
        for name, choices in (("layers", Layers), ("start", Start), ("step", Step)):
            if (chosen := getattr(self, name)) not in get_args(choices):
                raise self._error(f"has {name}={chosen!r}; it must be one of: {', '.join(get_args(choices))}")

    def _check_plain(self) -> None:
        if self.start in SPLITTING:
            raise self._error(f"has start={self.start!r}, which needs 2 factors or more; with 1 it is published or product")
        if (self.inner, self.rescale, self.layers) != (1.0, 1.0, "dense"):
            raise self._error("has 1 factor, so inner and rescale must be 1 and layers 'dense': they describe products")
        needs = self.start == "product" or self.step == "effective"
        if needs and (self.like is None or self.like.factors < 2):
            raise self._error("takes its start or its step from a product, so like must be an arm of 2 factors or more")
        if self.like and not needs:
            raise self._error(f"has like={self.like.name!r} but no use for it; start='product' and step='effective' have")

    def _check_product(self) -> None:
        if self.start == "product" or self.step == "effective" or self.like:
            raise self._error(
                f"has {self.factors} factors; start='product', step='effective' and like are for an arm of 1 that imitates one"
            )
        if self.start in SPLITTING and self.inner < 1:
            raise self._error(
                f"has inner={self.inner} and start={self.start!r}; factors narrower than the matrix cannot hold it, "
                "so inner must be 1 or more, or start 'published'"
            )

    def _error(self, what: str) -> ValueError:
        return ValueError(f"Arm {self.name!r} {what}.")


NORMAL = Arm(name="normal")
OVERPARAMETERIZED = Arm(name="overparameterized", factors=2)
MATCHED = Arm(name="matched", factors=2, start="matched")
BALANCED = Arm(name="balanced", factors=2, start="balanced")
ORTHOGONAL = Arm(name="orthogonal", factors=2, start="orthogonal")
EFFECTIVE_STEP = Arm(name="effective step", start="product", step="effective", like=OVERPARAMETERIZED)
"""Plain matrices that start as the published products and take the steps that those take on average at the start."""
SAME_START = Arm(name="same start", start="product", like=OVERPARAMETERIZED)
"""Plain matrices that start as the published products."""
MATCHED_STEP = Arm(name="step of matched", start="product", step="effective", like=MATCHED)
"""The plain network, at its own start, with the steps that matched factors take on average there."""
RESCALED = Arm(name="rescaled", factors=2, rescale=2.0)
"""The published factors with the first halved and the last doubled: the same products, and another kernel."""
