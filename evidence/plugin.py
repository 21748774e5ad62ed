"""The pytest plugin of the claims: options, the `judge` and `budget` fixtures, verdicts as outcomes, and the record.

A claim's test passes when its verdict is the one on record. What a test found travels on its report, so that it also
arrives from the workers of pytest-xdist; the main process builds the record at the end, whatever ended the session.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from evidence import facts, hooks, terminal
from evidence.budget import Budget
from evidence.calibration import calibration
from evidence.claim import Claim, registered
from evidence.estimators import MeasurementError
from evidence.forecast import Outlook, forecast, sentence
from evidence.foreseen import foreseen
from evidence.judge import Judge
from evidence.judgements import Judgements, code_digest
from evidence.options import (
    add_options,
    budget_of,
    check_options,
    inconclusive_passes,
    option,
    seeds_are_planned,
    with_controls,
)
from evidence.other_data import other_data
from evidence.packages import lacking
from evidence.pilot import plan
from evidence.record import build_record, plain, write_record
from evidence.report_path import check_report, page_path
from evidence.selection import selected, unknown
from evidence.unheard import Unheard
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED

JUDGE = pytest.StashKey[Judge]()
RESULT = pytest.StashKey[dict[str, Any]]()
PILOT = pytest.StashKey[dict[str, Any]]()
RECALLED = pytest.StashKey[bool]()
JUDGEMENTS = pytest.StashKey[Judgements | None]()
PLACE = pytest.StashKey[tuple[int, int]]()
SESSION = pytest.StashKey["ClaimsSession"]()
INTERRUPTED = "Interrupted. What was trained and judged so far is in the store: the same command goes on from there."
RERUN_INTERRUPTED = (
    "Interrupted. What was trained anew so far is in the store, but --claims-rerun trains all of it again each time; without it "
    "the same command takes the rest as it was stored before."
)
NO_PAGE = "No claim was judged, so that there is no page of this session."
NO_TRAININGS: dict[str, Any] = {"arms": {}, "blocks": {}, "subjects": {}, "code": {}, "packages": {}, "seconds": {}}


class ClaimsSession:
    """What the main process gathers: results of tests as they come in, then the record."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        config.pluginmanager.register(_Gatherer(self), "claims-gatherer")
        self.results: list[dict[str, Any]] = []
        self.recalled = 0
        self.outlook: Outlook | None = None
        self.started, self.clock = facts.now(), time.perf_counter()
        self.record: dict[str, Any] | None = None
        self.notes: list[str] = []

    def run_facts(self, exit_status: int) -> dict[str, Any]:
        """Return the record's `run`."""
        config = self.config
        run = {
            "budget": option(config, "budget"), "seeds": "auto" if seeds_are_planned(config) else budget_of(config).count,
            "controls": with_controls(config), "referee": calibration(), "git": facts.git_facts(config.rootpath),
            "device": "cpu", "device_name": "", "threads": 1, "cores": facts.cores(), "versions": facts.versions(),
            "workers": self.workers, "determinism": {}, "datasets": self.datasets(),
            "command": facts.session_command(config.invocation_params.args), "exit_status": int(exit_status),
            "started": self.started, "finished": facts.now(), "seconds": time.perf_counter() - self.clock,
            "complete": exit_status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED),
        }  # fmt: skip
        for more in config.hook.pytest_claims_facts(config=config):
            run |= more
        return run

    @property
    def workers(self) -> int:
        """Return the number of workers of pytest-xdist."""
        return len(getattr(self.config.option, "tx", None) or [])

    def datasets(self) -> list[dict[str, Any]]:
        """Return the data sets of all tests, each once."""
        every = [data for result in self.results for data in result["datasets"]]
        return [data for i, data in enumerate(every) if data not in every[:i]]


