"""What is drawn for each step, ahead of it; how it is sent to a device; and that a batch gathered there is the CPU's."""

import threading
import time
from dataclasses import replace
from itertools import count, islice

import numpy as np
import pytest
import torch

from tests.training.digits import EMBEDDED
from training.batches import AHEAD, Draw, Resident, Staging, ahead, draws
from training.recipe import Recipe
from training.sgd import _batches

DIGITS = EMBEDDED.head(50)
RECIPE = Recipe(epochs=2, batch=16)
SEEDS = [5, 6, 7]
WIDTH = 12


def drawn(seeds=SEEDS, recipe=RECIPE):
    return list(draws(recipe, WIDTH, seeds, len(DIGITS)))


# ---- draws ------------------------------------------------------------------------------------------------------


def test_an_epoch_shows_no_digit_twice_and_drops_the_last_incomplete_batch():
    steps = drawn()
    assert len(steps) == RECIPE.steps(50) == 6
    for epoch in (steps[:3], steps[3:]):
        seen = np.concatenate([rows for rows, _ in epoch], axis=1)
        assert all(len(set(member)) == 48 and set(member) <= set(range(50)) for member in seen.tolist())


def test_a_members_draws_are_its_seeds_own_whoever_is_beside_it():
    for together, alone in zip(drawn(), drawn([6]), strict=True):
        assert np.array_equal(together.rows[1], alone.rows[0]) and np.array_equal(together.kept[1], alone.kept[0])
    assert not np.array_equal(drawn()[0].rows[0], drawn()[0].rows[1])


@pytest.mark.parametrize("dropout", [0.0, 0.3, 0.5])
def test_as_many_features_are_kept_as_dropout_leaves(dropout):
    kept = np.stack([each.kept for each in drawn(recipe=replace(RECIPE, dropout=dropout))])
    assert kept.dtype == bool and kept.mean() == pytest.approx(1 - dropout, abs=0.03)  # of 3,456 features


# ---- ahead ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [0, 1, AHEAD, 3 * AHEAD])
def test_items_made_ahead_are_the_same_in_the_same_order(items):
    assert list(ahead(iter(range(items)))) == list(range(items))


def test_one_other_thread_makes_them_and_no_more_than_asked_for():
    made = []

    def items():
        for item in count():
            made.append(threading.get_ident())
            yield item

    source = ahead(items(), depth=3)
    assert list(islice(source, 5)) == [0, 1, 2, 3, 4]
    wait_until(lambda: len(made) == 8)
    source.close()  # waits for its thread, which had nothing more to do
    assert len(made) == 8 and len(set(made)) == 1 and threading.get_ident() not in made


def test_an_error_in_the_making_is_raised_where_its_item_is_asked_for():
    def items():
        yield "first"
        raise ValueError("There is no second.")

    source = ahead(items())
    assert next(source) == "first"
    with pytest.raises(ValueError, match=r"There is no second\."):
        next(source)


def test_its_thread_ends_with_it():
    before = threading.active_count()
    source = ahead(count())
    next(source)
    assert threading.active_count() == before + 1
    source.close()
    assert threading.active_count() == before


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)


# ---- staging ----------------------------------------------------------------------------------------------------


class Watched:
    """Stands in for a GPU's event: between its mark and the wait for it, the copy is under way and its slot must not change."""

    made: list["Watched"] = []

    def __init__(self):
        self.slot, self.under_way = None, None
        Watched.made.append(self)

    def record(self):
        assert self.under_way is None, "A slot was filled again without a wait for its copies."
        self.under_way = [each.clone() for each in self.slot.arrays]

    def synchronize(self):
        self.check()
        self.under_way = None

    def check(self):
        if self.under_way is not None:
            assert all(torch.equal(now, then) for now, then in zip(self.slot.arrays, self.under_way, strict=True))


@pytest.fixture
def watched():
    """Return a staging of three slots that is watched, and the tensors that it copies to."""
    Watched.made = []
    targets = torch.zeros(4, dtype=torch.int64), torch.zeros(2, 3, dtype=torch.bool)
    staging = Staging(targets, event=Watched, depth=3)
    for event, slot in zip(Watched.made, staging.slots, strict=True):
        event.slot = slot
    return staging, targets


