"""Mathematics in prose as MathML: ``t^(-1/(p-2))`` becomes an inline ``<math>``, all else is escaped as it is.

A formula has a power or a subscript, starts where a word does, and ends where one may end. It has no spaces outside its fences,
since no line breaks within it, but for short neighbours: ``η |Δ|^p`` and ``m^(t) - y_1`` are one formula, ``for p = 3, r^p`` is
text before one. What `reports.formulas` does not understand stays text, to the last sign.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from reports.formulas import CLOSE, GAP, Formula, inside, operator, read

__all__ = ["mathml"]

# Signs of text. A longer piece of prose is no formula; what is joined over spaces must fit the narrowest column.
LONGEST = 80
WIDEST = 36
WORD = re.compile(r"\S+")
OPENING = re.compile(r"[(\[{\"“‘'«—–]{0,4}")
CLOSING = r"[)\]}\"”’'»,;:.!?…—]*(?!\S)"
AFTER = re.compile(rf"{CLOSING}|[’']s{CLOSING}|-[^\W\d_]{{2,}}[^\s\d_./=]*{CLOSING}")
OPERATOR = re.compile(r" ([-−+·×/=<>≤≥≈≠∼]) (?=\S)")
# A formula that goes on as text: it had better break earlier.
GOES_ON = re.compile(r" (?:[-−+·×/=<>≤≥≈≠∼] |\()")
SPACE = re.compile(r" (?=\S)")


@lru_cache(maxsize=2**14)  # a page that is too large is made anew with less, of much the same sentences
def mathml(text: str) -> Markup:
    """Plain prose as HTML: escaped as the templates escape it, with each formula as inline ``<math>``.

    `alttext` holds the formula's text, for readers without MathML. Nothing is raised: what is not understood comes back escaped.

    >>> mathml("r^-p < 1 in test_odd_p.py")
    Markup('<math alttext="r^-p &lt; 1"><msup><mi>r</mi><mrow><mo>−</mo><mi>p</mi></mrow></msup><mo>&lt;</mo><mn>1</mn></math>\
 in test_odd_p.py')
    >>> mathml("ℓ_p & its dual")
    Markup('<math alttext="ℓ_p"><msub><mi>ℓ</mi><mi>p</mi></msub></math> &amp; its dual')
    """
    pieces: list[str] = []
    told = at = 0
    while word := WORD.search(text, at):
        at = word.end()
        for start in _starts(text, word):
            found = _formula(text, start)
            if found:
                pieces += [_between(text[told:start]) if told else escape(text[:start]), _math(text[start : found.end], found)]
                told = at = found.end
                break
    return Markup("".join([*pieces, escape(text[told:])]))


def _starts(text: str, word: re.Match[str]) -> range:
    opening = OPENING.match(text, word.start(), word.end())
    return range(word.start(), (opening.end() if opening else word.start()) + 1)


def _between(text: str) -> str:
    """The text between two formulas: a minus there is one of a formula too wide for one piece."""
    return f' <math alttext="-">{operator("-", CLOSE)}</math> ' if text == " - " else escape(text)


def _math(text: str, found: Formula) -> str:
    return f'<math alttext="{escape(text)}">{inside(found.nodes)}</math>'


def _formula(text: str, start: int) -> Formula | None:
    """The longest formula at a place that has a script and ends where one may; its end counts in `text`."""
    whole = last = _read(text, start)
    fitting = None
    while whole and last:
        # Parentheses around a formula and nothing else are the sentence's.
        if whole.scripted and whole.kind != "group" and _ends(text, last):
            fitting = whole
        step = _next(text, last)
        if not step or step[1].end - start > WIDEST:
            break
        between, last = step
        whole = Formula((*whole.nodes, *between, *last.nodes), last.end, "", whole.scripted or last.scripted)
    return fitting


def _ends(text: str, last: Formula) -> bool:
    """Whether a formula may end with its last part: not within a word, and not with what belongs to text that follows."""
    return AFTER.match(text, last.end) is not None and (last.scripted or not GOES_ON.match(text, last.end))


def _read(text: str, start: int) -> Formula | None:
    found = read(text[start : start + LONGEST])
    return found and Formula(found.nodes, start + found.end, found.kind, found.scripted)


def _next(text: str, last: Formula) -> tuple[list[str], Formula] | None:
    """What joins a neighbour to the last part, and the neighbour; None where the sentence may go on instead."""
    if sign := OPERATOR.match(text, last.end):
        after = _read(text, sign.end())
        joined = after and "article" not in (last.kind, after.kind)
        return ([operator(sign[1])], after) if after and joined else None
    if space := SPACE.match(text, last.end):
        after = _read(text, space.end())
        alone = {"number", "article", "group"}
        if after and not {last.kind, after.kind} & alone:
            # In "λ/2 Σ|w|^2" the space tells that the sum is no part of the denominator.
            return [GAP] if len(last.nodes) > 1 or "name" in (last.kind, after.kind) else [], after
    return None
