"""What a worker is sent, and what it does with that: a description of one block, checked against its own code, then trained.

Nothing else travels: a worker has a checkout of its own, and writes no store.
"""

import os
import pickle
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock

import numpy as np

from training.machine import Machine, Progress, silent
from training.store import ROOT, Arrays, Trainable, file_hash

__all__ = [
    "ROOMS",
    "Basis",
    "Block",
    "ExecutorError",
    "basis",
    "cores",
    "difference",
    "sent",
    "timed",
    "train_block",
    "train_on_cluster",
]

Basis = dict[str, str]
"""What a block's numbers depend on besides its description: digests of code and of digits by file, versions by package."""
ROOMS = ("models", "training")
"""Packages that compute."""
PACKAGE, DIGITS, MISSING = "package ", "digits ", "missing"
one_on_the_gpu = Lock()


class ExecutorError(Exception):
    """Blocks cannot be trained where they were to be; the message says why, and what to do."""


@dataclass(frozen=True)
class Block:
    """Seeds of one arm, what to train them on, and the basis of the numbers that are asked for."""

    arm: Trainable
    seeds: tuple[int, ...]
    machine: Machine
    basis: Basis


def timed(arm: Trainable, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
    """Return the arrays of a training, and under "seconds" how long it took."""
    start = time.perf_counter()
    arrays = arm.train(seeds, machine, progress)
    return arrays | {"seconds": np.array(time.perf_counter() - start)}


def train_block(block: Block) -> Arrays:
    """Train a block in another process of the machine that asks.

    Raises `ExecutorError` where this process would compute with other code, packages or digits.
    """
    _remember_code()
    other = difference(block.basis, basis(block.arm, block.machine))
    if other:
        raise ExecutorError(f"The worker on {_name()} {other}")
    if block.machine.device == "cpu":
        return timed(block.arm, block.seeds, block.machine)
    _check_gpu()
    with one_on_the_gpu:
        return timed(block.arm, block.seeds, block.machine)


def train_on_cluster(block: Block) -> Arrays:
    """Train a block on a machine that may have a block on each of its cores: each takes its share of that machine's memory."""
    here = replace(block.machine, threads=cores()) if block.machine.device == "cpu" else block.machine
    return train_block(replace(block, machine=here))


def sent(function: Callable[[Block], Arrays], block: Block) -> bytes:
    """Return a call as bytes, which is made by ``pickle.loads``.

    As bytes it passes through a scheduler that does not know this project, and on a worker that does not know it the error is the
    block's: objects would be unpickled while they are received, and take the connection down.

    >>> import pickle
    >>> pickle.loads(sent(len, [1, 2, 3]))
    3
    """
    return pickle.dumps(_Call(function, block))


@dataclass(frozen=True)
class _Call:
    function: Callable[[Block], Arrays]
    block: Block

    def __reduce__(self) -> tuple[Callable[[Block], Arrays], tuple[Block]]:
        return self.function, (self.block,)


def basis(arm: Trainable, machine: Machine) -> Basis:
    """Return what the numbers of an arm depend on here.

    >>> from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
    >>> from training import Descent
    >>> found = basis(Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10), Machine())
    >>> found["package numpy"] == np.__version__, len(found["training/kernels.py"])
    (True, 64)
    """
    code = {name: file_hash(name) or MISSING for name in arm.code}
    packages = {f"{PACKAGE}{name}": _version(name) for name in arm.packages}
    files = machine.digits(arm.digits).sha256 if hasattr(arm, "digits") else {}
    return code | packages | {f"{DIGITS}{name}": digest for name, digest in files.items()}


def difference(here: Basis, there: Basis) -> str | None:
    """Return in words what first differs on a worker, the sentence's subject left out; None where nothing does.

    >>> difference({"package numpy": "2.2"}, {"package numpy": "2.1"})
    'has numpy 2.1, but here it is 2.2: install the same version on both sides.'
    """
    for name, own in here.items():
        other = there.get(name, MISSING)
        if other != own:
            return _sentence(name, own, other)
    return None


def _sentence(name: str, own: str, other: str) -> str:
    if name.startswith(PACKAGE):
        return f"has {name.removeprefix(PACKAGE)} {other}, but here it is {own}: install the same version on both sides."
    if name.startswith(DIGITS):
        return f"reads other digits than {name.removeprefix(DIGITS)} here: give both sides the same files of the data set."
    if other == MISSING:
        return f"has no {name}: give it a checkout of the same commit."
    return (
        f"computes with another {name} than there is here: give it a checkout of the same commit, and restart it if the file "
        "was changed after it had begun."
    )


def cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _remember_code() -> None:
    """Take the digest of every file at the first block: later edits do not reach a process that has imported the files."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            file_hash(path.relative_to(ROOT).as_posix())


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return MISSING


def _check_gpu() -> None:
    import torch  # for those who train on a GPU

    if not torch.cuda.is_available():
        raise ExecutorError(
            f"The worker on {_name()} finds no CUDA device: start it where there is one, or pass --claims-device cpu."
        )


def _name() -> str:
    return f"{socket.gethostname()} (process {os.getpid()})"
