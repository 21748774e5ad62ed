"""The pytest plugin of the trainings: the `train` fixture, its options, and facts about the machine."""

import os
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from models.datasets import CATALOGUE, data_set
from models.mnist import DataError
from training import executors, explain, store_words
from training.eviction import evict, size_in_bytes
from training.machine import Machine, driver_found, processor
from training.pace import Standing
from training.progress import ProgressLine, screen_of
from training.store import JUDGEMENTS, Different, State, Store, Trainable, Uses, remember_code
from training.trainer import Trainer, blocks_of

DEVICES = ("auto", "cpu", "cuda")
DESCENT_ON = {"cpu": "one core for each block of 128 seeds", "cuda": "one thread of the GPU for each seed"}
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
NOTES = pytest.StashKey[list[explain.Note]]()
SENTENCES = pytest.StashKey[list[str]]()


class Explained(pytest.skip.Exception):  # type: ignore[name-defined]
    """Ends a test of which only the trainings were wanted; to pytest it is skipped."""


class Train:
    """Trains arms for one test; what it trained, on what and for how long is on record."""

    def __init__(self, config: pytest.Config, name: str, later: float | None = None) -> None:
        self.config, self.name, self.later = config, name, later
        self.threads = _threads()
        self.datasets: list[dict[str, Any]] = []
        self.seconds = self.waited = 0.0
        self.asked: list[explain.Asked] = []
        self.used: dict[str, str | None] = {}
        screen = screen_of(config) if not hasattr(config, "workerinput") else None
        self.line = ProgressLine(screen, is_terminal=screen.is_terminal) if screen else None

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs of each arm at every seed: one object for one arm, else a list in the arms' order."""
        start = time.perf_counter()
        device = _device(self.config) if any("torch" in arm.packages for arm in arms) else _descent_device(self.config)
        threads = self.threads if device == "cpu" else 1
        machine = Machine(device, threads, _data(self.config), _option(self.config, "dataset"))
        try:
            store = self._shelf(arms, seeds, machine) if _switch(self.config, "explain") else Store(*_store(self.config))
            workers = executors.workers(_option(self.config, "executor"), device, threads)
            trainer = Trainer(store, machine, workers=workers, tell=self._tell)
            runs = trainer(*arms, seeds=seeds)
            # A block that was other the second time leaves it open what the test's numbers came from.
            again = {key: None for key, digest in store.asked.items() if self.used.get(key, digest) != digest}
            self.used |= store.asked | again
        except (DataError, executors.ExecutorError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        finally:
            self.waited += time.perf_counter() - start
            if self.line:
                self.line.erase()
        self.seconds += trainer.seconds
        self._note_data(arms, machine)
        return runs

    def state(self) -> State | None:
        """Return what this test's runs are made of, to be told apart from what it is later; None where it is not stored."""
        return Store(*_store(self.config)).state(self.used)

    def holds(self, state: State) -> bool:
        """Tell whether the store would give the same runs; they count as used by this session."""
        return Store(*_store(self.config)).holds(state)

    def _shelf(self, arms: Sequence[Trainable], seeds: Sequence[int], machine: Machine) -> Store:
        """Return the blocks asked for, if all are stored; else the test is at its end (raises `Explained`)."""
        folder, _ = _store(self.config)
        if NOTES not in self.config.stash:
            self.config.stash[NOTES] = explain.notes(folder)
        shelf = explain.Shelf(folder, self.config.stash[NOTES])
        asked = [shelf.look(arm, block, machine) for arm in arms for block in blocks_of(seeds, arm.block(machine.device))]
        self.asked += asked
        if any(block.state != explain.STORED for block in asked):
            raise Explained("")
        return shelf

    def _tell(self, standing: Standing) -> None:
        if self.line:
            self.line.tell(self.name, standing, self.later)

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
        group.addoption(f"--claims-{name.replace('_', '-')}", default=None, metavar=metavar, help=words)
        parser.addini(f"claims_{name}", words, default=default)
    for name, words in SWITCHES.items():
        group.addoption(f"--claims-{name}", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an unknown or missing device, an unknown data set, and a data folder that is not there."""
    remember_code()
    device = _option(config, "device")
    if device not in DEVICES:
        raise pytest.UsageError(f"--claims-device is {device!r}; it must be one of: {', '.join(DEVICES)}.")
    executor = _option(config, "executor")
    try:
        executors.check(executor)
    except executors.ExecutorError as error:
        raise pytest.UsageError(f"--claims-executor is {executor!r}; {error}") from None
    if device == "cuda" and not executor.startswith(executors.SCHEME) and not _cuda():
        raise pytest.UsageError("--claims-device is 'cuda', but torch finds no CUDA device here; use cpu or auto.")
    try:
        size_in_bytes(_option(config, "store_size"))
    except ValueError as error:
        raise pytest.UsageError(f"--claims-store-size: {error}.") from None
    if _switch(config, "explain"):
        if _switch(config, "rerun"):
            raise pytest.UsageError("--claims-explain trains nothing, and --claims-rerun trains all: choose one of them.")
        config.option.claims_controls = "off"  # nothing is judged
        config.pluginmanager.register(_Explaining(), "claims-explaining")
    dataset = _option(config, "dataset")
    if dataset not in CATALOGUE:
        raise pytest.UsageError(f"--claims-dataset is {dataset!r}; it must be one of: {', '.join(CATALOGUE)}.")
    data = _data(config)
    if data is not None and not data.is_dir():
        title = CATALOGUE[dataset].title
        raise pytest.UsageError(f"--claims-data is {str(data)!r}, which is no folder; name the one that holds the {title} files.")


def pytest_unconfigure() -> None:
    """End worker processes, and leave a cluster."""
    executors.close()


# ---- the session's use of the store ----------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the store within its size; a worker sends its use of the store to the main process instead."""
    config = session.config
    folder, uses = _store(config)
    if hasattr(config, "workeroutput"):
        config.workeroutput["claims_used"] = sorted(uses.used)
        config.workeroutput["claims_different"] = [vars(each) for each in uses.different]
        return
    sentences = store_words.different(uses.different)
    if uses.used:
        most = _option(config, "store_size")
        sentences += store_words.evicted(evict(folder, size_in_bytes(most), uses.used), most)
    config.stash[SENTENCES] = sentences


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Receive a worker's use of the store."""
    sent = getattr(node, "workeroutput", {})
    _, uses = _store(node.config)
    uses.used.update(sent.get("claims_used", ()))
    uses.different += [Different(**each) for each in sent.get("claims_different", ())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell of trainings that came out otherwise when they were run again, and of what was removed from the store."""
    for sentence in config.stash.get(SENTENCES, []):
        terminalreporter.write_line(sentence)


class _Explaining:
    """Runs tests for what they ask of the store alone, and lists that at the end; no test fails, and none is judged."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, explain.Asked]] = []
        self.ended: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> None:
        """Run a test that trains, as far as its trainings are stored; raises `Explained`."""
        given: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        if "train" in given:
            try:
                pyfuncitem.obj(**given)
            except pytest.fail.Exception as error:
                raise Explained(f"{given['train'].name}: {error}") from None
            except Exception as error:  # what a test makes of its runs is not asked here
                raise Explained(f"{given['train'].name}: {type(error).__name__}: {error}") from None
        raise Explained("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, pytest.TestReport]:
        """Put what was asked for on the test's report, so that it also arrives from workers."""
        report = yield
        if report.when == "call":
            train = getattr(item, "funcargs", {}).get("train")
            report.claims_asked = [(train.name, *block) for block in train.asked] if train else []
            report.claims_ended = str(call.excinfo.value) if call.excinfo else ""
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what a test asked for."""
        self.asked += [(claim, explain.Asked(arm, tuple(seeds), *rest)) for claim, arm, seeds, *rest in _asked(report)]
        if ended := getattr(report, "claims_ended", ""):
            self.ended.append(ended)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Call a test explained, not skipped."""
        return ("explained", "", "EXPLAINED") if hasattr(report, "claims_asked") else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List what would be trained and why."""
        terminalreporter.section("trainings")
        for line in [*explain.lines(self.asked), *dict.fromkeys(self.ended)]:
            terminalreporter.write_line(line)


def _asked(report: pytest.TestReport) -> list[Any]:
    return getattr(report, "claims_asked", [])


@pytest.fixture
def train(request: pytest.FixtureRequest) -> Train:
    """Train arms at seeds; finished trainings come from the store."""
    claim = getattr(request.function, "claim", None)
    left = getattr(request.config.hook, "pytest_claims_left", None)
    later = left(config=request.config, nodeid=request.node.nodeid) if left else None
    return Train(request.config, claim.id if claim else request.node.name, later)


def pytest_claims_facts(config: pytest.Config) -> dict[str, Any]:
    """Return the device, how many trainings ran at once on it, on which data set, and what makes them repeatable."""
    torch = sys.modules.get("torch")
    device = _device(config) if torch or _option(config, "device") != "auto" else "cpu"
    executor = _option(config, "executor")
    if executor.startswith(executors.SCHEME):
        name = f"workers of the Dask cluster at {executor.removeprefix(executors.SCHEME)}"
    else:
        name = torch.cuda.get_device_name() if torch and device == "cuda" else processor()
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


def pytest_claims_judgements(config: pytest.Config) -> tuple[Path, dict[str, Any]] | None:
    """Return where judgements are kept and what of the machine they depend on; None where trainings are the point.

    Data sets are known by name alone, since their files are checked against known digests.
    """
    if _switch(config, "explain") or _switch(config, "rerun"):
        return None
    depends_on = {name: _option(config, name) for name in ("device", "executor", "dataset", "data")}
    gpu = depends_on["device"] != "cpu" and driver_found() and _cuda()
    return _store(config)[0] / JUDGEMENTS, depends_on | {"gpu": gpu}


def pytest_claims_missing(config: pytest.Config, trainings: State) -> dict[str, float]:
    """Return which blocks of kept trainings are not stored as they were, with the seconds that each took."""
    return Store(*_store(config)).missing(trainings)


def _option(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"claims_{name}")
    return str(config.getini(f"claims_{name}") if given is None else given)


def _switch(config: pytest.Config, name: str) -> bool:
    return bool(config.getoption(f"claims_{name}"))


def _store(config: pytest.Config) -> tuple[Path, Uses]:
    """Return the store's folder, and what receives this session's use of it."""
    uses = config.stash.setdefault(USES, Uses(rerun=_switch(config, "rerun")))
    return config.rootpath / Path(_option(config, "store")).expanduser(), uses


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
