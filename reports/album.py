"""Drawings kept from one page to the next: what would come out the same is not drawn again.

matplotlib takes a tenth of a second and more for a drawing, and a page has forty. A drawing is known by what it shows, by the
code of this room and by the versions of the packages that draw.

>>> with keeping(None) as album:
...     album.drawn("a name", lambda: "<path/>")
'<path/>'
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reports.output import write_text

__all__ = ["Album", "album", "keeping", "key_of"]

HERE = Path(__file__).resolve().parent
PACKAGES = ("matplotlib", "numpy")
PLACE = "place.txt"
DAYS = 30
"""A drawing that no page has shown for so long is removed."""


class Album:
    """A folder of drawings, or none: then everything is drawn."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def drawn(self, key: str, draw: Callable[[], str]) -> str:
        """The drawing of this key as it is kept, else as it is drawn now and kept; a damaged one is drawn again."""
        if self.folder is None:
            return draw()
        path = self.folder / f"{key}.svg"
        found = _read(path)
        if found is None:
            found = draw()
            with suppress(OSError):  # a folder that cannot be written keeps nobody from drawing
                write_text(path, f"{_digest(found)}\n{found}")
        return found

    @property
    def place(self) -> int | None:
        """Where the last page was found to fit; None where there was none. Told wrong, it costs time and nothing else."""
        try:
            return int((self.folder / PLACE).read_text(encoding="utf-8")) if self.folder else None
        except (OSError, ValueError):
            return None

    @place.setter
    def place(self, place: int) -> None:
        if self.folder is not None:
            with suppress(OSError):
                write_text(self.folder / PLACE, str(place))

    def clear(self) -> None:
        """Remove what has not been shown for long."""
        with suppress(OSError):
            for path in self.folder.glob("*.svg") if self.folder else ():
                if path.stat().st_mtime < time.time() - DAYS * 86_400:
                    path.unlink()


_album: ContextVar[Album] = ContextVar("album", default=Album())  # noqa: B039  # it is never changed


def album() -> Album:
    """The album of the page that is made."""
    return _album.get()


@contextmanager
def keeping(folder: Path | None) -> Iterator[Album]:
    """Keep what is drawn meanwhile in a folder, and find it there."""
    token = _album.set(Album(folder))
    try:
        yield album()
        album().clear()
    finally:
        _album.reset(token)


def key_of(*shown: Any) -> str:
    """The name of a drawing that shows these JSON values and dataclasses of such. Raises ``TypeError`` for anything else.

    >>> key_of("figure-1", [0.5]) == key_of("figure-1", [0.5]) != key_of("figure-1", [0.25])
    True
    """
    told = json.dumps([_code(), *shown], default=dataclasses.asdict)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@cache
def _code() -> list[str]:
    """What draws: the code of this room, read when it is first asked for, and the packages' versions."""
    files = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py"))))
    return [files.hexdigest(), *(version(name) for name in PACKAGES)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> str | None:
    """The drawing in a file; None where there is none, or another than was written."""
    try:
        digest, _, found = path.read_text(encoding="utf-8").partition("\n")
        os.utime(path)
    except (OSError, ValueError):
        return None
    return found if digest == _digest(found) else None
