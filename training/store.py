"""The run store: each block of seeds is trained once, and found again by what it depends on.

A block's name is the hash of its description, its seeds, the source code that computes it, the versions of the packages that
do, the device kind and the digits. A block is written to a temporary file and renamed, so that it is there whole or not at
all; a lock beside it lets one process train it while others wait. A killed process leaves no lock behind, since the operating
system takes its file locks back. A note beside the block says in plain words what its name is the hash of, so that one can tell
later why it is no longer found.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol, TypeAlias, TypedDict

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from training.machine import Machine, Progress
from training.reruns import Rerun

__all__ = [
    "Different",
    "State",
    "Store",
    "Trainable",
    "Use",
    "Uses",
    "basis",
    "file_hash",
    "is_stale",
    "key_of",
    "note_of",
    "read_block",
    "remember_code",
    "subject_of",
]

Arrays: TypeAlias = dict[str, NDArray[np.float64]]
DIGEST = "sha256"
SHORT = 8
"""So much of a subject tells it from all others."""
JUDGEMENTS = "judgements"
"""The folder in a store that keeps what was made of its blocks."""
ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("models", "training")
"""The folders whose code trainings are computed by."""
READING = Lock()
"""One thread at a time has numpy parse the headers of arrays: in Python 3.11 two that parse can fail with a SystemError."""


class State(TypedDict):
    """What the runs of a test were, to be kept.

    Arms, digests and subjects (`subject_of`) of blocks by their keys, in the order that they were asked for; hashes of the files
    of code by their names, versions of packages, and seconds of one core for each block.
    """

    arms: dict[str, str]
    blocks: dict[str, str]
    subjects: dict[str, str]
    code: dict[str, str | None]
    packages: dict[str, str | None]
    seconds: dict[str, float]


class Use(NamedTuple):
    """A block that was asked for: its arm, and the digest of its file; None for what came from no file."""

    arm: str
    digest: str | None


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


@dataclass(frozen=True)
class Different:
    """A block that was trained again and came out other than stored: its arm, seeds and device, and the arrays that differ."""

    arm: str
    seeds: tuple[int, ...]
    device: str
    arrays: tuple[str, ...]


@dataclass
class Uses:
    """What a session did with the store: keys of blocks it used, of those it trained again, and those that came out otherwise.

    With `rerun`, each block is trained once more in this session, whether it is stored or not.
    """

    rerun: Rerun | None = None
    used: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    different: list[Different] = field(default_factory=list)


class Store:
    """A folder of trained blocks; `uses` receives what is done with them."""

    def __init__(self, folder: Path, uses: Uses | None = None) -> None:
        self.folder, self.uses = folder, Uses() if uses is None else uses
        self.asked: dict[str, Use] = {}
        """The blocks that were asked for, by their keys."""

    def obtain(self, what: Trainable, seeds: Sequence[int], machine: Machine, train: Callable[[], Arrays]) -> Arrays:
        """Return the block, from the folder if it is there and whole, else trained now and written.

        Raises ``OSError`` where it cannot be written, or where it must not, since its code has been edited meanwhile.
        """
        depends_on = basis(what, seeds, machine)
        key = key_of(depends_on)
        self.asked[key] = Use(what.arm, None)
        path = self.folder / f"{key}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            stored = read_block(path)
            rerun = self.uses.rerun
            again = rerun is not None and not rerun.has(key)
            found = train() if stored is None or again else stored
            other = () if stored is None or found is stored else _unequal(stored, found)
            if stored is None or other:
                _write_block(path, found, depends_on)
            if rerun is not None:
                rerun.add(key)
            self.asked[key] = Use(what.arm, _digest_of(path))
            if stored is not None and found is not stored:
                self.uses.repeated.add(key)
            if other:
                self.uses.different.append(Different(what.arm, tuple(seeds), machine.device, other))
            self.uses.used.add(key)
            _remember_use(path, depends_on)
        return found

    def prepare(self, what: Trainable, seeds: Sequence[int], machine: Machine, train: Callable[[], Arrays]) -> bool:
        """Train and write a block that nobody has asked for yet; False where it is there, or another is at it.

        Raises ``OSError`` as `obtain` does. A block that is there is not read: whether it is whole is seen when it is asked for.
        """
        depends_on = basis(what, seeds, machine)
        path = self.folder / f"{key_of(depends_on)}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(path.with_suffix(".lock")).acquire(blocking=False)
        except Timeout:
            return False
        with lock:
            if path.exists():
                return False
            _write_block(path, train(), depends_on)
            _remember_use(path, depends_on)
        return True

    def state(self, used: Mapping[str, Use]) -> State | None:
        """Return the digests of blocks and of the code that trained them; None where one is missing, or does not say.

        A training is what it was as long as these are. `used` holds the blocks by their keys (`asked`): where a file was replaced
        since it was used, it is not known what it would have given.
        """
        found: State = {"arms": {}, "blocks": {}, "subjects": {}, "code": {}, "packages": {}, "seconds": {}}
        for key, use in used.items():
            path = self.folder / f"{key}.npz"
            digest, note = _digest_of(path), note_of(path)
            if digest is None or note is None or digest != use.digest:
                return None
            found["arms"][key], found["blocks"][key], found["subjects"][key] = use.arm, digest, subject_of(note)
            found["code"] |= note["code"]
            found["packages"] |= note["packages"]
            found["seconds"][key] = _seconds_of(path, path.stat().st_ino)
        return found

    def untrained(self, subjects: Iterable[str]) -> set[str]:
        """Return those subjects (`subject_of`, or as many of its letters) of which no block is stored that the present code gave.

        Whether blocks are whole is not looked at.
        """
        left = set(subjects)
        for path in self.folder.glob("*.npz") if left else ():
            note = note_of(path)
            if note is not None and not is_stale(note):
                subject = subject_of(note)
                left -= {subject, subject[:SHORT]}
        return left

    def has(self, state: State) -> bool:
        """Tell whether blocks and their code are as they were."""
        path = self.folder / "block.npz"
        same = all(_digest_of(path.with_stem(key)) == digest for key, digest in state["blocks"].items())
        return same and not is_stale(state)

    def holds(self, state: State) -> bool:
        """Tell whether blocks and their code are as they were; then the blocks count as used."""
        path = self.folder / "block.npz"
        if not self.has(state):
            return False
        self.uses.used.update(state["blocks"])
        for key in state["blocks"]:
            with suppress(OSError):  # a store that cannot be written is read all the same
                os.utime(path.with_stem(key))
        return True


def basis(what: Trainable, seeds: Sequence[int], machine: Machine) -> dict[str, Any]:
    """Return all that a block depends on, in plain JSON values: the hash of it is the block's name.

    >>> from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
    >>> from training import Descent
    >>> arm = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
    >>> list(basis(arm, [0], Machine()))
    ['what', 'seeds', 'code', 'packages', 'device', 'digits']
    """
    return {
        "what": _describe(what),
        "seeds": [int(seed) for seed in seeds],
        "code": {name: _file_hash(ROOT / name) for name in what.code},
        "packages": {name: _version(name) for name in what.packages},
        "device": machine.device,
        "digits": machine.digits(what.digits).sha256 if hasattr(what, "digits") else None,
    }


def key_of(depends_on: dict[str, Any]) -> str:
    """Return the name of the block that depends on this; a renamed file alone changes nothing."""
    hashed = depends_on | {"code": list(depends_on["code"].values())}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:32]


def subject_of(depends_on: dict[str, Any]) -> str:
    """Return a name for what a block is of: its arm, seeds, device and digits, whatever code and packages trained it."""
    named = {name: value for name, value in depends_on.items() if name not in ("code", "packages")}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:32]


def note_of(path: Path) -> dict[str, Any] | None:
    """Return what the block at a path depends on, by the note beside it; None where it is missing, damaged or another's."""
    try:
        depends_on: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return depends_on if key_of(depends_on) == path.stem else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def is_stale(note: Mapping[str, Any]) -> bool:
    """Tell whether the present code or packages are others than those that a block was trained by, by its note."""
    code = any(file_hash(name) != known for name, known in note["code"].items())
    return code or any(_version(name) != known for name, known in note["packages"].items())


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def file_hash(name: str) -> str | None:
    """Return the hash of one of the project's files, named relative to the project; None where there is none."""
    return _file_hash(ROOT / name) if (ROOT / name).is_file() else None


