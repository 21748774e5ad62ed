"""Training ahead: what is idle trains for later tests, into the store, and nothing else changes."""

import threading
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from filelock import FileLock

from training import turns
from training.ahead import Ahead, Ask
from training.executors import Threads
from training.machine import Machine
from training.store import Store, _key
from training.trainer import Trainer

SOON = 10.0


@pytest.fixture(autouse=True)
def no_grace(monkeypatch):
    monkeypatch.setattr(turns, "GRACE", 0.0)


@dataclass(frozen=True)
class Arm:
    """Trains for as long as `wait` says; what was trained is noted."""

    name: str = "quick"
    wait: float = 0.0
    fails: bool = False

    code: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()
    trained: ClassVar[list[tuple[str, ...]]] = []

    @property
    def arm(self):
        return self.name

    def block(self, device):
        return 1

    def train(self, seeds, machine, progress):
        for step in range(round(self.wait * 100)):
            time.sleep(0.01)
            progress(step / (self.wait * 100))
        if self.fails:
            raise ArithmeticError(self.name)
        self.trained.append((self.name, *seeds))
        return {"error": np.zeros((len(seeds), 1))}

    def gather(self, seeds, arrays):
        return arrays["error"]


@pytest.fixture(autouse=True)
def nothing_trained():
    Arm.trained.clear()


class Coming:
    """An outlook that gives each of its blocks once."""

    def __init__(self, workers, *blocks):
        self.left = [Ask(arm, (seed,), Machine(), workers) for arm, seed in blocks]
        self.looked = 0

    def asks(self):
        self.looked += 1
        while self.left:
            yield self.left.pop(0)


def waited_for(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)


def begun(folder, workers, outlook):
    ahead = Ahead(Store(folder), outlook)
    ahead.begin(workers)
    return ahead


def test_blocks_are_stored_for_the_test_that_asks_for_them(tmp_path):
    workers = Threads(2)
    ahead = begun(tmp_path, workers, Coming(workers, (Arm(), 0), (Arm(), 1)))
    waited_for(lambda: len(list(tmp_path.glob("*.json"))) == 2)
    ahead.stop()
    ahead.join()
    found = Trainer(Store(tmp_path), Machine(threads=2), workers=workers)(Arm(), seeds=[0, 1])
    assert found.shape == (2, 1) and sorted(Arm.trained) == [("quick", 0), ("quick", 1)]


def test_nothing_is_trained_before_a_test_trains(tmp_path):
    workers = Threads(1)
    outlook = Coming(workers, (Arm("later"), 0))
    ahead = Ahead(Store(tmp_path), outlook)
    ahead.look_again()
    time.sleep(0.05)
    assert outlook.looked == 0 and not Arm.trained
    trainer = Trainer(Store(tmp_path), Machine(), workers=workers, ahead=ahead)
    trainer(Arm(), seeds=[0])
    waited_for(lambda: ("later", 0) in Arm.trained)
    ahead.stop()
    ahead.join()


def test_what_is_stored_already_starts_nothing(tmp_path):
    Trainer(Store(tmp_path), Machine())(Arm(), seeds=[0])
    ahead = Ahead(Store(tmp_path), Coming(Threads(1)))
    Trainer(Store(tmp_path), Machine(), workers=Threads(1), ahead=ahead)(Arm(), seeds=[0])
    assert not ahead.threads


def test_a_test_that_trains_goes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "GRACE", 5.0)
    workers = Threads(1)
    ahead = Ahead(Store(tmp_path), Coming(workers, *((Arm("later"), seed) for seed in range(3))))
    Trainer(Store(tmp_path), Machine(), workers=workers, ahead=ahead)(Arm("now", wait=0.05), seeds=range(4))
    ahead.stop()
    ahead.join()
    assert Arm.trained == [("now", seed) for seed in range(4)]


def test_a_block_that_is_under_way_is_waited_for_and_not_trained_twice(tmp_path):
    workers, slow = Threads(2), Arm("slow", wait=0.3)
    ahead = begun(tmp_path, workers, Coming(workers, (slow, 0)))
    waited_for(lambda: workers.turns.idle_places == 1)
    Trainer(Store(tmp_path), Machine(), workers=workers, ahead=ahead)(slow, seeds=[0])
    ahead.stop()
    ahead.join()
    assert Arm.trained == [("slow", 0)]


def test_a_block_that_another_process_trains_is_left_to_it(tmp_path):
    workers = Threads(1)
    with FileLock(tmp_path / f"{_key(Arm(), [0], Machine())}.lock"):
        ahead = begun(tmp_path, workers, Coming(workers, (Arm(), 0), (Arm(), 1)))
        waited_for(lambda: Arm.trained)
        ahead.stop()
        ahead.join()
    assert Arm.trained == [("quick", 1)]


