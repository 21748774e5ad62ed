"""What trainings run on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from models.mnist import Digits, embedded_digits, full_digits

__all__ = ["DataSet", "Machine", "Progress", "silent"]

DataSet: TypeAlias = Literal["embedded", "full"]
Progress: TypeAlias = Callable[[float], None]
"""Told the share done, from 0 to 1."""


def silent(share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Machine:
    """A device, the number of trainings to run at once on it, and where the full MNIST files are (None: download)."""

    device: str = "cpu"
    threads: int = 1
    data: Path | None = None

    def digits(self, data_set: DataSet) -> Digits:
        """Return the training digits, read and checked once a session."""
        return embedded_once() if data_set == "embedded" else full_once(self.data)


embedded_once = cache(embedded_digits)
full_once = cache(full_digits)
