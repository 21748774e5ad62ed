"""How much memory an ensemble takes, and how much there is. Importing this module imports no torch."""

import os

from models.arms import KERNEL, Architecture, Arm

__all__ = ["EVALUATION_CHUNK", "bytes_per_member", "usable_bytes"]

EVALUATION_CHUNK = 64
"""Digits that each member classifies at once where losses are recorded: more would take more memory and no less time."""
SIDE, FLOAT, DOUBLE = 28, 4, 8
ASSUMED = 4 * 2**30
"""Bytes of a machine that does not tell."""


def bytes_per_member(architecture: Architecture, arm: Arm, batch: int, device: str = "cpu") -> int:
    """Return about how many bytes each member adds to the most that its ensemble allocates, right to a factor of two.

    Held throughout: all that is trained, its gradients and momentum. Besides these, at the most: in a step, end-to-end products
    and activations of the batch, each with its gradient; at a record, the products, and activations of a chunk of digits or the
    largest matrix four times in float64. On a CPU, convolutions store their sums pooled (`models.convolution`); elsewhere
    all sums are kept, with the places of the largest. The digits themselves are one copy for all members.

    >>> from models.arms import LENET5, NORMAL
    >>> round(bytes_per_member(LENET5, NORMAL, batch=64) / 1e6)
    2
    """
    trained, formed = _trained(architecture, arm), _formed(architecture, arm)
    activations = _activations(architecture, stored_sums=device != "cpu")
    largest = max(out * before for out, before in architecture.matrices.values())
    step = 2 * FLOAT * (formed + batch * activations)
    record = FLOAT * formed + max(FLOAT * EVALUATION_CHUNK * activations, 4 * DOUBLE * largest)
    return 3 * FLOAT * trained + max(step, record)


def usable_bytes(device: str) -> int:
    """Return how many bytes ensembles may take on a device: half of the machine's memory, or half of what is free on a GPU.

    The other half is for what else runs there, and for what libraries need to compute. Workers of pytest-xdist share it.
    """
    return _unshared(device) // (2 * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _unshared(device: str) -> int:
    if device == "cpu":
        return _physical()
    import torch  # for those who train, not for those who collect tests

    place = torch.device(device).index
    # torch 2.4 asks for a number here, where "cuda" alone is none.
    place = torch.cuda.current_device() if place is None else place
    unused = torch.cuda.memory_reserved(place) - torch.cuda.memory_allocated(place)
    return int(torch.cuda.mem_get_info(place)[0] + unused)


def _physical() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else ASSUMED


def _trained(architecture: Architecture, arm: Arm) -> int:
    """Count what is trained: matrices or their factors, and biases."""
    return sum(
        out + (_factors(out, before, arm) if arm.splits(name) else out * before)
        for name, (out, before) in architecture.matrices.items()
    )


def _factors(out: int, before: int, arm: Arm) -> int:
    inner = arm.inner_width(out)
    return inner * before + (arm.factors - 2) * inner**2 + out * inner


def _formed(architecture: Architecture, arm: Arm) -> int:
    """Count the entries of the products that are formed anew in each step."""
    return sum(out * before for name, (out, before) in architecture.matrices.items() if arm.splits(name))


def _activations(architecture: Architecture, *, stored_sums: bool) -> int:
    """Count the numbers stored for one digit on its way through the network."""
    side, count = SIDE, SIDE**2 + sum(architecture.dense[1:])
    for channels, padding in zip(architecture.channels, architecture.paddings, strict=True):
        sums = side + 2 * padding - KERNEL + 1
        side = sums // 2
        count += channels * side**2
        if stored_sums:
            count += channels * (sums**2 + 2 * side**2)  # places are 8 bytes each
    return count
