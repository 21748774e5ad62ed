"""Turns at the places where blocks are trained: a test that waits comes first, and what is idle goes to later tests."""

import threading
import time
from contextlib import ExitStack

import pytest

from training import turns as module
from training.turns import Turns

SOON = 10.0


@pytest.fixture(autouse=True)
def no_grace(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.0)


def started(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def waited_for(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)


def entered(turn, order, name, leave):
    """Take a turn in a thread of its own, note it, and keep it until told to leave."""

    def take():
        with turn as granted:
            order.append(name if granted is not False else f"no {name}")
            leave.wait(SOON)

    return started(take)


def test_there_are_as_many_turns_as_places():
    turns, order, leave = Turns(2), [], threading.Event()
    with turns.now(), turns.now():
        assert turns.idle_places == 0
        third = entered(turns.now(), order, "third", leave)
        waited_for(lambda: turns.waiting == 1)
    waited_for(lambda: order)
    assert (turns.idle_places, turns.waiting) == (1, 0)
    leave.set()
    third.join(SOON)
    assert turns.idle_places == 2


def test_a_place_is_given_back_after_an_error():
    turns = Turns(1)
    for turn in (turns.now, turns.ahead):
        with pytest.raises(KeyError), turn():
            raise KeyError
    assert turns.idle_places == 1


def test_an_idle_place_goes_to_what_none_waits_for():
    turns = Turns(2)
    with turns.now(), turns.ahead() as granted:
        assert granted and turns.idle_places == 0


@pytest.mark.parametrize(("places", "most"), [(1, 1), (2, 1), (3, 2)])
def test_one_place_is_left_for_the_test_that_judges_meanwhile(places, most):
    turns, order, leave = Turns(places), [], threading.Event()
    threads = [entered(turns.ahead(), order, "ahead", leave) for _ in range(places + 1)]
    waited_for(lambda: len(order) == most)
    time.sleep(0.05)
    assert len(order) == most and turns.idle_places == places - most
    leave.set()
    for thread in threads:
        thread.join(SOON)
    assert len(order) == places + 1 and turns.idle_places == places


def test_who_waits_goes_before_what_none_waits_for():
    turns, order, leave = Turns(1), [], threading.Event()
    with turns.now():
        ahead = entered(turns.ahead(), order, "ahead", leave)
        now = entered(turns.now(), order, "now", leave)
        waited_for(lambda: turns.waiting == 1)
    waited_for(lambda: order)
    assert order == ["now"]
    leave.set()
    now.join(SOON)
    ahead.join(SOON)
    assert order == ["now", "ahead"]


def test_a_place_is_not_given_ahead_between_two_blocks_of_a_test(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.3)
    turns, order, leave = Turns(1), [], threading.Event()
    leave.set()
    with turns.now():
        ahead = entered(turns.ahead(), order, "ahead", leave)
    left = time.monotonic()
    ahead.join(SOON)
    assert order == ["ahead"] and time.monotonic() - left > 0.25


def test_what_is_trained_ahead_follows_at_once_on_what_was_trained_ahead(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 60.0)
    turns = Turns(1)
    turns._busy = time.monotonic() - 60
    for _ in range(3):
        with turns.ahead() as granted:
            assert granted


def test_closed_turns_are_given_to_tests_that_wait_alone():
    turns, order, leave = Turns(1), [], threading.Event()
    with turns.now():
        ahead = entered(turns.ahead(), order, "ahead", leave)
        time.sleep(0.05)
        turns.close()
        waited_for(lambda: order)
    leave.set()
    ahead.join(SOON)
    assert order == ["no ahead"] and turns.idle_places == 1
    with turns.ahead() as granted:
        assert not granted
    with turns.now():
        assert turns.idle_places == 0


def test_many_threads_never_hold_more_than_there_are_places():
    turns, held, most, done = Turns(3), 0, 0, []
    lock = threading.Lock()

    def take(turn):
        nonlocal held, most
        for _ in range(30):
            with turn():
                with lock:
                    held += 1
                    most = max(most, held)
                time.sleep(0.0005)
                with lock:
                    held -= 1
        done.append(1)

    threads = [started(lambda turn=turn: take(turn)) for turn in (turns.now, turns.ahead) * 4]
    with ExitStack() as stack:
        for thread in threads:
            stack.callback(thread.join, SOON)
    assert len(done) == 8 and most == 3 and turns.idle_places == 3


def test_one_that_is_stopped_waits_for_no_place():
    turns, order, leave, stopped = Turns(1), [], threading.Event(), threading.Event()
    with turns.now():
        waiting = entered(turns.now(stopped), order, "now", leave)
        waited_for(lambda: turns.waiting == 1)
        stopped.set()
        turns.wake()
        waited_for(lambda: order)
    leave.set()
    waiting.join(SOON)
    assert order == ["no now"] and turns.idle_places == 1


def test_a_place_that_is_left_when_a_test_has_taken_another_is_given_ahead():
    turns, order, leave = Turns(2), [], threading.Event()
    with turns.now(), turns.now():
        ahead = entered(turns.ahead(), order, "ahead", leave)
        now = entered(turns.now(), order, "now", leave)
        waited_for(lambda: turns.waiting == 1)
    waited_for(lambda: len(order) == 2)
    leave.set()
    now.join(SOON)
    ahead.join(SOON)
    assert turns.idle_places == 2
