"""A network's arm as the trainer and the store see it, and the runs it gives."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, Arm
from tests.training.digits import EMBEDDED
from training import PUBLISHED, NetworkTraining, Recipe, network
from training.machine import Machine
from training.network import Protocol
from training.recipe import PENALTY
from training.store import Store
from training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]
SHORT = Recipe(epochs=1, digits=256, evaluated=64, records=3)
PROTOCOL = Protocol(architecture=LENET5, recipe=SHORT, digits="embedded")
FINDING = {"training/machine.py", "models/datasets.py", "models/downloads.py", "models/idx.py", "training/network.py"}
"""What finds the digits, which the store knows by their checksums; and the file that names the others."""


@pytest.fixture(scope="module")
def runs():
    training = PROTOCOL.arm(OVERPARAMETERIZED)
    return training.gather([3, 4], training.train([3, 4], Machine()))


# ---- runs -------------------------------------------------------------------------------------------------------


def test_runs_have_a_row_for_each_seed(runs):
    assert runs.seeds == (3, 4) and runs.steps.tolist() == runs.held_out_steps.tolist() == [0, 1, 4]
    assert runs.cross_entropy.shape == runs.penalty.shape == runs.accuracy.shape == runs.held_out.shape == (2, 3)
    assert runs.powers.shape == (2, 3, 4) and runs.squares.shape == (2, 3, 3)


def test_held_out_steps_are_the_records_at_which_they_were_looked_at(runs):
    steps = np.arange(31.0) ** 2
    assert replace(runs, steps=steps).held_out_steps.tolist() == [0, 36, 144, 324, 576, 900]


def test_the_penalty_of_the_tutorial_is_half_its_weight_times_the_squares(runs):
    np.testing.assert_array_equal(runs.penalty_of(2), runs.penalty)
    np.testing.assert_array_equal(runs.penalty_of(2, PENALTY), PENALTY / 2 * runs.powers[:, :, 1])
    np.testing.assert_array_equal(runs.total_of(2), runs.total)


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_other_penalties_follow_from_what_is_recorded(runs, power):
    np.testing.assert_allclose(runs.penalty_of(power, 0.3), 0.3 / power * runs.powers[:, :, power - 1], rtol=1e-15)
    np.testing.assert_array_equal(runs.total_of(power, 0.3), runs.cross_entropy + runs.penalty_of(power, 0.3))


def test_powers_not_recorded_are_refused_in_a_sentence(runs):
    with pytest.raises(ValueError, match=r"Sums of \|w\|\^q were recorded for q = 1, 2, 3, 4, not for 2.5."):
        runs.penalty_of(2.5)


# ---- the digits -------------------------------------------------------------------------------------------------


def test_one_digit_in_twelve_is_held_out_and_never_trained_on(monkeypatch):
    given = []

    def spied(architecture, arm, recipe, seeds, training, held_out, **options):
        given.extend([training, held_out])
        return {"steps": np.zeros(1)}

    monkeypatch.setattr("training.sgd.train_members", spied)
    PROTOCOL.arm(NORMAL).train([3], Machine())
    digits = EMBEDDED
    assert np.array_equal(given[0].images, digits.images[1000:]) and np.array_equal(given[1].images, digits.images[:1000])


# ---- protocols --------------------------------------------------------------------------------------------------


def test_a_protocol_with_changes_keeps_all_else():
    changed = PUBLISHED["standard"].with_(power=4, learning_rate=0.02)
    assert changed.recipe == Recipe(power=4, learning_rate=0.02)
    assert (changed.architecture, changed.digits) == (PUBLISHED["standard"].architecture, "embedded")
    assert PUBLISHED["standard"].recipe == Recipe()


def test_an_arm_without_penalty_is_trained_on_cross_entropy_alone():
    assert PUBLISHED["standard"].arm(NORMAL, penalized=False).recipe == Recipe(penalty=0.0)
    assert PUBLISHED["standard"].with_(power=3).arm(NORMAL).recipe == Recipe(power=3)


def test_a_change_that_is_none_is_refused():
    with pytest.raises(TypeError, match="step_size"):
        PUBLISHED["standard"].with_(step_size=0.1)


# ---- memory -----------------------------------------------------------------------------------------------------


def test_an_ensemble_larger_than_memory_is_trained_in_parts_of_the_same_numbers(monkeypatch):
    training, told = PROTOCOL.arm(NORMAL), []
    whole = training.train([3, 4, 5], Machine())
    monkeypatch.setattr(network, "usable_bytes", lambda device: 5 * network.bytes_per_member(LENET5, NORMAL, 64) // 2)
    parts = training.train([3, 4, 5], Machine(), told.append)
    assert told == pytest.approx([step / 8 for step in range(1, 9)])  # four steps of either part
    assert parts.keys() == whole.keys()
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-15, err_msg=name)


@pytest.mark.parametrize(
    ("members", "threads", "sizes"), [(10, 1, [5]), (2.5, 1, [2, 2, 1]), (5, 2, [2, 2, 1]), (0.1, 1, [1] * 5)]
)
def test_parts_are_as_few_as_fit_into_a_threads_share_and_never_empty(monkeypatch, members, threads, sizes):
    training = PROTOCOL.arm(NORMAL)
    each = network.bytes_per_member(LENET5, NORMAL, 64)
    monkeypatch.setattr(network, "usable_bytes", lambda device: int(members * each))
    assert [len(part) for part in training._parts(range(5), Machine(threads=threads))] == sizes


def test_blocks_do_not_depend_on_memory(monkeypatch):
    monkeypatch.setattr(network, "usable_bytes", lambda device: 1)
    assert (PROTOCOL.arm(NORMAL).block("cpu"), PROTOCOL.arm(NORMAL).block("cuda")) == (8, 20)


# ---- the store --------------------------------------------------------------------------------------------------


def test_runs_come_back_from_the_store_as_they_were(tmp_path):
    arms = [PROTOCOL.arm(each) for each in (NORMAL, Arm(name="same step", step="effective", like=OVERPARAMETERIZED))]
    once, again = (Trainer(Store(tmp_path), Machine())(*arms, seeds=range(9)) for _ in range(2))
    assert len(list(tmp_path.glob("*.npz"))) == 4
    for first, second in zip(once, again, strict=True):
        assert first.cross_entropy.shape == (9, 3) and first.steps.shape == (3,)
        assert all(np.array_equal(getattr(first, name), getattr(second, name)) for name in ("powers", "held_out", "squares"))


def test_the_code_of_a_training_is_all_that_it_imports():
    imported, waiting = set(), {"training/sgd.py"}
    while waiting:
        imported |= waiting
        waiting = {each for name in waiting for each in imports(ROOT / name)} - imported
    assert imported - FINDING <= set(NetworkTraining.code)
    assert set(NetworkTraining.code) <= imported | {"training/network.py"}


def imports(path):
    """Return the project's own files that a file imports, wherever in it."""
    modules = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    files = [f"{module.replace('.', '/')}.py" for module in modules if module.split(".")[0] in ("models", "training")]
    return [file for file in files if (ROOT / file).is_file()]
