"""Rebuild the embedded digits, byte for byte, from the original MNIST training files.

Run from the repository's root::

    python -m models.data.make_subset --source DIR

DIR holds ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte`` (plain or ``.gz``, in itself, in ``MNIST/raw``
or in ``raw``). Files with another sha256 than the published ones are refused.

The rule: take the first 1,200 digits of each class in the order of the original file; order them by their rank within
their class, and those of one rank by the sha256 of their 784 bytes. So digits 10k to 10k + 9 hold each class once, and
in an order without a pattern (by place in the file, the order would settle to the same one in every ten).
"""

import argparse
import bz2
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import mnist

PER_CLASS = 1200


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, print their checksums, and return 1 when they are not those that `models.mnist` expects."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded digits from the original MNIST files.")
    parser.add_argument("--source", type=Path, required=True, metavar="DIR", help="where the original IDX files lie")
    parser.add_argument("--target", type=Path, default=mnist.DATA, metavar="DIR", help="where to write (here)")
    options = parser.parse_args(arguments)
    try:
        sums = build(options.source, options.target)
    except mnist.DataError as error:
        parser.error(str(error))
    print(sums, end="")
    return _verdict(options.target, sums)


def build(source: Path, target: Path) -> str:
    """Write the two packed IDX files and SHA256SUMS into `target`, and return the text of SHA256SUMS.

    Raises `models.mnist.DataError` when `source` does not hold the original training files.
    """
    digits = mnist.full_digits(source)
    chosen = choose(digits.images, digits.labels)
    target.mkdir(parents=True, exist_ok=True)
    arrays = (digits.images[chosen], digits.labels[chosen])
    for file, array in zip(mnist.EMBEDDED, arrays, strict=True):
        # bzip2 has one encoder, long settled, so other machines write the same bytes; zlib and xz have several.
        (target / file.name).write_bytes(bz2.compress(idx_bytes(array), 9))
    sums = "".join(f"{_sha256(target / file.name)}  {file.name}\n" for file in mnist.EMBEDDED)
    (target / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    return sums


def choose(images: NDArray[np.uint8], labels: NDArray[np.uint8], per_class: int = PER_CLASS) -> NDArray[np.intp]:
    """Return the places of the chosen digits, in their new order.

    >>> labels = np.array([7, 3, 7, 7, 3], dtype=np.uint8)
    >>> labels[choose(np.zeros((5, 28, 28), np.uint8), labels, per_class=2)]
    array([7, 3, 7, 3], dtype=uint8)
    """
    rank = np.empty(len(labels), dtype=np.intp)
    for digit in np.unique(labels):
        rank[labels == digit] = np.arange(np.count_nonzero(labels == digit))
    chosen = np.flatnonzero(rank < per_class)
    marks = np.array([hashlib.sha256(images[place].tobytes()).hexdigest() for place in chosen])
    return chosen[np.lexsort((marks, rank[chosen]))]


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Write an array of bytes as an IDX file; `models.mnist.read_idx` reads it back.

    >>> idx_bytes(np.array([5, 0], dtype=np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 05 00'
    """
    shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _verdict(target: Path, sums: str) -> int:
    if sums == "".join(f"{file.sha256}  {file.name}\n" for file in mnist.EMBEDDED):
        return 0
    print(f"The files in {target} are not those that models/mnist.py expects.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