class _Gatherer:
    """Sees every report of the main process, those of workers included."""

    def __init__(self, session: ClaimsSession) -> None:
        self.session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather a claim's result."""
        if hasattr(report, "claims_result"):
            self.session.results.append(report.claims_result)
            self.session.recalled += getattr(report, "claims_recalled", False)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Say how to go on after Ctrl-C; errors of collection interrupt a session, too."""
        there_are_claims = self.session.outlook is not None and not _explains(self.session.config)
        if excinfo.type is KeyboardInterrupt and there_are_claims:
            rerun = self.session.config.getoption("claims_rerun", False)
            self.session.notes.append(RERUN_INTERRUPTED if rerun else INTERRUPTED)


# ---- options and selection -----------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that other rooms implement."""
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and declare the markers."""
    check_options(config)
    selected(config)  # refuses an option that names nothing
    for name, words in terminal.FAMILIES.items():
        config.addinivalue_line("markers", f"{name}: claims about {words}")
    config.pluginmanager.register(_Recall(), "claims-recall")
    if not hasattr(config, "workerinput"):
        config.stash[SESSION] = ClaimsSession(config)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer --claims-list."""
    if not config.getoption("claims_list"):
        return None
    claims, ids = catalogue(config), selected(config)
    if none_such := unknown(ids, [claim.id for claim in claims]):
        raise pytest.UsageError(none_such)
    print("\n".join(terminal.listing([claim for claim in claims if not ids or claim.id in ids])))
    return 0


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> Generator[None, Any, Any]:
    """Note on every test of a claim its place among the claim's tests and their number, before any selection."""
    made = yield
    if isinstance(made, list) and hasattr(obj, "claim"):
        for place, item in enumerate(made):
            item.stash[PLACE] = (place, len(made))
    return made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep only the claims asked for by --claims-only."""
    wanted = selected(config)
    if not wanted:
        return
    if not hasattr(config, "workerinput") and (none_such := unknown(wanted, _ids(config))):  # of workers the main process says it
        items.clear()  # or what the session would take is told first
        raise pytest.UsageError(none_such)
    kept = [item for item in items if (claim := _claim_of(item)) and claim.id in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _ids(config: pytest.Config) -> list[str]:
    return [claim.id for claim in catalogue(config)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse what is not installed, and a report path that cannot be written, before anything is trained; look at the code."""
    tests = [(item.nodeid, item.path) for item in session.items if _claim_of(item)]
    for _, path in tests:
        with suppress(OSError):
            code_digest(path)  # once: what is edited from now on is not what runs
    if tests:
        _leave_out_hypothesis(session.config)
    if tests and not session.config.getoption("collectonly"):
        if not (hasattr(session.config, "workerinput") or _explains(session.config)):
            _check_packages([claim for item in session.items if (claim := _claim_of(item))])
            check_report(session.config)
        _tell_forecast(session.config, tests)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """Say once, where workers of pytest-xdist collect, how long it will take."""
    gathered = node.config.stash.get(SESSION, None)
    if gathered is not None and gathered.outlook is None:
        wanted = selected(node.config)
        if wanted and (none_such := unknown(wanted, _ids(node.config))):
            raise pytest.UsageError(none_such)
        files = [(id, node.config.rootpath / id.partition("::")[0]) for id in ids]
        tests = [(id, path) for id, path in files if path.parent.name == "claims"]
        if tests:
            claims = catalogue(node.config)
            if not _explains(node.config):
                _check_packages(claims)
                check_report(node.config)
            _tell_forecast(node.config, tests)


def _explains(config: pytest.Config) -> bool:
    """Tell whether the session only lists trainings."""
    return bool(config.getoption("claims_explain", False))


def _tell_forecast(config: pytest.Config, tests: Sequence[tuple[str, Path]]) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if SESSION in config.stash and tests and reporter is not None:
        claims = {claim.id: claim for claim in registered()}
        costs = foreseen(config, tests, _judgements(config), lambda result: _runs(config, result, claims.get(result["claim"])))
        if not _explains(config):
            files = {nodeid.partition("::")[0] for nodeid in costs}
            networks = any(claim.family == "network" and claim.file in files for claim in claims.values())
            for trouble in filter(None, config.hook.pytest_claims_ready(config=config, networks=networks)):
                reporter.write_line(trouble)
        config.stash[SESSION].outlook = Outlook(costs, facts.cores())
        found = forecast(list(costs.values()), recalled=len(tests) - len(costs))
        reporter.write_line(sentence(found, facts.cores()))


