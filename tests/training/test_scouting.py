"""What later tests will ask the store for: looked at without training, judging or ending the session."""

import sys
import time
from types import SimpleNamespace

import pytest

from models.arms import NORMAL
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from tests.training.small_project import INI
from tests.training.test_train_fixture import Config
from training import PUBLISHED, Descent, plugin, scouting
from training.scouting import Scout

pytest_plugins = ["pytester"]

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
OTHER = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 20, 5)


class Hook:
    """Gives what the evidence room gives, or nothing."""

    def __init__(self, given):
        self.pytest_claims_unjudged = lambda config: given


def coming(function, *, config, given=None, params=None, marks=()):
    """Return a test as pytest would call it."""
    config.hook, function.claim = Hook(given), "a claim"
    item = pytest.Function.__new__(pytest.Function)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = {
        "config": config, "_id": function.__name__, "_obj": function,
        "_fixtureinfo": SimpleNamespace(argnames=names), "get_closest_marker": lambda name: name in marks,
    }  # fmt: skip
    if params is not None:
        values["callspec"] = SimpleNamespace(params=params)
    for name, value in values.items():
        object.__setattr__(item, name, value)
    return item


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path, device="cpu", store="kept")


@pytest.fixture
def scout(config):
    return Scout(config)


def train_now(config, *arms, seeds):
    return plugin.Train(config, "a-claim")(*arms, seeds=seeds)


def asked(scout):
    return [(ask.arm, ask.seeds) for ask in scout.asks()]


def test_blocks_that_are_not_stored_are_given_in_the_order_of_tests(config, scout):
    def test_first(train):
        train(ARM, seeds=range(200))

    def test_second(train):
        train(OTHER, seeds=range(3))

    scout.coming = [coming(test_first, config=config), coming(test_second, config=config)]
    assert asked(scout) == [(ARM, tuple(range(128))), (ARM, tuple(range(128, 200))), (OTHER, (0, 1, 2))]
    assert not (config.rootpath / "kept").exists()


def test_each_block_is_given_once(config, scout):
    def test_first(train):
        train(ARM, seeds=range(3))

    scout.coming = [coming(test_first, config=config), coming(test_first, config=config)]
    assert len(asked(scout)) == 1 and not asked(scout)


def test_stored_blocks_lead_to_what_the_test_trains_next(config, scout):
    seen = []

    def test_first(train):
        runs = train(ARM, seeds=range(3))
        seen.append(runs.error.shape)
        train(OTHER, seeds=range(3))

    scout.coming = [coming(test_first, config=config)]
    assert asked(scout) == [(ARM, (0, 1, 2))] and not seen
    train_now(config, ARM, seeds=range(3))
    assert asked(scout) == [(OTHER, (0, 1, 2))] and seen == [(3, 3)]
    train_now(config, OTHER, seeds=range(3))
    assert not asked(scout) and len(seen) == 2


def test_a_test_whose_trainings_are_all_stored_is_called_no_more(config, scout):
    calls = []

    def test_first(train):
        calls.append(train(ARM, seeds=range(3)))

    train_now(config, ARM, seeds=range(3))
    scout.coming = [coming(test_first, config=config)]
    assert not asked(scout) and not asked(scout) and len(calls) == 1


def test_a_test_is_given_its_parameters_and_what_stands_for_a_judge(config, scout):
    given = {"judge": "nobody", "budget": "few"}
    seen = []

    def test_first(p, train, judge, budget):
        seen.append((p, judge, budget))
        train(ARM, seeds=[p])

    scout.coming = [coming(test_first, config=config, given=given, params={"p": 7})]
    assert asked(scout) == [(ARM, (7,))] and seen == [(7, "nobody", "few")]


@pytest.mark.parametrize("mark", ["skip", "skipif", "xfail"])
def test_a_test_that_may_be_skipped_is_not_called(config, scout, mark):
    def test_first(train):
        train(ARM, seeds=[0])

    scout.coming = [coming(test_first, config=config, marks=[mark])]
    assert not asked(scout)


def test_a_test_without_trainings_or_with_a_fixture_of_its_own_is_not_called(config, scout):
    def test_closed_form(judge):
        pytest.fail("called")

    def test_in_a_folder(train, tmp_path):
        pytest.fail("called")

    def test_unjudged(train, judge):
        pytest.fail("called")

    scout.coming = [coming(each, config=config) for each in (test_closed_form, test_in_a_folder, test_unjudged)]
    assert not asked(scout)


@pytest.mark.parametrize("raised", [ArithmeticError, pytest.fail.Exception, pytest.skip.Exception, KeyboardInterrupt, SystemExit])
def test_what_a_test_raises_is_left_to_its_turn(config, scout, raised):
    def test_first(train):
        raise raised("now")

    def test_second(train):
        train(ARM, seeds=[0])

    scout.coming = [coming(test_first, config=config), coming(test_second, config=config)]
    assert asked(scout) == [(ARM, (0,))]


def test_where_a_gpu_may_be_no_network_is_looked_at_before_a_test_has_trained_one(config, scout, monkeypatch):
    network = PUBLISHED["smoke"].arm(NORMAL)

    def test_network(train):
        train(network, seeds=[0])

    scout.coming = [coming(test_network, config=config)]
    monkeypatch.setattr(scouting, "driver_found", lambda: True)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert not asked(scout) and "torch" not in sys.modules
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    assert asked(scout) == [(network, (0,))]


# ---- sessions ---------------------------------------------------------------------------------------------------

