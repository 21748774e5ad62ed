"""Programs compiled for an NVIDIA GPU: one trajectory a thread, its state in registers, the loop over steps inside the kernel.

The program of a step (`training.trace`) is written out as Python source, one line an operation, which numba compiles for the
device; in numba's CUDA simulator (NUMBA_ENABLE_CUDASIM=1) the same source runs without a GPU.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from models.lp import LinearNetwork
from training.trace import Operation, Program, step_program

__all__ = ["available", "source", "step_kernel"]

Floats: TypeAlias = NDArray[np.float64]
Kernel: TypeAlias = Callable[..., None]
THREADS = 64
"""Threads of a block: few, so that a thousand trajectories are spread over many multiprocessors."""
WRITTEN = {
    "multiply": "{} * {}",
    "add": "{} + {}",
    "subtract": "{} - {}",
    "negate": "-{}",
    "fma": "cuda.fma({}, {}, {})",
    "absolute": "math.fabs({})",
    "sqrt": "math.sqrt({})",
}


def available() -> bool:
    """Tell whether numba finds a GPU, or simulates one."""
    return bool(cuda.is_available())


@cache
def step_kernel(network: LinearNetwork, p: float) -> Kernel:
    """Return descend(state (size, n), rates (n,), times (records,), rows, out (records, rows, n)), as `training.lanes` does.

    Arrays go to the device and come back once a call, whatever its number of steps.
    """
    compiled = _compiled(step_program(network, p))

    def descend(state: Floats, rates: Floats, times: NDArray[np.int64], rows: NDArray[np.int64], out: Floats) -> None:
        on_device, recorded = cuda.to_device(state), cuda.to_device(out)
        blocks = math.ceil(rates.size / THREADS)
        compiled[blocks, THREADS](on_device, cuda.to_device(rates), cuda.to_device(times), cuda.to_device(rows), recorded)
        on_device.copy_to_host(state)
        recorded.copy_to_host(out)

    return descend


def source(program: Program) -> str:
    """Return the kernel's source.

    >>> print(source(step_program(LinearNetwork(layers=1, inputs=1), 4)))
    def descend(state, rates, times, rows, out):
        lane = cuda.grid(1)
        if lane < rates.size:
            rate = rates[lane]
            s0 = state[0, lane]
            now = 0
            for record in range(times.size):
                for _ in range(times[record] - now):
                    t2 = s0 * s0
                    t3 = s0 * t2
                    t4 = -rate
                    t5 = cuda.fma(t4, t3, s0)
                    s0 = t5
                now = times[record]
                state[0, lane] = s0
                for place in range(rows.size):
                    out[record, place, lane] = state[rows[place], lane]
    """
    names = [_name(place, operation, program.size) for place, operation in enumerate(program.operations)]
    steps = [
        f"{names[place]} = {_written(operation, names)}"
        for place, operation in enumerate(program.operations)
        if operation.kind != "load"
    ]
    state = [f"s{row}" for row in range(program.size)]
    assigned = f"{', '.join(state)} = {', '.join(names[result] for result in program.results)}"
    return "\n".join(
        [
            "def descend(state, rates, times, rows, out):",
            "    lane = cuda.grid(1)",
            "    if lane < rates.size:",
            "        rate = rates[lane]",
            *[f"        {each} = state[{row}, lane]" for row, each in enumerate(state)],
            "        now = 0",
            "        for record in range(times.size):",
            "            for _ in range(times[record] - now):",
            *[f"                {line}" for line in [*steps, assigned]],
            "            now = times[record]",
            *[f"            state[{row}, lane] = {each}" for row, each in enumerate(state)],
            "            for place in range(rows.size):",
            "                out[record, place, lane] = state[rows[place], lane]",
        ]
    )


def _compiled(program: Program) -> Any:
    """Return the device kernel; it is made from source, which no compiler of closures could unroll."""
    made: dict[str, Any] = {"cuda": cuda, "math": math}
    exec(compile(source(program), "<descent on a GPU>", "exec"), made)
    return cuda.jit(made["descend"])


def _name(place: int, operation: Operation, size: int) -> str:
    """Return the variable that holds an operation's result: numbers of the state, the rate, or a temporary one."""
    if operation.kind != "load":
        return f"t{place}"
    return "rate" if operation.constant == size else f"s{int(operation.constant)}"


def _written(operation: Operation, names: list[str]) -> str:
    arguments = [names[place] for place in operation.places]
    if operation.kind == "power":
        return f"{arguments[0]} ** {operation.constant!r}"
    return WRITTEN[operation.kind].format(*arguments)
