"""A recorded program says what the step does, once."""

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, LinearNetwork
from training.steps import NUMPY, changes, moved, state_size
from training.trace import change_program, step_program

NETWORKS = [PLAIN, SCALAR_DEPTH, LinearNetwork(layers=3, width=3), LinearNetwork(layers=2, width=3, inputs=2, outputs=2)]
OPERATIONS = {
    "multiply": np.multiply,
    "add": np.add,
    "subtract": np.subtract,
    "negate": np.negative,
    "fma": NUMPY.fma,
    "absolute": np.abs,
    "sqrt": np.sqrt,
}


def run(program, state, rate):
    """Interpret a program on NumPy arrays."""
    loaded, values = [*state, rate], []
    for operation in program.operations:
        arguments = [values[place] for place in operation.places]
        if operation.kind == "load":
            values.append(loaded[int(operation.constant)])
        elif operation.kind == "power":
            values.append(arguments[0] ** operation.constant)
        else:
            values.append(OPERATIONS[operation.kind](*arguments))
    return [values[place] for place in program.results]


@pytest.fixture(params=NETWORKS, ids=lambda network: network.name)
def network(request):
    return request.param


def start(network):
    rng = np.random.default_rng(0)
    return list(rng.normal(0, 0.5, (state_size(network), 6))), rng.uniform(0.01, 0.1, 6)


@pytest.mark.parametrize("p", [2, 2.5, 3, 4, 7.3])
def test_a_program_computes_what_the_step_does(network, p):
    state, rate = start(network)
    expected = moved(state, changes(network, p, state, rate, NUMPY), NUMPY.fma)
    assert np.array_equal(run(step_program(network, p), state, rate), expected)


@pytest.mark.parametrize("p", [2.5, 4])
def test_changes_are_what_the_step_adds(network, p):
    state, rate = start(network)
    before, after = np.array(state), np.array(run(step_program(network, p), state, rate))
    np.testing.assert_allclose(run(change_program(network, p), state, rate), after - before, rtol=1e-12, atol=1e-15)


def test_changes_keep_digits_that_the_state_has_no_room_for():
    change = run(change_program(PLAIN, 4), [np.array([1e-7])] * 2, np.array([1e-3]))
    assert change[0][0] == pytest.approx(-1e-24, rel=1e-14)
    assert run(step_program(PLAIN, 4), [np.array([1e-7])] * 2, np.array([1e-3]))[0][0] == 1e-7


def test_no_operation_is_done_twice(network):
    operations = step_program(network, 4).operations
    assert len(set(operations)) == len(operations)


def test_loads_come_first_and_the_rate_last_of_them(network):
    program = step_program(network, 4)
    loads = [operation for operation in program.operations if operation.kind == "load"]
    assert list(program.operations[: len(loads)]) == loads
    assert [operation.constant for operation in loads] == list(range(program.size + 1))


@pytest.mark.parametrize(
    ("network", "multiply_adds"),
    [(PLAIN, 6), (SCALAR_DEPTH, 17), (LinearNetwork(layers=3, width=8), 416)],
    ids=["plain", "scalar-depth", "deep-3"],
)
def test_the_work_of_a_step_is_counted(network, multiply_adds):
    assert step_program(network, 4).multiply_adds == multiply_adds


def test_work_grows_with_depth_by_layers_not_by_their_square():
    work = [step_program(LinearNetwork(layers=layers, width=4), 4).multiply_adds for layers in (3, 5, 7, 9)]
    assert len(set(np.diff(work))) == 1
