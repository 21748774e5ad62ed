"""Command line options of the trainings, each with an ini twin, and what they choose: devices, workers, the store's folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from models.datasets import CATALOGUE
from training import executors
from training.eviction import size_in_bytes
from training.machine import Machine, driver_found
from training.remote import cores
from training.reruns import RERUNS, Rerun
from training.store import Trainable, Uses

__all__ = [
    "add_options",
    "check_options",
    "data_folder",
    "descent_device",
    "has_cuda",
    "machine_for",
    "network_device",
    "option",
    "store_of",
    "switch",
    "threads",
    "workers_for",
]

DEVICES = ("auto", "cpu", "cuda")
OPTIONS = {
    "device": ("auto", "DEVICE", "where trainings run: auto (default: networks on a GPU if there is one), cpu, or cuda for all"),
    "executor": ("threads", "WHERE", f"where seeds are trained: {executors.VALID} of a running cluster (default: threads)"),
    "store": (".claims-store", "DIR", "folder that keeps finished trainings, to be found again"),
    "store_size": ("8G", "SIZE", "most that the store may hold, least recently used go first (default: 8G; 0: no limit)"),
    "dataset": ("mnist", "NAME", f"what networks are trained on: {', '.join(CATALOGUE)} (default: mnist)"),
    "data": ("", "DIR", "folder with the data set's original files, where needed (default: download through torchvision)"),
}
SWITCHES = {
    "explain": "list the trainings that are stored and those that would run, and why; train and judge nothing",
    "rerun": "train anew what is stored, and tell where the numbers come out other than before",
}
USES = pytest.StashKey[Uses]()


def add_options(parser: pytest.Parser) -> None:
    """Declare the options of this room and their ini twins."""
    group = parser.getgroup("claims", "claims on trial")
    for name, (default, metavar, words) in OPTIONS.items():
        group.addoption(f"--claims-{name.replace('_', '-')}", default=None, metavar=metavar, help=words)
        parser.addini(f"claims_{name}", words, default=default)
    for name, words in SWITCHES.items():
        group.addoption(f"--claims-{name}", action="store_true", help=words)


def option(config: pytest.Config, name: str) -> str:
    """Return an option from the command line, or else from the ini file."""
    given = config.getoption(f"claims_{name}")
    return str(config.getini(f"claims_{name}") if given is None else given)


def switch(config: pytest.Config, name: str) -> bool:
    """Tell whether a switch was given."""
    return bool(config.getoption(f"claims_{name}"))


def check_options(config: pytest.Config) -> None:
    """Refuse unknown values with a sentence (raises ``pytest.UsageError``)."""
    device = option(config, "device")
    if device not in DEVICES:
        raise pytest.UsageError(f"--claims-device is {device!r}; it must be one of: {', '.join(DEVICES)}.")
    executor = option(config, "executor")
    try:
        executors.check(executor)
    except executors.ExecutorError as error:
        raise pytest.UsageError(f"--claims-executor is {executor!r}; {error}") from None
    if device == "cuda" and not executor.startswith(executors.SCHEME) and not has_cuda():
        raise pytest.UsageError("--claims-device is 'cuda', but torch finds no CUDA device here; use cpu or auto.")
    try:
        size_in_bytes(option(config, "store_size"))
    except ValueError as error:
        raise pytest.UsageError(f"--claims-store-size: {error}.") from None
    if switch(config, "explain") and switch(config, "rerun"):
        raise pytest.UsageError("--claims-explain trains nothing, and --claims-rerun trains all: choose one of them.")
    dataset = option(config, "dataset")
    if dataset not in CATALOGUE:
        raise pytest.UsageError(f"--claims-dataset is {dataset!r}; it must be one of: {', '.join(CATALOGUE)}.")
    data = data_folder(config)
    if data is not None and not data.is_dir():
        title = CATALOGUE[dataset].title
        raise pytest.UsageError(f"--claims-data is {str(data)!r}, which is no folder; name the one that holds the {title} files.")


def store_of(config: pytest.Config) -> tuple[Path, Uses]:
    """Return the store's folder, and what receives this session's use of it."""
    folder = config.rootpath / Path(option(config, "store")).expanduser()
    if USES not in config.stash:
        config.stash[USES] = Uses(_rerun(config, folder) if switch(config, "rerun") else None)
    return folder, config.stash[USES]


def _rerun(config: pytest.Config, store: Path) -> Rerun:
    """Return what notes the blocks that this session trains anew; workers of pytest-xdist are told its name."""
    name = getattr(config, "workerinput", {}).get("claims_rerun") or uuid4().hex
    return Rerun(store / RERUNS / name)


def data_folder(config: pytest.Config) -> Path | None:
    """Return the folder with the original files of the data set, if one was named."""
    given = option(config, "data")
    return Path(given).expanduser() if given else None


def machine_for(config: pytest.Config, arms: Sequence[Trainable]) -> Machine:
    """Return what these arms are trained on: all on one device, which has as many blocks at once as `threads` says."""
    device = network_device(config) if any("torch" in arm.packages for arm in arms) else descent_device(config)
    return Machine(device, threads() if device == "cpu" else 1, data_folder(config), option(config, "dataset"))


def workers_for(config: pytest.Config, machine: Machine) -> executors.Workers:
    """Return where blocks for a machine are trained, the same for the whole session. Raises `ExecutorError`."""
    return executors.workers(option(config, "executor"), machine.device, machine.threads)


def network_device(config: pytest.Config) -> str:
    """Return where networks train."""
    asked = option(config, "device")
    return asked if asked != "auto" else "cuda" if has_cuda() else "cpu"


def descent_device(config: pytest.Config) -> str:
    """Return where descent runs: on the CPU, which is fast enough, unless a GPU is asked for and numba finds it."""
    if option(config, "device") != "cuda":
        return "cpu"
    from training import gpu

    return "cuda" if gpu.available() else "cpu"


def has_cuda() -> bool:
    """Tell whether torch finds a GPU; where there is no driver it is not asked, since it takes seconds to import."""
    if not driver_found():
        return False
    import torch  # not before someone trains a network or asks for a GPU

    return torch.cuda.is_available()


def threads() -> int:
    """Return the cores there are for each worker of pytest-xdist, at least one."""
    return max(1, cores() // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
