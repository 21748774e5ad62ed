"""IDX files of bytes, as the MNIST sets are published in: unpacked, checked for their form, and made arrays.

>>> array_of(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 0]), Path("labels"))
array([5, 0], dtype=uint8)
"""

import bz2
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "DataError", "array_of", "read_idx", "unpacked"]

Bytes: TypeAlias = NDArray[np.uint8]


class DataError(ValueError):
    """Images are missing, damaged or not what they should be; the message says which, and what to do."""


def read_idx(path: Path) -> Bytes:
    """Read an IDX file of unsigned bytes with one to three dimensions: plain, ``.gz`` or ``.bz2``.

    Returns a new uint8 array of the shape in the file's header: (n,) for labels, (n, rows, columns) for images.

    Raises `DataError` when the file is missing, does not start like an IDX file of bytes, or has another length
    than its header announces. It checks the form only; `models.mnist.full_digits` also checks which file it is.

    Source of the format: the foot of the MNIST page, http://yann.lecun.com/exdb/mnist/.

    >>> read_idx(Path(__file__).parent / "data" / "subset-labels-idx1-ubyte.bz2").shape
    (12000,)
    """
    if not path.is_file():
        raise DataError(f"{path} does not exist or is no file; an IDX file was expected there.")
    return array_of(unpacked(path.read_bytes(), path), path)


# Decompressor objects return what there is of a file cut short, so that its length can be told.
_DECOMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    ".gz": lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS),
    ".bz2": bz2.BZ2Decompressor,
}


def unpacked(content: bytes, path: Path) -> bytes:
    """Return the content of the file at `path`, unpacked where its name ends in ``.gz`` or ``.bz2``.

    Raises `DataError` when it is packed in no such way.

    >>> unpacked(bz2.compress(b"digits"), Path("digits.bz2"))
    b'digits'
    """
    if path.suffix not in _DECOMPRESSORS:
        return content
    try:
        return bytes(_DECOMPRESSORS[path.suffix]().decompress(content))
    except (OSError, zlib.error) as error:
        raise DataError(f"{path} is no sound {path.suffix} file: {error}. Copy it again.") from error


def array_of(content: bytes, path: Path) -> Bytes:
    """Return the array in the unpacked content of the file at `path`, as `read_idx` does.

    Raises `DataError` when the content is no IDX file of unsigned bytes or is cut short.
    """
    if content[:3] != b"\x00\x00\x08" or content[3:4] not in (b"\x01", b"\x02", b"\x03"):
        raise DataError(
            f"{path} is no IDX file of unsigned bytes: expected it to start with 00 00 08 and 01, 02 or 03 for the "
            f"number of dimensions, found {content[:4].hex(' ') or 'nothing'}."
        )
    header = 4 + 4 * content[3]
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4)]
    expected = header if len(content) < header else header + math.prod(shape)
    if len(content) != expected:
        raise DataError(f"{path} has another length than its header says: expected {expected}, found {len(content)} bytes.")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()
