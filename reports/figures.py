"""The report's three figures redrawn from the record's curves, and a plain plot for a claim's own curves.

>>> [spec.id for spec in SPECS]
['figure-1', 'figure-appendix', 'figure-2']
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from reports.numerals import finite, number
from reports.plots import Points, draw_losses, draw_plain, draw_rate, draw_scalar, name, points, wide
from reports.record import Claim, Curve, Record
from reports.svg import inline, paper

__all__ = ["SPECS", "Drawing", "Missing", "Spec", "figures", "own_figures"]

TABLE_ROWS = 9


@dataclass(frozen=True)
class Spec:
    """One figure of the report: what it showed, and how it is redrawn."""

    id: str
    title: str
    showed: str
    drawn: str
    claims: Sequence[str]
    draw: Callable[[Figure, Sequence[Curve]], None]
    log_x: bool


@dataclass(frozen=True)
class Drawing:
    """A figure that could be drawn; `rows` are (curve, x, median, low, high) in words."""

    id: str
    title: str
    showed: str
    drawn: str
    seeds: str
    arms: int
    description: str
    body: Markup
    width: int
    height: int
    rows: Sequence[Sequence[str]]
    csv: str


@dataclass(frozen=True)
class Missing:
    """A figure without curves, and the commands that would give it some."""

    id: str
    title: str
    showed: str
    commands: Sequence[str]


def figures(record: Record) -> list[Drawing | Missing]:
    """The report's three figures, drawn where the record has curves for them.

    >>> [figure.commands for figure in figures({"claims": [], "not_run": []})][0]
    ['pytest claims/ -k scalar_depth_same_rate']
    """
    return [_figure(spec, _curves(record, spec.id), record) for spec in SPECS]


def own_figures(claim: Claim) -> list[Drawing]:
    """A small plot for every figure of a claim that is none of the report's three.

    >>> own_figures({"id": "gd-rate", "curves": []})
    []
    """
    known = {spec.id for spec in SPECS}
    curves = [curve for curve in claim["curves"] if curve["figure"] not in known and _visible(curve)]
    titles = dict.fromkeys(curve["figure"] for curve in curves)
    groups = {title: [curve for curve in curves if curve["figure"] == title] for title in titles}
    return [_own(f"plot-{claim['id']}-{i}", *group) for i, group in enumerate(groups.items(), start=1)]


# ---- from curves to drawings ---------------------------------------------------------------------------------


def _curves(record: Record, figure: str) -> list[Curve]:
    """The figure's curves; where two claims recorded the same one, the first in the record is drawn."""
    found: dict[tuple[str, str], Curve] = {}
    for claim in record["claims"]:
        for curve in claim["curves"]:
            if curve["figure"] == figure and _visible(curve):
                found.setdefault((curve["arm"], curve["quantity"]), curve)
    return list(found.values())


def _visible(curve: Curve) -> bool:
    return any(finite(value) for value in curve["median"])


def _figure(spec: Spec, curves: Sequence[Curve], record: Record) -> Drawing | Missing:
    if not curves:
        return Missing(spec.id, spec.title, spec.showed, [_command(claim, record) for claim in spec.claims])
    with paper(640, 400) as figure:
        spec.draw(figure, curves)
        body = inline(figure, f"{spec.id}-")
    return _drawing(spec.id, (spec.title, spec.showed, spec.drawn), curves, body, (640, 400), spec.log_x)


def _own(id: str, title: str, curves: Sequence[Curve]) -> Drawing:
    log_x = wide(value for curve in curves for value in curve["x"])
    with paper(520, 300) as figure:
        draw_plain(figure, curves, log_x=log_x)
        body = inline(figure, f"{id}-")
    return _drawing(id, (f"Curves “{title}”", "", ""), curves, body, (520, 300), log_x)


def _drawing(
    id: str, words: tuple[str, str, str], curves: Sequence[Curve], body: Markup, size: tuple[int, int], log_x: bool
) -> Drawing:
    title, showed, drawn = words
    return Drawing(
        id=id,
        title=title,
        showed=showed,
        drawn=drawn,
        seeds=_seeds(curves),
        arms=len({curve["arm"] for curve in curves}),
        description=_description(curves),
        body=body,
        width=size[0],
        height=size[1],
        rows=_rows(curves, log_x),
        csv=_csv(curves, log_x),
    )


def _command(claim: str, record: Record) -> str:
    recorded = {left_out["id"]: left_out["command"] for left_out in record["not_run"]}
    return recorded.get(claim, f"pytest claims/ -k {claim.replace('-', '_')}")


def _seeds(curves: Sequence[Curve]) -> str:
    counts = sorted({curve["n"] for curve in curves})
    return f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def _description(curves: Sequence[Curve]) -> str:
    return "; ".join(f"{name(curve)}: {_course(curve)}" for curve in curves) + "."


def _course(curve: Curve) -> str:
    seen = [(x, y) for x, y in zip(curve["x"], curve["median"], strict=True) if finite(y)]
    (x0, y0), (x1, y1) = seen[0], seen[-1]
    return f"median {number(y0, 3)} at {number(x0, 3)}, {number(y1, 3)} at {number(x1, 3)}"


def _rows(curves: Sequence[Curve], log_x: bool) -> list[list[str]]:
    return [[name(curve), *cells] for curve in curves for cells in _cells(points(curve, log_x, TABLE_ROWS))]


def _cells(kept: Points) -> list[list[str]]:
    columns = (kept.x, kept.median, kept.low, kept.high)
    return [[number(float(value), 3) for value in values] for values in zip(*columns, strict=True)]


def _csv(curves: Sequence[Curve], log_x: bool) -> str:
    """The points that are drawn, as CSV text; an empty field is a number that is not finite."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["arm", "quantity", "n", "x", "median", "low", "high"])
    for curve in curves:
        drawn = points(curve, log_x)
        for values in zip(drawn.x, drawn.median, drawn.low, drawn.high, strict=True):
            writer.writerow([curve["arm"], curve["quantity"], curve["n"], *map(_short, values)])
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
        drawn="Here it is the parameter error; the shaded window is the part that the slopes were fitted to, and the "
        "dash-dotted line has the slope −1/(p − 2) = −1/2 that the theory gives for p = 4.",
        claims=("scalar-depth-same-rate",),
        draw=draw_rate,
        log_x=True,
    ),
    Spec(
        id="figure-appendix",
        title="The appendix’s figure, redrawn",
        showed="The report’s appendix plots the log-error of gradient descent on ℓ₄ regression without depth and with "
        "a scalar in front, and the scalar s itself: “the effect of acceleration is in the high error regime – this is "
        "also when the scalar s undergoes the most change”.",
        drawn="Here the errors belong to the left-hand axis and s to the right-hand one.",
        claims=("scalar-depth-same-rate",),
        draw=draw_scalar,
        log_x=True,
    ),
    Spec(
        id="figure-2",
        title="Figure 2 of the report, redrawn",
        showed="The report’s Figure 2 plots the training loss of a LeNet-5-like network on MNIST, “normal” and "
        "“overparameterized”, with the regularizer in the loss and without it (“no reg.”).",
        drawn="Here the total loss is drawn solid, and the cross-entropy, which is what remains when the regularizer "
        "is subtracted, dashed.",
        claims=("total-loss-accelerated", "cross-entropy-not-accelerated"),
        draw=draw_losses,
        log_x=False,
    ),
)
