"""Shorter pages: a style that drawings repeat becomes a class, told once in the style sheet, and their marks get short ids.

matplotlib writes every line's style beside it, and every mark's id with the name of its figure. The look stays the same, and so
do the bytes of a page made again.
"""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["interned"]

STYLED = re.compile(
    r"<(?P<tag>path|use|text|g|rect|circle|tspan)"
    r'(?P<before>(?: (?!class=|style=)[\w:-]+="[^"]*")*) style="(?P<style>[^"]*)"'
)
NAMED = re.compile(r'<(?:path|clipPath) id="([^"]+)"')
REFERENCE = re.compile(r'( id="| href="#|url\(#)([^")]+)([")])')
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
LEAST = 3
"""A style that is met less often is shorter where it stands."""
PLACE = "</style>"


def interned(html: str) -> str:
    r"""The page with repeated styles of drawings as classes, defined at the end of its style sheet.

    >>> page = "<style></style>" + '<path d="M0 0" style="fill:none;stroke:red"/>' * 3
    >>> interned(page)[:80]
    '<style>._a{fill:none;stroke:red}\n</style><path d="M0 0" class="_a"/><path d="M0 '
    """
    counts = Counter(found["style"] for found in STYLED.finditer(html))
    repeated = [style for style, count in counts.most_common() if count >= LEAST and "--" not in style.replace("var(--", "")]
    names = {style: f"_{_letters(place)}" for place, style in enumerate(repeated)}
    rules = "".join(f".{name}{{{style}}}\n" for style, name in names.items())
    shorter = STYLED.sub(lambda found: _with_class(found, names), html)
    return _short_ids(shorter).replace(PLACE, rules + PLACE, 1).replace(" />", "/>")


def _short_ids(html: str) -> str:
    """Ids of marks and of clipping paths, which nothing outside of their drawing refers to.

    >>> _short_ids('<clipPath id="plot-a-0"/><path clip-path="url(#plot-a-0)"/>')
    '<clipPath id="_0"/><path clip-path="url(#_0)"/>'
    """
    names = {id: f"_{place}" for place, id in enumerate(dict.fromkeys(NAMED.findall(html)))}
    return REFERENCE.sub(lambda found: found[1] + names.get(found[2], found[2]) + found[3], html) if names else html


def _with_class(found: re.Match[str], names: dict[str, str]) -> str:
    name = names.get(found["style"])
    return f'<{found["tag"]}{found["before"]} class="{name}"' if name else found[0]


def _letters(place: int) -> str:
    """A to z, then aa to zz and so on.

    >>> _letters(0), _letters(25), _letters(26)
    ('a', 'z', 'aa')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters
