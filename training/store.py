"""The run store: each block of seeds is trained once, and found again by what it depends on.

A block's name is the hash of its description, its seeds, the source code that computes it, the versions of the packages that
do, the device kind and the digits. A block is written to a temporary file and renamed, so that it is there whole or not at
all; a lock beside it lets one process train it while others wait. A killed process leaves no lock behind, since the operating
system takes its file locks back.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from training.machine import Machine, Progress

__all__ = ["Store", "Trainable"]

Arrays: TypeAlias = dict[str, NDArray[np.float64]]
DIGEST = "sha256"
ROOT = Path(__file__).resolve().parent.parent


class Trainable(Protocol):
    """What can be trained: a frozen dataclass that describes one arm."""

    packages: tuple[str, ...]

    @property
    def code(self) -> tuple[str, ...]:
        """Return the files that compute it, relative to the project."""

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together."""

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress) -> Arrays:
        """Train at every seed; arrays have the seed first, but for one that is named times or steps."""

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> Any:
        """Return the arrays of all seeds as runs."""


class Store:
    """A folder of trained blocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def obtain(self, what: Trainable, seeds: Sequence[int], machine: Machine, train: Callable[[], Arrays]) -> Arrays:
        """Return the block, from the folder if it is there and whole, else trained now and written."""
        path = self.folder / f"{_key(what, seeds, machine)}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            found = _read(path)
            if found is None:
                found = train()
                _write(path, found)
        return found


def _key(what: Trainable, seeds: Sequence[int], machine: Machine) -> str:
    depends_on = {
        "what": _describe(what),
        "seeds": list(seeds),
        "code": [_file_hash(ROOT / name) for name in what.code],
        "packages": {name: version(name) for name in what.packages},
        "device": machine.device,
        "digits": machine.digits(what.digits).sha256 if hasattr(what, "digits") else None,
    }
    return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()[:32]


def _describe(value: Any) -> Any:
    """Return a dataclass as plain JSON values, with the names of the classes."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: _describe(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__} | fields
    return value


@cache
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> Arrays | None:
    """Return the block's arrays; None where it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as block:
            found = {name: block[name] for name in block.files}
        digest = found.pop(DIGEST).tobytes()
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return None
    return found if digest == _digest(found) else None


def _write(path: Path, arrays: Arrays) -> None:
    checked: dict[str, Any] = arrays | {DIGEST: np.frombuffer(_digest(arrays), dtype=np.uint8)}
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            np.savez(file, **checked)
        except BaseException:
            os.unlink(file.name)
            raise
    os.replace(file.name, path)


def _digest(arrays: Arrays) -> bytes:
    """Return a checksum of all names, shapes and bytes: the archive's own do not notice a missing array."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name} {arrays[name].dtype} {arrays[name].shape}\n".encode())
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.digest()