def test_what_fails_is_left_to_the_test_and_the_next_is_trained(tmp_path):
    workers = Threads(1)
    ahead = begun(tmp_path, workers, Coming(workers, (Arm("fails", fails=True), 0), (Arm(), 0)))
    waited_for(lambda: Arm.trained)
    ahead.stop()
    ahead.join()
    with pytest.raises(ArithmeticError, match="fails"):
        Trainer(Store(tmp_path), Machine())(Arm("fails", fails=True), seeds=[0])


def test_where_nothing_can_be_stored_nothing_more_is_trained(tmp_path):
    (tmp_path / "file").write_text("")
    workers = Threads(1)
    ahead = begun(tmp_path / "file", workers, Coming(workers, (Arm(), 0), (Arm(), 1)))
    waited_for(lambda: ahead.stopped.is_set())
    ahead.stop()
    ahead.join()
    assert not Arm.trained


def test_it_stops_within_a_block(tmp_path):
    workers = Threads(3)
    ahead = begun(tmp_path, workers, Coming(workers, *((Arm("long", wait=60.0), seed) for seed in range(3))))
    waited_for(lambda: workers.turns.idle_places == 1)
    start = time.monotonic()
    ahead.stop()
    ahead.join()
    assert time.monotonic() - start < SOON and not Arm.trained and not list(tmp_path.glob("*.npz"))
    ahead.begin(Threads(1))
    assert not any(thread.is_alive() for thread in ahead.threads)


def test_ctrl_c_does_not_wait_for_a_block_that_is_trained_ahead(tmp_path):
    workers, long = Threads(1), Arm("long", wait=60.0)
    ahead = begun(tmp_path, workers, Coming(workers, (long, 0)))
    waited_for(lambda: workers.turns.idle_places == 0)

    def interrupt(share, seconds):
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Trainer(Store(tmp_path), Machine(), workers=workers, ahead=ahead, report=interrupt)(long, seeds=[0])
    ahead.stop()
    ahead.join()
    assert time.monotonic() - start < SOON


def test_a_test_whose_first_blocks_are_stored_is_looked_at_again(tmp_path):
    workers = Threads(1)
    outlook = Coming(workers, (Arm(), 0))
    ahead = begun(tmp_path, workers, outlook)
    waited_for(lambda: outlook.looked == 2)
    outlook.left.append(Ask(Arm("next"), (0,), Machine(), workers))
    ahead.look_again()
    waited_for(lambda: ("next", 0) in Arm.trained)
    ahead.stop()
    ahead.join()


def test_an_outlook_is_asked_by_one_thread_at_a_time(tmp_path):
    workers, inside, together = Threads(4), [], []

    class Slow(Coming):
        def asks(self):
            for ask in super().asks():
                inside.append(1)
                together.append(len(inside))
                time.sleep(0.005)
                inside.pop()
                yield ask

    ahead = begun(tmp_path, workers, Slow(workers, *((Arm(), seed) for seed in range(12))))
    waited_for(lambda: len(Arm.trained) == 12)
    ahead.stop()
    ahead.join()
    assert set(together) == {1}


def test_an_interrupted_block_is_no_error_of_the_thread(tmp_path, monkeypatch):
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    workers = Threads(1)

    class Dropped(Threads):
        def train(self, *arguments):
            raise CancelledError

    ahead = begun(tmp_path, workers, Coming(Dropped(1), (Arm(), 0)))
    waited_for(lambda: not ahead.outlook.left)
    ahead.stop()
    ahead.join()
    assert not raised and not Arm.trained


def test_workers_that_no_test_has_used_yet_are_stopped_as_well(tmp_path):
    here, elsewhere = Threads(2), Threads(1)
    ahead = begun(tmp_path, here, Coming(elsewhere, (Arm("long", wait=60.0), 0), (Arm("long", wait=60.0), 1)))
    waited_for(lambda: elsewhere.turns.idle_places == 0)
    ahead.stop()
    ahead.join(SOON)
    assert not any(thread.is_alive() for thread in ahead.threads) and not Arm.trained


def test_what_ends_after_the_stop_is_not_stored(tmp_path):
    at_it = threading.Event()

    class Deaf(Threads):
        def train(self, arm, seeds, machine, progress, **options):
            at_it.set()
            return super().train(arm, seeds, machine, lambda share: None, **options)

    workers = Deaf(1)
    ahead = begun(tmp_path, workers, Coming(workers, (Arm("deaf", wait=0.3), 0)))
    assert at_it.wait(SOON)
    ahead.stop()
    start = time.monotonic()
    ahead.join(0.01)
    assert time.monotonic() - start < 0.2
    ahead.join(SOON)
    assert Arm.trained and not list(tmp_path.glob("*.npz"))
