"""Facts about a session that its record carries."""

import importlib.metadata
import os
import platform
import re
import shlex
import subprocess
import sys
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["cores", "git_facts", "now", "session_command", "versions", "web_address"]

PACKAGES = ("torch", "torchvision", "numpy", "scipy", "statsmodels", "numba", "matplotlib", "pytest")


def now() -> str:
    """Return the time in UTC, as 2026-01-31T12:00:00Z."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on, without importing any."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_facts(root: Path) -> dict[str, Any]:
    """Return the commit, whether the tree differs from it, and where its files can be read; None for what git cannot say."""
    sha, status = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
    dirty = None if sha is None or status is None else bool(status)
    return {"sha": sha, "dirty": dirty, "url": web_address(_git(root, "remote", "get-url", "origin"), sha)}


def web_address(remote: str | None, sha: str | None) -> str | None:
    """Return the address below which GitHub shows the files of a commit; None for other hosts, and where there is no commit.

    >>> web_address("git@github.com:someone/depth-on-trial.git", "3f1c0de")
    'https://github.com/someone/depth-on-trial/blob/3f1c0de/'
    >>> web_address("/srv/git/depth.git", "3f1c0de") is None
    True
    """
    found = re.fullmatch(r"(?:https://(?:[^@/]+@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?", remote or "")
    return f"https://github.com/{found[1]}/blob/{sha}/" if found and sha else None


def session_command(arguments: tuple[str, ...]) -> str:
    """Return the command line that started this session."""
    return shlex.join(["pytest", *arguments]) if arguments else Path(sys.argv[0]).name


def _git(root: Path, *arguments: str) -> str | None:
    try:
        result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None
