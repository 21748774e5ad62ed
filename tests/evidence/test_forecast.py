"""How long a session will take: what is counted, what is left out, and what is said."""

import json

import numpy as np
import pytest

from evidence.forecast import COSTS, Cost, Forecast, Outlook, forecast, main, sentence, shipped
from evidence.judgements import SCHEMA, _digest


def test_a_block_that_several_tests_share_counts_once():
    found = forecast([Cost(1.0, {"1f": 60.0, "2e": 4.0}), Cost(2.0, {"1f": 60.0})], recalled=0)
    assert (found.own, found.training, found.seconds(2)) == (3.0, 64.0, 35.0)


def test_tests_that_were_never_timed_and_recalled_ones_count_as_tests_alone():
    assert forecast([None, Cost(1.0, {})], recalled=3) == Forecast(tests=5, recalled=3, unknown=1, own=1.0, training=0.0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Forecast(1, 0, 0, 3.0, 0.0), "About 3 s for 1 test: 3 s of judging."),
        (Forecast(2, 0, 0, 0.2, 100.0), "About 50 s for 2 tests: 2 minutes of trainings on 2 cores, 1 s of judging."),
        (Forecast(9, 4, 0, 30.0, 0.0), "About 30 s for 9 tests (4 judged before): 30 s of judging."),
        (Forecast(9, 4, 5, 0.0, 0.0), "9 tests (4 judged before, 5 never timed): how long they take is unknown."),
        (Forecast(1, 0, 1, 0.0, 0.0), "1 test (1 never timed): how long it takes is unknown."),
        (Forecast(1, 1, 0, 0.0, 0.0), "1 test, judged before."),
    ],
)
def test_what_is_said(found, said):
    assert sentence(found, cores=2) == said


# ---- what is shipped ---------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    (tmp_path / "judgements").mkdir()
    return tmp_path


def kept(store, name, test="claims/test_rate.py::test_rate", own=1.234, **options):
    asked = {"budget": "smoke", "seeds": "", "controls": False, "dataset": "mnist", "gpu": False} | options
    content = {
        "schema": SCHEMA,
        "depends_on": {"test": test, "options": asked},
        "own": own,
        "trainings": {"subjects": {"1f": "0123456789abcdef"}, "seconds": {"1f": 2.0}},
    }
    (store / "judgements" / f"{name}.json").write_text(json.dumps(content | {"digest": _digest(content)}))


def test_costs_come_back_with_cut_names(store, tmp_path):
    kept(store, "a")
    assert main(store, tmp_path / "costs.json") == 0
    assert shipped("smoke", tmp_path / "costs.json") == {"claims/test_rate.py::test_rate": Cost(1.23, {"01234567": 2.0})}
    assert shipped("paper", tmp_path / "costs.json") == {}


def test_other_options_than_the_budgets_own_are_left_out(store, tmp_path):
    kept(store, "a")
    kept(store, "b", test="claims/test_other.py::test_other", seeds="12")
    kept(store, "c", test="claims/test_other.py::test_other", controls=True)
    kept(store, "d", test="claims/test_other.py::test_other", dataset="kmnist")
    kept(store, "e", test="claims/test_other.py::test_other", gpu=True)
    main(store, tmp_path / "costs.json")
    assert list(shipped("smoke", tmp_path / "costs.json")) == ["claims/test_rate.py::test_rate"]


@pytest.mark.parametrize("damage", [lambda text: text[:100], lambda text: "[]", lambda text: text.replace("1.234", "12345")])
def test_damaged_judgements_are_left_out(store, tmp_path, damage):
    kept(store, "a")
    kept(store, "b", test="claims/test_other.py::test_other")
    path = store / "judgements" / "b.json"
    path.write_text(damage(path.read_text()))
    assert main(store, tmp_path / "costs.json") == 0
    assert list(shipped("smoke", tmp_path / "costs.json")) == ["claims/test_rate.py::test_rate"]


def test_budgets_that_a_store_does_not_know_stay(store, tmp_path):
    kept(store, "a")
    main(store, tmp_path / "costs.json")
    kept(store, "a", budget="standard", controls=True)
    main(store, tmp_path / "costs.json")
    assert shipped("smoke", tmp_path / "costs.json") and shipped("standard", tmp_path / "costs.json")


def test_a_store_without_judgements_is_named(tmp_path, capsys):
    assert main(tmp_path, tmp_path / "costs.json") == 2
    assert f"There are no judgements in {str(tmp_path)!r}" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"budgets": []}', '{"budgets": {"smoke": {"a": 3}}}'])
def test_a_damaged_file_ships_nothing(tmp_path, text):
    (tmp_path / "costs.json").write_text(text)
    assert shipped("smoke", tmp_path / "costs.json") == {}


@pytest.mark.parametrize("budget", ["smoke", "standard"])
def test_the_suites_own_costs_are_shipped(budget):
    found = shipped(budget)
    assert COSTS.is_file() and len(found) > 80
    assert all(nodeid.startswith("claims/test_") and cost.own >= 0 for nodeid, cost in found.items())
    assert sum(len(cost.blocks) for cost in found.values()) > 100


# ---- the outlook -------------------------------------------------------------------------------------------------


def outlook(costs, moments):
    return Outlook(costs, cores=2, clock=iter([0.0, *moments]).__next__)


TESTS = {f"test {i}": Cost(1.0, {f"{i}": 18.0}) for i in range(10)}


def test_at_first_the_forecast_counts():
    assert outlook(TESTS, []).after("test 0") == pytest.approx(90.0)


@pytest.mark.parametrize("pace", [0.2, 1.0, 7.0])
def test_after_a_tenth_the_time_left_is_that_of_the_sessions_own_pace(pace):
    assert outlook(TESTS, [10.0 * pace]).after("test 1") == pytest.approx(80.0 * pace)


@pytest.mark.parametrize("seed", range(20))
def test_after_a_tenth_it_is_within_30_percent_where_tests_differ_from_the_forecast_by_half(seed):
    """The machine is three times as slow as foreseen, and each test by a factor of its own besides."""
    draws = np.random.default_rng(seed)
    costs = {f"test {i}": Cost(float(draws.exponential(5.0)), {}) for i in range(100)}
    took = [3.0 * cost.own * 1.5 ** draws.uniform(-1, 1) for cost in costs.values()]
    place = int(np.searchsorted(np.cumsum(took), 0.1 * sum(took))) + 1
    left = outlook(costs, [sum(took[:place])]).after(f"test {place}")
    assert left == pytest.approx(sum(took[place + 1 :]), rel=0.3)


def test_blocks_of_earlier_tests_take_no_time_again():
    costs = {"first": Cost(1.0, {"1f": 60.0}), "second": Cost(1.0, {"1f": 60.0}), "third": Cost(2.0, {"1f": 60.0, "2e": 10.0})}
    assert outlook(costs, []).after("first") == pytest.approx(1.0 + 2.0 + 5.0)


def test_what_was_not_foreseen_has_no_outlook_and_what_was_never_timed_takes_none():
    assert outlook(TESTS, []).after("another") is None
    assert outlook({"first": None, "second": None}, []).after("first") == 0.0
