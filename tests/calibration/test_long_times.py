"""Times that no steps reach, beside the steps, where steps can still be taken: how far the jump and the flow are off."""

from __future__ import annotations

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, StepSize
from training import Descent
from training.machine import Machine

SEEDS, STEPPED = range(8), 10**5
NETWORKS = {
    "plain descent": (PLAIN, BesideTarget(), (2.5, 3, 4, 6, 8)),
    "scalar depth": (SCALAR_DEPTH, NearZero(scale=0.3), (2.5, 3, 4, 6, 8)),
    "three layers of width 4": (LinearNetwork(layers=3, width=4), NearZero(scale=0.5), (4, 8)),
}
CASES = [(name, p) for name, (_, _, powers) in NETWORKS.items() for p in powers]
TOLERATED = 1e-8


@pytest.fixture
def until(request):
    """Return how far to step: as far as the page shows where that is asked for, a tenth of it otherwise."""
    return 10**8 if request.config.getoption("claims_calibration") else 10**7


def errors(network, start, p, until, stepped):
    arm = Descent(LpRegression(p=p), network, start, StepSize(layers=network.layers), until, stepped=stepped)
    runs = arm.gather(SEEDS, arm.train(SEEDS, Machine()))
    assert not runs.faults
    return runs.times, runs.error


@pytest.mark.parametrize(("name", "p"), CASES, ids=[f"{name}-p{p}" for name, p in CASES])
def test_long_times_are_those_of_exact_steps(name, p, until, found):
    network, start, _ = NETWORKS[name]
    (times, exact), (_, reached) = (errors(network, start, p, until, stepped) for stepped in (until, STEPPED))
    off = np.abs(reached / exact - 1).max(axis=0)
    row = {"network": name, "p": p, "n": len(SEEDS)}
    found["long_times"].append(row | {f"at_1e{k}": float(off[np.argmin(np.abs(times - 10**k))]) for k in (6, 7, 8)})
    assert (off[times <= STEPPED] == 0).all()
    assert off.max() <= TOLERATED
