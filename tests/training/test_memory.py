"""The estimate of an ensemble's memory beside what torch's allocator counts; and what there is."""

from types import SimpleNamespace

import pytest
import torch
from torch._C._profiler import _EventType
from torch.profiler import ProfilerActivity, profile

from models import convolution
from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, TUTORIAL, Arm
from tests.training.digits import EMBEDDED
from training import memory
from training.memory import bytes_per_member, usable_bytes
from training.recipe import Recipe
from training.sgd import train_members

EVERYWHERE = Arm(name="everywhere", factors=3, inner=2.0, layers="all", start="balanced")
EFFECTIVE = Arm(name="same step", step="effective", like=OVERPARAMETERIZED)


def allocated(architecture, arm, batch, members=2):
    """Return the most bytes, for each member, that torch has allocated at once in a training of two steps."""
    torch.set_num_threads(1)
    recipe = Recipe(epochs=1, records=2, batch=batch, evaluated=64)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        train_members(architecture, arm, recipe, list(range(members)), EMBEDDED.head(2 * batch))
    return most_at_once(sorted(allocations(seen.profiler.kineto_results.experimental_event_tree()))) / members


def allocations(events):
    """Yield time, address and size of everything that torch's allocator gave (> 0) or took back (< 0)."""
    for event in events:
        if event.tag == _EventType.Allocation:
            yield event.start_time_ns, event.extra_fields.ptr, event.extra_fields.alloc_size
        yield from allocations(event.children)


def most_at_once(events):
    """Return the largest sum of what is held. What was there before is left out, also when it is given back."""
    held, now, most = {}, 0, 0
    for _, address, size in events:
        if size > 0:
            held[address] = size
            now += size
        else:
            now -= held.pop(address, 0)
        most = max(most, now)
    return most


@pytest.mark.parametrize("arm", [NORMAL, OVERPARAMETERIZED, EVERYWHERE, EFFECTIVE], ids=lambda arm: arm.name)
@pytest.mark.parametrize("batch", [16, 64, 256])
def test_the_estimate_is_right_to_a_factor_of_two(arm, batch):
    assert 1 / 2 < bytes_per_member(LENET5, arm, batch) / allocated(LENET5, arm, batch) < 2


@pytest.mark.parametrize("arm", [NORMAL, OVERPARAMETERIZED], ids=lambda arm: arm.name)
def test_it_is_for_the_tutorial_network_too(arm):
    assert 1 / 2 < bytes_per_member(TUTORIAL, arm, 64) / allocated(TUTORIAL, arm, 64) < 2


@pytest.mark.parametrize("arm", [NORMAL, EVERYWHERE], ids=lambda arm: arm.name)
@pytest.mark.parametrize("batch", [64, 256])
def test_it_is_where_torch_convolves_as_on_a_gpu(monkeypatch, arm, batch):
    monkeypatch.setattr(convolution, "_compiled_for", lambda *tensors: False)
    assert 1 / 2 < bytes_per_member(LENET5, arm, batch, "cuda") / allocated(LENET5, arm, batch) < 2


def test_a_larger_batch_more_factors_and_a_gpu_take_more():
    sizes = [
        bytes_per_member(LENET5, NORMAL, 256),
        bytes_per_member(LENET5, OVERPARAMETERIZED, 256),
        bytes_per_member(LENET5, EVERYWHERE, 256),
        bytes_per_member(LENET5, EVERYWHERE, 512),
        bytes_per_member(LENET5, EVERYWHERE, 512, "cuda"),
    ]
    assert sizes == sorted(sizes) and len(set(sizes)) == 5


# ---- what there is ----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)


def test_workers_of_xdist_share_what_there_is(monkeypatch):
    monkeypatch.setattr(memory.os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.get, raising=False)
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "4")
    assert usable_bytes("cpu") == 125 * 4096


def test_on_a_cpu_half_of_the_machines_memory_is_used(monkeypatch):
    monkeypatch.setattr(memory.os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.get, raising=False)
    assert usable_bytes("cpu") == 500 * 4096


def test_a_machine_that_does_not_tell_is_taken_to_have_four_gigabytes(monkeypatch):
    monkeypatch.delattr(memory.os, "sysconf", raising=False)
    assert usable_bytes("cpu") == 2 * 2**30


def test_on_a_gpu_half_of_what_is_free_is_used_with_what_torch_keeps_unused(monkeypatch):
    known = {
        "current_device": lambda: 1,
        "mem_get_info": lambda place: ({0: 200, 1: 600}[place], 1000),
        "memory_reserved": lambda place: {0: 300, 1: 300}[place],
        "memory_allocated": lambda place: {0: 100, 1: 100}[place],
    }
    monkeypatch.setattr(torch, "cuda", SimpleNamespace(**known))
    assert (usable_bytes("cuda"), usable_bytes("cuda:0")) == (400, 200), "asked by number: older torch takes nothing else"
