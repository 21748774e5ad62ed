"""Facts about a session that its record carries."""

import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["cores", "git_facts", "now", "session_command", "versions"]

PACKAGES = ("torch", "torchvision", "numpy", "scipy", "statsmodels", "numba", "matplotlib", "pytest")


def now() -> str:
    """Return the time in UTC, as 2026-01-31T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on, without importing any."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_facts(root: Path) -> dict[str, Any]:
    """Return the commit and whether the tree differs from it; None for both where git cannot say."""
    sha, status = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
    return {"sha": sha, "dirty": None if sha is None or status is None else bool(status)}


def session_command(arguments: tuple[str, ...]) -> str:
    """Return the command line that started this session."""
    return shlex.join(["pytest", *arguments]) if arguments else Path(sys.argv[0]).name


def _git(root: Path, *arguments: str) -> str | None:
    try:
        result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None
