"""How texts leave: whole into files, and onto terminals that may not know every character."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

__all__ = ["printable", "write_text"]

# Characters of ours that ASCII has a near relative of.
PLAIN = str.maketrans({"\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "x", "\N{NO-BREAK SPACE}": " ", "’": "'", "→": "->"})


def write_text(path: Path, text: str) -> Path:
    """Write `text` in one step, so that a reader never sees half of it; gives the path back.

    Raises OSError where the folder cannot be made or the file cannot be written.

    >>> write_text(Path("badge.svg"), "<svg/>")  # doctest: +SKIP
    PosixPath('badge.svg')
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(draft, 0o644)  # mkstemp's 0600 would keep a web server from showing the file
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return path


def printable(text: str, encoding: str | None = None) -> str:
    """`text` with what the terminal's encoding lacks replaced, so that printing it cannot fail.

    >>> printable("−0.5 ≠ ×2", "ascii"), printable("−0.5 ≠ ×2", "utf-8")
    ('-0.5 ? x2', '−0.5 ≠ ×2')
    """
    known = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(known)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(known, "replace").decode(known)
    return text
