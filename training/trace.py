"""Recording a step as a straight-line program, which the compilers of CPU lanes and of the GPU turn into code.

Each operation is kept once: what a step writes twice is computed once.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from models.lp import LinearNetwork
from training.steps import Arithmetic, changes, moved, state_size, summed

__all__ = ["Operation", "Program", "change_program", "step_program"]

ARITHMETIC = ("multiply", "add", "subtract", "fma")


class Operation(NamedTuple):
    """One operation on earlier results, by their places, or the loading of a number of the state or of the rate."""

    kind: str
    places: tuple[int, ...] = ()
    constant: float = 0.0


@dataclass(frozen=True)
class Program:
    """Operations in order; the first ones load the state's `size` numbers, then the learning rate.

    `results` are the places of the numbers that replace the state (or are its changes).
    """

    size: int
    operations: tuple[Operation, ...]
    results: tuple[int, ...]

    @property
    def multiply_adds(self) -> int:
        """Return the operations that take a slot of a fused multiply-add unit; negation and absolute value take none.

        >>> step_program(LinearNetwork(layers=1), 4).multiply_adds
        6
        """
        return sum(operation.kind in ARITHMETIC for operation in self.operations)


@cache
def step_program(network: LinearNetwork, p: float) -> Program:
    """Return the program of one step: the state after it."""
    recorder = _Recorder()
    state, rate = recorder.load(state_size(network))
    return recorder.program(moved(state, changes(network, p, state, rate, recorder.arithmetic), recorder.arithmetic.fma))


@cache
def change_program(network: LinearNetwork, p: float) -> Program:
    """Return the program of one step's changes: they keep digits that vanish when they are added to the state."""
    recorder = _Recorder()
    state, rate = recorder.load(state_size(network))
    by = changes(network, p, state, rate, recorder.arithmetic)
    return recorder.program([summed(terms, recorder.arithmetic.fma) for terms in by])


class _Number:
    """A placeholder: arithmetic on it is written down."""

    def __init__(self, recorder: "_Recorder", place: int) -> None:
        self.recorder, self.place = recorder, place

    def __mul__(self, other: "_Number") -> "_Number":
        return self.recorder.note("multiply", self, other)

    def __add__(self, other: "_Number") -> "_Number":
        return self.recorder.note("add", self, other)

    def __sub__(self, other: "_Number") -> "_Number":
        return self.recorder.note("subtract", self, other)

    def __neg__(self) -> "_Number":
        return self.recorder.note("negate", self)


class _Recorder:
    def __init__(self) -> None:
        self.places: dict[Operation, int] = {}
        self.arithmetic = Arithmetic(
            fma=lambda a, b, c: self.note("fma", a, b, c),
            absolute=lambda a: self.note("absolute", a),
            sqrt=lambda a: self.note("sqrt", a),
            power=lambda a, exponent: self.note("power", a, constant=exponent),
        )

    def load(self, size: int) -> tuple[list[_Number], _Number]:
        """Return placeholders for the state and the learning rate."""
        *state, rate = [self.note("load", constant=place) for place in range(size + 1)]
        return state, rate

    def note(self, kind: str, *numbers: _Number, constant: float = 0.0) -> _Number:
        """Write an operation down, unless it is there, and return its result."""
        operation = Operation(kind, tuple(number.place for number in numbers), constant)
        return _Number(self, self.places.setdefault(operation, len(self.places)))

    def program(self, results: list[_Number]) -> Program:
        """Return what was written down."""
        size = sum(operation.kind == "load" for operation in self.places) - 1
        return Program(size, tuple(self.places), tuple(number.place for number in results))