PROJECT = """
    import os, time
    from dataclasses import dataclass
    from typing import ClassVar

    import numpy as np

    pytest_plugins = ["evidence.plugin", "training.plugin"]


    @dataclass(frozen=True)
    class Arm:
        name: str
        code: ClassVar[tuple[str, ...]] = ()
        packages: ClassVar[tuple[str, ...]] = ()

        @property
        def arm(self):
            return self.name

        def block(self, device):
            return 1

        def train(self, seeds, machine, progress):
            import threading
            with open("trained.txt", "a") as log:
                print(self.name, *seeds, threading.current_thread().name.split("-")[0], file=log)
            time.sleep(0.05)
            return {"error": np.zeros((len(seeds), 1))}

        def gather(self, seeds, arrays):
            return arrays["error"]
"""
CLAIM = '''

@claim("{name}", "Section 1", position={place}, family="theory", expect=SUPPORTED, because="so it is", finding="It holds.")
def test_{name}(train, judge):
    """It is zero.

    Scope: made-up numbers.

    Each seed gives one number.
    """
{body}
    judge.exact("zero", np.zeros(3), tolerance=1.0, seeds=range(3), estimand="a number",
                planted=np.full(3, 9.0), again=np.zeros(3))
'''
IMPORTS = """
import time

import numpy as np

from conftest import Arm
from evidence import SUPPORTED, claim
"""
BODIES = {
    "first": ['train(Arm("first"), seeds=[0])', "time.sleep(1.5)"],
    "second": ['train(Arm("second"), seeds=range(3))'],
    "third": ['train(Arm("third"), seeds=[0])', 'train(Arm("end"), seeds=[0])'],
}


def claims(bodies):
    """Return the text of a module of claims, by name and statements."""
    texts = (
        CLAIM.format(name=name, place=place, body="\n".join(f"    {line}" for line in body))
        for place, (name, body) in enumerate(bodies.items())
    )
    return IMPORTS + "".join(texts)


@pytest.fixture
def project(pytester):
    pytester.makeini(INI)
    pytester.makeconftest(PROJECT)
    (pytester.path / "claims").mkdir()
    (pytester.path / "claims" / "test_claims.py").write_text(claims(BODIES))
    return pytester


def trained(project):
    return [line.split(maxsplit=2) for line in (project.path / "trained.txt").read_text().splitlines()]


@pytest.mark.slow
def test_a_session_trains_for_later_tests_while_one_judges(project):
    assert project.runpytest_subprocess("-p", "no:cacheprovider").ret == 0
    found = trained(project)
    assert sorted(name for name, *_ in found) == ["end", "first", "second", "second", "second", "third"]
    assert {name for name, _, thread in found if thread == "training ahead"} == {"second", "third", "end"}


@pytest.mark.slow
def test_nothing_is_trained_ahead_where_trainings_are_done_anew(project):
    assert project.runpytest_subprocess("-p", "no:cacheprovider").ret == 0
    (project.path / "trained.txt").unlink()
    assert project.runpytest_subprocess("-p", "no:cacheprovider", "--claims-rerun").ret == 0
    assert len(trained(project)) == 6 and not any(thread == "training ahead" for *_, thread in trained(project))


@pytest.mark.slow
def test_what_is_found_in_the_store_sets_nothing_going(project):
    assert project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "first").ret == 0
    assert project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "first").ret == 0
    assert trained(project) == [["first", "0", "ThreadPoolExecutor"]]


@pytest.mark.slow
def test_a_session_that_ends_early_leaves_no_block_behind_half_done(project):
    fails = ['train(Arm("fails"), seeds=[0])', "time.sleep(0.5)", "raise AssertionError"]
    text = claims({"fails": fails, "later": ['train(Arm("later"), seeds=range(200))']})
    (project.path / "claims" / "test_claims.py").write_text(text)
    assert project.runpytest_subprocess("-p", "no:cacheprovider", "-x").ret == 1
    stored = list((project.path / ".claims-store").glob("*.npz"))
    assert 1 < len(stored) < 100 and not list((project.path / ".claims-store").glob("*.part"))


@pytest.mark.slow
def test_tests_that_are_no_claims_are_left_alone(project):
    (project.path / "claims" / "test_claims.py").write_text(claims({"first": BODIES["first"]}))
    later = "from conftest import Arm\n\n\ndef test_later(train):\n    train(Arm('later'), seeds=[0])\n"
    (project.path / "claims" / "test_later.py").write_text(later)
    assert project.runpytest_subprocess("-p", "no:cacheprovider").ret == 0
    assert not any(thread == "training ahead" for *_, thread in trained(project))


@pytest.mark.slow
def test_a_session_does_not_wait_long_for_what_tells_no_progress(project):
    conftest = (project.path / "conftest.py").read_text()
    slow = 'time.sleep(90.0 if self.name == "slow" else 0.05)'
    (project.path / "conftest.py").write_text(conftest.replace("time.sleep(0.05)", slow))
    fails = ['train(Arm("fails"), seeds=[0])', "time.sleep(1.0)", "raise AssertionError"]
    text = claims({"fails": fails, "later": ['train(Arm("slow"), seeds=range(8))']})
    (project.path / "claims" / "test_claims.py").write_text(text)
    start = time.monotonic()
    assert project.runpytest_subprocess("-p", "no:cacheprovider", "-x").ret == 1
    assert time.monotonic() - start < 60.0 and (project.path / "reports" / "out" / "evidence.json").exists()
    assert not list((project.path / ".claims-store").glob("*.part"))
