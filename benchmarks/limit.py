"""The machine's limit: how fast one core adds products of float64 numbers when nothing else holds it up."""

import numpy as np

from training.lanes import compiled_steps
from training.trace import Operation, Program

CHAINS, LENGTH = 20, 32
"""Independent chains, enough to hide the latency of a multiply-add, few enough for the registers; steps of each chain."""
LANES, STEPS = 64, 20_000


def multiply_adds():
    """Return a program of multiply-adds alone: x -> x a + x, again and again, for some numbers at once."""
    operations = [Operation("load", constant=place) for place in range(CHAINS + 1)]
    latest = list(range(CHAINS))
    for _ in range(LENGTH):
        for chain in range(CHAINS):
            operations.append(Operation("fma", (latest[chain], CHAINS, latest[chain])))
            latest[chain] = len(operations) - 1
    return Program(CHAINS, tuple(operations), tuple(latest))


def run_at_the_limit():
    """Return a function that does nothing but multiply-adds, and how many it does for each trajectory and step."""
    program = multiply_adds()
    kernel, state, out = compiled_steps(program), np.ones((CHAINS, LANES)), np.empty((1, 1, LANES))
    rates, times, rows = np.full(LANES, -1e-9), np.array([STEPS]), np.array([0])
    kernel(state, rates, np.array([1]), rows, out)  # compiles
    return lambda: kernel(state, rates, times, rows, out), program.multiply_adds
