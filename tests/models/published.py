"""A small stand-in for the published files of a data set, pinned in place of the real ones."""

import dataclasses
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models import datasets
from models.data import make_subset
from models.datasets import File, Files, Pair
from models.mnist import DataError

NAMES = [file.name for file in datasets.MNIST.every]
"""Of the files of every set, unpacked."""


def refusal(call: Callable[[], object]) -> str:
    """Return the sentence that a call is refused with."""
    with pytest.raises(DataError) as caught:
        call()
    message = str(caught.value)
    assert message.endswith((".", ").")), f"no full sentence: {message}"
    return message


def sha256(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()


class Published:
    """Four small files with the names and the kind of digest of a data set's own, in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, dataset: str = "mnist") -> None:
        self.folder, self.dataset = folder, dataset
        self.content = dict(zip(NAMES, (*self._pair(30, 1), *self._pair(20, 2)), strict=True))
        self.packed = {name: gzip.compress(content, mtime=0) for name, content in self.content.items()}
        monkeypatch.setitem(datasets.CATALOGUE, dataset, self._pinned(datasets.CATALOGUE[dataset]))
        self.write(folder, ".gz" if dataset == "kmnist" else "")

    def _pinned(self, files: Files) -> Files:
        every = [self._pin(file) for file in files.every]
        return dataclasses.replace(files, train=Pair(*every[:2]), test=Pair(*every[2:]))

    def _pin(self, file: File) -> File:
        if file.is_packed:
            packed = self.packed[file.name.removesuffix(".gz")]
            return File(file.name, None, md5=hashlib.md5(packed).hexdigest())
        return File(file.name, len(self.content[file.name]), sha256(self.content[file.name]))

    @staticmethod
    def _pair(n: int, seed: int) -> tuple[bytes, bytes]:
        rng = np.random.default_rng(seed)
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        return make_subset.idx_bytes(images), make_subset.idx_bytes(np.arange(n, dtype=np.uint8) % 10)

    def write(self, folder: Path, suffix: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.content.items():
            packed = gzip.compress(content, mtime=0) if suffix == ".gz" else content
            (folder / f"{name}{suffix}").write_bytes(packed)
