"""A badge for a README: how many claims have which verdict, as one small SVG that loads nothing.

Red is for what somebody has to look into: an invalid claim, or one whose verdict is not the one on record so that its test
fails. A refuted finding is no such thing, nor is it green: blue says that everything is as on record, grey that too little was
run to say so.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from reports.oneline import counted
from reports.outcomes import counts, failing, listed
from reports.record import Record
from reports.summary import differing

__all__ = ["COLOURS", "Badge", "badge", "render", "width"]

LABEL = "claims"
# White letters stand on each of these with a contrast of at least 4.5.
COLOURS = {"label": "#3a3e44", "as on record": "#1d5fa8", "in part": "#555a61", "alarm": "#ab3517"}
FONT = "Verdana,Geneva,DejaVu Sans,sans-serif"
# Widths of Verdana's letters at 11 pixels, those not named being of medium width.
NARROW, WIDE = dict.fromkeys("ijlrtfI.,:;|·()[]-/' ", 4.1), dict.fromkeys("mwMW%@", 10.2)
MEDIUM, HEIGHT, PAD = 6.7, 20, 7


@dataclass(frozen=True)
class Badge:
    """What a badge says: its short text, the sentence for those who do not see it, and the name of its colour."""

    text: str
    sentence: str
    tone: str


def badge(record: Record) -> Badge:
    """What the badge of a record says."""
    found, remarks = counts(record), [*_astray(record), *_caveats(record)]
    return Badge(
        text=" · ".join([listed(found, " · ") or "none run", *remarks]),
        sentence="; ".join([f"Depth on Trial, claims: {listed(found) or 'none was run'}", *_agreement(record), *remarks]) + ".",
        tone=_tone(record),
    )


def render(record: Record) -> str:
    """The badge of a record as SVG; the same record gives the same bytes."""
    said = badge(record)
    left, right = width(LABEL) + 2 * PAD, width(said.text) + 2 * PAD
    words = html.escape(said.sentence)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" aria-label="{words}">
<title>{words}</title>
<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="{COLOURS[said.tone]}"/>
<path d="M3 0H{left}V{HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="{COLOURS["label"]}"/>
<g fill="#fff" font-family="{FONT}" font-size="11" aria-hidden="true">
{_letters(LABEL, PAD)}
{_letters(said.text, left + PAD)}
</g>
</svg>
"""


def width(text: str) -> int:
    """About how many pixels `text` takes; the letters are then fitted to it.

    >>> width("claims"), width("")
    (38, 0)
    """
    return round(sum((NARROW | WIDE).get(letter, MEDIUM) for letter in text))


def _letters(text: str, left: int) -> str:
    return f'<text x="{left}" y="14" textLength="{width(text)}">{html.escape(text)}</text>'


def _astray(record: Record) -> list[str]:
    """How many claims are not as on record, in words: by their verdict, or by a part that makes a test fail."""
    number = len(differing(record))
    parts = sum(claim["verdict"] == claim["expect"] for claim in failing(record))
    return [
        *([f"{number} not as on record"] if number else []),
        *([f"{counted(parts, 'claim')} with a failed test"] if parts else []),
    ]


def _caveats(record: Record) -> list[str]:
    """Why the numbers are not those of the whole catalogue at full size."""
    run, judged, left_out = record["run"], len(record["claims"]), len(record["not_run"])
    partly = sum(not claim["complete"] for claim in record["claims"])
    dataset = run.get("dataset", "mnist")
    found = {
        "interrupted": not run["complete"],
        f"{judged} of {judged + left_out} run": left_out,
        f"{partly} in part": partly,
        "smoke": run["budget"] == "smoke",
        f"on {dataset}": dataset != "mnist",
    }
    return [words for words, holds in found.items() if holds]


def _agreement(record: Record) -> list[str]:
    return ["every verdict is the one on record"] if record["claims"] and not differing(record) else []


def _tone(record: Record) -> str:
    broken = [claim for claim in record["claims"] if claim["verdict"] == "invalid"]
    if broken or [claim for claim in failing(record) if claim["verdict"] != claim["expect"]]:
        return "alarm"
    return "in part" if _caveats(record) or _astray(record) or not record["claims"] else "as on record"
