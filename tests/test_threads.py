"""Cores are not asked for twice: matrix products run in the thread that wants them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COUNT = "import os, numpy as np; np.ones((600, 600)) @ np.ones((600, 600)); print(len(os.listdir('/proc/self/task')))"

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted by Linux's /proc")


def threads(before):
    """How many threads a process of its own has after a large product, without the setting of this one."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", f"{before}; {COUNT}"]
    return int(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)


def test_a_matrix_product_starts_no_thread_once_the_suite_is_set_up():
    assert threads("import conftest") == 1


def test_a_number_that_was_asked_for_stays():
    asked = "import os; os.environ['OPENBLAS_NUM_THREADS'] = '7'; import conftest"
    assert threads(f"{asked}; assert os.environ['OPENBLAS_NUM_THREADS'] == '7'") >= 1
