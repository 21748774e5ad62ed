"""Bears sessions of a project by fork, and kills each after the seconds that are asked for; see `projects.Nursery`."""

import gc
import os
import signal
import sys
import time

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

import numba  # noqa: E402, F401
import pytest  # noqa: E402
import scipy.integrate  # noqa: E402, F401
import scipy.stats  # noqa: E402, F401
import statsmodels.stats.multitest  # noqa: E402, F401

import evidence.plugin  # noqa: E402, F401
import training.plugin  # noqa: E402, F401
from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LpRegression, NearZero, StepSize  # noqa: E402
from training import Descent  # noqa: E402
from training.machine import Machine  # noqa: E402

Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10).train([0], Machine())
Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), 10).train([0], Machine())
gc.freeze()  # else each child goes through all that was imported

for line in sys.stdin:
    child = os.fork()
    if not child:
        said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for place in (1, 2):
            os.dup2(said, place)
        code = pytest.main(["claims", "-q", "-p", "no:cacheprovider", "--claims-budget=smoke"])
        os._exit(code)
    if float(line) >= 0:
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
