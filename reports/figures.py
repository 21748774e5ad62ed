"""The report's three figures redrawn from the record's curves, the multiverse, the map of where depth helps, and claims' own.

>>> [spec.id for spec in SPECS]
['figure-1', 'figure-appendix', 'figure-2']
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup
from matplotlib.figure import Figure

from reports.maps import MapDrawing, map_drawing, shown
from reports.numerals import finite, number
from reports.plots import (
    draw_losses,
    draw_plain,
    draw_rate,
    draw_scalar,
    name,
    places,
    points,
    theory_name,
    wide,
)
from reports.record import Claim, Curve, Line, Record
from reports.specifications import SpecificationDrawing, specification_drawing
from reports.svg import drawing

__all__ = ["MULTIVERSE", "SPECS", "WHERE", "BesideSpec", "Drawing", "Drawn", "Missing", "Spec", "figures", "own_figures"]

TABLE_ROWS = 9


@dataclass(frozen=True)
class Spec:
    """One figure of the report: what it showed, and how it is redrawn.

    `claims` give it curves; where several give the same one, that of the first of them is drawn. `slope` tells what is drawn
    where no claim gave it a line of the theory.
    """

    id: str
    title: str
    showed: str
    drawn: str
    claims: Sequence[str]
    draw: Callable[[Figure, Sequence[Curve], Sequence[Line]], None]
    log_x: bool
    slope: str = ""
    height: int = 400


@dataclass(frozen=True)
class BesideSpec:
    """A figure of maps or of specifications that stands with the report's own."""

    id: str
    title: str
    showed: str
    drawn: str
    claims: Sequence[str]


@dataclass(frozen=True)
class Drawing:
    """A figure that could be drawn; `rows` are (curve, x, median, low, high) in words."""

    id: str
    title: str
    showed: str
    drawn: str
    seeds: str
    arms: int
    theory: bool
    window: bool
    description: str
    body: Markup
    width: int
    height: int
    rows: Sequence[Sequence[str]]
    csv: str


@dataclass(frozen=True)
class Missing:
    """A figure without curves, maps or specifications, and the commands that would give it some."""

    id: str
    title: str
    showed: str
    lacks: str
    commands: Sequence[str]


Drawn: TypeAlias = Drawing | MapDrawing | SpecificationDrawing


def figures(record: Record) -> list[Drawn | Missing]:
    """The report's three figures, the multiverse and the map of where depth helps, drawn where the record has what they show.

    >>> [figure.commands for figure in figures({"claims": [], "not_run": []})][-1]
    ['pytest claims/ -k ill_conditioned']
    """
    return [*(_figure(spec, record) for spec in SPECS), _multiverse(record), _where(record)]


def own_figures(claim: Claim) -> list[Drawn]:
    """A small plot for every figure of a claim, its maps and its specification curves, that are none of those with the report's.

    >>> own_figures({"id": "gd-rate", "curves": [], "lines": [], "maps": [], "specifications": []})
    []
    """
    known = {spec.id for spec in SPECS}
    curves = [curve for curve in claim["curves"] if curve["figure"] not in known and _visible(curve)]
    titles = dict.fromkeys(curve["figure"] for curve in curves)
    plots = [_own(f"plot-{claim['id']}-{i}", title, curves, claim["lines"]) for i, title in enumerate(titles, start=1)]
    return [*plots, *_own_maps(claim), *_own_specifications(claim)]


# ---- from curves to drawings ---------------------------------------------------------------------------------


def _curves(record: Record, spec: Spec) -> list[Curve]:
    """The figure's curves; where two claims recorded the same one, the first that the figure names is drawn."""
    found: dict[tuple[str, str], Curve] = {}
    for claim in _givers(record, spec.claims):
        for curve in claim["curves"]:
            if curve["figure"] == spec.id and _visible(curve):
                found.setdefault((curve["arm"], curve["quantity"]), curve)
    return list(found.values())


def _theory_lines(record: Record, spec: Spec) -> list[Line]:
    found: dict[tuple[str, str], Line] = {}
    for claim in _givers(record, spec.claims):
        for line in claim["lines"]:
            if line["figure"] == spec.id:
                found.setdefault((line["arm"], line["quantity"]), line)
    return list(found.values())


def _givers(record: Record, first: Sequence[str]) -> list[Claim]:
    """The record's claims, those that a figure names before all others."""
    order = {id: place for place, id in enumerate(first)}
    return sorted(record["claims"], key=lambda claim: order.get(claim["id"], len(order)))


def _visible(curve: Curve) -> bool:
    return any(finite(value) for value in curve["median"])