def catalogue(config: pytest.Config) -> list[Claim]:
    """Return all claims of the project's claims folder, in the report's order, selected or not."""
    for path in sorted((config.rootpath / "claims").glob("test_*.py")):
        importlib.import_module(f"claims.{path.stem}")
    return registered()


# ---- one test ------------------------------------------------------------------------------------------------


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Judge the parts of a claim."""
    return request.node.stash.setdefault(JUDGE, Judge(with_controls(request.config)))


@pytest.fixture
def budget(request: pytest.FixtureRequest) -> Budget:
    """Say how many seeds and steps the session may use."""
    return budget_of(request.config)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Conclude a claim's test: compare the verdict with the one on record; keep what was found, also after an error."""
    claim, start = _claim_of(pyfuncitem), time.perf_counter()
    if claim is None:
        return (yield)
    pyfuncitem.stash[RECALLED] = _recall(pyfuncitem, claim)
    if pyfuncitem.stash[RECALLED]:
        return (yield)
    try:
        if seeds_are_planned(pyfuncitem.config):
            _plan_seeds(pyfuncitem)
        result = yield
    except pytest.skip.Exception:
        raise
    except MeasurementError as unfit:  # curves that do not fit each other are a finding about the runs, not a bug to trace
        _keep(pyfuncitem, claim, f"the test stopped: {unfit}", time.perf_counter() - start)
        raise pytest.fail.Exception(f"{claim.id}: {unfit}.", pytrace=False) from None
    except BaseException as stopped:
        error = f"the test stopped: {stopped}" if isinstance(stopped, pytest.fail.Exception) else ""
        error = error or f"the test stopped with {type(stopped).__name__}: {stopped}"
        _keep(pyfuncitem, claim, error, time.perf_counter() - start)
        raise
    _keep(pyfuncitem, claim, "", time.perf_counter() - start)
    _keep_judgement(pyfuncitem)
    if disagrees := _disagreement(pyfuncitem.stash[RESULT], claim, pyfuncitem.config):
        pytest.fail(disagrees, pytrace=False)
    return result


class _Recall:
    """Keeps a test from running whose judgement was recalled."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Say that the test has been run."""
        return True if pyfuncitem.stash.get(RECALLED, False) else None


def _recall(item: pytest.Function, claim: Claim) -> bool:
    """Put a result on a test that was judged before from the same code, options and trainings; tell whether there was one.

    A test that fails is always run, since someone will want to see it do so.
    """
    config, judgements, train = item.config, _judgements(item.config), _train(item)
    if judgements is None or _explains(config):
        return False
    found = judgements.find(item.nodeid, item.path, train.holds if train else NO_TRAININGS.__eq__)
    if found is None:
        return False
    if _runs(config, found, claim):
        return False
    item.stash[RESULT] = found
    _note_properties(item, claim)
    return True


def _runs(config: pytest.Config, result: dict[str, Any], claim: Claim | None) -> bool:
    """Tell whether a test is run though its result is known: as asked for, or to be seen failing."""
    anew = any(config.getoption(name, False) for name in ("claims_rejudge", "claims_rerun", "trace"))
    return anew or (claim is not None and bool(_disagreement(result, claim, config)))


def _keep_judgement(item: pytest.Function) -> None:
    """Keep what was judged, unless a training is not in the store."""
    judgements, train = _judgements(item.config), _train(item)
    trainings = train.state() if train else NO_TRAININGS
    if judgements is not None and trainings is not None:
        own = item.stash[RESULT]["seconds"] - getattr(train, "waited", 0.0)
        judgements.keep(item.nodeid, item.path, trainings, item.stash[RESULT], own)


def pytest_claims_left(config: pytest.Config, nodeid: str) -> float | None:
    """Return the seconds that the tests after this one will take; None where others run beside it."""
    gathered = config.stash.get(SESSION, None)
    return gathered.outlook.after(nodeid) if gathered and gathered.outlook and not gathered.workers else None


def pytest_claims_unjudged(config: pytest.Config) -> dict[str, Any] | None:
    """Return a judge that makes nothing of what it is told, and the budget; None where a pilot plans the seeds."""
    return None if seeds_are_planned(config) else {"judge": Unheard(), "budget": budget_of(config)}


