"""The pytest plugin of the trainings: the `train` fixture, its options, and facts about the machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from models.datasets import data_set
from models.mnist import DataError
from training import executors, explain, store_words
from training.ahead import Ahead
from training.eviction import evict, size_in_bytes
from training.explain_words import Looked, lines
from training.machine import Machine, processor
from training.options import (
    add_options,
    check_options,
    data_folder,
    descent_device,
    has_cuda,
    machine_for,
    network_device,
    option,
    store_of,
    switch,
    threads,
    workers_for,
)
from training.pace import Standing
from training.progress import ProgressLine, screen_of
from training.scouting import Scout, unjudged
from training.store import JUDGEMENTS, Different, State, Store, Trainable, Use, remember_code
from training.trainer import Trainer

DESCENT_ON = {"cpu": "one core for each block of 128 seeds", "cuda": "one thread of the GPU for each seed"}
AHEAD = pytest.StashKey[Ahead]()
NOTES = pytest.StashKey[list[explain.Note]]()
SENTENCES = pytest.StashKey[list[str]]()
JUDGED = pytest.StashKey[bool]()
NO_DATA = pytest.StashKey[dict[str, str]]()


class Explained(pytest.skip.Exception):  # type: ignore[name-defined]
    """Ends a test of which only the trainings were wanted; to pytest it is skipped."""


class Train:
    """Trains arms for one test; what it trained, on what and for how long is on record."""

    def __init__(self, config: pytest.Config, name: str, later: float | None = None) -> None:
        self.config, self.name, self.later = config, name, later
        self.threads = threads()
        self.datasets: list[dict[str, Any]] = []
        self.seconds = self.waited = 0.0
        self.calls = 0
        self.asked: list[explain.Asked] = []
        self.used: dict[str, Use] = {}
        screen = screen_of(config) if not hasattr(config, "workerinput") else None
        self.line = ProgressLine(screen, is_terminal=screen.is_terminal) if screen else None

    def __call__(self, *arms: Trainable, seeds: Sequence[int]) -> Any:
        """Return the runs of each arm at every seed: one object for one arm, else a list in the arms' order."""
        start = time.perf_counter()
        self.calls += 1
        machine = machine_for(self.config, arms)
        kinds = {arm.digits for arm in arms if hasattr(arm, "digits")}
        missing = self.config.stash.setdefault(NO_DATA, {})
        for kind in kinds & missing.keys():  # a download that fails is slow to do so: it is tried once
            raise pytest.fail.Exception(missing[kind], pytrace=False)
        try:
            store = self._shelf(arms, seeds, machine) if switch(self.config, "explain") else Store(*store_of(self.config))
            workers, ahead = workers_for(self.config, machine), self.config.stash.get(AHEAD, None)
            trainer = Trainer(store, machine, workers=workers, tell=self._tell, say=self._say, ahead=ahead)
            runs = trainer(*arms, seeds=seeds)
            self._note_use(arms, store.asked)
        except (DataError, executors.ExecutorError) as error:
            if isinstance(error, DataError) and len(kinds) == 1:
                missing |= dict.fromkeys(kinds, str(error))
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
        return Store(*store_of(self.config)).state(self.used)

    def holds(self, state: State) -> bool:
        """Tell whether the store would give the same runs; they count as used by this session."""
        return Store(*store_of(self.config)).holds(state)

    def is_kept(self, state: State) -> bool:
        """Tell whether all that a test's trainings were is stored as it was; then these are the blocks that it asks for."""
        blocks = explain.kept(store_of(self.config)[0], state)
        self.asked = blocks or []
        return blocks is not None

    def _shelf(self, arms: Sequence[Trainable], seeds: Sequence[int], machine: Machine) -> Store:
        """Return the blocks asked for, if all are stored; else the test is at its end (raises `Explained`)."""
        folder, _ = store_of(self.config)
        if NOTES not in self.config.stash:
            self.config.stash[NOTES] = explain.notes(folder)
        shelf = explain.Shelf(folder, self.config.stash[NOTES])
        asked = [block for _, block in shelf.look_at(arms, seeds, machine)]
        self.asked += asked
        if any(block.state != explain.STORED for block in asked):
            raise Explained("")
        return shelf

    def _note_use(self, arms: Sequence[Trainable], asked: dict[str, Use]) -> None:
        """Note the blocks that were used, arm by arm; blocks were asked for by several threads."""
        places = {arm.arm: place for place, arm in enumerate(arms)}
        for key, use in sorted(asked.items(), key=lambda each: places[each[1].arm]):
            # A block that was other the second time leaves it open what the test's numbers came from.
            self.used[key] = use if self.used.get(key, use) == use else use._replace(digest=None)

    def _tell(self, standing: Standing) -> None:
        if self.line:
            self.line.tell(self.name if self.calls == 1 else f"{self.name} (training {self.calls})", standing, self.later)

    def _say(self, sentence: str) -> None:
        if self.line:
            self.line.erase()
            self.line.screen.write_line(sentence)

    def _note_data(self, arms: Sequence[Any], machine: Machine) -> None:
        for kind in {arm.digits for arm in arms if hasattr(arm, "digits")}:
            digits = machine.digits(kind)
            facts = {"name": digits.name, "source": digits.source, "images": len(digits), "sha256": digits.sha256}
            files = data_set(machine.dataset)
            facts |= {"licence": files.licence, "citation": files.citation}
            self.datasets += [facts] if facts not in self.datasets else []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options; trainings are looked at, or done anew, or found and done ahead of the tests that ask for them."""
    remember_code()
    check_options(config)
    if switch(config, "explain"):
        config.pluginmanager.register(_Explaining(), "claims-explaining")
    elif not switch(config, "rerun"):
        config.pluginmanager.register(_TrainingAhead(), "claims-training-ahead")


def pytest_unconfigure() -> None:
    """End worker processes, and leave a cluster."""
    executors.close()


# ---- the session's use of the store ----------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the store within its size; a worker sends its use of the store to the main process instead."""
    config = session.config
    folder, uses = store_of(config)
    if hasattr(config, "workeroutput"):
        config.workeroutput["claims_used"] = sorted(uses.used)
        config.workeroutput["claims_repeated"] = sorted(uses.repeated)
        config.workeroutput["claims_different"] = [vars(each) for each in uses.different]
        return
    sentences = store_words.repeated(len(uses.repeated), len(uses.different)) + store_words.different(uses.different)
    if uses.rerun is not None:
        uses.rerun.end()
    if uses.used:
        most = option(config, "store_size")
        sentences += store_words.evicted(evict(folder, size_in_bytes(most), uses.used), most)
    config.stash[SENTENCES] = sentences


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the session notes what it trained anew, so that its workers do so once."""
    _, uses = store_of(node.config)
    if uses.rerun is not None:
        node.workerinput["claims_rerun"] = uses.rerun.folder.name


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Receive a worker's use of the store."""
    sent = getattr(node, "workeroutput", {})
    _, uses = store_of(node.config)
    uses.used.update(sent.get("claims_used", ()))
    uses.repeated.update(sent.get("claims_repeated", ()))
    uses.different += [Different(**each) for each in sent.get("claims_different", ())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell of trainings that came out otherwise when they were run again, and of what was removed from the store."""
    for sentence in config.stash.get(SENTENCES, []):
        terminalreporter.write_line(sentence)


class _TrainingAhead:
    """Tells which tests are to come, and ends what is trained for them."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the order of the tests."""
        self.places = {item.nodeid: place for place, item in enumerate(session.items)}
        self.scout = Scout(session.config)
        session.config.stash[AHEAD] = Ahead(Store(store_of(session.config)[0]), self.scout)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Note the tests after this one; a worker of pytest-xdist knows the next alone."""
        if hasattr(item.config, "workerinput"):
            self.scout.coming = [nextitem] if nextitem else []
        else:
            self.scout.coming = item.session.items[self.places[item.nodeid] + 1 :]
        item.config.stash[AHEAD].look_again()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Stop what no test will ask for any more; the record does not wait for it."""
        ahead = session.config.stash.get(AHEAD, None)
        if ahead:
            ahead.stop()
        result = yield
        if ahead:
            ahead.join()
        return result


class _Explaining:
    """Runs tests for what they ask of the store alone, and lists that at the end; no test fails, and none is judged."""

    def __init__(self) -> None:
        self.looked: list[Looked] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> None:
        """Run a test that trains, as far as its trainings are stored; raises `Explained`."""
        given: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        kept = self._kept(pyfuncitem)
        if kept is not None and ("train" not in given or given["train"].is_kept(kept[0])):
            pyfuncitem.stash[JUDGED] = not kept[1]
            raise Explained("")  # its computations need not be done to know what it asks for
        instead = unjudged(pyfuncitem.config)
        given |= {name: instead[name] for name in given.keys() & instead.keys()}
        if "train" in given:
            try:
                pyfuncitem.obj(**given)
            except pytest.fail.Exception as error:
                raise Explained(str(error)) from None
            except Exception as error:  # what a test makes of its runs is not asked here
                raise Explained(f"{type(error).__name__}: {error}") from None
        raise Explained("")

    def _kept(self, item: pytest.Item) -> tuple[State, bool] | None:
        hook = getattr(item.config.hook, "pytest_claims_kept", None)
        kept: tuple[State, bool] | None = hook(item=item) if hook else None
        return kept

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, pytest.TestReport]:
        """Put what was asked for on the test's report, so that it also arrives from workers."""
        report = yield
        if report.when == "call":
            train, claim = getattr(item, "funcargs", {}).get("train"), getattr(getattr(item, "function", None), "claim", None)
            judged = item.stash.get(JUDGED, False) if claim else None
            asked = [list(block) for block in train.asked] if train else []
            ended = str(call.excinfo.value) if call.excinfo else ""
            report.claims_looked = [claim.id if claim else item.name, judged, asked, ended]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what a test asked for."""
        if looked := getattr(report, "claims_looked", None):
            name, judged, asked, ended = looked
            blocks = tuple(explain.Asked(arm, tuple(seeds), *rest) for arm, seeds, *rest in asked)
            self.looked.append(Looked(name, judged, blocks, ended))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Call a test explained, not skipped."""
        return ("explained", ".", "EXPLAINED") if hasattr(report, "claims_looked") else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List what would be trained and why."""
        terminalreporter.section("trainings")
        for line in lines(self.looked):
            terminalreporter.write_line(line)


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
    device = network_device(config) if torch or option(config, "device") != "auto" else "cpu"
    executor = option(config, "executor")
    if executor.startswith(executors.SCHEME):
        name = f"workers of the Dask cluster at {executor.removeprefix(executors.SCHEME)}"
    else:
        name = torch.cuda.get_device_name() if torch and device == "cuda" else processor()
    return {
        "device": device,
        "device_name": name,
        "threads": threads(),
        "dataset": option(config, "dataset"),
        "determinism": {
            "random streams": "one for each seed and use, from numpy's PCG64",
            "descent": f"float64, {DESCENT_ON[descent_device(config)]}",
            "networks": "float32, one core for each block of 8 seeds" if device == "cpu" else "float32, TF32 off",
        },
    }


def pytest_claims_judgements(config: pytest.Config) -> tuple[Path, dict[str, Any]] | None:
    """Return where judgements are kept and what of the machine they depend on.

    Data sets are known by name alone, since their files are checked against known digests.
    """
    depends_on = {name: option(config, name) for name in ("device", "executor", "dataset", "data")}
    gpu = depends_on["device"] != "cpu" and has_cuda()
    return store_of(config)[0] / JUDGEMENTS, depends_on | {"gpu": gpu}


def pytest_claims_ready(config: pytest.Config, networks: bool) -> str:
    """Refuse another data set than MNIST that is not there, and a rerun that cannot be stored; say what will not be kept."""
    if networks and option(config, "dataset") != "mnist":
        try:
            Machine(data=data_folder(config), dataset=option(config, "dataset")).digits("embedded")
        except DataError as error:
            raise pytest.UsageError(str(error)) from None
    trouble = store_words.unwritable(store_of(config)[0])
    if trouble and switch(config, "rerun"):
        raise pytest.UsageError(f"--claims-rerun trains anew what is stored and stores it again, but {trouble}")
    return trouble and f"{trouble[0].upper()}{trouble[1:]} What this session trains and judges will not be kept."


def pytest_claims_store(config: pytest.Config) -> Path:
    """Return the store's folder."""
    return store_of(config)[0]


def pytest_claims_untrained(config: pytest.Config, subjects: Collection[str]) -> Collection[str]:
    """Return which subjects are to be trained: those that the store has no block of, or all where all is trained anew."""
    return subjects if switch(config, "rerun") else Store(store_of(config)[0]).untrained(subjects)


def pytest_claims_holds(config: pytest.Config, trainings: State) -> bool:
    """Tell whether kept trainings are stored as they were, by the present code."""
    return not switch(config, "rerun") and Store(store_of(config)[0]).has(trainings)