def _key(what: Trainable, seeds: Sequence[int], machine: Machine) -> str:
    return key_of(basis(what, seeds, machine))


def _remember_use(path: Path, depends_on: dict[str, Any]) -> None:
    """Note when the block was used and what it depends on, where that is not known, or by names that files had before."""
    with suppress(OSError):  # a store that cannot be written is read all the same
        os.utime(path)
        note = note_of(path)
        if note is None or note["code"] != depends_on["code"]:
            _replace(path.with_suffix(".json"), lambda file: file.write(json.dumps(depends_on).encode()))


def _unequal(stored: Arrays, found: Arrays) -> tuple[str, ...]:
    """Return the names of arrays that are not the same bit for bit, how long it took aside."""
    names = sorted((stored.keys() | found.keys()) - {"seconds"})
    return tuple(name for name in names if _digest(_only(stored, name)) != _digest(_only(found, name)))


def _only(arrays: Arrays, name: str) -> Arrays:
    return {name: arrays[name]} if name in arrays else {}


def _describe(value: Any) -> Any:
    """Return a dataclass as plain JSON values, with the names of the classes."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: _describe(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__} | fields
    if isinstance(value, tuple):  # a list, as it is read back from a note
        return [_describe(each) for each in value]
    return value


def remember_code() -> None:
    """Take the hashes of all code that trainings are computed by, before it is imported: what is edited later was not run."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("[!.]*.py"):
            with suppress(OSError):
                _file_hash(path)


