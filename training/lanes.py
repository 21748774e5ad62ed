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
from training.trace import Program, change_program, step_program

__all__ = ["LANES", "chain_kernel", "compiled_steps", "step_kernel"]

Floats: TypeAlias = NDArray[np.float64]
Kernel: TypeAlias = Callable[..., None]
LANES = 8
VECTOR = ir.VectorType(ir.DoubleType(), LANES)
CACHE = 16 * 1024
"""Bytes that a block of trajectories may take: it stays in the first-level cache beside the code of long programs."""
WIDEST_BLOCK = 64
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
    are in `rows`. n must be a multiple of `LANES`.
    """
    return compiled_steps(step_program(network, p))


def compiled_steps(program: Program) -> Kernel:
    """Return the kernel of `step_kernel` for any program whose results replace the state."""
    block, size = _block(program.size), program.size
    step, address = _vectorised(program, block, into_state=True), _address

    @compiled
    def descend(state: Any, rates: Any, times: Any, rows: Any, out: Any) -> None:
        near = np.empty((size + 1) * block)
        numbers = address(near)
        for start in range(0, rates.size, block):
            here = min(block, rates.size - start)
            for row in range(size):
                for lane in range(here):
                    near[row * block + lane] = state[row, start + lane]
            for lane in range(here):
                near[size * block + lane] = rates[start + lane]
            now = 0
            for record in range(times.size):
                for _ in range(times[record] - now):
                    for lane in range(0, here, LANES):
                        step(numbers, lane)
                now = times[record]
                for place in range(rows.size):
                    for lane in range(here):
                        out[record, place, start + lane] = near[rows[place] * block + lane]
            for row in range(size):
                for lane in range(here):
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


def _block(size: int) -> int:
    """Return how many trajectories are stepped together: several vectors, which hide each other's waiting.

    >>> _block(2), _block(5), _block(90)
    (64, 64, 16)
    """
    fitting = CACHE // (8 * (size + 1)) // LANES * LANES
    return min(WIDEST_BLOCK, max(LANES, fitting))


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
            values = _Instructions(builder, cells)(program)
            for row, result in enumerate(program.results, start=first_result):
                cells.store(values[result], row)
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
    """Puts a program's operations down as vector instructions."""

    def __init__(self, builder: Any, cells: _Cells) -> None:
        self.builder, self.cells = builder, cells

    def __call__(self, program: Program) -> list[Any]:
        """Return the value of every operation."""
        values: list[Any] = []
        for operation in program.operations:
            arguments = [values[place] for place in operation.places]
            values.append(self._of(operation.kind, arguments, operation.constant))
        return values

    def _of(self, kind: str, values: list[Any], constant: float) -> Any:
        builder = self.builder
        plain = {"multiply": builder.fmul, "add": builder.fadd, "subtract": builder.fsub, "negate": builder.fneg}
        if kind in plain:
            return plain[kind](*values)
        if kind == "load":
            return self.cells.load(int(constant))
        if kind == "power":
            values = [*values, ir.Constant(VECTOR, [constant] * LANES)]
        return self._call({"fma": "fma", "absolute": "fabs", "sqrt": "sqrt", "power": "pow"}[kind], values)

    def _call(self, name: str, values: list[Any]) -> Any:
        name, module = f"llvm.{name}.v{LANES}f64", self.builder.module
        function = module.globals.get(name) or ir.Function(module, ir.FunctionType(VECTOR, [VECTOR] * len(values)), name)
        return self.builder.call(function, values)
