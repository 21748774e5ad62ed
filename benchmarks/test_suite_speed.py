"""The whole suite from an empty store, and again without changes; collection and page included. Times are reported, not judged.

On one core, on all of them by threads, and on all of them by pytest-xdist. `DEPTH_ON_TRIAL_BENCHMARK=standard` takes that budget
in place of smoke, which is half an hour in place of seven minutes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from training.remote import cores

ROOT = Path(__file__).resolve().parent.parent
BUDGET = os.environ.get("DEPTH_ON_TRIAL_BENCHMARK", "smoke")
WAYS = {"one core": ([], True), f"{cores()} cores": ([], False), f"{cores()} cores, -n {cores()}": ([f"-n{cores()}"], False)}
digests = {}


def suite(folder, options=(), on_one_core=False):
    """Run the suite with a store and a report in a folder, on one core or all; give what it said."""
    places = [f"--claims-store={folder / 'store'}", f"--claims-report={folder / 'report'}", f"--claims-budget={BUDGET}"]
    command = [sys.executable, "-m", "pytest", "claims", "-q", *places, *options]
    bound = (lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})) if on_one_core else None
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=bound)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_from_an_empty_store(benchmark, tmp_path, way):
    benchmark.group = f"the suite at {BUDGET} budget"
    benchmark.pedantic(suite, args=(tmp_path, *WAYS[way]), rounds=1)
    digest = json.loads((tmp_path / "report" / "evidence.json").read_text())["run"]["digest"]
    assert digests.setdefault(BUDGET, digest) == digest  # the same numbers, bit for bit


def test_again_without_changes(benchmark, tmp_path):
    benchmark.group = f"the suite at {BUDGET} budget"
    suite(tmp_path)
    said = benchmark.pedantic(suite, args=(tmp_path,), rounds=1)
    assert "judged before" in said
