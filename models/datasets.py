"""The data sets that networks can be trained on: what they are, which files they consist of, and how those are checked.

All have the form of MNIST: 60,000 training and 10,000 test images of 28 x 28 bytes in ten classes, as IDX files.

Where the pinned digests come from:

- MNIST: sha256 of the four files as published, unpacked.
- Fashion-MNIST: sha256 of the four files, unpacked. They were computed from ``.gz`` files whose md5 is the one that
  ``torchvision.datasets.FashionMNIST.resources`` pins; a ``.gz`` file packed anew, such as that of Debian's package
  ``dataset-fashion-mnist``, holds the same files and is as good.
- KMNIST: md5 of the four ``.gz`` files, from ``torchvision.datasets.KMNIST.resources``. No digest of the unpacked files
  is known here, so that an unpacked file cannot be checked: KMNIST is read from its ``.gz`` files alone, which
  torchvision keeps beside the unpacked ones. The sha256 on record is the one found of the ``.gz`` files so checked.

>>> [files.title for files in CATALOGUE.values()]
['MNIST', 'Fashion-MNIST', 'KMNIST']
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from models.idx import Bytes, DataError, array_of, unpacked

__all__ = ["CATALOGUE", "File", "Files", "Pair", "data_set", "existing", "read_pair", "verified"]


class File(NamedTuple):
    """A file as pinned, by sha256 or else by md5; a name that ends in ``.gz`` or ``.bz2`` pins the packed file."""

    name: str
    size: int | None  # bytes; None where only the digest is known
    sha256: str = ""
    md5: str = ""

    @property
    def is_packed(self) -> bool:
        """Tell whether it is the packed file that is pinned."""
        return self.name.endswith((".gz", ".bz2"))


class Pair(NamedTuple):
    """The images and their labels."""

    images: File
    labels: File


@dataclass(frozen=True)
class Files:
    """A data set as published.

    Attributes
    ----------
    name : what the option ``--claims-dataset`` calls it
    title : what its authors call it
    torchvision : its class in ``torchvision.datasets``, after which its folder is named
    train, test : its files
    licence, citation : under what it may be used, and what to cite
    """

    name: str
    title: str
    torchvision: str
    train: Pair
    test: Pair
    licence: str
    citation: str

    @property
    def every(self) -> tuple[File, ...]:
        """Return the four files."""
        return (*self.train, *self.test)

    def raw(self, folder: Path) -> Path:
        """Return where torchvision keeps the files in a folder of data sets.

        >>> CATALOGUE["kmnist"].raw(Path("data")).as_posix()
        'data/KMNIST/raw'
        """
        return folder / self.torchvision / "raw"


MNIST = Files(
    name="mnist",
    title="MNIST",
    torchvision="MNIST",
    train=Pair(
        File("train-images-idx3-ubyte", 47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        File("train-labels-idx1-ubyte", 60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    ),
    test=Pair(
        File("t10k-images-idx3-ubyte", 7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        File("t10k-labels-idx1-ubyte", 10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
    licence="CC BY-SA 3.0",
    citation="Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits",
)

FASHION_MNIST = Files(
    name="fashion-mnist",
    title="Fashion-MNIST",
    torchvision="FashionMNIST",
    train=Pair(
        File("train-images-idx3-ubyte", 47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        File("train-labels-idx1-ubyte", 60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    ),
    test=Pair(
        File("t10k-images-idx3-ubyte", 7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        File("t10k-labels-idx1-ubyte", 10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ),
    licence="MIT",
    citation="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
    "Algorithms (2017, arXiv 1708.07747)",
)

KMNIST = Files(
    name="kmnist",
    title="KMNIST",
    torchvision="KMNIST",
    train=Pair(
        File("train-images-idx3-ubyte.gz", None, md5="bdb82020997e1d708af4cf47b453dcf7"),
        File("train-labels-idx1-ubyte.gz", None, md5="e144d726b3acfaa3e44228e80efcd344"),
    ),
    test=Pair(
        File("t10k-images-idx3-ubyte.gz", None, md5="5c965bf0a639b31b8f53240b1b52f4d7"),
        File("t10k-labels-idx1-ubyte.gz", None, md5="7320c461ea6c1c855c0b718fb2a4b134"),
    ),
    licence="CC BY-SA 4.0",
    citation="T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha, Deep Learning for Classical "
    "Japanese Literature (2018, arXiv 1812.01718)",
)

CATALOGUE: Final = {files.name: files for files in (MNIST, FASHION_MNIST, KMNIST)}


def data_set(name: str) -> Files:
    """Return the data set of this name.

    Raises `DataError` for any other name.

    >>> data_set("cifar-10")
    Traceback (most recent call last):
        ...
    models.idx.DataError: There is no data set 'cifar-10' here; it must be one of: mnist, fashion-mnist, kmnist.
    """
    if name not in CATALOGUE:
        raise DataError(f"There is no data set {name!r} here; it must be one of: {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]


# ---- files in a folder -----------------------------------------------------------------------------------------


def existing(folder: Path, files: Files) -> Path:
    """Return the folder with ``~`` resolved.

    Raises `DataError` unless it is a folder, and says what one should hold.
    """
    folder = folder.expanduser()
    if folder.is_dir():
        return folder
    trouble = "is a file and no folder" if folder.exists() else "does not exist"
    packed = "" if files.train.images.is_packed else " (plain or .gz)"
    raise DataError(
        f"The data folder {folder} {trouble}. Name a folder that holds {', '.join(file.name for file in files.every)}{packed}, "
        f"in itself, in {files.torchvision}/raw or in raw."
    )


def read_pair(folder: Path, files: Files, *, train: bool, remedy: str) -> tuple[Bytes, Bytes, dict[str, str]]:
    """Read the training or the test images of a data set from a folder, each file checked against its pinned digest.

    Returns images (n, 28, 28) and labels (n,), uint8, and the sha256 of each file by its pinned name: of the file as
    unpacked where that is what is pinned, else as packed.

    Raises `DataError` when a file is missing, cut short, damaged or another; `remedy` is the sentence about what to do.
    """
    pair = files.train if train else files.test
    arrays, sums = [], {}
    for file, path in zip(pair, _located(folder, files, pair), strict=True):
        content = path.read_bytes()
        pinned = verified(content if file.is_packed else unpacked(content, path), file, path, remedy)
        sums[file.name] = file.sha256 or hashlib.sha256(pinned).hexdigest()
        arrays.append(array_of(unpacked(pinned, path) if file.is_packed else pinned, path))
    return arrays[0], arrays[1], sums


def verified(content: bytes, file: File, path: Path, remedy: str) -> bytes:
    """Return the content when it is the pinned file's, byte for byte; else raise `DataError` with both digests."""
    once = " once unpacked" if path.suffix == ".gz" and not file.is_packed else ""
    if file.size is not None and len(content) != file.size:
        raise DataError(f"{path} is cut short or another file: expected {file.size} bytes{once}, found {len(content)}. {remedy}")
    kind = "sha256" if file.sha256 else "md5"
    expected = file.sha256 or file.md5
    found = hashlib.new(kind, content, usedforsecurity=False).hexdigest()
    if found != expected:
        raise DataError(f"{path} is damaged or another file: expected {kind} {expected}{once}, found {found}. {remedy}")
    return content


def _located(folder: Path, files: Files, pair: Pair) -> list[Path]:
    """Find both files of a pair, each in the first place that has it; a folder named after the data set comes first."""
    places = [files.raw(folder), folder, folder / "raw"]
    found = {file.name: _first([place / name for place in places for name in _names(file)]) for file in pair}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise DataError(_missing(folder, files, missing, places))
    return [path for path in found.values() if path is not None]


def _first(paths: list[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _names(file: File) -> tuple[str, ...]:
    return (file.name,) if file.is_packed else (file.name, f"{file.name}.gz")


def _missing(folder: Path, files: Files, missing: list[str], places: list[Path]) -> str:
    packed = files.train.images.is_packed
    text = (
        f"{folder} does not hold {files.title}: looked for {' and '.join(missing)}{'' if packed else ', plain or .gz'}, "
        f"in {', '.join(str(place) for place in places)}, and found none."
    )
    if packed and _first([place / name.removesuffix(".gz") for place in places for name in missing]):
        text += " The unpacked files cannot be checked, since only digests of the .gz files are known; put those beside them."
    return text
