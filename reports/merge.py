"""Several evidence records on one page: claims down, runs across, and where a verdict depends on the run.

Like the evidence page it is one file that loads nothing, and the same records always give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from reports import numerals
from reports.diff import Key, by_key
from reports.exact import by_deviation, tolerance
from reports.mathml import mathml
from reports.oneline import counted, estimate
from reports.record import Claim, Part, Record, Verdict
from reports.settings import columns, contrasts, started
from reports.summary import decisive
from reports.templates import environment

__all__ = ["Cell", "Matrix", "Row", "Spread", "in_order", "matrix", "render", "spread", "verdict_of_row"]

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Cell:
    """What one run says of one claim; without a claim, `absent` says why."""

    claim: Claim | None
    part: Part | None
    text: str
    differs: bool
    absent: str


@dataclass(frozen=True)
class Spread:
    """How far apart a part's estimates are across runs, in margins of the first of them."""

    margins: float
    part: str
    runs: int
    same_margin: bool


@dataclass(frozen=True)
class Row:
    """One claim in every run; `verdict` is the one that its cells are held against, `by_majority` why it is that one."""

    id: str
    statement: str
    verdict: Verdict
    by_majority: bool
    cells: Sequence[Cell]
    spread: Spread | None
    lost: Sequence[str]

    @property
    def judged(self) -> int:
        """Number of runs with a verdict."""
        return sum(cell.claim is not None for cell in self.cells)

    @property
    def agreeing(self) -> int:
        """Number of runs with the row's verdict."""
        return sum(cell.claim is not None and not cell.differs for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    """Claims by runs."""

    columns: Sequence[str]
    rows: Sequence[Row]
    never: Sequence[str]

    @property
    def shared(self) -> list[Row]:
        """Claims that more than one run judged."""
        return [row for row in self.rows if row.judged > 1]

    @property
    def disagreeing(self) -> list[Row]:
        """Those on which runs do not agree."""
        return [row for row in self.shared if row.agreeing < row.judged]

    @property
    def alone(self) -> list[Row]:
        """Claims that one run alone judged."""
        return [row for row in self.rows if row.judged == 1]


def render(records: Sequence[Record]) -> str:
    """The complete page for records that were read, in the order of its columns.

    Raises ValueError where there is none.
    """
    if not records:
        raise ValueError("A matrix needs at least one evidence record.")
    runs = [record["run"] for record in records]
    return _template().render(
        matrix=matrix(records),
        runs=runs,
        contrasts=[*contrasts(runs)],
        css=Markup((HERE / "page.css").read_text(encoding="utf-8").strip()),  # escaping would break its quotes
    )


def matrix(records: Sequence[Record]) -> Matrix:
    """Claims by runs, claims in the catalogue's order."""
    judged = [{claim["id"]: claim for claim in record["claims"]} for record in records]
    known = [in_order([[claim["id"] for claim in kind] for kind in (record["claims"], record["not_run"])]) for record in records]
    ids = in_order([list(claims) for claims in judged])
    return Matrix(
        columns=columns([record["run"] for record in records]),
        rows=[_row(id, [claims.get(id) for claims in judged], [id in each for each in known]) for id in ids],
        never=[id for id in in_order(known) if id not in ids],
    )


def in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """Every id once, in the order of the lists: what only a later list has comes behind its predecessor there.

    >>> in_order([["a", "c"], ["a", "b", "c", "d"]])
    ['a', 'b', 'c', 'd']
    """
    merged: list[str] = []
    for each in lists:
        place = 0
        for id in each:
            if id not in merged:
                merged.insert(place, id)
            place = merged.index(id) + 1
    return merged


def verdict_of_row(verdicts: Sequence[Verdict]) -> tuple[Verdict, bool]:
    """The verdict of most runs, and whether it has a majority over every other; among equals the first run's counts.

    >>> verdict_of_row(["supported", "refuted", "refuted"]), verdict_of_row(["supported", "refuted"])
    (('refuted', True), ('supported', False))
    """
    counts = Counter(verdicts)
    most = [verdict for verdict, count in counts.items() if count == max(counts.values())]
    return most[0], len(most) == 1


def spread(claims: Sequence[Claim]) -> Spread | None:
    """The largest difference of a part's estimates, in its margin, over the parts that more than one run has.

    >>> spread([]) is None
    True
    """
    found = [_spread(parts) for parts in _shared(claims).values()]
    return max((each for each in found if each), key=lambda each: each.margins, default=None)


def _row(id: str, claims: Sequence[Claim | None], known: Sequence[bool]) -> Row:
    there = [claim for claim in claims if claim]
    verdict, by_majority = verdict_of_row([claim["verdict"] for claim in there])
    return Row(
        id=id,
        statement=there[0]["statement"],
        verdict=verdict,
        by_majority=by_majority,
        cells=[_cell(claim, verdict, knows) for claim, knows in zip(claims, known, strict=True)],
        spread=spread(there),
        lost=[key[0] for key, parts in _shared(there).items() if not all(numerals.finite(part["estimate"]) for part in parts)],
    )


def _cell(claim: Claim | None, verdict: Verdict, known: bool) -> Cell:
    if claim is None:
        return Cell(None, None, "", False, "not run" if known else "not run: not in this run’s catalogue")
    part = decisive(claim)
    return Cell(claim, part, estimate(part) if part else "nothing measured", claim["verdict"] != verdict, "")


def _shared(claims: Sequence[Claim]) -> dict[Key, list[Part]]:
    """The parts that more than one run has, by their keys."""
    found: dict[Key, list[Part]] = {}
    for claim in claims:
        for key, part in by_key(claim).items():
            found.setdefault(key, []).append(part)
    return {key: parts for key, parts in found.items() if len(parts) > 1}


def _spread(parts: Sequence[Part]) -> Spread | None:
    values = [part["estimate"] for part in parts if numerals.finite(part["estimate"])]
    margins = [_margin(part) for part in parts]
    if len(values) < 2 or margins[0] <= 0:
        return None
    return Spread((max(values) - min(values)) / margins[0], parts[0]["name"], len(values), len(set(margins)) == 1)


def _margin(part: Part) -> float:
    return abs(tolerance(part) if by_deviation(part) else part["margin"]["value"])


@cache
def _template() -> jinja2.Template:
    made = environment()
    made.filters.update(counted=counted, number=numerals.number, duration=numerals.duration, started=started, mathml=mathml)
    return made.get_template("matrix.html.j2")
