"""MNIST digits: 12,000 that lie in this repository, and all 70,000 from a folder or from a download.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, CC BY-SA 3.0.
Every file is checked against a pinned sha256 before use, so that a result names the bytes it came from.
Only numpy and the standard library are needed; torchvision is imported when it has to download.

>>> digits = embedded_digits()
>>> training, held_out = digits.split(1000)
>>> training.pixels().shape
(11000, 28, 28)
"""

import bz2
import hashlib
import http.client
import math
import os
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DataError", "Digits", "default_cache", "embedded_digits", "full_digits", "read_idx"]

Bytes: TypeAlias = NDArray[np.uint8]
Source: TypeAlias = Literal["embedded", "directory", "torchvision"]


class DataError(ValueError):
    """Digits are missing, damaged or not what they should be; the message says which, and what to do."""


# ---- the digits ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)  # eq would compare arrays, which have no single truth value
class Digits:
    """Handwritten digits with their classes, and the files they came from.

    Attributes
    ----------
    images : (n, 28, 28) uint8
        Ink from 0 (paper) to 255 (black), rows from top to bottom.
    labels : (n,) uint8
        The digit written, 0 to 9.
    name : str
        ``mnist-12000``, ``mnist-train`` or ``mnist-test``; parts made by `head` and `split` keep it.
    source : ``embedded``, ``directory`` or ``torchvision``
        Where the files were read from.
    sha256 : dict
        File name to the sha256 of the file of that name. A ``.gz`` copy is named and hashed as unpacked.

    Raises
    ------
    DataError
        Images and labels do not have these shapes and types.
    """

    images: Bytes
    labels: Bytes
    name: str
    source: Source
    sha256: dict[str, str]

    def __post_init__(self) -> None:
        """Refuse arrays that are no digits."""
        n = len(self.labels)
        if self.images.shape != (n, 28, 28) or self.labels.shape != (n,):
            raise DataError(
                f"Digits need images of shape (n, 28, 28) and labels of shape (n,); "
                f"found {self.images.shape} and {self.labels.shape}."
            )
        if {self.images.dtype, self.labels.dtype} != {np.dtype(np.uint8)}:
            raise DataError(f"Digits need images and labels of type uint8; found {self.images.dtype} and {self.labels.dtype}.")

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.labels)

    def pixels(self) -> NDArray[np.float32]:
        """Scale the ink to ``(x - 127.5) / 255``, as TensorFlow's MNIST tutorial ``convolutional.py`` does.

        Returns a new (n, 28, 28) float32 array with values from -0.5 (paper) to 0.5 (black).

        >>> float(embedded_digits().head(64).pixels().min())
        -0.5
        """
        scaled = self.images.astype(np.float32)
        scaled -= np.float32(127.5)
        scaled /= np.float32(255)
        return scaled

    def head(self, n: int) -> "Digits":
        """Keep the first `n` digits, which share memory with these.

        Raises `DataError` unless `n` is between 1 and the number of digits.

        >>> len(embedded_digits().head(2000))
        2000
        """
        if not 1 <= n <= len(self):
            raise DataError(f"{self.name} has {len(self)} digits here, so its head can have 1 to {len(self)}, not {n}.")
        return self._part(slice(None, n))

    def split(self, held_out: int) -> "tuple[Digits, Digits]":
        """Hold out the first `held_out` digits for validation and return ``(training, validation)``.

        Both share memory with these. Raises `DataError` unless each part gets at least one digit.

        >>> [len(part) for part in embedded_digits().split(1000)]
        [11000, 1000]
        """
        if not 1 <= held_out < len(self):
            raise DataError(f"{self.name} has {len(self)} digits here, so 1 to {len(self) - 1} can be held out, not {held_out}.")
        return self._part(slice(held_out, None)), self._part(slice(None, held_out))

    def _part(self, rows: slice) -> "Digits":
        return replace(self, images=self.images[rows], labels=self.labels[rows])


# ---- the files and their checksums -----------------------------------------------------------------------------


class _File(NamedTuple):
    name: str
    size: int  # bytes
    sha256: str


class _Pair(NamedTuple):
    images: _File
    labels: _File


DATA: Final = Path(__file__).parent / "data"

# As listed in data/SHA256SUMS; data/make_subset.py writes these files.
EMBEDDED = _Pair(
    _File("subset-images-idx3-ubyte.bz2", 1691671, "fae4452782f34608e50f84854d656c20ddd5d0211ec3886693348a76a331f5ab"),
    _File("subset-labels-idx1-ubyte.bz2", 5023, "195945167a60243de512c6b77b4cafc90c4d3f12fef186428b831eb6345c3675"),
)

