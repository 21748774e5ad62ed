"""Judgements kept beside the trainings: a test is not judged again where all that its judgement depends on is as it was.

A judgement depends on the code of the models, the trainings, the judge and the claim, on the options and the versions of
packages, and on the trainings themselves, bit for bit. What is kept is the test's result as it goes into the record.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from evidence import facts
from evidence.record import write_record

__all__ = ["Judgements", "code_digest", "read"]

Json: TypeAlias = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
SCHEMA = "depth-on-trial/judgement/2"
ROOMS = ("evidence", "models", "training")


@dataclass(frozen=True)
class Judgements:
    """A folder of judgements, one file for each test and choice of options; `options` are those that a judgement depends on."""

    folder: Path
    options: Json

    def last(self, nodeid: str) -> Json | None:
        """Return what was kept of a test's last judgement with these options, whether it still holds or not."""
        return read(self._path(nodeid))

    def find(self, nodeid: str, test: Path, holds: Callable[[Any], bool]) -> Json | None:
        """Return a test's result where its judgement would come out the same; None where that is not known.

        Parameters
        ----------
        nodeid : the test's name
        test : the file that it is in
        holds : tells whether trainings are as they were, by what was kept of them
        """
        kept = self.last(nodeid)
        if kept is None or not self.is_current(kept, nodeid, test) or not holds(kept["trainings"]):
            return None
        result: Json = kept["result"]
        return result

    def is_current(self, kept: Json, nodeid: str, test: Path) -> bool:
        """Tell whether what was kept of a test comes from the present code, options and versions, trainings aside."""
        try:
            return bool(kept["depends_on"] == self._basis(nodeid, test))
        except OSError:  # a file of the code went away, or cannot be read
            return False

    def keep(self, nodeid: str, test: Path, trainings: Any, result: Json, own: float) -> None:
        """Keep a test's result, what its trainings were, and the seconds that it took besides.

        A folder that cannot be written keeps nothing, nor does code that was edited since the session began.
        """
        with suppress(OSError):
            if _code_digest(test, _file_digest) != code_digest(test):
                return
            depends_on = self._basis(nodeid, test)
            kept = {"schema": SCHEMA, "depends_on": depends_on, "trainings": trainings, "own": own, "result": result}
            self.folder.mkdir(parents=True, exist_ok=True)
            write_record(kept | {"digest": _digest(kept)}, self._path(nodeid))

    def _path(self, nodeid: str) -> Path:
        return self.folder / f"{_digest([nodeid, self.options])[:32]}.json"

    def _basis(self, nodeid: str, test: Path) -> Json:
        return {"test": nodeid, "options": self.options, "code": code_digest(test), "versions": facts.versions()}


def read(path: Path) -> Json | None:
    """Return what is kept in a file; None where it is missing, damaged, or of another form.

    >>> read(Path("no/such/file.json"))
    """
    try:
        kept: Json = json.loads(path.read_text(encoding="utf-8"))
        sound = kept["schema"] == SCHEMA and kept.pop("digest") == _digest(kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return kept if sound else None


@cache
def code_digest(test: Path) -> str:
    """Return the SHA-256 digest of the code that a test's verdict can depend on, as it was when this was first called.

    It is the test's own file, the files beside it, below and above it that are no tests, and the rooms `evidence`, `models` and
    `training`. Raises ``OSError`` where one cannot be read.
    """
    return _code_digest(test, _first_digest)


def _code_digest(test: Path, digest_of: Callable[[Path], bytes]) -> str:
    total = hashlib.sha256()
    for path in [test, *_helpers(test), *_rooms()]:
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.relative_to(test.parent.parent)
        total.update(f"{name.as_posix()} ".encode() + digest_of(path))
    return total.hexdigest()


def _file_digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


_first_digest = cache(_file_digest)
"""A file's digest when it was first asked for: most files count for every test."""


def _helpers(test: Path) -> list[Path]:
    # What begins with a dot is an editor's, such as a link that says who has a file open.
    beside = [*test.parent.rglob("[!.]*.py"), *test.parent.parent.glob("[!.]*.py")]
    return sorted({path for path in beside if not path.name.startswith("test_")})


def _rooms() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("[!.]*.py"))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
