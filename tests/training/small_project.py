"""A project of two kernels, a claim and a test that train with them, to be run as its users run it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INI = f"""
[pytest]
pythonpath = . {ROOT}
addopts = --import-mode=importlib -p no:cacheprovider
"""
KERNEL = """
def {name}(seeds):
    return [{factor} * seed for seed in seeds]
"""
TRAINED = """
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

import double, triple

HERE = Path(__file__).parent
LOG = HERE / "trained.log"


@dataclass(frozen=True)
class Arm:
    kernel: str
    steps: int = 10

    packages: ClassVar[tuple[str, ...]] = ("numpy",)

    @property
    def code(self):
        return (str(HERE / f"{self.kernel}.py"),)

    @property
    def arm(self):
        return self.kernel

    def block(self, device):
        return 4

    def train(self, seeds, machine, progress):
        with LOG.open("a") as log:
            log.write(f"{self.kernel}\\n")
        noise = float((HERE / "noise").read_text()) if (HERE / "noise").exists() else 0.0
        kernel = getattr({"double": double, "triple": triple}[self.kernel], self.kernel)
        return {"value": np.array(kernel(seeds)) + noise}

    def gather(self, seeds, arrays):
        return arrays["value"]
"""
CLAIMS = '''
import numpy as np

from evidence import SUPPORTED, Curves, Margin, Measured, claim
from trained import Arm


class Last:
    paired = False

    def measure(self, arm):
        return Measured(arm.values[:, -1])

    def plant(self, shift, arm):
        return (Curves(arm.times, arm.values + shift),)


@claim("two-kernels", "Section 1", position=1, family="theory", expect=SUPPORTED, because="so it is", finding="What holds.")
def test_two_kernels(train, judge, budget):
    """The mean is that of seeds.

    Scope: made-up numbers.

    Each seed gives one number.
    """
    seeds = budget.seeds(smoke=4, standard=8, paper=20)
    first = train(Arm("double"), seeds=seeds)
    second = train(Arm("triple"), seeds=seeds)
    judge.equivalent("mean", Last(), Curves(np.ones(1), (second - first)[:, None]), seeds=seeds, estimand="mean",
                     to=float(np.mean(seeds)), margin=Margin(20.0, "twenty"))

'''
ALONE = """
from trained import Arm


def test_training_alone(train):
    train(Arm("double"), seeds=range(8))
    train(Arm("triple"), seeds=range(8))


def test_no_training():
    raise AssertionError("this is not to be run where trainings are explained")
"""


class SmallProject:
    """The project's folder; `run` gives what pytest gave, `trained` the kernels that were trained since last asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "claims").mkdir()
        (folder / "conftest.py").write_text('pytest_plugins = ["evidence.plugin", "training.plugin"]\n')
        (folder / "pytest.ini").write_text(INI)
        (folder / "trained.py").write_text(TRAINED)
        (folder / "claims" / "test_two_kernels.py").write_text(CLAIMS)
        (folder / "claims" / "test_alone.py").write_text(ALONE)
        self.kernel("double", 2)
        self.kernel("triple", 3)

    def kernel(self, name, factor):
        (self.folder / f"{name}.py").write_text(KERNEL.format(name=name, factor=factor))

    def edit(self, before, after):
        path = self.folder / "claims" / "test_two_kernels.py"
        text = path.read_text()
        assert text.count(before) == 1
        path.write_text(text.replace(before, after))

    def run(self, *options, only="training_alone", **environment):
        command = [sys.executable, "-m", "pytest", "claims", "-q", "-k", only, *options]
        return subprocess.run(command, cwd=self.folder, env=os.environ | environment, capture_output=True, text=True, timeout=120)

    def trained(self):
        log = self.folder / "trained.log"
        names = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(names)