def pytest_claims_kept(item: pytest.Item) -> tuple[dict[str, Any], bool] | None:
    """Return what was kept of a test's trainings, if code, options and versions are the same, and whether it is run anyway."""
    judgements = _judgements(item.config)
    kept = judgements.last(item.nodeid) if judgements else None
    if judgements is None or kept is None or not judgements.is_current(kept, item.nodeid, item.path):
        return None
    return kept["trainings"], _runs(item.config, kept["result"], _claim_of(item))


def _train(item: Any) -> Any:
    return getattr(item, "funcargs", {}).get("train")


def _judgements(config: pytest.Config) -> Judgements | None:
    """Return the judgements kept for sessions such as this."""
    if JUDGEMENTS not in config.stash:
        kept = config.hook.pytest_claims_judgements(config=config)
        own = {name: option(config, name) for name in ("budget", "seeds")} | {"controls": with_controls(config)}
        config.stash[JUDGEMENTS] = Judgements(kept[0], own | kept[1]) if kept else None
    return config.stash[JUDGEMENTS]


def _plan_seeds(item: pytest.Function) -> None:
    """Run the test on pilot seeds, with a judge of its own, and set the number of seeds of the run that counts."""
    given: dict[str, Any] = item.funcargs
    start = time.perf_counter()
    if not {"judge", "budget"} <= given.keys():
        return
    judge, budget = Judge(with_controls=False), Budget(given["budget"].name, pilot=True)
    arguments = {name: given[name] for name in item._fixtureinfo.argnames}
    item.obj(**arguments | {"judge": judge, "budget": budget})
    if not budget.asked:
        return  # the claim fixes its own seeds
    planned = plan(judge.parts, own=max(budget.asked))
    given["budget"] = Budget(budget.name, count=planned.seeds)
    seeds = sorted({seed for part in judge.parts for seed in part["seeds"]})
    item.stash[PILOT] = {
        "seeds": seeds, "planned": planned.seeds, "reason": planned.reason, "seconds": time.perf_counter() - start,
        "trained": getattr(given.get("train"), "seconds", 0.0),
    }  # fmt: skip


def _keep(item: pytest.Item, claim: Claim, error: str, seconds: float) -> None:
    judge, train = item.stash.setdefault(JUDGE, Judge()), _train(item)
    pilot = item.stash.get(PILOT, {"seconds": 0.0, "trained": 0.0})
    # More seeds cost what these took to train, whether that was now or in an earlier session.
    trained = getattr(train, "seconds", 0.0) - pilot.pop("trained")
    cost = max(seconds - pilot["seconds"], trained / (train.threads if train else 1))
    for part in judge.parts:
        more = part["seeds_to_settle"]
        part["seconds_to_settle"] = None if more is None else cost * more / part["n"]
    place, of = item.stash.get(PLACE, (0, 1))
    item.stash[RESULT] = plain({
        "claim": claim.id, "nodeid": item.nodeid, "place": place, "of": of, "expect": str(claim.expect),
        "verdict": str(INVALID if error else judge.verdict), "reason": error or judge.reason, "seconds": seconds,
        "trained": trained,
        "parts": judge.parts, "controls": judge.controls, "explorations": judge.explorations, "curves": judge.curves,
        "lines": judge.lines, "maps": judge.maps, "specifications": judge.specifications,
        "pilot": item.stash.get(PILOT, None),
        "datasets": getattr(train, "datasets", []),
    })  # fmt: skip
    _note_properties(item, claim)


def _note_properties(item: pytest.Item, claim: Claim) -> None:
    """Tell other plugins, such as the one that writes JUnit's XML, what was found."""
    item.user_properties += [("claim", claim.id), ("verdict", item.stash[RESULT]["verdict"]), ("expect", str(claim.expect))]
    item.user_properties += [("part", terminal.part_in_words(part)) for part in item.stash[RESULT]["parts"]]


