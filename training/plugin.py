"""The pytest plugin of the trainings: the `train` fixture, its options, and facts about the machine."""

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models.datasets import CATALOGUE, data_set
from models.mnist import DataError
from training.machine import Machine
from training.progress import ProgressLine, screen_of
from training.store import Store, Trainable
from training.trainer import Trainer

DEVICES = ("auto", "cpu", "cuda")
DESCENT_ON = {"cpu": "one core for each block of 128 seeds", "cuda": "one thread of the GPU for each seed"}
OPTIONS = {
    "device": ("auto", "DEVICE", "where trainings run: auto (default: networks on a GPU if there is one), cpu, or cuda for all"),
    "store": (".claims-store", "DIR", "folder that keeps finished trainings, to be found again"),
    "dataset": ("mnist", "NAME", f"what networks are trained on: {', '.join(CATALOGUE)} (default: mnist)"),
    "data": ("", "DIR", "folder with the data set's original files, where needed (default: download through torchvision)"),
}


class Train:
    """Trains arms for one test; what it trained, on what and for how long is on record."""

    def __init__(self, config: pytest.Config, name: str) -> None:
        self.config, self.name = config, name
        self.threads = _threads()
        self.datasets: list[dict[str, Any]] = []
        self.seconds = 0.0
        screen = screen_of(config) if not hasattr(config, "workerinput") else None
        self.line = ProgressLine(screen, is_terminal=screen.is_terminal) if screen else None

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs of each arm at every seed: one object for one arm, else a list in the arms' order."""
        device = _device(self.config) if any("torch" in arm.packages for arm in arms) else _descent_device(self.config)
        threads = self.threads if device == "cpu" else 1
        machine = Machine(device, threads, _data(self.config), _option(self.config, "dataset"))
        trainer = Trainer(Store(self.config.rootpath / Path(_option(self.config, "store")).expanduser()), machine, self._tell)
        try:
            runs = trainer(*arms, seeds=seeds)
        except DataError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        finally:
            if self.line:
                self.line.erase()
        self.seconds += trainer.seconds
        self._note_data(arms, machine)
        return runs

    def _tell(self, share: float, seconds: float) -> None:
        if self.line:
            self.line.tell(self.name, share, seconds)

    def _note_data(self, arms: Sequence[Any], machine: Machine) -> None:
        for kind in {arm.digits for arm in arms if hasattr(arm, "digits")}:
            digits = machine.digits(kind)
            facts = {"name": digits.name, "source": digits.source, "images": len(digits), "sha256": digits.sha256}
            files = data_set(machine.dataset)
            facts |= {"licence": files.licence, "citation": files.citation}
            self.datasets += [facts] if facts not in self.datasets else []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and their ini twins."""
    group = parser.getgroup("claims", "claims on trial")
    for name, (default, metavar, words) in OPTIONS.items():
        group.addoption(f"--claims-{name}", default=None, metavar=metavar, help=words)
        parser.addini(f"claims_{name}", words, default=default)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an unknown or missing device, an unknown data set, and a data folder that is not there."""
    device = _option(config, "device")
    if device not in DEVICES:
        raise pytest.UsageError(f"--claims-device is {device!r}; it must be one of: {', '.join(DEVICES)}.")
    if device == "cuda" and not _cuda():
        raise pytest.UsageError("--claims-device is 'cuda', but torch finds no CUDA device here; use cpu or auto.")
    dataset = _option(config, "dataset")
    if dataset not in CATALOGUE:
        raise pytest.UsageError(f"--claims-dataset is {dataset!r}; it must be one of: {', '.join(CATALOGUE)}.")
    data = _data(config)
    if data is not None and not data.is_dir():
        title = CATALOGUE[dataset].title
        raise pytest.UsageError(f"--claims-data is {str(data)!r}, which is no folder; name the one that holds the {title} files.")


@pytest.fixture
def train(request: pytest.FixtureRequest) -> Train:
    """Train arms at seeds; finished trainings come from the store."""
    claim = getattr(request.function, "claim", None)
    return Train(request.config, claim.id if claim else request.node.name)


def pytest_claims_facts(config: pytest.Config) -> dict[str, Any]:
    """Return the device, how many trainings ran at once on it, on which data set, and what makes them repeatable."""
    torch = sys.modules.get("torch")
    device = _device(config) if torch or _option(config, "device") != "auto" else "cpu"
    name = torch.cuda.get_device_name() if torch and device == "cuda" else platform.processor() or platform.machine()
    return {
        "device": device,
        "device_name": name,
        "threads": _threads(),
        "dataset": _option(config, "dataset"),
        "determinism": {
            "random streams": "one for each seed and use, from numpy's PCG64",
            "descent": f"float64, {DESCENT_ON[_descent_device(config)]}",
            "networks": "float32, one core for each block of 8 seeds" if device == "cpu" else "float32, TF32 off",
        },
    }


def _option(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"claims_{name}")
    return str(config.getini(f"claims_{name}") if given is None else given)


def _data(config: pytest.Config) -> Path | None:
    given = _option(config, "data")
    return Path(given).expanduser() if given else None


def _device(config: pytest.Config) -> str:
    asked = _option(config, "device")
    return asked if asked != "auto" else "cuda" if _cuda() else "cpu"


def _descent_device(config: pytest.Config) -> str:
    """Return where descent runs: on the CPU, which is fast enough, unless a GPU is asked for and numba finds it."""
    if _option(config, "device") != "cuda":
        return "cpu"
    from training import gpu

    return "cuda" if gpu.available() else "cpu"


def _cuda() -> bool:
    import torch  # not before someone trains a network or asks for a GPU

    return torch.cuda.is_available()


def _threads() -> int:
    """Return the cores there are for each worker of pytest-xdist, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
