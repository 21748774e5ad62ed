"""A small project with claims of real descents, whose blocks are many and short, and sessions of it that can be killed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
from filelock import FileLock

from training.store import read_block

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "evidence" / "record.schema.json").read_text(encoding="utf-8"))
TIMES = {"started", "finished", "seconds", "trained", "seconds_to_settle"}
INI = f"[pytest]\npythonpath = . {ROOT}\naddopts = --import-mode=importlib --strict-markers\n"
CONFTEST = """
import os

from training import Descent

pytest_plugins = [{plugins}]
descend = Descent.train


def train(self, seeds, machine, *progress):
    {before}
    arrays = descend(self, seeds, machine, *progress)
    with open("trained.txt", "a") as log:
        print(os.getpid(), self.steps, self.arm, *seeds, file=log)
    return arrays


Descent.block, Descent.train = (lambda self, device: 2), train
"""
CLAIM = '''
from evidence import SUPPORTED, Curves, Margin, Measured, claim
from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LpRegression, NearZero, StepSize
from training import Descent


class Last:
    paired = False

    def measure(self, arm):
        return Measured(arm.values[:, -1])

    def plant(self, shift, arm):
        return (Curves(arm.times, arm.values + shift),)


@claim("{id}", "Section 1", position={place}, family="theory", expect=SUPPORTED, because="so it is", finding="It holds.")
def test_{id}(train, judge, budget):
    """The error is small.

    Scope: the toy problem.

    Each seed gives one error.
    """
    seeds = budget.seeds(smoke=12, standard=12, paper=20)
    plain = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), {steps} + {place})
    deep = Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), {steps} + {place})
    for name, run in zip(("plain", "deep"), train(plain, deep, seeds=seeds)):
        judge.equivalent(name, Last(), Curves(run.times, run.error), seeds=seeds, estimand="last error", to=0,
                         margin=Margin(3, "three"))
        judge.curve("errors", name, "error", run.times, run.error)
'''
BLOCKS = 12
"""Blocks of each claim: two arms, twelve seeds, two seeds a block."""


class Project:
    """A folder with claims of `steps` gradient steps, kept in its own store."""

    def __init__(self, folder, claims=3, *, steps=1_000_000, page=False, before=""):
        self.folder, self.claims, self.store = folder, claims, folder / ".claims-store"
        plugins = ["evidence.plugin", "training.plugin", *(["reports.plugin"] if page else [])]
        (folder / "claims").mkdir(parents=True)
        (folder / "conftest.py").write_text(CONFTEST.format(plugins=str(plugins)[1:-1], before=before or "pass"))
        (folder / "pytest.ini").write_text(INI)
        for place in range(claims):
            text = CLAIM.format(id="abcdef"[place], place=place, steps=steps)
            (folder / "claims" / f"test_{place}.py").write_text(text)

    def start(self, *options, **more):
        command = [sys.executable, "-m", "pytest", "claims", "-p", "no:cacheprovider", "-p", "xdist.plugin", *options]
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        for name in [name for name in environment if name.startswith("PYTEST_XDIST")]:
            del environment[name]
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": environment} | more
        return subprocess.Popen([*command, "--claims-budget=smoke"], cwd=self.folder, start_new_session=True, **more)

    def run(self, *options, **more):
        """Run a session; return its exit code and what it said."""
        process = self.start(*options, **more)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def record(self, *besides):
        """Return the record without times, and without keys named besides."""
        record = json.loads((self.folder / "reports" / "out" / "evidence.json").read_text())
        jsonschema.validate(record, SCHEMA)
        return without(record, TIMES | set(besides))

    def blocks(self):
        """Return the bytes of all blocks by name."""
        return {path.name: path.read_bytes() for path in self.store.glob("*.npz")}

    def trained(self):
        """Return what was trained: for each time the steps, the arm and the seeds, without the process."""
        log = self.folder / "trained.txt"
        return [line.split(" ", 1)[1] for line in log.read_text().splitlines()] if log.exists() else []

    def forget(self):
        """Begin anew."""
        shutil.rmtree(self.store, ignore_errors=True)
        (self.folder / "trained.txt").unlink(missing_ok=True)


def without(value, keys):
    """Return JSON values without the keys, wherever they are."""
    if isinstance(value, dict):
        return {key: without(item, keys) for key, item in value.items() if key not in keys}
    return [without(item, keys) for item in value] if isinstance(value, list) else value


def check_store(store):
    """Check that every block is whole and every lock free."""
    for path in store.glob("*.npz"):
        assert read_block(path) is not None, path.name
    for path in store.glob("*.lock"):
        with FileLock(path, timeout=0):
            pass


class Nursery:
    """A process that has imported and compiled all that a session needs, and bears sessions quickly."""

    def __init__(self, project):
        script = str(Path(__file__).with_name("nursery.py"))
        command = [sys.executable, script, str(ROOT), str(project.folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def session(self, kill_after=-1.0):
        """Run a session, killed after so many seconds if it still runs; return its exit code, -9 if it was killed."""
        print(kill_after, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