def _figure(spec: Spec, record: Record) -> Drawing | Missing:
    curves, lines = _curves(record, spec), _theory_lines(record, spec)
    if not curves:
        return Missing(spec.id, spec.title, spec.showed, "curves", [_command(claim, record) for claim in spec.claims])
    body = drawing(f"{spec.id}-", (640, spec.height), spec.draw, curves, lines)
    words = spec.title, spec.showed, spec.drawn if lines else f"{spec.drawn} {spec.slope}".strip()
    return _drawing(spec.id, words, curves, lines, body, (640, spec.height), spec.log_x)


def _own(id: str, title: str, every: Sequence[Curve], lines: Sequence[Line]) -> Drawing:
    curves = [curve for curve in every if curve["figure"] == title]
    mine = [line for line in lines if line["figure"] == title]
    log_x = wide(value for curve in curves for value in curve["x"])
    body = drawing(f"{id}-", (520, 300), draw_plain, curves, mine, log_x)
    return _drawing(id, (f"Curves “{title}”", "", ""), curves, mine, body, (520, 300), log_x)


def _drawing(
    id: str,
    words: tuple[str, str, str],
    curves: Sequence[Curve],
    lines: Sequence[Line],
    body: Markup,
    size: tuple[int, int],
    log_x: bool,
) -> Drawing:
    title, showed, drawn = words
    return Drawing(
        id=id,
        title=title,
        showed=showed,
        drawn=drawn,
        seeds=_seeds(curves),
        arms=len({curve["arm"] for curve in curves}),
        theory=bool(lines),
        window=any("window" in curve for curve in curves),
        description=_description(curves, lines),
        body=body,
        width=size[0],
        height=size[1],
        rows=_rows(curves, lines, log_x),
        csv=_csv(curves, lines, log_x),
    )


# ---- maps ----------------------------------------------------------------------------------------------------


def _where(record: Record) -> MapDrawing | Missing:
    maps = [each for claim in record["claims"] for each in claim["maps"] if each["figure"] == WHERE.id and shown(each)]
    if not maps:
        return Missing(WHERE.id, WHERE.title, WHERE.showed, "map", [_command(claim, record) for claim in WHERE.claims])
    return map_drawing(WHERE.id, WHERE.title, maps, showed=WHERE.showed, drawn=WHERE.drawn)


def _own_maps(claim: Claim) -> list[MapDrawing]:
    maps = [each for each in claim["maps"] if each["figure"] != WHERE.id and shown(each)]
    titles = dict.fromkeys(each["figure"] for each in maps)
    return [
        map_drawing(f"map-{claim['id']}-{i}", f"Map “{title}”", [each for each in maps if each["figure"] == title])
        for i, title in enumerate(titles, start=1)
    ]


# ---- specification curves ------------------------------------------------------------------------------------


def _multiverse(record: Record) -> SpecificationDrawing | Missing:
    every = [each for claim in _givers(record, MULTIVERSE.claims) for each in claim["specifications"]]
    found = [each for each in every if each["figure"] == MULTIVERSE.id]
    if not found:
        commands = [_command(claim, record) for claim in MULTIVERSE.claims]
        return Missing(MULTIVERSE.id, MULTIVERSE.title, MULTIVERSE.showed, "specifications", commands)
    return specification_drawing(MULTIVERSE.id, MULTIVERSE.title, found, showed=f"{MULTIVERSE.showed} {MULTIVERSE.drawn}")


def _own_specifications(claim: Claim) -> list[SpecificationDrawing]:
    found = [each for each in claim["specifications"] if each["figure"] != MULTIVERSE.id]
    titles = dict.fromkeys(each["figure"] for each in found)
    return [
        specification_drawing(
            f"curve-{claim['id']}-{i}", f"Specifications “{title}”", [each for each in found if each["figure"] == title]
        )
        for i, title in enumerate(titles, start=1)
    ]


# ---- words and numbers of a drawing --------------------------------------------------------------------------


def _command(claim: str, record: Record) -> str:
    recorded = {left_out["id"]: left_out["command"] for left_out in record["not_run"]}
    return recorded.get(claim, f"pytest claims/ -k {claim.replace('-', '_')}")


def _seeds(curves: Sequence[Curve]) -> str:
    counts = sorted({curve["n"] for curve in curves})
    return f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def _description(curves: Sequence[Curve], lines: Sequence[Line]) -> str:
    told = [f"{name(curve)}: median {_course(curve['x'], curve['median'])}" for curve in curves]
    told += [f"{theory_name(line)}, {_course(line['x'], line['values'])}" for line in lines]
    return "; ".join(told) + "."


