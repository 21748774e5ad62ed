"""What trainings run on."""

import ctypes
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from models.mnist import Digits, full_digits, reduced_digits

__all__ = ["DataSet", "Machine", "Progress", "driver_found", "part_of", "processor", "silent"]

DataSet: TypeAlias = Literal["embedded", "full"]
"""How much of the data set: the digits embedded in the repository, or as many of another set; or all of it."""
Progress: TypeAlias = Callable[[float], None]
"""Told the share done, from 0 to 1."""
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2"}
"""Instructions by the flags that Linux lists."""


@cache
def processor(listed: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name and its widest vectors, on which the last digits of matrix products depend.

    Where the system does not list processors, only the kind is known.
    """
    try:
        first = listed.read_text(encoding="utf-8").split("\n\n")[0]
    except (OSError, ValueError):
        first = ""
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first.splitlines())}
    widest = next((words for flag, words in VECTORS.items() if flag in facts.get("flags", "").split()), "")
    return ", ".join(filter(None, (facts.get("model name") or platform.processor() or platform.machine(), widest)))


def silent(share: float) -> None:
    """Report nothing."""


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """Return what reports the progress of a part, from one share to another of the whole, as that of the whole.

    >>> part_of(print, 0.5, 1.0)(0.5)
    0.75
    """
    return lambda share: progress(start + (stop - start) * share)


@cache
def driver_found() -> bool:
    """Tell whether the driver of a GPU is there, without which torch finds none: torch takes seconds to import."""
    if Path("/dev/kfd").exists():  # AMD's
        return True
    for library in ("nvcuda.dll",) if os.name == "nt" else ("libcuda.so.1", "libcuda.so"):
        try:
            ctypes.CDLL(library)
            return True
        except OSError:
            continue
    return False


@dataclass(frozen=True)
class Machine:
    """A device, the number of trainings to run at once on it, and the data there.

    `data` is the folder with the original files (None: download), `dataset` the name of the set in `models.datasets`.
    """

    device: str = "cpu"
    threads: int = 1
    data: Path | None = None
    dataset: str = "mnist"

    def digits(self, data_set: DataSet) -> Digits:
        """Return the training digits, read and checked once a session.

        Raises `DataError` when they are missing or not those of the data set, or the data set is unknown.
        """
        read = reduced_once if data_set == "embedded" else full_once
        return read(self.data, dataset=self.dataset)


full_once = cache(full_digits)
reduced_once = cache(reduced_digits)
