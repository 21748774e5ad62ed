"""Specification curves as figures: one drawing for each outcome, told in words, in a table and as CSV.

Source: Simonsohn, Simmons and Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4, 1208-1214.

>>> ends = {"estimate": -0.25, "interval": {"90": [-0.3, -0.2], "95": [-0.32, -0.18]}, "n": 9, "note": ""}
>>> named = {"figure": "own", "outcome": "loss", "estimand": "total loss", "unit": "log10 ratio", "region": [None, -0.1]}
>>> found = specification_drawing("curve-1", "A curve", [named | ends | {"choices": {"start": "published"}, "base": True}])
>>> found.outcomes[0].tally, found.seeds
('In 1 of 1 specification the finding holds; it flips in none and is undecided in none.', '9 seeds')
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import wording
from reports.numerals import finite, number
from reports.readings import base_of, by_choices, ordered, reading, tally, where
from reports.record import Number, Specification
from reports.specification_plots import draw_specifications, layout
from reports.svg import drawing

__all__ = ["Outcome", "SpecificationDrawing", "specification_drawing"]

WORDS = {"holds": "holds", "flips": "flips", "undecided": "undecided", "lost": "no number"}


@dataclass(frozen=True)
class Outcome:
    """The curve of one outcome; `rows` are (choices, reading, estimate, 90 % interval, 95 % interval, n, note) in words."""

    id: str
    title: str
    estimand: str
    unit: str
    region: wording.Line
    tally: str
    where: str
    description: str
    body: Markup
    width: float
    height: float
    rows: Sequence[Sequence[wording.Line]]
    csv: str


@dataclass(frozen=True)
class SpecificationDrawing:
    """A figure of specification curves; `marked` says whether the published protocol is among them."""

    id: str
    title: str
    showed: str
    outcomes: Sequence[Outcome]
    readings: Sequence[str]
    seeds: str
    marked: bool


def specification_drawing(id: str, title: str, every: Sequence[Specification], *, showed: str = "") -> SpecificationDrawing:
    """The figure of some specifications: ``specification_drawing("curve-gd-rate-1", "Specifications “start”", found)``."""
    counts = sorted({found["n"] for found in every})
    return SpecificationDrawing(
        id=id,
        title=title,
        showed=showed,
        outcomes=[_outcome(f"{id}-{i}", title, curve) for i, curve in enumerate(_curves(every), start=1)],
        readings=[name for name in WORDS if name in set(map(reading, every))],
        seeds=f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds",
        marked=base_of(every) is not None,
    )


def _curves(every: Sequence[Specification]) -> list[list[Specification]]:
    """Specifications that can stand on one axis, in order; of those with the same choices, from two claims, the first."""
    curves: dict[object, dict[object, Specification]] = {}
    for found in every:
        axis = (found["outcome"], found["estimand"], found["unit"], *found["region"], *sorted(found["choices"]))
        curves.setdefault(axis, {}).setdefault(tuple(sorted(found["choices"].items())), found)
    return [list(curve.values()) for curve in curves.values()]


def _outcome(id: str, title: str, given: Sequence[Specification]) -> Outcome:
    # Values keep the record's order, so that all curves of a figure list them alike.
    first, place, found = given[0], layout(given), ordered(given)
    body = drawing(f"{id}-", (place.width, place.height), draw_specifications, found, place)
    return Outcome(
        id=id,
        title=first["outcome"],
        estimand=first["estimand"],
        unit=first["unit"],
        region=wording.span_of(first["region"], first["unit"]),
        tally=tally(found),
        where=where(found),
        description=_description(found),
        body=body,
        width=round(place.width, 1),
        height=round(place.height, 1),
        rows=[_row(each, found) for each in found],
        csv=_csv(found),
    )


# ---- words and numbers -------------------------------------------------------------------------------------------


def _description(found: Sequence[Specification]) -> str:
    """The drawing in words: its range, its published protocol, and how many specifications read how."""
    seen = [each for each in found if finite(each["estimate"])]
    told = [f"{len(found)} estimates, sorted"]
    told += [f"from {number(seen[0]['estimate'], 3)} to {number(seen[-1]['estimate'], 3)}"] if seen else []
    base = base_of(found)
    published = f" The published protocol gives {_short_told(base)}." if base else ""
    return f"{found[0]['estimand']}: {' '.join(told)}.{published} {tally(found)} {where(found)}".strip()


def _short_told(found: Specification) -> str:
    estimate, _, interval = _numbers(found)
    told = f"{estimate.text} {interval.text}" if estimate.text not in interval.text else interval.text
    return f"{told}: {WORDS[reading(found)]}" if finite(found["estimate"]) else "no number"


def _row(found: Specification, every: Sequence[Specification]) -> list[wording.Line]:
    texts = [by_choices(found, every), WORDS[reading(found)]]
    ends = [wording.Line("", text) for text in (str(found["n"]), found["note"])]
    return [*(wording.Line("", text) for text in texts), *_numbers(found), *ends]


def _numbers(found: Specification) -> list[wording.Line]:
    return wording.explored(found, target=_nearest_edge(found))


def _nearest_edge(found: Specification) -> Number:
    """The end of the region that the estimate's interval might touch: no rounding may change its side of it."""
    estimate = found["estimate"]
    edges = [edge for edge in found["region"] if finite(edge)]
    return min(edges, key=lambda edge: abs(edge / 2 - estimate / 2)) if finite(estimate) and edges else None


def _csv(found: Sequence[Specification]) -> str:
    """All specifications as CSV text, in the order of the drawing; an empty field is a number that is not finite."""
    dimensions = list(found[0]["choices"])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    numbers = ["estimate", "low 90", "high 90", "low 95", "high 95"]
    writer.writerow(["outcome", *dimensions, "published", "reading", "n", *numbers, "unit", "region low", "region high", "note"])
    for each in found:
        values = [each["estimate"], *each["interval"]["90"], *each["interval"]["95"]]
        told = [each["outcome"], *(each["choices"][name] for name in dimensions), "yes" if each["base"] else "no"]
        ends = [each["unit"], *map(_short, each["region"]), each["note"]]
        writer.writerow([*told, WORDS[reading(each)], each["n"], *map(_short, values), *ends])
    return text.getvalue()


def _short(value: Number) -> str:
    return f"{value:.4g}" if finite(value) else ""
