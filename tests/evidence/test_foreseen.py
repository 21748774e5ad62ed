"""What tests will take, before they are run: whose times count, and which trainings are left out."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from evidence import foreseen as module
from evidence.forecast import Cost
from evidence.foreseen import foreseen

RATE, NETWORK, OTHER = (f"claims/test_{name}.py::test_{name}" for name in ("rate", "network", "other"))
SHIPPED = {RATE: Cost(1.0, {"1f": 10.0}), NETWORK: Cost(2.0, {"2e": 20.0, "3d": 30.0})}
TESTS = [(nodeid, Path(nodeid.partition("::")[0])) for nodeid in (RATE, NETWORK, OTHER)]


class Kept:
    """Judgements that were kept: of each test, what it took here, and whether it is as it was."""

    def __init__(self, kept=(), current=True, **options):
        self.kept, self.current, self.options = dict(kept), current, options

    def last(self, nodeid):
        return self.kept.get(nodeid)

    def is_current(self, kept, nodeid, path):
        return self.current


def kept(own=5.0, **seconds):
    subjects = {key: f"{key}23456789abcdef" for key in seconds}
    return {"own": own, "result": {"claim": "rate"}, "trainings": {"subjects": subjects, "seconds": seconds}}


@pytest.fixture
def session(monkeypatch):
    """Give a session's configuration whose store has some trainings, and is or is not as it was when tests were judged."""
    monkeypatch.setattr(module, "shipped", lambda budget: SHIPPED)
    monkeypatch.setattr(module, "registered", lambda: [SimpleNamespace(family="network", file="claims/test_network.py")])

    def made(stored=(), holds=True, seeds=""):
        hook = SimpleNamespace(
            pytest_claims_holds=lambda config, trainings: holds,
            pytest_claims_untrained=lambda config, subjects: set(subjects) - set(stored),
        )
        values = {"budget": "smoke", "seeds": seeds}
        return SimpleNamespace(hook=hook, getoption=lambda name: values[name.removeprefix("claims_")])

    return made


def costs(config, judgements=None, runs=False):
    return foreseen(config, TESTS, judgements, lambda result: runs)


def test_without_judgements_the_shipped_times_count_and_other_tests_were_never_timed(session):
    assert costs(session()) == SHIPPED | {OTHER: None}


def test_what_is_stored_is_left_out(session):
    assert costs(session(stored=["1f", "3d"])) == {RATE: Cost(1.0, {}), NETWORK: Cost(2.0, {"2e": 20.0}), OTHER: None}


@pytest.mark.parametrize(("seeds", "options"), [("12", {}), ("auto", {}), ("", {"gpu": True})])
def test_shipped_times_are_those_of_a_cpu_and_of_each_claims_own_seeds(session, seeds, options):
    assert costs(session(seeds=seeds), Kept(**options)) == {RATE: None, NETWORK: None, OTHER: None}


def test_what_was_trained_on_mnist_is_not_stored_for_another_set(session):
    found = costs(session(stored=["1f", "2e", "3d"]), Kept(dataset="kmnist"))
    assert found[RATE] == Cost(1.0, {}) and sum(found[NETWORK].blocks.values()) == 50.0


def test_a_judgement_that_holds_costs_nothing(session):
    assert RATE not in costs(session(), Kept({RATE: kept(a=1.0)}))


@pytest.mark.parametrize(("current", "holds", "runs"), [(False, True, False), (True, False, False), (True, True, True)])
def test_one_that_does_not_hold_or_is_run_all_the_same_costs_what_it_took_here(session, current, holds, runs):
    found = costs(session(stored=["b2345678"], holds=holds), Kept({RATE: kept(a=7.0, b=9.0)}, current), runs)
    assert found[RATE] == Cost(5.0, {"a2345678": 7.0})