def _course(x: Sequence[float], values: Sequence[float | None]) -> str:
    seen = [(place, value) for place, value in zip(x, values, strict=True) if finite(value)]
    if not seen:
        return "no finite number"
    (x0, y0), (x1, y1) = seen[0], seen[-1]
    return f"{number(y0, 3)} at {number(x0, 3)}, {number(y1, 3)} at {number(x1, 3)}"


def _rows(curves: Sequence[Curve], lines: Sequence[Line], log_x: bool) -> list[list[str]]:
    rows = []
    for curve in curves:
        kept = points(curve, log_x, TABLE_ROWS)
        columns = zip(kept.x, kept.median, kept.low, kept.high, strict=True)
        rows += [[name(curve), *(number(float(value), 3) for value in values)] for values in columns]
    for line in lines:
        ends = zip(*places(line, log_x, TABLE_ROWS), strict=True)
        rows += [[theory_name(line), *(number(float(value), 3) for value in pair), "none", "none"] for pair in ends]
    return rows


def _csv(curves: Sequence[Curve], lines: Sequence[Line], log_x: bool) -> str:
    """The points that are drawn, as CSV text; an empty field is a number that is not finite, or that a theory line has not."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["arm", "quantity", "n", "x", "median", "low", "high"])
    for curve in curves:
        drawn = points(curve, log_x)
        for values in zip(drawn.x, drawn.median, drawn.low, drawn.high, strict=True):
            writer.writerow([curve["arm"], curve["quantity"], curve["n"], *map(_short, values)])
    for line in lines:
        for pair in zip(*places(line, log_x), strict=True):
            writer.writerow([line["arm"], f"{line['quantity']}: theory", "", *map(_short, pair), "", ""])
    return text.getvalue()


def _short(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else ""


SPECS: tuple[Spec, ...] = (
    Spec(
        id="figure-1",
        title="Figure 1 of the report, redrawn",
        showed="The report’s Figure 1 plots log-time against log-error for gradient descent on the ℓ₄ loss, notes that "
        "“the slope of the line is approximately 1/2”, and that the acceleration “still shares the same asymptotic "
        "rate with respect to t”.",
        drawn="Here it is the parameter error.",
        slope="The dash-dotted line has the slope −1/(p − 2) = −1/2 that the theory gives for p = 4.",
        claims=("figure-1", "scalar-depth-same-rate"),
        draw=draw_rate,
        log_x=True,
    ),
    Spec(
        id="figure-appendix",
        title="The appendix’s figure, redrawn",
        showed="The report’s appendix plots the log-error of gradient descent on ℓ₄ regression without depth and with "
        "a scalar in front, and the scalar s itself: “the effect of acceleration is in the high error regime – this is "
        "also when the scalar s [...] undergoes the most change”.",
        drawn="Here the errors are above, and s is below on an axis of its own, over the same times.",
        claims=("figure-1", "scalar-depth-same-rate"),
        draw=draw_scalar,
        log_x=True,
        height=480,
    ),
    Spec(
        id="figure-2",
        title="Figure 2 of the report, redrawn",
        showed="The report’s Figure 2 plots the training loss of a LeNet-5-like network on MNIST, “normal” and "
        "“overparameterized”, with the regularizer in the loss and without it (“no reg.”).",
        drawn="Here the total loss is drawn solid, and the cross-entropy, which is what remains when the regularizer "
        "is subtracted, dashed; the penalty itself is dotted. At standard budget it is LeNet-5 on 11,000 images for 1,710 "
        "steps. The report tells neither the size of its network nor its digits and steps; the TensorFlow tutorial, which "
        "is taken for its protocol, trains a larger network on 55,000 digits for 8,593.",
        claims=("total-loss-accelerated", "cross-entropy-not-accelerated"),
        draw=draw_losses,
        log_x=False,
    ),
)
MULTIVERSE = BesideSpec(
    id="multiverse",
    title="The multiverse: where the findings on networks hold",
    showed="The report’s findings on MNIST rest on one way of adding depth: “any matrix replaced as the product of two "
    "matrices”.",
    drawn="Here the same questions are asked of other ways, too; of total loss and regulariser only the sign is asked for. "
    "All ways are tried on the same digits, at standard budget 4,480, the published one too: the numbers that the findings "
    "are judged by, on 11,000, are those of claims total-loss-accelerated, cross-entropy-not-accelerated and "
    "regularizer-reduced, and may differ in sign from those here.",
    claims=("init-multiverse", "multiverse"),
)
WHERE = BesideSpec(
    id="where-depth-helps",
    title="A map of where depth helps",
    showed="The report concludes that “the effect of depth is reducing the constant in ill conditioned problems”.",
    drawn="Here every cell is the log10 of the gain from depth: +1 is a factor of ten in its favour, −1 one against it, "
    "0 no gain.",
    claims=("ill-conditioned",),
)
