"""The GPU's kernel, in numba's CUDA simulator where there is no GPU: the same numbers as on the CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPARE = """
import numpy as np
from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, StepSize, end_to_end
from training.gpu import available
from training.kernels import descend

assert available()
times = np.array([1, 4, 12])
for network, powers in ((PLAIN, (2.5, 3, 4, 7.3)), (SCALAR_DEPTH, (2.5, 4)), (LinearNetwork(layers=3, width=2), (4,))):
    for p in powers:
        problem, start = LpRegression(p=p), BesideTarget() if network == PLAIN else NearZero(scale=0.5)
        factors = start.factors(problem, network, range(3))
        residual = end_to_end(factors) - problem.targets(range(3))
        rates = StepSize(layers=network.layers).rates(problem, residual, range(3))
        ours, theirs = (descend(network, p, factors, residual, rates, times, device=device) for device in ("cuda", "cpu"))
        for name in ("residual", "outer", "state"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-13, atol=1e-15)
        print(network.name, p, "agree")
"""
RUN = """
import numpy as np
from models.lp import SCALAR_DEPTH, LpRegression, NearZero, StepSize
from training import Descent
from training.machine import Machine

arm = Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), steps=50)
ours, theirs = (arm.train([0, 1], Machine(device=device)) for device in ("cuda", "cpu"))
np.testing.assert_allclose(ours["residual"], theirs["residual"], rtol=1e-13)
print("agree")
"""


def simulated(script):
    """Run a script in a process of its own: the simulator is chosen when numba is imported."""
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_the_gpus_kernel_gives_the_cpus_numbers():
    result = simulated(COMPARE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("agree") == 7


def test_a_descent_runs_on_the_device_that_the_machine_names():
    result = simulated(RUN)
    assert result.returncode == 0, result.stderr
    assert "agree" in result.stdout