# The four files as published, unpacked.
TRAIN = _Pair(
    _File("train-images-idx3-ubyte", 47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    _File("train-labels-idx1-ubyte", 60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
)
TEST = _Pair(
    _File("t10k-images-idx3-ubyte", 7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    _File("t10k-labels-idx1-ubyte", 10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)


# ---- reading ---------------------------------------------------------------------------------------------------


def embedded_digits() -> Digits:
    """Read the 12,000 training digits that lie in ``models/data``, 1,200 of each class.

    Digits 10k to 10k + 9 hold each class once, so every prefix is balanced to within one digit per class and the
    first 1,000 have exactly 100 of each. ``models/data/README.md`` says how they were chosen from MNIST.

    Returns `Digits` with images (12000, 28, 28) and labels (12000,), uint8, read anew at every call (0.2 s).

    Raises `DataError` when a file is missing, cut short or altered.

    >>> np.bincount(embedded_digits().head(1000).labels).tolist()
    [100, 100, 100, 100, 100, 100, 100, 100, 100, 100]
    """
    images, labels = map(_embedded_array, EMBEDDED)
    return Digits(images, labels, "mnist-12000", "embedded", {file.name: file.sha256 for file in EMBEDDED})


def full_digits(folder: Path | None = None, *, train: bool = True, dataset: str = "mnist", cache: Path | None = None) -> Digits:
    """Read the 60,000 training digits of MNIST, or its 10,000 test digits.

    Parameters
    ----------
    folder : Path, optional
        Where the IDX files lie: in the folder itself, in its ``MNIST/raw`` or in its ``raw``, plain or ``.gz``.
        Without it torchvision downloads them once into `cache` (12 MB, with a progress bar).
    train : bool
        Training digits, or else test digits.
    dataset : str
        ``mnist``, the only one known.
    cache : Path, optional
        Where downloads are kept, `default_cache` unless given. Ignored when there is a `folder`.

    Returns
    -------
    Digits
        Images (n, 28, 28) and labels (n,), uint8, in the order of the published files; n is 60,000 or 10,000.

    Raises
    ------
    DataError
        The folder is missing or holds no MNIST, a file is cut short or another file, torchvision cannot be
        imported, or the download failed.

    Examples
    --------
    >>> test = full_digits(Path("/data/torchvision"), train=False)  # doctest: +SKIP
    >>> test.images.shape  # doctest: +SKIP
    (10000, 28, 28)
    """
    if dataset != "mnist":
        raise DataError(f"There is no data set {dataset!r} here; the only one is 'mnist'.")
    if folder is not None:
        return _read_pair(_existing(folder), train, "directory")
    return _read_pair(_downloaded(cache or default_cache()), train, "torchvision")


def default_cache() -> Path:
    """Name the folder for downloads: ``depth-on-trial`` in ``$XDG_CACHE_HOME``, or else in ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "depth-on-trial"


def read_idx(path: Path) -> Bytes:
    """Read an IDX file of unsigned bytes with one to three dimensions: plain, ``.gz`` or ``.bz2``.

    Returns a new uint8 array of the shape in the file's header: (n,) for labels, (n, rows, columns) for images.

    Raises `DataError` when the file is missing, does not start like an IDX file of bytes, or has another length
    than its header announces. It checks the form only; `full_digits` also checks which file it is.

    Source of the format: the foot of the MNIST page, http://yann.lecun.com/exdb/mnist/.

    >>> read_idx(DATA / "subset-labels-idx1-ubyte.bz2").shape
    (12000,)
    """
    if not path.is_file():
        raise DataError(f"{path} does not exist or is no file; an IDX file was expected there.")
    return _array(_unpacked(path.read_bytes(), path), path)


def _embedded_array(file: _File) -> Bytes:
    path = DATA / file.name
    remedy = "Restore it with 'git checkout -- models/data', or rebuild it as models/data/README.md says."
    if not path.is_file():
        raise DataError(f"{path} is missing; the embedded digits are {' and '.join(f.name for f in EMBEDDED)}. {remedy}")
    return _array(_unpacked(_verified(path.read_bytes(), file, path, remedy), path), path)


def _read_pair(folder: Path, train: bool, source: Source) -> Digits:
    pair = TRAIN if train else TEST
    remedy = "Delete it to have it downloaded again." if source == "torchvision" else "Copy the published file again."
    images, labels = (
        _array(_verified(_unpacked(path.read_bytes(), path), file, path, remedy), path)
        for path, file in zip(_located(folder, pair), pair, strict=True)
    )
    name = "mnist-train" if train else "mnist-test"
    return Digits(images, labels, name, source, {file.name: file.sha256 for file in pair})


_WANTED: Final = (
    f"Name a folder that holds {', '.join(file.name for file in (*TRAIN, *TEST))} (plain or .gz), "
    "in itself, in MNIST/raw or in raw."
)


def _existing(folder: Path) -> Path:
    folder = folder.expanduser()
    if not folder.exists():
        raise DataError(f"The data folder {folder} does not exist. {_WANTED}")
    if not folder.is_dir():
        raise DataError(f"The data folder {folder} is a file and no folder. {_WANTED}")
    return folder


def _located(folder: Path, pair: _Pair) -> list[Path]:
    """Find both files of a pair, in the first place that has each."""
    places = [folder, folder / "MNIST" / "raw", folder / "raw"]
    candidates = {file.name: [p / f"{file.name}{end}" for p in places for end in ("", ".gz")] for file in pair}
    found = {name: next((path for path in paths if path.is_file()), None) for name, paths in candidates.items()}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise DataError(
            f"{folder} does not hold the MNIST digits: looked for {' and '.join(missing)}, plain or .gz, "
            f"in {', '.join(str(place) for place in places)}, and found none."
        )
    return [path for path in found.values() if path is not None]


def _verified(content: bytes, file: _File, path: Path, remedy: str) -> bytes:
    """Return the content when it is the pinned file's, byte for byte."""
    unpacked = " once unpacked" if path.suffix == ".gz" else ""
    if len(content) != file.size:
        raise DataError(
            f"{path} is cut short or another file: expected {file.size} bytes{unpacked}, found {len(content)}. {remedy}"
        )
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise DataError(f"{path} is damaged or another file: expected sha256 {file.sha256}{unpacked}, found {found}. {remedy}")
    return content


# Decompressor objects return what there is of a file cut short, so that its length can be told.
_DECOMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    ".gz": lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS),
    ".bz2": bz2.BZ2Decompressor,
}


def _unpacked(content: bytes, path: Path) -> bytes:
    if path.suffix not in _DECOMPRESSORS:
        return content
    try:
        return bytes(_DECOMPRESSORS[path.suffix]().decompress(content))
    except (OSError, zlib.error) as error:
        raise DataError(f"{path} is no sound {path.suffix} file: {error}. Copy it again.") from error


def _array(content: bytes, path: Path) -> Bytes:
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


# ---- downloading -----------------------------------------------------------------------------------------------


def _downloaded(cache: Path) -> Path:
    """Return `cache` with the four files in ``MNIST/raw``, where torchvision keeps them too."""
    cache = cache.expanduser()
    if not _is_complete(cache):
        _download(_torchvision_mnist(), cache)
    return cache


def _is_complete(cache: Path) -> bool:
    return all((cache / "MNIST" / "raw" / file.name).is_file() for file in (*TRAIN, *TEST))


def _torchvision_mnist() -> Callable[..., object]:
    try:
        mnist: Callable[..., object] = import_module("torchvision.datasets").MNIST
    except (ImportError, RuntimeError, OSError) as error:  # the last two: builds that do not fit the torch installed
        raise DataError(
            f"Downloading MNIST needs torchvision, which cannot be imported here ({error}). Install it with "
            "'pip install torchvision', or name a folder that holds the MNIST files with --claims-data DIR."
        ) from error
    return mnist


def _download(mnist: Callable[..., object], cache: Path) -> None:
    """Let one process at a time download, and move whole files into place, so that no half file is ever read."""
    from filelock import FileLock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "mnist.lock"), tempfile.TemporaryDirectory(dir=cache) as scratch:
            if not _is_complete(cache):
                mnist(root=scratch, download=True)
                _move_files(Path(scratch), cache)
    except (RuntimeError, OSError, EOFError, zlib.error, http.client.HTTPException) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"MNIST could not be downloaded to {cache}: {reason.rstrip('.')}. If this machine has no network, copy the "
            "MNIST files here from one that has, and name their folder with --claims-data DIR."
        ) from error


def _move_files(scratch: Path, cache: Path) -> None:
    target = cache / "MNIST" / "raw"
    target.mkdir(parents=True, exist_ok=True)
    for file in (*TRAIN, *TEST):
        (scratch / "MNIST" / "raw" / file.name).replace(target / file.name)
