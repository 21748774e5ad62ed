"""Training anew what is stored: each block once in a session, however many processes it has."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["RERUNS", "Rerun", "end_killed"]

RERUNS = "reruns"
"""The folder in a store that has a folder for each session that trains anew, as long as it runs."""


class Rerun:
    """The blocks that a session has trained anew, by their keys; processes that share the folder share what it says.

    Who asks, trains and adds a block holds its lock meanwhile, so that no two processes train it.

    >>> rerun = Rerun(Path("no/such/folder"))
    >>> rerun.has("1f")
    False
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether a block has been trained anew."""
        return key in self.known or (self.folder / key).exists()

    def add(self, key: str) -> None:
        """Note that a block has been trained; where the folder cannot be written, this process alone knows it."""
        self.known.add(key)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / key).touch()

    def end(self) -> None:
        """Forget what was noted, since a later session trains all of it anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # not empty while another session runs
            self.folder.parent.rmdir()


def end_killed(store: Path, seconds: float) -> None:
    """End the reruns of a store that have added no block for so long: their sessions were killed.

    One that goes on all the same trains some blocks once more than it need.

    >>> end_killed(Path("no/such/store"), 3600.0)
    """
    for folder in (store / RERUNS).glob("*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > seconds:
                Rerun(folder).end()
