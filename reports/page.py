"""The evidence page: one record in, one self-contained HTML file out.

The page loads nothing, runs without JavaScript, and the same record always gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reports import caveats, footnotes, numerals, standing, wording
from reports.album import album
from reports.counterexamples import counterexample
from reports.data_links import as_csv, compressed_csv_link, csv_link, json_link
from reports.errata import errata, is_erratum
from reports.figures import MULTIVERSE, SPECS, WHERE, Drawn, Missing, figures, own_figures
from reports.findings import found
from reports.interning import interned
from reports.marks import DOTS_PER_STRIP, Strip, glance, strip
from reports.mathml import mathml
from reports.other_set import other_set
from reports.output import write_text
from reports.record import VERDICTS, Claim, Exploration, Part, Record, Run, check
from reports.referee import View, view
from reports.summary import FAMILY_TITLES, decisive, differing, families
from reports.templates import environment

__all__ = ["render", "write"]

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Allowance:
    """What a page of at most `size` bytes may show: all that is left out is in the record.

    Dots in a strip; the numbers of drawings; the seeds' values; all controls, or those alone that did not pass; every part in
    full, or the one that decided; the unremarkable rates of the referee's own trial; how many drawings of each claim's own; as
    links, the claims' data.
    """

    size: int
    dots: int
    numbers: bool = True
    values: bool = True
    controls: bool = True
    whole: bool = True
    rates: bool = True
    drawings: int = 99
    data: bool = True


ORIGINS = {
    "report": "the report’s sentence",
    "reading": "a reading of the report’s sentence",
    "ours": "a question of our own",
}
FIGURES = [*((spec.id, spec.title) for spec in SPECS), (MULTIVERSE.id, MULTIVERSE.title), (WHERE.id, WHERE.title)]
ROOM = 990_000
# A page is made with the first of these that keeps it within its size; the last is taken as it comes.
ALLOWANCES = (
    Allowance(600_000, DOTS_PER_STRIP),
    Allowance(ROOM, DOTS_PER_STRIP, numbers=False, values=False),
    Allowance(ROOM, DOTS_PER_STRIP, numbers=False, values=False, controls=False),
    Allowance(ROOM, DOTS_PER_STRIP, numbers=False, values=False, controls=False, whole=False),
    Allowance(ROOM, DOTS_PER_STRIP, numbers=False, values=False, controls=False, whole=False, rates=False),
    Allowance(ROOM, DOTS_PER_STRIP, numbers=False, values=False, controls=False, whole=False, rates=False, drawings=1),
    Allowance(ROOM, 40, numbers=False, values=False, controls=False, whole=False, rates=False, drawings=1),
    Allowance(ROOM, 12, numbers=False, values=False, controls=False, whole=False, rates=False, drawings=1, data=False),
    Allowance(ROOM, 12, numbers=False, values=False, controls=False, whole=False, rates=False, drawings=0, data=False),
)
LAST = len(ALLOWANCES) - 1


@dataclass(frozen=True)
class PartView:
    """A part with its picture and its texts; one that is not told in full has the small picture and no notes."""

    part: Part
    whole: bool
    strip: Strip
    notes: Sequence[str]
    seed_names: str
    seed_values: str


@dataclass(frozen=True)
class ExploredView:
    """A number that is not judged, with its seeds' values."""

    exploration: Exploration
    seed_names: str
    seed_values: str


@dataclass(frozen=True)
class ClaimView:
    """A claim with the part that decided and what would change it, its pictures, whether it puts an erratum on trial, its data.

    `seconds` is what it takes from an empty store here: its trainings, whenever they were run, and its judgement.
    """

    claim: Claim
    decisive: Part | None
    glance: Strip | None
    change: str
    grid: Sequence[standing.Row]
    counterexample: str
    seconds: float
    source: str
    parts: Sequence[PartView]
    explored: Sequence[ExploredView]
    drawings: Sequence[Drawn]
    erratum: bool
    csv: str
    json: str


def render(record: Mapping[str, Any]) -> str:
    """The complete page for an evidence record.

    Raises `reports.record.RecordError`, one sentence, where the record does not obey ``evidence/record.schema.json``.

    >>> render({"schema": "something else"})
    Traceback (most recent call last):
        ...
    reports.record.RecordError: This page reads records of schema 'depth-on-trial/evidence/1', \
'depth-on-trial/evidence/2', 'depth-on-trial/evidence/3', 'depth-on-trial/evidence/4' or 'depth-on-trial/evidence/5'; \
this one says 'something else'.
    """
    checked = check(record)
    drawn, own = figures(checked), [own_figures(claim) for claim in checked["claims"]]
    referee = view(checked["run"]["referee"])
    return _fitting(lambda allowed: _page(checked, drawn, own, referee, allowed))


def _fitting(make: Callable[[Allowance], str]) -> str:
    """The page of the first allowance within whose size it stays; each allows less than the one before, the last any size.

    Found by halves, from the allowance that the last page in the album had: where that is still the one, two pages tell.
    """
    pages: dict[int, str] = {}

    def fits(place: int) -> bool:
        pages[place] = html = make(ALLOWANCES[place])
        return place == LAST or len(html.encode()) <= ALLOWANCES[place].size

    low, high = 0, LAST
    guess = min(max(album().place or 0, 0), LAST)
    while low < high:
        if fits(guess):
            high = guess
        else:
            low = guess + 1
        # Beside a guess that was right, the page that allows a little more does not fit.
        guess = high - 1 if len(pages) == 1 and high == guess else (low + high) // 2
    album().place = high
    return pages[high] if high in pages else make(ALLOWANCES[high])


