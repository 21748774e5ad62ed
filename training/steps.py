"""One step of gradient descent, written once: for NumPy arrays, for the compiler of CPU lanes, and for the GPU's.

A step takes the state of one trajectory as a list of numbers (anything that multiplies and adds: arrays with one entry a
trajectory, or the placeholders of `training.trace`) and says by what each of them changes: as a list of terms, each a number or
a product of two, so that whoever runs the step may add them to the state by fused multiply-adds or keep the change alone.

The state holds the residual Delta = W - Y first, row by row, then the factors W_1 to W_N, row by row. The residual moves by the
exact change of the product: with parameters alone the error would stall at their rounding and fake another slope. Plain descent
has the residual as its whole state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from models.lp import LinearNetwork

__all__ = ["NUMPY", "Arithmetic", "Changes", "changes", "moved", "phi_of", "state_size", "summed"]

Number: TypeAlias = Any
Row: TypeAlias = list[Number]
Matrix: TypeAlias = list[Row]
Fma: TypeAlias = Callable[[Number, Number, Number], Number]
Changes: TypeAlias = list[list[tuple[Number, ...]]]
"""For each number of the state the terms of its change: (a,) for a, (a, b) for a b."""


@dataclass(frozen=True)
class Arithmetic:
    """What a step needs beyond +, - and *."""

    fma: Fma
    absolute: Callable[[Number], Number]
    sqrt: Callable[[Number], Number]
    power: Callable[[Number, float], Number]


NUMPY = Arithmetic(fma=lambda a, b, c: a * b + c, absolute=np.abs, sqrt=np.sqrt, power=np.power)


def state_size(network: LinearNetwork) -> int:
    """Return how many numbers the state of one trajectory has.

    >>> state_size(LinearNetwork(layers=2))
    5
    """
    entries = network.outputs * network.inputs
    weights = sum(rows * columns for rows, columns in zip(network.sizes[1:], network.sizes, strict=False))
    return entries if network.layers == 1 else entries + weights


def changes(network: LinearNetwork, p: float, state: Row, rate: Number, arithmetic: Arithmetic) -> Changes:
    """Return the terms by which one step changes each number of the state (section 2 and appendix A of the report).

    >>> changes(LinearNetwork(layers=1, inputs=1), 4, [2.0], 0.25, NUMPY)  # -eta phi(Delta), phi(2) = 8
    [[(-0.25, 8.0)]]
    """
    entries = network.outputs * network.inputs
    slopes = [phi_of(r, p, arithmetic) for r in state[:entries]]
    if network.layers == 1:
        return [[(-rate, slope)] for slope in slopes]
    pull = _rows([rate * slope for slope in slopes], network.inputs)
    return _deep(_factors(state[entries:], network.sizes), pull, arithmetic.fma)


def moved(state: Row, by: Changes, fma: Fma) -> Row:
    """Return the state after its changes.

    >>> moved([2.0], [[(-0.25, 8.0), (1.0,)]], NUMPY.fma)
    [1.0]
    """
    return [_added(number, terms, fma) for number, terms in zip(state, by, strict=True)]


def summed(terms: Sequence[tuple[Number, ...]], fma: Fma) -> Number:
    """Return the sum of terms alone.

    >>> summed([(-0.25, 8.0), (1.0,)], NUMPY.fma)
    -1.0
    """
    first, *rest = terms
    return _added(first[0] if len(first) == 1 else first[0] * first[1], rest, fma)


def phi_of(r: Number, p: float, arithmetic: Arithmetic) -> Number:
    """Return sign(r) |r|^(p-1): products for whole p, a square root for halves, a power for the rest."""
    whole, rest = divmod(p - 2, 1)
    slope = r * arithmetic.absolute(r) if whole % 2 else r
    for _ in range(int(whole) // 2):
        slope = slope * (r * r)
    if rest:
        size = arithmetic.absolute(r)
        slope = slope * (arithmetic.sqrt(size) if rest == 0.5 else arithmetic.power(size, rest))
    return slope


# ---- depth -----------------------------------------------------------------------------------------------------


def _deep(factors: list[Matrix], pull: Matrix, fma: Fma) -> Changes:
    """Return the terms for two or more layers, given eta phi(Delta) as a matrix (outputs, inputs).

    With forward_j = pull W_1' ... W_j' and back_j = W_N ... W_(j+1), the gradient of W_j is back_j' forward_(j-1), and the
    product changes by -sum_j (ahead_j back_j') forward_(j-1) W_(j-1) ... W_1, where ahead_j is back_j after the update. The sum
    is formed from the top, as in Horner's rule, so that each layer is passed twice whatever the depth.
    """
    forward = [pull]
    for factor in factors[:-1]:
        forward.append([[_dot(row, weights, fma) for weights in factor] for row in forward[-1]])
    *below, top = factors
    steps: list[list[Changes]] = [[[[(-f,)] for f in row] for row in forward[-1]]]
    new_top = [[w - f for w, f in zip(*rows, strict=True)] for rows in zip(top, forward[-1], strict=True)]
    above = _Above(back=top, ahead=new_top, carried=forward[-1])
    for factor, reached in zip(below[:0:-1], forward[-2:0:-1], strict=True):
        step, above = _inner(factor, reached, above, fma)
        steps.insert(0, step)
    mixed, over = _mixed(above, fma), _columns(pull)
    columns = list(zip(_columns(below[0]), over, strict=True))
    steps.insert(0, _columns([_column_step(above, each, fma) for _, each in columns]))
    residual = [
        [(-a, b) for a, b in _passing(c, m, *column)] for c, m in zip(above.carried, mixed, strict=True) for column in columns
    ]
    return residual + [each for step in steps for row in step for each in row]


@dataclass(frozen=True)
class _Above:
    """What the layers above hand down, each (outputs, width): their product before and after the update, and the sum so far."""

    back: Matrix
    ahead: Matrix
    carried: Matrix


def _inner(factor: Matrix, reached: Matrix, above: _Above, fma: Fma) -> tuple[list[Changes], _Above]:
    """Return the terms of a hidden layer's step, and what it hands down; column by column, so that weights are soon done with."""
    mixed, steps, down = _mixed(above, fma), [], []
    for column, over in zip(_columns(factor), _columns(reached), strict=True):
        steps.append(_column_step(above, over, fma))
        back = [_dot(row, column, fma) for row in above.back]
        carried = [summed(_passing(c, m, column, over), fma) for c, m in zip(above.carried, mixed, strict=True)]
        new = moved(column, steps[-1], fma)
        down.append((back, [_dot(row, new, fma) for row in above.ahead], carried))
    return _columns(steps), _Above(*(_columns(list(part)) for part in zip(*down, strict=True)))


def _mixed(above: _Above, fma: Fma) -> Matrix:
    """Return ahead back', (outputs, outputs)."""
    return [[_dot(front, behind, fma) for behind in above.back] for front in above.ahead]


def _column_step(above: _Above, over: Row, fma: Fma) -> Changes:
    """Return the terms by which a column of weights moves: -back' forward."""
    return [[(-b, f) for b, f in zip(each, over, strict=True)] for each in _columns(above.back)]


def _passing(carried: Row, mixed: Row, column: Row, over: Row) -> list[tuple[Number, ...]]:
    """Return the terms of one entry of the sum: the sum so far passes a column of old weights, and the layer's own term joins."""
    return [*zip(carried, column, strict=True), *zip(mixed, over, strict=True)]


def _factors(weights: Row, sizes: Sequence[int]) -> list[Matrix]:
    """Cut the weights into matrices of the widths given."""
    found, start = [], 0
    for columns, rows in zip(sizes, sizes[1:], strict=False):
        found.append(_rows(weights[start : start + rows * columns], columns))
        start += rows * columns
    return found


def _rows(numbers: Row, columns: int) -> Matrix:
    return [numbers[start : start + columns] for start in range(0, len(numbers), columns)]


def _columns(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _dot(first: Row, second: Row, fma: Fma) -> Number:
    return summed(list(zip(first, second, strict=True)), fma)


def _added(number: Number, terms: Sequence[tuple[Number, ...]], fma: Fma) -> Number:
    for term in terms:
        number = number + term[0] if len(term) == 1 else fma(term[0], term[1], number)
    return number
