"""MNIST digits: 12,000 that lie in this repository, and all 70,000 from a folder or from a download.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, CC BY-SA 3.0.
The sets in `models.datasets` that have the form of MNIST, Fashion-MNIST and KMNIST, are read in the same way.
Every file is checked against a pinned digest before use, so that a result names the bytes it came from.
Only numpy and the standard library are needed; torchvision is imported when it has to download.

>>> digits = embedded_digits()
>>> training, held_out = digits.split(1000)
>>> training.pixels().shape
(11000, 28, 28)
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.datasets import File, Pair, data_set, existing, read_pair, verified
from models.downloads import default_cache, downloaded
from models.idx import Bytes, DataError, array_of, read_idx, unpacked

__all__ = ["DataError", "Digits", "default_cache", "embedded_digits", "full_digits", "read_idx", "reduced_digits"]

Source: TypeAlias = Literal["embedded", "directory", "torchvision"]


# ---- the digits ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)  # eq would compare arrays, which have no single truth value
class Digits:
    """Handwritten digits, or the images of another set, with their classes and the files they came from.

    Attributes
    ----------
    images : (n, 28, 28) uint8
        Ink from 0 (paper) to 255 (black), rows from top to bottom.
    labels : (n,) uint8
        The digit written, or the class of another set, 0 to 9.
    name : str
        ``mnist-12000``, or the data set and which half of it, such as ``mnist-train`` or ``kmnist-test``; parts made by
        `head` and `split` keep it.
    source : ``embedded``, ``directory`` or ``torchvision``
        Where the files were read from.
    sha256 : dict
        File name to the sha256 of the file of that name. A ``.gz`` copy is named and hashed as unpacked, but for KMNIST,
        of which the ``.gz`` files are what is pinned.

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


# ---- the embedded digits ---------------------------------------------------------------------------------------

DATA: Final = Path(__file__).parent / "data"

# As listed in data/SHA256SUMS; data/make_subset.py writes these files.
EMBEDDED = Pair(
    File("subset-images-idx3-ubyte.bz2", 1691671, "fae4452782f34608e50f84854d656c20ddd5d0211ec3886693348a76a331f5ab"),
    File("subset-labels-idx1-ubyte.bz2", 5023, "195945167a60243de512c6b77b4cafc90c4d3f12fef186428b831eb6345c3675"),
)
REDUCED: Final = 12000
"""How many training images stand for a data set where not all are wanted: as many as are embedded."""


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


def _embedded_array(file: File) -> Bytes:
    path = DATA / file.name
    remedy = "Restore it with 'git checkout -- models/data', or rebuild it as models/data/README.md says."
    if not path.is_file():
        raise DataError(f"{path} is missing; the embedded digits are {' and '.join(f.name for f in EMBEDDED)}. {remedy}")
    return array_of(unpacked(verified(path.read_bytes(), file, path, remedy), path), path)


# ---- all of a data set -----------------------------------------------------------------------------------------


def full_digits(folder: Path | None = None, *, train: bool = True, dataset: str = "mnist", cache: Path | None = None) -> Digits:
    """Read the 60,000 training digits of MNIST, or its 10,000 test digits, or those of another set.

    Parameters
    ----------
    folder : Path, optional
        Where the IDX files lie: in the folder itself, in the one that torchvision makes in it (``MNIST/raw``,
        ``FashionMNIST/raw``, ``KMNIST/raw``) or in its ``raw``, plain or ``.gz`` (KMNIST: ``.gz`` alone, as the unpacked
        files cannot be checked). Without it torchvision downloads them once into `cache`, with a progress bar.
    train : bool
        Training digits, or else test digits.
    dataset : str
        ``mnist``, ``fashion-mnist`` or ``kmnist``.
    cache : Path, optional
        Where downloads are kept, `default_cache` unless given. Ignored when there is a `folder`.

    Returns
    -------
    Digits
        Images (n, 28, 28) and labels (n,), uint8, in the order of the published files; n is 60,000 or 10,000.

    Raises
    ------
    DataError
        The data set is unknown, the folder is missing or does not hold it, a file is cut short or another file,
        torchvision cannot be imported, or the download failed.

    Examples
    --------
    >>> test = full_digits(Path("/data/torchvision"), train=False)  # doctest: +SKIP
    >>> test.images.shape  # doctest: +SKIP
    (10000, 28, 28)
    """
    files = data_set(dataset)
    source: Source = "torchvision" if folder is None else "directory"
    place = downloaded(files, cache or default_cache()) if folder is None else existing(folder, files)
    remedy = "Delete it to have it downloaded again." if folder is None else "Copy the published file again."
    images, labels, sums = read_pair(place, files, train=train, remedy=remedy)
    return Digits(images, labels, f"{files.name}-{'train' if train else 'test'}", source, sums)


def reduced_digits(folder: Path | None = None, *, dataset: str = "mnist", cache: Path | None = None) -> Digits:
    """Read 12,000 training digits: the embedded ones of MNIST, or the first of another set.

    Parameters and errors are those of `full_digits`; the embedded digits need neither a folder nor a download. Only they
    are balanced over the classes.

    >>> len(reduced_digits())
    12000
    """
    if dataset == "mnist":
        return embedded_digits()
    return full_digits(folder, dataset=dataset, cache=cache).head(REDUCED)