def arrays(step):
    return np.arange(4) + 10 * step, np.arange(6).reshape(2, 3) % (step + 1) == 0


def test_arrays_arrive_in_the_same_tensors_at_every_step(watched):
    staging, targets = watched
    places = [each.data_ptr() for each in targets]
    for step in range(8):
        staging.send(arrays(step))
        for target, array in zip(targets, arrays(step), strict=True):
            assert np.array_equal(target.numpy(), array)
    assert [each.data_ptr() for each in targets] == places


def test_what_a_device_may_still_be_copying_is_left_alone(watched):
    staging, _ = watched
    for step in range(8):
        staging.send(arrays(step))
        for event in Watched.made:
            event.check()
    assert all(event.under_way is not None for event in Watched.made)


def test_the_watch_sees_a_slot_that_is_filled_without_waiting(watched):
    staging, _ = watched
    for step in range(3):
        staging.send(arrays(step))
    staging.slots[0].arrays[0][:] = 7
    with pytest.raises(AssertionError):
        staging.send(arrays(3))


def test_arrays_of_another_number_or_shape_are_refused(watched):
    staging, _ = watched
    with pytest.raises(ValueError, match="zip"):
        staging.send(arrays(0)[:1])
    with pytest.raises(ValueError, match="broadcast"):
        staging.send((np.arange(5), arrays(0)[1]))


# ---- digits on the device ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.0, 0.1, 0.3, 0.5])
def test_a_gathered_batch_has_the_bits_of_the_cpus(dropout):
    recipe = replace(RECIPE, dropout=dropout)
    resident = Resident(DIGITS, recipe, len(SEEDS), WIDTH, "cpu")
    for draw, expected in zip(drawn(recipe=recipe), _batches(recipe, WIDTH, SEEDS, DIGITS, "cpu"), strict=True):
        resident.load(draw)
        for found, wanted in zip(resident.batch(), expected, strict=True):
            assert found.dtype == wanted.dtype and torch.equal(found, wanted)


def test_what_is_kept_is_scaled_as_numpy_divides():
    # In float32, 1 / 0.7 by division and the product with a rounded 0.7 ** -1 need not agree in the last bit.
    resident = Resident(DIGITS, replace(RECIPE, dropout=0.3), 1, 1, "cpu")
    resident.load(Draw(np.zeros((1, 16), np.int64), np.ones((1, 16, 1), bool)))
    assert set(resident.batch()[2].flatten().tolist()) == {float(np.ones(1, np.float32)[0] / np.float32(0.7))}


def test_a_batch_is_of_the_draw_that_was_loaded_last():
    resident, (first, second, *_) = Resident(DIGITS, RECIPE, len(SEEDS), WIDTH, "cpu"), drawn()
    resident.load(first)
    before = [each.clone() for each in resident.batch()]
    resident.load(second)
    assert not any(torch.equal(one, other) for one, other in zip(before, resident.batch(), strict=True))


def test_nothing_is_read_back_from_the_device_and_nothing_is_of_another():
    resident = Resident(DIGITS, RECIPE, len(SEEDS), WIDTH, "meta")  # whose tensors have no numbers that could be read
    resident.load(drawn()[0])
    batch = resident.batch()
    assert {each.device.type for each in batch} == {"meta"}
    assert [tuple(each.shape) for each in batch] == [(16, 3, 28, 28), (3, 16), (3, 16, WIDTH)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="a GPU's own copies need one, and torch finds none here")
def test_on_a_gpu_batches_are_the_cpus_while_the_host_runs_ahead():
    recipe = replace(RECIPE, epochs=20, dropout=0.3)
    resident = Resident(DIGITS, recipe, len(SEEDS), WIDTH, "cuda")
    found = []
    for draw in drawn(recipe=recipe):
        torch.cuda._sleep(1_000_000)  # so that copies wait in line
        resident.load(draw)
        found.append(resident.batch())
    for ours, theirs in zip(found, _batches(recipe, WIDTH, SEEDS, DIGITS, "cpu"), strict=True):
        assert all(torch.equal(one.cpu(), other) for one, other in zip(ours, theirs, strict=True))
