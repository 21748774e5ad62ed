"""Keeping the run store small: the least recently used blocks go when it outgrows its cap, and stale ones when asked.

A block that another process holds the lock of is left. Removing a lock file is safe, since who waits for it notices (`filelock`
opens it anew); were it not noticed, a block would at worst be trained twice. The time of last use is the file's own time of
change; times well ahead of the clock, which was set back, say nothing, and count as the oldest.
"""

import json
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from training.reruns import end_killed
from training.store import JUDGEMENTS, is_stale, note_of

__all__ = ["Removed", "bytes_in_words", "evict", "prune", "size_in_bytes"]

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
HOUR = 3600.0


@dataclass(frozen=True)
class Removed:
    """What was removed, or would be: numbers of files of each kind, bytes, and blocks of which nothing is known."""

    blocks: int = 0
    parts: int = 0
    locks: int = 0
    size: int = 0
    unknown: int = 0


def size_in_bytes(words: str) -> int:
    """Return a size such as 512M or 2G in bytes; 0 means that there is no cap.

    Raises ``ValueError`` for anything else.

    >>> size_in_bytes("2G"), size_in_bytes("1.5k"), size_in_bytes("0")
    (2147483648, 1536, 0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)", words.strip().upper())
    if found is None:
        raise ValueError(f"{words!r} is no size: it must be a number of bytes, or one with K, M, G or T, such as 2G; 0 is no cap")
    return int(float(found[1]) * UNITS[found[2]])


def bytes_in_words(size: int) -> str:
    """Return a size in the largest unit that it fills.

    >>> bytes_in_words(3 * 2**20), bytes_in_words(12)
    ('3.0 MB', '12 bytes')
    """
    for unit in "TGMK":
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.1f} {unit.replace('K', 'k')}B"
    return f"{size} bytes"


def evict(folder: Path, most: int, used: Collection[str]) -> Removed:
    """Remove the least recently used blocks until a store has at most so many bytes; never those with a key in `used`.

    Nothing is removed where `most` is 0.

    >>> evict(Path("no/such/folder"), 1, used=()).blocks
    0
    """
    if not most or not folder.is_dir():
        return Removed()
    sizes = {path: _weight(path) for path in folder.glob("*.npz")}
    surplus = sum(sizes.values()) - most
    blocks = freed = 0
    for path in sorted((path for path in sizes if path.stem not in used), key=_last_used):
        if freed >= surplus:
            break
        if _remove(path, dry_run=False):
            blocks, freed = blocks + 1, freed + sizes[path]
    return Removed(blocks=blocks, size=freed)


def prune(folder: Path, *, unknown: bool = False, dry_run: bool = False) -> Removed:
    """Remove blocks that the present code and packages do not give, what killed sessions left an hour ago, and free locks.

    Judgements of blocks that are not there go with them. Blocks that do not say what they depend on are counted, and removed
    only with `unknown`. With `dry_run` nothing is removed.
    """
    notes = {path: note_of(path) for path in sorted(folder.glob("*.npz"))}
    silent = sum(note is None for note in notes.values())
    doomed = [path for path, note in notes.items() if (unknown if note is None else is_stale(note))]
    size = 0
    gone = []
    for path in doomed:
        weight = _weight(path)
        if _remove(path, dry_run=dry_run):
            gone.append(path)
            size += weight
    parts = [path for path in folder.rglob("*.part") if time.time() - _changed(path) > HOUR]
    if not dry_run:
        end_killed(folder, HOUR)
    orphans = [path for path in folder.glob("*.json") if path.with_suffix(".npz") not in notes]
    for path in [*parts, *orphans, *_unfounded(folder, {path.stem for path in notes if path not in gone})]:
        size += _size(path)
        if not dry_run:
            path.unlink(missing_ok=True)
    kept = [path for path in sorted(folder.glob("*.lock")) if path.with_suffix(".npz") not in gone]
    locks = sum(_under_lock(path, [path], dry_run=dry_run) for path in kept)
    return Removed(len(gone), len(parts), locks, size, 0 if unknown else silent)


def _unfounded(folder: Path, keys: Collection[str]) -> list[Path]:
    """Return judgements of blocks that are not among those with these keys, and what is no judgement at all."""
    return [path for path in sorted((folder / JUDGEMENTS).glob("*.json")) if not _trainings(path) <= set(keys)]


def _trainings(judgement: Path) -> set[str]:
    try:
        return set(json.loads(judgement.read_text(encoding="utf-8"))["trainings"]["blocks"])
    except (OSError, ValueError, KeyError, TypeError):
        return {""}  # the key of no block


def _remove(path: Path, *, dry_run: bool) -> bool:
    """Remove a block with its note and its lock, if nobody holds the lock; tell whether it went, or would."""
    lock = path.with_suffix(".lock")
    return _under_lock(lock, [path, path.with_suffix(".json"), lock], dry_run=dry_run)


def _under_lock(lock: Path, doomed: Sequence[Path], *, dry_run: bool) -> bool:
    """Remove files if nobody holds the lock; tell whether they went, or would."""
    if dry_run and not lock.exists():
        return True  # asking for the lock would make it
    try:
        with FileLock(lock, blocking=False):
            if not dry_run:
                for path in doomed:
                    path.unlink(missing_ok=True)
    except (Timeout, OSError):
        return False
    return True


def _weight(block: Path) -> int:
    """Return the bytes of a block and its note."""
    return _size(block) + _size(block.with_suffix(".json"))


def _size(path: Path) -> int:
    """Return the bytes of a file; 0 where another process has removed it."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _last_used(path: Path) -> float:
    changed = _changed(path)
    return changed if changed <= time.time() + HOUR else 0.0
