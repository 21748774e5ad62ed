"""Programs compiled for the CPU: every operation works on a vector of eight trajectories ("lanes").

numba compiles the loops over blocks, records and steps, which are spelled out: slices take twice as long to compile. Within them
the operations of a program are put down as LLVM vector instructions, eight numbers wide (the widest registers there are; where
they are narrower, the compiler splits them). Written as scalars in a loop, the same programs ran two to ten times slower:
compilers prefer half-width registers, and give up on vectorising the long programs of deep networks.

Every trajectory goes through the same instructions in any lane, so that it gives the same bits alone and among others. Kernels
run without the interpreter's lock.
"""

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeAlias

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from models.lp import LinearNetwork
from training.trace import Operation, Program, change_program, step_program

__all__ = ["LANES", "block_of", "chain_kernel", "compiled_steps", "step_kernel"]

Floats: TypeAlias = NDArray[np.float64]
Kernel: TypeAlias = Callable[..., None]
LANES = 8
VECTOR = ir.VectorType(ir.DoubleType(), LANES)
WIDE, SHORT = 64, 8
"""Trajectories stepped together by programs of up to `SHORT` numbers: several vectors, which hide each other's waiting. Longer
programs have work enough for one vector, and more of them would not fit the first-level caches."""
NEAR = 40
"""Operations after which a number is loaded again."""
compiled: Callable[[Any], Kernel] = numba.njit(nogil=True, error_model="numpy")
emitted: Callable[[Any], Callable[..., Any]] = intrinsic
"""A function of types that generates instructions."""


def _once(make: Callable[..., Kernel]) -> Callable[..., Kernel]:
    """Return a maker that remembers what it made, also when two threads ask for the same at once."""
    remembered, lock = cache(make), threading.Lock()

    @wraps(make)
    def made(*arguments: Any) -> Kernel:
        with lock:
            return remembered(*arguments)

    return made


@_once
def step_kernel(network: LinearNetwork, p: float) -> Kernel:
    """Return descend(state (size, n), rates (n,), times (records,), rows, out (records, rows, n)).

    It takes steps until the last of the times, updates the state in place, and records the numbers of the state whose places
    are in `rows`. n must be a multiple of `block_of(size)`.
    """
    return compiled_steps(step_program(network, p))


def compiled_steps(program: Program) -> Kernel:
    """Return the kernel of `step_kernel` for any program whose results replace the state."""
    block, size = block_of(program.size), program.size
    step, address = _vectorised(program, block, into_state=True), _address

    @compiled
    def descend(state: Any, rates: Any, times: Any, rows: Any, out: Any) -> None:
        near = np.empty((size + 1) * block)
        numbers = address(near)
        for start in range(0, rates.size, block):
            for row in range(size):
                for lane in range(block):
                    near[row * block + lane] = state[row, start + lane]
            for lane in range(block):
                near[size * block + lane] = rates[start + lane]
            now = 0
            for record in range(times.size):
                for _ in range(times[record] - now):
                    for lane in range(0, block, LANES):
                        step(numbers, lane)
                now = times[record]
                for place in range(rows.size):
                    for lane in range(block):
                        out[record, place, start + lane] = near[rows[place] * block + lane]
            for row in range(size):
                for lane in range(block):
                    state[row, start + lane] = near[row * block + lane]

    return descend


@_once
def chain_kernel(network: LinearNetwork, p: float, weights: tuple[tuple[float, ...], ...]) -> Kernel:
    """Return chain(state (size, n), rates (n,), out (sums, size, n)): weighted sums of the changes by consecutive steps.

    Row k of `weights` says what each step's change counts for in the k-th sum. Changes are computed without the state, whose
    last digit may be far larger; the state itself stays. n must be a multiple of `LANES`.
    """
    program, counts = change_program(network, p), np.array(weights)
    size, (sums, steps) = program.size, counts.shape
    run, address = _vectorised(program, LANES, into_state=False), _address
    changed = (size + 1) * LANES

    @compiled
    def chain(state: Any, rates: Any, out: Any) -> None:
        near = np.empty((2 * size + 1) * LANES)
        numbers = address(near)
        for start in range(0, rates.size, LANES):
            for row in range(size):
                for lane in range(LANES):
                    near[row * LANES + lane] = state[row, start + lane]
            for lane in range(LANES):
                near[size * LANES + lane] = rates[start + lane]
            for step in range(steps):
                run(numbers, 0)
                for row in range(size):
                    for lane in range(LANES):
                        change = near[changed + row * LANES + lane]
                        near[row * LANES + lane] += change
                        for k in range(sums):
                            so_far = out[k, row, start + lane] if step else 0.0
                            out[k, row, start + lane] = so_far + counts[k, step] * change

    return chain


def block_of(size: int) -> int:
    """Return how many trajectories are stepped together, given how many numbers the state of one has.

    >>> block_of(2), block_of(5), block_of(90)
    (64, 64, 8)
    """
    return WIDE if size <= SHORT else LANES


# ---- from operations to instructions ---------------------------------------------------------------------------


@emitted
def _address(typing_context: Any, array: Any) -> Any:
    """Return where an array's numbers begin."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(types.float64)(array), generate


def _vectorised(program: Program, block: int, *, into_state: bool) -> Callable[..., Any]:
    """Return run(address, lane): a program on the vector at a lane of a block laid out as (numbers, block).

    The results replace the state, or follow the rate.
    """
    first_result = 0 if into_state else program.size + 1

    @emitted
    def run(typing_context: Any, numbers: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, lane = arguments
            cells = _Cells(builder, address, lane, block)
            _Instructions(builder, cells, program)(first_result)
            return context.get_dummy_value()

        return types.void(types.CPointer(types.float64), types.intp), generate

    return run


class _Cells:
    """The numbers of a block in memory, a vector of lanes at a time."""

    def __init__(self, builder: Any, address: Any, lane: Any, block: int) -> None:
        self.builder, self.address, self.lane, self.block = builder, address, lane, block

    def load(self, place: int) -> Any:
        return self.builder.load(self._at(place), align=8)

    def store(self, value: Any, place: int) -> None:
        self.builder.store(value, self._at(place), align=8)

    def _at(self, place: int) -> Any:
        offset = self.builder.add(self.lane, ir.Constant(ir.IntType(64), place * self.block))
        return self.builder.bitcast(self.builder.gep(self.address, [offset]), VECTOR.as_pointer())


class _Instructions:
    """Puts a program's operations down as vector instructions.

    The hundreds of numbers of a deep network do not fit the registers. So a number is loaded where it is used, again if its last
    use is long ago, and a result is stored as soon as the number that it replaces is no longer needed: left to itself, the
    compiler would keep all of them at hand by writing them to memory and back.
    """

    def __init__(self, builder: Any, cells: _Cells, program: Program) -> None:
        self.builder, self.cells, self.program = builder, cells, program
        self.values: dict[int, Any] = {}
        self.loaded: dict[int, int] = {}

    def __call__(self, first_result: int) -> None:
        """Compute all operations; results go to the rows of memory from `first_result` on."""
        ready = self._ready(into_state=first_result == 0)
        for place, operation in enumerate(self.program.operations):
            if operation.kind != "load":
                self.values[place] = self._of(operation, [self._value(each, place) for each in operation.places])
            for row in ready.get(place, ()):
                self.cells.store(self._value(self.program.results[row], place), first_result + row)

    def _ready(self, *, into_state: bool) -> dict[int, list[int]]:
        """Return, by operation, the rows whose results can be stored after it."""
        uses = {each: place for place, operation in enumerate(self.program.operations) for each in operation.places}
        found: dict[int, list[int]] = {}
        for row, result in enumerate(self.program.results):
            last = uses.get(row, row) if into_state else 0  # the first operations load the state's rows, in order
            found.setdefault(max(result, last), []).append(row)
        return found

    def _value(self, place: int, now: int) -> Any:
        operation = self.program.operations[place]
        if operation.kind != "load":
            return self.values[place]
        if place not in self.loaded or now - self.loaded[place] > NEAR:
            self.values[place] = self.cells.load(int(operation.constant))
        self.loaded[place] = now
        return self.values[place]

    def _of(self, operation: Operation, values: list[Any]) -> Any:
        builder, kind = self.builder, operation.kind
        plain = {"multiply": builder.fmul, "add": builder.fadd, "subtract": builder.fsub, "negate": builder.fneg}
        if kind in plain:
            return plain[kind](*values)
        if kind == "power":
            values = [*values, ir.Constant(VECTOR, [operation.constant] * LANES)]
        return self._call({"fma": "fma", "absolute": "fabs", "sqrt": "sqrt", "power": "pow"}[kind], values)

    def _call(self, name: str, values: list[Any]) -> Any:
        name, module = f"llvm.{name}.v{LANES}f64", self.builder.module
        function = module.globals.get(name) or ir.Function(module, ir.FunctionType(VECTOR, [VECTOR] * len(values)), name)
        return self.builder.call(function, values)