@cache
def _file_hash(path: Path) -> str:
    return _hash_now(path)


def _hash_now(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _edited(code: Mapping[str, str]) -> str:
    """Return the name of a file that is not, or no longer, what it was taken for; empty where all are."""
    return next((name for name, known in code.items() if not (ROOT / name).is_file() or _hash_now(ROOT / name) != known), "")


def _digest_of(block: Path) -> str | None:
    """Return the hash of a block's file; None where there is none."""
    try:
        return _block_hash(block, block.stat().st_ino)
    except OSError:
        return None


@cache
def _block_hash(path: Path, inode: int) -> str:
    """Return the hash of a block's file, which several claims ask for; one that was replaced has another inode."""
    return _hash_now(path)


@cache
def _seconds_of(block: Path, inode: int) -> float:
    """Return how long a block took to train."""
    with READING, np.load(block, allow_pickle=False) as arrays:
        return float(arrays["seconds"])


def read_block(path: Path) -> Arrays | None:
    """Return the block's arrays; None where it is missing or damaged."""
    try:
        with READING, np.load(path, allow_pickle=False) as block:
            found = {name: block[name] for name in block.files}
        digest = found.pop(DIGEST).tobytes()
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return None
    return found if digest == _digest(found) else None


def _write_block(path: Path, arrays: Arrays, depends_on: dict[str, Any]) -> None:
    """Write a block that was trained now. Raises ``OSError`` where its code has been edited meanwhile."""
    if edited := _edited(depends_on["code"]):
        raise OSError(f"{edited} was edited while this session ran")
    _write(path, arrays)


def _write(path: Path, arrays: Arrays) -> None:
    checked: dict[str, Any] = arrays | {DIGEST: np.frombuffer(_digest(arrays), dtype=np.uint8)}
    _replace(path, lambda file: np.savez(file, **checked))


def _replace(path: Path, write: Callable[[Any], Any]) -> None:
    """Write a file beside the path and rename it, so that it is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            write(file)
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
