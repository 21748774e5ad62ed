"""Blocks side by side: one thread, a thread for each core, and a process for each core. Times are reported, not judged.

Four blocks of eight seeds of LeNet-5 for 60 steps, and sixteen blocks of descents, from an empty store. Processes have been
started and have compiled before the clock runs, as all but the first training of a session find them.
"""

from itertools import count

import pytest

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED
from models.lp import SCALAR_DEPTH, LpRegression, NearZero, StepSize
from training import Descent, NetworkTraining, Recipe
from training.executors import Processes, Threads
from training.machine import Machine
from training.remote import cores
from training.store import Store
from training.trainer import Trainer

RECIPE = Recipe(epochs=1, records=2, digits=60 * 64, evaluated=640)
DESCENT = Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), 2_000_000)
NETWORKS = [
    NetworkTraining(architecture=LENET5, network=arm, recipe=RECIPE, digits="embedded") for arm in (NORMAL, OVERPARAMETERIZED)
]
WORK = {"networks": (NETWORKS, range(16), 4), "descents": ([DESCENT], range(16 * 128), 16)}
PLACES = {"one thread": lambda: Threads(1), "threads": lambda: Threads(cores()), "processes": lambda: Processes(cores())}
found = {}


@pytest.fixture(params=WORK)
def work(request):
    return request.param


@pytest.fixture(params=PLACES)
def place(request):
    workers = PLACES[request.param]()
    yield request.param, workers
    workers.close()


def test_blocks_side_by_side(benchmark, tmp_path, work, place):
    (name, workers), (arms, seeds, blocks) = place, WORK[work]
    benchmark.group = f"{work}: {blocks} blocks, {cores()} cores"
    benchmark.extra_info |= {"work": work, "place": name}
    stores = count()

    def train():
        """Train into a store of its own, so that nothing is found."""
        folder = tmp_path / str(next(stores))
        runs = Trainer(Store(folder), Machine(threads=workers.turns.places), workers=workers)(*arms, seeds=seeds)
        assert len(list(folder.glob("*.npz"))) == blocks
        return runs if isinstance(runs, list) else [runs]

    runs = benchmark.pedantic(train, rounds=2, warmup_rounds=1)
    last = [run.penalty[:, -1].tolist() if work == "networks" else run.final.tolist() for run in runs]
    assert last == found.setdefault(work, last)  # the same work, bit for bit
