"""The run store and the trainer: found again, trained once, and never half there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from training import store as store_module
from training.machine import Machine
from training.store import Store
from training.trainer import Trainer


@dataclass(frozen=True)
class Counting:
    """An arm that counts how often it is trained, and stops at one seed if told to."""

    level: float = 1.0
    fails_at: int | None = None
    trained: list = field(default_factory=list, compare=False, repr=False)

    code: ClassVar[tuple[str, ...]] = ("training/store.py",)
    packages: ClassVar[tuple[str, ...]] = ("numpy",)
    arm = "counting"

    def block(self, device):
        return 2

    def train(self, seeds, machine, progress):
        if self.fails_at in seeds:
            raise RuntimeError(f"seed {self.fails_at} broke")
        self.trained.append(tuple(seeds))
        return {"times": np.arange(3.0), "error": self.level * np.array([[s] * 3 for s in seeds], dtype=float)}

    def gather(self, seeds, arrays):
        return arrays


@pytest.fixture(autouse=True)
def describe_without_the_counter(monkeypatch):
    monkeypatch.setattr(store_module, "_describe", lambda what: [what.level, what.fails_at])


def trainer(folder, threads=2):
    return Trainer(Store(folder), Machine(threads=threads))


def test_a_second_training_is_found_and_gives_the_same(tmp_path):
    arm = Counting()
    first, second = (trainer(tmp_path)(arm, seeds=range(5)) for _ in range(2))
    assert sorted(arm.trained) == [(0, 1), (2, 3), (4,)]
    assert np.array_equal(first["error"], second["error"])


def test_blocks_are_joined_in_the_order_of_seeds(tmp_path):
    runs = trainer(tmp_path)(Counting(), seeds=range(7))
    assert runs["error"][:, 0].tolist() == list(range(7)) and runs["times"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("other", [Counting(level=2.0), Counting(fails_at=99)])
def test_another_description_is_trained_anew(tmp_path, other):
    trainer(tmp_path)(Counting(), seeds=range(2))
    trainer(tmp_path)(other, seeds=range(2))
    assert other.trained == [(0, 1)]


def test_changed_code_is_trained_anew(tmp_path, monkeypatch):
    arm = Counting()
    trainer(tmp_path)(arm, seeds=range(2))
    for name in ("_file_hash", "_hash_now"):
        monkeypatch.setattr(store_module, name, lambda path: "changed")
    for _ in range(2):
        trainer(tmp_path)(arm, seeds=range(2))
    assert len(arm.trained) == 2


def test_code_that_is_edited_while_it_trains_is_used_and_not_stored(tmp_path, monkeypatch):
    arm = Counting()
    monkeypatch.setattr(store_module, "_hash_now", lambda path: "edited")
    with pytest.warns(UserWarning, match=r"training/store\.py was edited while this session ran"):
        runs = trainer(tmp_path)(arm, seeds=range(2))
    assert runs["error"].shape == (2, 3) and not list(tmp_path.glob("*.npz"))


def test_a_block_that_was_replaced_since_it_was_used_is_no_ground_of_a_judgement(tmp_path):
    store = Store(tmp_path)
    Trainer(store, Machine())(Counting(), seeds=range(2))
    assert store.state(store.asked)
    (block,) = tmp_path.glob("*.npz")
    store_module._write(block, {"times": np.arange(3.0), "error": np.ones((2, 3)), "seconds": np.array(1.0)})
    assert store.state(store.asked) is None


def test_a_damaged_block_that_cannot_be_replaced_is_no_ground_of_a_judgement(tmp_path, monkeypatch):
    Trainer(Store(tmp_path), Machine())(Counting(), seeds=range(2))
    (block,) = tmp_path.glob("*.npz")
    block.write_bytes(block.read_bytes()[:200])
    store = Store(tmp_path)

    def full(path, arrays):
        raise OSError("No space left on device")

    monkeypatch.setattr(store_module, "_write", full)
    with pytest.warns(UserWarning, match="No space left"):
        Trainer(store, Machine())(Counting(), seeds=range(2))
    assert store.state(store.asked) is None


def test_all_code_of_trainings_is_hashed_before_it_is_imported():
    store_module._file_hash.cache_clear()
    store_module.remember_code()
    assert store_module._file_hash.cache_info().currsize > 60
    store_module.file_hash("training/sgd.py"), store_module.file_hash("models/lp/starts.py")
    assert store_module._file_hash.cache_info().hits == 2


def test_many_threads_read_blocks_at_once(tmp_path):
    Trainer(Store(tmp_path), Machine())(Counting(), seeds=range(2))
    (block,) = tmp_path.glob("*.npz")
    with ThreadPoolExecutor(8) as pool:
        assert all(found is not None for found in pool.map(store_module.read_block, [block] * 400))


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not an archive", None])
def test_a_damaged_block_is_trained_again(tmp_path, damage):
    arm = Counting()
    trainer(tmp_path)(arm, seeds=range(2))
    (block,) = tmp_path.glob("*.npz")
    block.write_bytes(block.read_bytes()[:-40] if damage is None else damage)
    runs = trainer(tmp_path)(arm, seeds=range(2))
    assert len(arm.trained) == 2 and runs["error"][:, 0].tolist() == [0, 1]


def test_no_part_of_a_file_is_left_behind(tmp_path):
    trainer(tmp_path)(Counting(), seeds=range(4))
    assert {path.suffix for path in tmp_path.iterdir()} <= {".npz", ".lock", ".json"}


def test_two_that_want_the_same_block_train_it_once(tmp_path):
    arm = Counting()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: trainer(tmp_path, threads=1)(arm, seeds=range(2)), range(4)))
    assert arm.trained == [(0, 1)]


def test_an_error_is_raised_and_what_was_finished_is_kept(tmp_path):
    with pytest.raises(RuntimeError, match="seed 5 broke"):
        trainer(tmp_path, threads=1)(Counting(fails_at=5), seeds=range(6))
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_progress_ends_at_all_done(tmp_path):
    told = []
    Trainer(Store(tmp_path), Machine(), report=lambda share, seconds: told.append(share))(Counting(), seeds=range(4))
    assert told[-1] == 1.0


def test_several_arms_come_back_in_their_order(tmp_path):
    low, high = trainer(tmp_path)(Counting(level=1.0), Counting(level=2.0), seeds=range(1, 4))
    assert (high["error"] == 2 * low["error"]).all()
