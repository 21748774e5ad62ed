"""Markdown as GitHub shows it: tables whose cells hold anything.

>>> print(table(["claim", "verdict"], [["capacity", "refuted"]]))
| claim | verdict |
|---|---|
| capacity | refuted |
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

__all__ = ["cell", "table"]

# What Markdown gives a meaning inside a line, and the bar that ends a cell.
SPECIAL = re.compile(r"([\\`*_\[\]~|])")


def cell(text: str) -> str:
    r"""`text` as it stands, in one line: neither HTML, nor Markdown, nor the end of a cell.

    >>> print(cell("|w|³ <b>*on*</b>\nfactors"))
    \|w\|³ &lt;b&gt;\*on\*&lt;/b&gt; factors
    """
    return SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that were escaped where they have to be."""
    lines = [list(names), *(list(row) for row in rows)]
    first, *others = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([first, "|" + "---|" * len(names), *others])