def _disagreement(result: dict[str, Any], claim: Claim, config: pytest.Config) -> str:
    """Return a sentence where a verdict is not the one on record, unless it is inconclusive and that passes.

    A refuted claim must be so in the parts on record alone: it often carries the right version of the sentence as a part.
    """
    if other_data(result["datasets"]):
        fails = [INVALID, *([INCONCLUSIVE] if option(config, "inconclusive") == "fail" else [])]
        return terminal.disagreement(result) if result["verdict"] in fails else ""
    passes = [INCONCLUSIVE] if inconclusive_passes(config) else []
    if result["verdict"] not in [claim.expect, *passes]:
        return terminal.disagreement(result)
    wanted = {True: [REFUTED, *passes], False: [SUPPORTED, INCONCLUSIVE]}
    astray = [
        part for part in result["parts"] if part["verdict"] not in wanted[claim.refutes(part["name"], option(config, "budget"))]
    ]
    return terminal.astray(result, astray) if claim.refuted_in and astray else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, pytest.TestReport]:
    """Put what was found on the test's report."""
    report = yield
    if report.when == "call" and RESULT in item.stash:
        report.claims_result = item.stash[RESULT] | {"outcome": "passed" if report.passed else "failed"}
        report.claims_recalled = item.stash.get(RECALLED, False)
    return report


def _leave_out_hypothesis(config: pytest.Config) -> None:
    """Take the plugin of Hypothesis out where no test uses it: for its summary it imports all of Hypothesis, two seconds."""
    plugin = config.pluginmanager.get_plugin("hypothesispytest")
    if plugin is not None and "hypothesis" not in sys.modules:
        config.pluginmanager.unregister(plugin)


def _check_packages(claims: Iterable[Claim]) -> None:
    """Raise ``pytest.UsageError`` where something is not installed that these claims need."""
    if lacks := lacking(["torch"] if any(claim.family == "network" for claim in claims) else []):
        raise pytest.UsageError(lacks)


def _claim_of(item: Any) -> Claim | None:
    return getattr(getattr(item, "function", None), "claim", None)


# ---- the session ---------------------------------------------------------------------------------------------


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """Show the verdict as the word of a claim's test."""
    result = getattr(report, "claims_result", None)
    if result is None or report.outcome not in ("passed", "failed"):
        return None
    return report.outcome, "." if report.passed else "F", terminal.word(result)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Build and write the record, and have the page made, whatever ended the session."""
    gathered = session.config.stash.get(SESSION, None)
    if gathered is None or not gathered.results:
        if gathered is not None and gathered.notes:  # interrupted
            last = page_path(session.config)
            gathered.notes.append(f"{NO_PAGE}{f' {last} is of an earlier one.' if last.exists() else ''}")
        return
    gathered.record = plain(build_record(gathered.run_facts(exitstatus), catalogue(session.config), gathered.results))
    page = _written(gathered, page_path(session.config))
    if page is None:
        return
    said = session.config.hook.pytest_claims_record(config=session.config, record=gathered.record, page=page)
    gathered.notes += [sentence for sentence in said if sentence]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of verdicts."""
    gathered = config.stash.get(SESSION, None)
    if gathered is not None and gathered.record is not None:
        terminalreporter.section("claims on trial")
        columns = shutil.get_terminal_size().columns if terminalreporter.isatty else None
        for line in terminal.table(gathered.record, columns):
            terminalreporter.write_line(line)
        if gathered.recalled:
            terminalreporter.write_line(terminal.recalled(gathered.recalled, len(gathered.results)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> Generator[None, Any, Any]:
    """End with where the page is, below pytest's own closing line."""
    result = yield
    for note in config.stash[SESSION].notes if SESSION in config.stash else []:
        print(note)
    return result


def _written(gathered: ClaimsSession, page: Path) -> Path | None:
    """Write the record beside the page; in a temporary folder where that fails; None, with a note, where that fails, too."""
    assert gathered.record is not None
    try:
        write_record(gathered.record, page.with_name("evidence.json"))
        return page
    except OSError as error:
        why = f"{page.parent} could not be written ({error})"
    try:
        rescue = Path(tempfile.mkdtemp(prefix="claims-")) / page.name
        write_record(gathered.record, rescue.with_name("evidence.json"))
    except OSError as error:
        gathered.notes.append(
            f"{why}, nor could a temporary folder ({error}): there is no record of this session but the table above. "
            "What was trained and judged is in the store: the same command makes the record once there is room."
        )
        return None
    gathered.notes.append(f"{why}; the evidence is in {rescue.parent} instead.")
    return rescue
