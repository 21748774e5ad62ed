"""Over-parameterisation: a layer's matrix as a product of factors, for any torch network and for this project's ensembles.

It is a parametrisation (`torch.nn.utils.parametrize`): `layer.weight` is the product, and what is trained are the factors.

Source: Arora, Cohen and Hazan (2018), arXiv 1802.06509.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from models.arms import Arm, Layers, Start
from models.factors import balanced, matched, orthogonal, product, published

__all__ = ["Product", "factors_of", "overparameterize", "split"]


class Product(nn.Module):
    """Parametrisation of a weight as a product: weight = factor N ... factor 2 factor 1, in the weight's own shape.

    Register it with `torch.nn.utils.parametrize.register_parametrization`; an assignment to `layer.weight` then sets the factors.

    Parameters
    ----------
    shape : of the weight
    matrices : (..., out, in), the weight's shape when it is read as a matrix or a stack of them
    factors : their number, 2 or more
    inner : width between the factors

    >>> layer = parametrize.register_parametrization(nn.Linear(8, 4), "weight", Product((4, 8), (4, 8), factors=2, inner=4))
    >>> tuple(layer.weight.shape), len(factors_of(layer))
    ((4, 8), 2)
    """

    def __init__(self, shape: Sequence[int], matrices: Sequence[int], factors: int, inner: int) -> None:
        super().__init__()
        _check_count(factors)
        self.shape, self.matrices, self.factors, self.inner = tuple(shape), tuple(matrices), factors, inner

    def forward(self, *factors: Tensor) -> Tensor:
        """Return the end-to-end weight, in its own shape."""
        return product(factors).reshape(self.shape)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, ...]:
        """Return factors whose product is exactly `weight` (where `inner` can hold it): itself and identities."""
        return tuple(matched(weight.reshape(self.matrices), self.factors, self.inner))


def overparameterize(
    network: nn.Module,
    *,
    factors: int = 2,
    inner: float = 1.0,
    layers: Layers = "all",
    start: Start = "matched",
    rescale: float = 1.0,
    seed: int = 0,
) -> None:
    """Replace the weight of every `nn.Linear` and `nn.Conv2d` in a network by a product of factors, in place.

    Unless the start is ``published``, which draws every factor anew, the network computes the same function afterwards as before,
    to rounding. Build the optimiser after this call, so that it is given the factors.

    Parameters
    ----------
    layers : ``dense`` for `nn.Linear` alone, or ``all``; a kernel counts as a matrix (out, in * height * width)
    seed : of the random factors, of which every layer's come from a stream of its own
    factors, inner, start, rescale : as in `models.arms.Arm`

    Raises ``ValueError`` for values that `Arm` refuses, for fewer than two factors, for a network without such layers, for
    complex weights, and for layers that share a weight, which would be two products.

    >>> network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(16, 10))
    >>> before = network(torch.ones(1, 1, 4, 4))
    >>> overparameterize(network, factors=3)
    >>> [[tuple(factor.shape) for factor in factors_of(layer)] for layer in (network[0], network[2])]
    [[(4, 9), (4, 4), (4, 4)], [(10, 16), (10, 10), (10, 10)]]
    >>> torch.equal(network(torch.ones(1, 1, 4, 4)), before)
    True
    """
    _check_count(factors)
    arm = Arm(name="overparameterized", factors=factors, inner=inner, layers=layers, start=start, rescale=rescale)
    found = list(_splittable(network, layers))
    if not found:
        kinds = "nn.Linear" if layers == "dense" else "nn.Linear or nn.Conv2d"
        raise ValueError(f"{type(network).__name__} has no {kinds} with a weight of its own, so nothing can be a product.")
    _check_weights(found)
    for name, layer in found:
        split(layer, name, cast(Tensor, layer.weight).flatten(1).shape, arm, [seed])


def split(layer: nn.Module, name: str, matrices: Sequence[int], arm: Arm, seeds: Sequence[int]) -> None:
    """Make one layer's weight the product that an arm describes, starting from the weight it has, in place.

    Parameters
    ----------
    name : of the layer in its network, after which the random streams of its factors are named
    matrices : (..., out, in), the weight's shape when it is read as matrices
    seeds : one for each matrix of the stack
    """
    weight = cast(Tensor, layer.weight).detach()
    inner = arm.inner_width(matrices[-2])
    parametrize.register_parametrization(layer, "weight", Product(weight.shape, matrices, arm.factors, inner))
    with torch.no_grad():
        held = factors_of(layer)
        for factor, value in zip(held, _start(weight.reshape(matrices), name, arm, seeds), strict=True):
            factor.copy_(value)
        held[0].div_(arm.rescale)
        held[-1].mul_(arm.rescale)


def factors_of(layer: nn.Module) -> list[Tensor]:
    """Return the factors that are trained, in the order in which they are applied; the weight alone where it is no product.

    >>> len(factors_of(nn.Linear(3, 2)))
    1
    """
    if not parametrize.is_parametrized(layer, "weight"):
        return [cast(Tensor, layer.weight)]
    held = cast(parametrize.ParametrizationList, cast(nn.ModuleDict, layer.parametrizations)["weight"])
    if not isinstance(held[0], Product):  # a parametrisation of another kind, such as a weight's norm
        return [cast(Tensor, layer.weight)]
    return [cast(Tensor, getattr(held, f"original{j}")) for j in range(len(list(held.parameters(recurse=False))))]


def _check_count(factors: int) -> None:
    if factors < 2:
        raise ValueError(f"A product has 2 factors or more, not {factors}.")


def _check_weights(found: Sequence[tuple[str, nn.Module]]) -> None:
    names: dict[int, str] = {}
    for name, layer in found:
        weight = cast(Tensor, layer.weight)
        if weight.is_complex():
            raise ValueError(f"The weight of {name!r} is complex ({weight.dtype}); factors are of real weights.")
        if id(weight) in names:
            raise ValueError(f"{names[id(weight)]!r} and {name!r} share a weight, which as two products they would not.")
        names[id(weight)] = name


def _start(weight: Tensor, name: str, arm: Arm, seeds: Sequence[int]) -> list[Tensor]:
    inner = arm.inner_width(weight.shape[-2])
    if arm.start == "published":
        names = [f"{name}.parametrizations.weight.original{j}" for j in range(arm.factors)]
        return published(weight.shape, arm.factors, inner, names, seeds)
    if arm.start == "orthogonal":
        return orthogonal(weight, arm.factors, inner, [f"{name}.orthogonal{j}" for j in range(arm.factors)], seeds)
    return (balanced if arm.start == "balanced" else matched)(weight, arm.factors, inner)


def _splittable(network: nn.Module, layers: Layers) -> Iterator[tuple[str, nn.Module]]:
    kinds = nn.Linear if layers == "dense" else (nn.Linear, nn.Conv2d)
    for name, layer in network.named_modules():
        if isinstance(layer, kinds) and not parametrize.is_parametrized(layer, "weight"):
            yield name, layer
