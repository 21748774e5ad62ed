"""IDX files are read as they are, and what is none is refused."""

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest

from models.data import make_subset
from models.mnist import read_idx
from tests.models.published import refusal


@pytest.mark.parametrize("shape", [(0,), (1,), (17,), (3, 5), (2, 28, 28), (0, 28, 28)])
@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
def test_idx_files_round_trip(tmp_path: Path, shape: tuple[int, ...], suffix: str) -> None:
    array = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    content = make_subset.idx_bytes(array)
    path = tmp_path / f"array{suffix}"
    path.write_bytes({"": content, ".gz": gzip.compress(content), ".bz2": bz2.compress(content)}[suffix])
    assert np.array_equal(read_idx(path), array)
    assert read_idx(path).shape == shape
    assert read_idx(path).flags.writeable


HEAD = "expected it to start with 00 00 08"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", f"{HEAD} and 01, 02 or 03 for the number of dimensions, found nothing"),
        (b"\0\0", HEAD),
        (b"PK\3\4 and more", "found 50 4b 03 04"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", "found 00 00 0d 01"),  # floats
        (b"\0\0\x08\0", "found 00 00 08 00"),  # no dimensions
        (b"\0\0\x08\xff", "found 00 00 08 ff"),
        (b"\0\0\x08\3\0\0\0\1", "expected 16, found 8 bytes"),  # the header itself is cut
        (b"\0\0\x08\1\0\0\0\5abcd", "expected 13, found 12 bytes"),
        (b"\0\0\x08\1\0\0\0\5abcdef", "expected 13, found 14 bytes"),
        (b"\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", f"expected {(2**32 - 1) ** 3 + 16}, found 16"),
    ],
)
def test_malformed_idx_files_are_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    message = refusal(lambda: read_idx(path))
    assert str(path) in message
    assert complaint in message


@pytest.mark.parametrize("suffix", [".gz", ".bz2"])
def test_unsound_packing_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"labels{suffix}"
    path.write_bytes(b"no packing at all")
    assert f"no sound {suffix} file" in refusal(lambda: read_idx(path))


def test_a_missing_idx_file_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none'} does not exist" in refusal(lambda: read_idx(tmp_path / "none"))