def write(record: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write the page to `path` in one step, so that a reader never sees half of it; gives the path back.

    >>> write(record, "reports/out/index.html")  # doctest: +SKIP
    PosixPath('reports/out/index.html')
    """
    return write_text(Path(path), render(record))


# ---- views ---------------------------------------------------------------------------------------------------


def _page(
    record: Record,
    drawn: Sequence[Drawn | Missing],
    own: Sequence[Sequence[Drawn]],
    referee: View | None,
    allowed: Allowance,
) -> str:
    run = record["run"]
    claims = [_claim_view(claim, each, allowed, run) for claim, each in zip(record["claims"], own, strict=True)]
    html = _template().render(
        record=record,
        run=run,
        found=found(record),
        other_set=other_set(run),
        claims=claims,
        figures=drawn,
        errata=errata(record),
        allowed=allowed,
        families=families(record),
        differing=differing(record),
        falling=caveats.falling(record),
        referee=referee,
        css=_asset("page.css"),
        script=_asset("page.js"),
    )
    return interned(html)


def _claim_view(claim: Claim, drawings: Sequence[Drawn], allowed: Allowance, run: Run) -> ClaimView:
    part = decisive(claim)
    # The part that decided comes first: it is the one that a reader wants to see.
    parts = sorted(claim["parts"], key=lambda each: each is not part)
    return ClaimView(
        claim=claim,
        decisive=part,
        glance=glance(part) if part else None,
        change=standing.would_change(part) if part else "",
        grid=standing.grid(part) if part else [],
        counterexample=counterexample(part),
        seconds=_seconds(claim, run["threads"]),
        source=_source(claim, run),
        drawings=drawings[: allowed.drawings],
        erratum=is_erratum(claim["id"]),
        parts=[_part_view(each, claim, allowed, whole=allowed.whole or each is part) for each in parts],
        explored=[_explored_view(each, allowed) for each in claim["explorations"]],
        csv=compressed_csv_link(as_csv(claim)) if allowed.data and (claim["parts"] or claim["explorations"]) else "",
        json=json_link(claim) if allowed.data else "",
    )


def _seconds(claim: Claim, threads: int) -> float:
    """Seconds from an empty store, at most: tests that share some of their trainings, but not all, count these each."""
    trained = {round(test["trained"] or 0.0, 3) for test in claim["tests"]}  # the same trainings took the same time
    return max(claim["seconds"], sum(trained) / threads)


def _source(claim: Claim, run: Run) -> str:
    """Where the claim's test can be read: at its commit on the web, else from the folder that pages go to in a checkout."""
    line = f"#L{claim['line']}" if claim["line"] else ""
    return f"{run['git'].get('url') or '../../'}{claim['file']}{line}"


def _part_view(part: Part, claim: Claim, allowed: Allowance, *, whole: bool) -> PartView:
    if not whole:
        return PartView(part, whole, glance(part), [], "", "")
    names, values = wording.seed_values(part) if allowed.values else ("", "")
    notes = [*footnotes.footnotes(part), footnotes.planted(part, claim["controls"])]
    return PartView(part, whole, strip(part, allowed.dots), [note for note in notes if note], names, values)


def _explored_view(exploration: Exploration, allowed: Allowance) -> ExploredView:
    names, values = wording.explored_values(exploration) if allowed.values else ("", "")
    return ExploredView(exploration, names, values)


# ---- template ------------------------------------------------------------------------------------------------


def _asset(name: str) -> Markup:
    # Our own files, placed as they are: escaping would break quotes in style and script.
    return Markup((HERE / name).read_text(encoding="utf-8").strip())


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _stopped(text: str) -> str:
    """The text with a full stop: records hold both sentences and clauses."""
    return text if not text or text[-1] in ".!?" else text + "."


def _paragraphs(text: str) -> list[str]:
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


@cache
def _template() -> jinja2.Template:
    made = environment()
    made.filters.update(
        number=numerals.number,
        duration=numerals.duration,
        clock=numerals.clock,
        probability=numerals.probability,
        finite=numerals.finite,
        lines=wording.lines,
        short=wording.in_short,
        skewed=footnotes.skewed,
        explored=wording.explored,
        p_values=wording.p_values,
        region=wording.region,
        allowances=caveats.allowances,
        falls_to_holm=caveats.falls_to_holm,
        pilots=caveats.pilots,
        tally=caveats.tally,
        target=wording.target,
        to_refute=caveats.to_refute,
        words=wording.alternative,
        paragraphs=_paragraphs,
        counted=_count,
        stopped=_stopped,
        compressed_csv_link=compressed_csv_link,
        csv_link=csv_link,
        mathml=mathml,
    )
    made.globals.update(
        VERDICTS=VERDICTS, FAMILY_TITLES=FAMILY_TITLES, FIGURES=FIGURES, ORIGINS=ORIGINS, MARGINS=standing.MARGINS
    )
    return made.get_template("page.html.j2")
