"""Formulas as the texts write them, ``|Δ|^(p-2)``, read into the elements of MathML Core.

Recursive descent, without the text around the formula and without any guess: what the grammar does not know is no formula.

========  ==========================================================================================================
row       product (operator product)*; at the top without spaces, so that a line may break there; free inside fences
product   sign? unit unit*; a number only comes first
unit      atom with "_" subscript, "^" superscript or both, in either order
atom      number | letter | name | "(" row ")" | "|" row "|" | "‖" row "‖", with the raised or lowered signs after it
script    sign? number | sign? letter | sign? word | sign? "(" row ")" | "*"; subscripts have no sign and no word
========  ==========================================================================================================

Limits: letters are Latin, Greek, ℓ, ∂ and ∇. Two Latin letters are a product where no vowel makes a word of them (``Mx``); longer
ones are names only if they are in `NAMES`. Primes, roots, bars right inside bars and powers of powers without parentheses are not
understood. A star right after a letter marks the letter (``M*``); it is no product. ``m^(t+1)`` is a step's number above a letter
and keeps its parentheses, which elsewhere only say how far a power goes.

>>> read("t^-1, as").nodes
('<msup><mi>t</mi><mrow><mo>−</mo><mn>1</mn></mrow></msup>',)
>>> read("test_gd_rate") is None
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

__all__ = ["CLOSE", "GAP", "NAMES", "Formula", "element", "inside", "operator", "read"]

NAMES = frozenset(("cos", "det", "exp", "lim", "ln", "log", "max", "min", "rank", "sign", "sin", "tanh", "ulp"))
FENCES = {"(": ")", "|": "|", "‖": "‖"}
# A sum and an order of growth are no variables, which MathML would make italic.
UPRIGHT = ' mathvariant="normal"'
NO_VARIABLES = "ΣΘ"
PREFIX = ' form="prefix"'
CLOSE = ' lspace="0" rspace="0"'
MARKED = f"<mo{PREFIX}"
GAP = '<mspace width=".2em"/>'

NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?!\.?[0-9]|e[-+−]?[0-9])")
LATIN = re.compile(r"[A-Za-z]+")
OTHER_LETTER = re.compile(r"[Α-ω\u03d1\u03d5ℓ∂∇]")
STAR = re.compile(r"\*(?![\s*0-9(])")
SIGN = re.compile(r"[-−+±]")
TIGHT = re.compile(r"([-+−±·×/=<>≤≥≈≠∼])")
FREE = re.compile(r" *([-+−±·×/=<>≤≥≈≠∼→↦]) *|(,) +")
# A step's number: parentheses that group nothing, or a count from t or k.
COUNTED = re.compile(r"\((?:[A-Za-z]|[0-9]+|[kt] ?[-+−] ?[0-9]+)\)")


@dataclass(frozen=True)
class Formula:
    """A formula that was read: its elements, where it ends, whether it has scripts, and what it is if it is one atom.

    `kind` is "number" (with or without a power), "letter", "article" (a letter that is a word too), "name", "group" or "bars"; ""
    for more than one atom, or one with a script.
    """

    nodes: tuple[str, ...]
    end: int
    kind: str = ""
    scripted: bool = False


def read(text: str) -> Formula | None:
    """The longest formula without spaces outside its fences at the start of `text`, if there is one.

    >>> read("(1 - 1/t)^p of").end
    11
    """
    return _row(text, 0, free=False, bar="")


def element(nodes: Sequence[str]) -> str:
    """The nodes as one element: themselves if they are one, else a row.

    >>> element(["<mi>p</mi>"]), element(["<mi>η</mi>", "<mi>t</mi>"])
    ('<mi>p</mi>', '<mrow><mi>η</mi><mi>t</mi></mrow>')
    """
    return nodes[0] if len(nodes) == 1 else f"<mrow>{inside(nodes)}</mrow>"


def inside(nodes: Sequence[str]) -> str:
    """The nodes of a row of their own, where a sign that comes first is a prefix anyway.

    >>> inside([operator("-", PREFIX), "<mn>1</mn>"])
    '<mo>−</mo><mn>1</mn>'
    """
    first = f"<mo{nodes[0].removeprefix(MARKED)}" if nodes[0].startswith(MARKED) else nodes[0]
    return first + "".join(nodes[1:])


def operator(sign: str, attributes: str = "") -> str:
    """An operator, with a true minus.

    >>> operator("-"), operator("<")
    ('<mo>−</mo>', '<mo>&lt;</mo>')
    """
    return f"<mo{attributes}>{escape(sign.replace('-', '−'))}</mo>"


# ---- rows ----------------------------------------------------------------------------------------------------


def _row(text: str, at: int, free: bool, bar: str) -> Formula | None:
    found = _product(text, at, free, bar)
    while found:
        sign = (FREE if free else TIGHT).match(text, found.end)
        after = _product(text, sign.end(), free, bar) if sign else None
        if not sign or not after:
            break
        # A solidus has space around it where the text gives it some.
        found = _joined(found, after, operator(sign[sign.lastindex or 1], CLOSE if sign[0] == "/" else ""))
    return found


def _product(text: str, at: int, free: bool, bar: str) -> Formula | None:
    sign = SIGN.match(text, at)
    found = _unit(text, sign.end() if sign else at, bar)
    # In "λ/2 Σ|w|" the space tells that the sum is no part of the denominator.
    divides = at > 0 and text[at - 1] == "/"
    while found:
        space = free and text.startswith(" ", found.end)
        after = _unit(text, found.end + space, bar)
        if not after or after.kind == "number":
            break
        found = _joined(found, after, GAP if space and (divides or "name" in (found.kind, after.kind)) else "")
    if found and sign:
        return Formula((operator(sign[0], PREFIX), *found.nodes), found.end, "", found.scripted)
    return found


def _joined(left: Formula, right: Formula, between: str) -> Formula:
    nodes = (*left.nodes, *([between] if between else []), *right.nodes)
    return Formula(nodes, right.end, "", left.scripted or right.scripted)


# ---- scripts -------------------------------------------------------------------------------------------------


def _unit(text: str, at: int, bar: str) -> Formula | None:
    base = _atom(text, at, bar)
    if not base or base.kind == "name":
        return base
    end, below, above = base.end, "", ""
    while True:
        if not below and text.startswith("_", end) and base.kind != "number" and (script := _subscript(text, end + 1)):
            below = element(script.nodes)
        elif not above and text.startswith("^", end) and (script := _superscript(text, end + 1, base.kind)):
            above = element(script.nodes)
        else:
            break
        end = script.end
    if end == base.end:
        return base
    tag = f"m{'sub' if below else ''}{'sup' if above else ''}"
    return Formula(
        (f"<{tag}>{element(base.nodes)}{below}{above}</{tag}>",), end, "number" if base.kind == "number" else "", scripted=True
    )


def _subscript(text: str, at: int) -> Formula | None:
    if text.startswith("(", at):
        return _grouped(text, at)
    script = _number(text, at) or _letter(text, at)
    # y_1 is mathematics, a_big and x_1_2 are names in code.
    return script if script and not _word_goes_on(text, script.end) else None


def _superscript(text: str, at: int, base: str) -> Formula | None:
    if text.startswith("*", at):
        return Formula((operator("*"),), at + 1)
    if base in ("letter", "article") and (counted := COUNTED.match(text, at)):
        kept = _fenced(text, at)
        return kept if kept and kept.end == counted.end() else None
    sign = SIGN.match(text, at)
    start = sign.end() if sign else at
    if text.startswith("(", start):
        # After a sign the parentheses group what it belongs to.
        script = _fenced(text, start) if sign else _grouped(text, start)
    else:
        script = _number(text, start) or _letter(text, start) or _word(text, start)
        if script and script.kind != "number" and _word_goes_on(text, script.end):
            return None
    if script and sign:
        return Formula((operator(sign[0], PREFIX), *script.nodes), script.end)
    return script


def _grouped(text: str, at: int) -> Formula | None:
    """The inside of parentheses that only show how far a script goes."""
    found = _row(text, at + 1, free=True, bar="")
    return Formula(found.nodes, found.end + 1) if found and text.startswith(")", found.end) else None


# ---- atoms ---------------------------------------------------------------------------------------------------


def _atom(text: str, at: int, bar: str) -> Formula | None:
    if bar and text.startswith(bar, at):
        return None
    found = _number(text, at) or _letter(text, at) or _letters(text, at) or _fenced(text, at)
    return found and _with_marks(text, found)


def _number(text: str, at: int) -> Formula | None:
    match = NUMBER.match(text, at)
    return Formula((f"<mn>{match[0]}</mn>",), match.end(), "number") if match else None


def _letter(text: str, at: int) -> Formula | None:
    run = LATIN.match(text, at) or OTHER_LETTER.match(text, at)
    if not run or len(run[0]) > 1 or _is_foreign(text, run.end()):
        return None
    kind = "article" if run[0] in "aAI" else "letter"
    return Formula((f"<mi{UPRIGHT if run[0] in NO_VARIABLES else ''}>{run[0]}</mi>",), run.end(), kind)


def _letters(text: str, at: int) -> Formula | None:
    run = LATIN.match(text, at)
    if not run or _is_foreign(text, run.end()) or text.startswith("_", run.end()):
        return None
    if run[0] in NAMES:
        return _word(text, at)
    if len(run[0]) == 2 and not set(run[0].lower()) & set("aeiouy"):
        # What follows the letters, a mark or a script, is the second one's alone.
        second = _unit(text, at + 1, "")
        return second and _joined(Formula((f"<mi>{run[0][0]}</mi>",), at + 1), second, "")
    return None


def _word(text: str, at: int) -> Formula | None:
    run = LATIN.match(text, at)
    return Formula((f"<mi>{run[0]}</mi>",), run.end(), "name") if run and len(run[0]) > 1 else None


def _fenced(text: str, at: int) -> Formula | None:
    opening = text[at : at + 1]
    if opening not in FENCES:
        return None
    closing = FENCES[opening]
    found = _row(text, at + 1, free=True, bar="" if opening == "(" else closing)
    if not found or not text.startswith(closing, found.end):
        return None
    nodes = (operator(opening, ' stretchy="false"'), *found.nodes, operator(closing, ' stretchy="false"'))
    if opening == "(":
        return Formula(nodes, found.end + 1, "group", found.scripted)
    # Only the ends of a row tell an opening bar from a closing one, and either from a bar between two things.
    return Formula((element(nodes),), found.end + 1, "bars", found.scripted)


def _with_marks(text: str, found: Formula) -> Formula:
    """With the raised and lowered signs that the text has already, as they are, or with a letter's star."""
    if found.kind in ("letter", "article") and STAR.match(text, found.end):
        return Formula((f"<msup>{found.nodes[0]}{operator('*')}</msup>",), found.end + 1, "letter", found.scripted)
    end = found.end
    while end < len(text) and _is_mark(text[end]):
        end += 1
    if end == found.end:
        return found
    kind = "letter" if found.kind == "article" else found.kind
    return Formula((*found.nodes, f"<mtext>{text[found.end : end]}</mtext>"), end, kind, found.scripted)


def _is_mark(sign: str) -> bool:
    return unicodedata.decomposition(sign).startswith(("<super>", "<sub>"))


def _is_foreign(text: str, at: int) -> bool:
    """Whether letters that end here belong to a longer word or to one with digits, such as float32 or naïve."""
    sign = text[at : at + 1]
    return sign.isalnum() and not (_is_mark(sign) or LATIN.match(sign) or OTHER_LETTER.match(sign))


def _word_goes_on(text: str, at: int) -> bool:
    return text[at : at + 1].isalnum() and not _is_mark(text[at]) or text.startswith("_", at)
