"""How long a session will take, from what its tests took before: in this store, or else on the machine of the reference record.

Claims share trainings, so that blocks are counted by subject, each once; those that are stored are left out.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from evidence.judgements import read

__all__ = ["COSTS", "Cost", "Forecast", "Outlook", "cost_of", "duration", "forecast", "main", "sentence", "shipped"]

Json: TypeAlias = dict[str, Any]
COSTS = Path(__file__).resolve().parent / "costs.json"
"""What every test took at a budget, on two cores: `python -m evidence.forecast STORE` writes it."""
SURE = 0.05
"""Share of the forecast that must have passed before the pace of this session counts for more than it."""
SHOWN = 8
"""Letters of a subject that tell it from others among a budget's."""


@dataclass(frozen=True)
class Cost:
    """What a test takes: seconds of its own, and seconds of one core for each of its blocks that is not stored, by subject."""

    own: float
    blocks: Mapping[str, float]


@dataclass(frozen=True)
class Forecast:
    """What a session will take.

    Attributes
    ----------
    tests : number of tests of claims
    recalled : how many of them are judged already
    unknown : how many of them were never timed
    own : seconds of judging and closed forms
    training : seconds of one core
    """

    tests: int
    recalled: int
    unknown: int
    own: float
    training: float

    def seconds(self, cores: int) -> float:
        """Return how long it takes where trainings share so many cores."""
        return self.own + self.training / cores


def forecast(costs: Sequence[Cost | None], recalled: int) -> Forecast:
    """Add up what tests take that are not recalled; None is a test that was never timed.

    >>> forecast([Cost(1.0, {"1f": 60.0}), Cost(2.0, {"1f": 60.0, "2e": 30.0}), None], recalled=4)
    Forecast(tests=7, recalled=4, unknown=1, own=3.0, training=90.0)
    """
    known = [cost for cost in costs if cost is not None]
    blocks: dict[str, float] = {}
    for cost in known:
        blocks |= cost.blocks
    own = sum(cost.own for cost in known)
    return Forecast(len(costs) + recalled, recalled, len(costs) - len(known), own, sum(blocks.values()))


class Outlook:
    """How long a session will take yet: the forecast, at the pace that the tests so far kept to it.

    Parameters
    ----------
    costs : what each test takes, by name, in the order in which they run; None for a test that was never timed
    cores : cores that trainings share

    >>> now = iter([0.0, 60.0])
    >>> costs = {"first": Cost(30.0, {}), "second": Cost(1.0, {}), "third": Cost(9.0, {})}
    >>> outlook = Outlook(costs, cores=1, clock=lambda: next(now))
    >>> outlook.after("first"), outlook.after("second")
    (10.0, 18.0)
    """

    def __init__(self, costs: Mapping[str, Cost | None], cores: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock, self.start = clock, clock()
        self.takes: dict[str, float] = {}
        counted: set[str] = set()
        for nodeid, cost in costs.items():
            fresh = [seconds for key, seconds in cost.blocks.items() if key not in counted] if cost else []
            counted.update(cost.blocks if cost else ())
            self.takes[nodeid] = sum(fresh) / cores + (cost.own if cost else 0.0)

    def after(self, nodeid: str) -> float | None:
        """Return the seconds that the tests after one will take, asked as it begins; None for a test that was not foreseen."""
        if nodeid not in self.takes:
            return None
        names, takes = list(self.takes), list(self.takes.values())
        place = names.index(nodeid)
        foreseen, left = sum(takes[:place]), sum(takes[place + 1 :])
        enough = 0 < foreseen >= SURE * sum(takes)
        return left * (self.clock() - self.start) / foreseen if enough else left


def sentence(found: Forecast, cores: int) -> str:
    """Return the forecast in words.

    >>> sentence(Forecast(tests=93, recalled=4, unknown=1, own=40.0, training=1160.0), cores=2)
    'About 10 minutes for 93 tests (4 judged before, 1 never timed): 19 minutes of trainings on 2 cores, 40 s of judging.'
    >>> sentence(Forecast(tests=93, recalled=93, unknown=0, own=0.0, training=0.0), cores=2)
    '93 tests, all judged before.'
    >>> sentence(Forecast(tests=2, recalled=1, unknown=1, own=0.0, training=0.0), cores=1)
    '2 tests (1 judged before, 1 never timed): how long they take is unknown.'
    """
    tests = f"{found.tests} test{'s' * (found.tests != 1)}"
    if found.recalled == found.tests:
        return f"{tests}, {'all ' * (found.tests > 1)}judged before."
    aside = [f"{found.recalled} judged before"] * bool(found.recalled) + [f"{found.unknown} never timed"] * bool(found.unknown)
    tests += f" ({', '.join(aside)})" if aside else ""
    if found.recalled + found.unknown == found.tests:
        return f"{tests}: how long {'they take' if found.tests > 1 else 'it takes'} is unknown."
    on = f" on {cores} cores" if cores > 1 else ""
    trained = f"{duration(found.training)} of trainings{on}, " if found.training >= 1 else ""
    return f"About {duration(found.seconds(cores))} for {tests}: {trained}{duration(found.own)} of judging."


def duration(seconds: float) -> str:
    """Return a time in words, in the unit that suits it.

    >>> duration(0.2), duration(140), duration(3 * 3600)
    ('1 s', '2 minutes', '3.0 hours')
    """
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7170 else f"{seconds / 3600:.1f} hours"


def shipped(budget: str, path: Path = COSTS) -> dict[str, Cost]:
    """Return what tests took at a budget on the machine of the reference record, by their names.

    >>> shipped("standard", Path("no/such/file.json"))
    {}
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["budgets"].get(budget, {})
        return {nodeid: Cost(own, blocks) for nodeid, (own, blocks) in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def cost_of(kept: Mapping[str, Any]) -> Cost:
    """Return what a test took whose judgement was kept, stored trainings included.

    >>> cost_of({"own": 1.0, "trainings": {"subjects": {"1f": "2e3d4c5b6a798897"}, "seconds": {"1f": 60.0}}})
    Cost(own=1.0, blocks={'2e3d4c5b': 60.0})
    """
    trainings = kept["trainings"]
    return Cost(kept["own"], {name[:SHOWN]: trainings["seconds"][key] for key, name in trainings["subjects"].items()})


def main(store: Path, path: Path = COSTS) -> int:
    """Write what the tests took whose judgements a store keeps, for sessions with each claim's own seeds; give an exit code."""
    budgets: dict[str, Json] = {}
    for kept in filter(None, map(read, sorted((store / "judgements").glob("*.json")))):
        options = kept["depends_on"]["options"]
        usual = options["dataset"] == "mnist" and options["controls"] == (options["budget"] != "smoke")
        if usual and not (options["seeds"] or options["gpu"]):
            cost = cost_of(kept)
            blocks = {subject: round(seconds, 2) for subject, seconds in cost.blocks.items()}
            budgets.setdefault(options["budget"], {})[kept["depends_on"]["test"]] = [round(cost.own, 2), blocks]
    if not budgets:
        print(f"There are no judgements in {str(store)!r}: run pytest claims/ first.", file=sys.stderr)
        return 2
    before = json.loads(path.read_text(encoding="utf-8"))["budgets"] if path.exists() else {}
    text = json.dumps({"budgets": before | budgets}, sort_keys=True, separators=(",", ":"))
    path.write_text(text.replace('"claims/', '\n"claims/') + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".claims-store")))
