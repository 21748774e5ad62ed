"""Data sets downloaded through torchvision, once, into a folder that all sessions share."""

import http.client
import os
import tempfile
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from models.datasets import Files
from models.idx import DataError

__all__ = ["default_cache", "downloaded"]


def default_cache() -> Path:
    """Name the folder for downloads: ``depth-on-trial`` in ``$XDG_CACHE_HOME``, or else in ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "depth-on-trial"


def downloaded(files: Files, cache: Path) -> Path:
    """Return `cache` with the four files of a data set in it, where torchvision keeps them too, such as ``MNIST/raw``.

    Raises `DataError` when torchvision cannot be imported, or the download failed, as without a network.
    """
    cache = cache.expanduser()
    if not _is_complete(files, cache):
        _download(_in_torchvision(files), files, cache)
    return cache


def _is_complete(files: Files, cache: Path) -> bool:
    return all((files.raw(cache) / file.name).is_file() for file in files.every)


def _in_torchvision(files: Files) -> Callable[..., object]:
    try:
        found: Callable[..., object] = getattr(import_module("torchvision.datasets"), files.torchvision)
    except (ImportError, RuntimeError, OSError) as error:  # the last two: builds that do not fit the torch installed
        raise DataError(
            f"Downloading {files.title} needs torchvision, which cannot be imported here ({error}). Install it with "
            f"'pip install torchvision', or name a folder that holds the {files.title} files with --claims-data DIR."
        ) from error
    return found


def _download(get: Callable[..., object], files: Files, cache: Path) -> None:
    """Let one process at a time download, and move whole files into place, so that no half file is ever read."""
    from filelock import FileLock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{files.name}.lock"), tempfile.TemporaryDirectory(dir=cache) as scratch:
            if not _is_complete(files, cache):
                get(root=scratch, download=True)
                _move(files, Path(scratch), cache)
    except (RuntimeError, OSError, EOFError, zlib.error, http.client.HTTPException) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{files.title} could not be downloaded to {cache}: {reason.rstrip('.')}. If this machine has no network, copy the "
            f"{files.title} files here from one that has, and name their folder with --claims-data DIR."
        ) from error


def _move(files: Files, scratch: Path, cache: Path) -> None:
    files.raw(cache).mkdir(parents=True, exist_ok=True)
    for file in files.every:
        (files.raw(scratch) / file.name).replace(files.raw(cache) / file.name)
