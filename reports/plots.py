"""How curves become axes and lines: thinning, looks, scales, and the four kinds of plot.

A line is the median over seeds, the band around it runs from the 10th to the 90th percentile; what theory predicts is
dash-dotted.

>>> from reports.svg import inline, paper
>>> curve = {"arm": "plain", "quantity": "error", "x": [1, 10], "median": [4, 2], "low": [3, 1], "high": [5, 3]}
>>> with paper(300, 200) as figure:
...     draw_rate(figure, [curve], [])
...     "plain, error" in inline(figure, "figure-1-")
True
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from reports.axes import gid
from reports.numerals import finite
from reports.record import Curve, Line
from reports.scales import Tick, linear_ticks, log_ticks
from reports.svg import INK, SERIES

__all__ = [
    "Points",
    "draw_losses",
    "draw_plain",
    "draw_rate",
    "draw_scalar",
    "name",
    "places",
    "points",
    "theory_name",
    "wide",
]

Array = NDArray[np.float64]

# A line 700 pixels wide shows no more than this; the bytes of all others would be wasted.
MOST_POINTS = 60
FEW_POINTS = 15
# Marks along a line, and how far a line may run beside points that it leaves out, as a share of its own range: half a pixel.
MARKS = 9
LEAST_BEND = 0.004
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.4, 1.6)), (0, (7, 2, 1.4, 2)), (0, (9, 3)))
# One dash and one, two or three dots: lines of the theory differ from each other by more than their place.
THEORY_DASHES: tuple[Any, ...] = tuple((0, (8.0, 2.2, *(1.4, 2.2) * dots)) for dots in (1, 2, 3))
MARKERS = ("", "o", "s", "^", "D")
MARKER_SIZES = {"o": 5.0, "s": 4.6, "^": 5.4, "D": 4.4}
# Arms and quantities that come first, so that they look the same in every figure and every run.
FIRST = ("plain", "normal", "scalar-depth", "overparameterized", "error", "total loss", "cross-entropy", "penalty")


@dataclass(frozen=True)
class Points:
    """What is left of a curve once it is thinned to what the eye can see.

    `marks` are the places of marks along it; a curve of a `few` points has one at each.
    """

    x: Array
    median: Array
    low: Array
    high: Array
    marks: Sequence[int]
    few: bool


@dataclass(frozen=True)
class Look:
    """Colour, dash and marker of a line; no two lines of a figure share all but the colour."""

    colour: str
    dash: Any
    marker: str


def name(drawn: Curve | Line) -> str:
    """What a curve is called in legends and tables.

    >>> name({"arm": "plain", "quantity": "error"})
    'plain, error'
    """
    return f"{drawn['arm']}, {drawn['quantity']}"


def theory_name(line: Line) -> str:
    """What a theory line is called.

    >>> theory_name({"arm": "plain", "quantity": "error"})
    'plain, error: theory'
    """
    return f"{name(line)}: theory"


# ---- points and looks ----------------------------------------------------------------------------------------


def points(curve: Curve, log_x: bool, most: int = MOST_POINTS) -> Points:
    """At most `most` points of a curve, from left to right, without those on a straight line; null becomes nan.

    >>> points({"x": [2, 1], "median": [None, 3], "low": [1, 2], "high": [3, 4]}, log_x=False).median
    array([ 3., nan])
    """
    columns, marks, few = _kept([curve["x"], curve["median"], curve["low"], curve["high"]], log_x, most)
    x, median, low, high = columns
    return Points(x, median, low, high, marks, few)


def places(line: Line, log_x: bool, most: int = MOST_POINTS) -> tuple[Array, Array]:
    """At most `most` places of a theory line, from left to right, and its values there.

    >>> places({"x": [2, 0, 1], "values": [None, 7, 3]}, log_x=True)
    (array([1., 2.]), array([ 3., nan]))
    """
    (x, values), *_ = _kept([line["x"], line["values"]], log_x, most)
    return x, values


def _kept(columns: Sequence[Sequence[float | None]], log_x: bool, most: int) -> tuple[list[Array], list[int], bool]:
    """Columns of numbers, sorted by the first of them, which is x, and thinned; where marks stand; whether they are few."""
    arrays = [np.array(column, dtype=np.float64) for column in columns]
    arrays = [array[np.argsort(arrays[0], kind="stable")] for array in arrays]
    seen = (arrays[0] > 0) & np.isfinite(arrays[0]) if log_x else np.isfinite(arrays[0])
    x = np.log10(arrays[0][seen]) if log_x else arrays[0][seen]
    even = _thinned(x, most)
    few = len(even) <= FEW_POINTS
    marks = even if few else even[:: len(even) // MARKS]
    bends = even[_bends(x[even], np.stack([array[seen][even] for array in arrays[1:]]))]
    keep = np.union1d(marks, bends)
    return [array[seen][keep] for array in arrays], np.searchsorted(keep, marks).tolist(), few


def _thinned(x: Array, most: int) -> NDArray[np.intp]:
    """Indices of at most `most` points, spread evenly over the axis as it is drawn."""
    if len(x) <= most:
        return np.arange(len(x))
    wanted = np.linspace(x[0], x[-1], most)
    return np.unique(np.searchsorted(x, wanted).clip(max=len(x) - 1))


def _bends(x: Array, columns: Array) -> NDArray[np.intp]:
    """Indices of the points that lines need to keep their shape, whether their axis is even or logarithmic.

    Ramer, Comput. Graph. Image Process. 1 (1972) 244-256: the point furthest from the line between two kept ones is kept too.
    """
    if len(x) < 2 or not np.isfinite(columns).all():
        return np.arange(len(x))
    shapes = _in_own_range(columns)
    keep, open_ends = {0, len(x) - 1}, [(0, len(x) - 1)]
    while open_ends:
        start, stop = open_ends.pop()
        share = (x[start:stop] - x[start]) / (x[stop] - x[start] or 1.0)
        straight = shapes[:, [start]] + (shapes[:, [stop]] - shapes[:, [start]]) * share
        off = np.abs(shapes[:, start:stop] - straight).max(axis=0, initial=0.0)
        furthest = start + int(off.argmax())
        if off.max() > LEAST_BEND:
            keep.add(furthest)
            open_ends += [(start, furthest), (furthest, stop)]
    return np.array(sorted(keep))


def _in_own_range(columns: Array) -> Array:
    """Rows of numbers, and of their logarithms where all have one, as shares of their common range."""
    scales = [columns, np.log10(columns)] if (columns > 0).all() else [columns]
    return np.concatenate([(scale - scale.min()) / (np.ptp(scale) or 1.0) for scale in scales])


def _ordered(names: Iterable[str]) -> list[str]:
    seen = dict.fromkeys(names)
    return sorted(seen, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _looks(curves: Sequence[Curve]) -> list[Look]:
    """Colour and marker tell the arms apart; the dash tells the quantities apart, or the arms where there is one."""
    arms, quantities = _ordered(c["arm"] for c in curves), _ordered(c["quantity"] for c in curves)
    pairs = [(arms.index(c["arm"]), quantities.index(c["quantity"])) for c in curves]
    return [_look(arm, quantity if len(quantities) > 1 else arm) for arm, quantity in pairs]


def _look(arm: int, dash: int) -> Look:
    """Where colours begin anew, dash and marker move on, each by another number, so that no pair of them comes again.

    >>> _look(5, 5).colour == _look(0, 0).colour, _look(5, 5).dash == _look(0, 0).dash
    (True, False)
    """
    again = arm // len(SERIES)
    return Look(SERIES[arm % len(SERIES)], DASHES[(dash + 2 * again) % len(DASHES)], MARKERS[(arm + again) % len(MARKERS)])


def wide(values: Iterable[float | None]) -> bool:
    """Whether numbers are all positive and span so much that a log scale serves them better.

    >>> wide([1, 1000]), wide([0, 1000]), wide([1, 2])
    (True, False, False)
    """
    seen = [value for value in values if finite(value)]
    return bool(seen) and min(seen) > 0 and max(seen) > 50 * min(seen)


# ---- drawing -------------------------------------------------------------------------------------------------


def _line(axes: Axes, curve: Curve, look: Look, *, log_x: bool, log_y: bool) -> None:
    seen = points(curve, log_x)
    median, low, high = (_positive(y) if log_y else y for y in (seen.median, seen.low, seen.high))
    _band(axes, curve, look, (seen.x, low, high))
    axes.plot(
        seen.x,
        median,
        color=look.colour,
        linestyle=look.dash,
        marker=look.marker or ("o" if seen.few else ""),
        markevery=seen.marks,
        markersize=MARKER_SIZES.get(look.marker, 5.0),
        label=name(curve),
        gid=gid(curve=name(curve)),
    )


def _band(axes: Axes, curve: Curve, look: Look, columns: tuple[Array, Array, Array]) -> None:
    """Shade between low and high wherever there are both: to the right along the low ends, and back along the high ones.

    Each place of the curve is a place of both its band's edges, so that the page's script finds them by it.
    """
    there = np.logical_and.reduce(np.isfinite(columns))
    for run in np.split(np.arange(len(there)), np.flatnonzero(np.diff(there)) + 1):
        if len(run) and there[run[0]]:
            x, low, high = (column[run] for column in columns)
            ends = np.r_[x, x[::-1]], np.r_[low, high[::-1]]
            axes.fill(*ends, color=look.colour, alpha=0.18, linewidth=0, gid=gid(band=name(curve)))


def _positive(values: Array) -> Array:
    return np.where(values > 0, values, np.nan)


def _lines(axes: Axes, curves: Sequence[Curve], *, log_x: bool, log_y: bool) -> None:
    for curve, look in zip(curves, _looks(curves), strict=True):
        _line(axes, curve, look, log_x=log_x, log_y=log_y)
    _frame(axes, log_x=log_x, log_y=log_y)


def _frame(axes: Axes, *, log_x: bool, log_y: bool) -> None:
    axes.set_xscale("log" if log_x else "linear")
    axes.set_yscale("log" if log_y else "linear")
    for axis, limits, log in ((axes.xaxis, axes.get_xlim(), log_x), (axes.yaxis, axes.get_ylim(), log_y)):
        ticks = _axis_ticks(limits, log)
        axis.set_minor_locator(NullLocator())
        axis.set_ticks([value for value, _ in ticks], labels=[label for _, label in ticks])
    _grid(axes)
    axes.set_gid(gid(axes=""))


def _grid(axes: Axes) -> None:
    """Lines at the ticks, all in one path: matplotlib's own grid and ticks take twenty times the bytes."""
    axes.tick_params(bottom=False, left=False)
    x, y = (np.repeat(ticks, 3) for ticks in (axes.get_xticks(), axes.get_yticks()))
    ends = np.array([0.0, 1.0, np.nan])
    lines = [(x, np.resize(ends, len(x)), axes.get_xaxis_transform()), (np.resize(ends, len(y)), y, axes.get_yaxis_transform())]
    for places, heights, transform in lines:
        axes.plot(
            places, heights, transform=transform, color=INK, alpha=0.14, linewidth=0.6, zorder=0, scalex=False, scaley=False
        )


def _axis_ticks(limits: tuple[float, float], log: bool) -> list[Tick]:
    return (log_ticks if log else linear_ticks)(*limits, 7)


def _theory(axes: Axes, lines: Sequence[Line], *, log_x: bool, log_y: bool, first: int = 0) -> None:
    """What theory predicts, cut off where it leaves the range of the curves; `first` lines have been drawn before."""
    axes.autoscale(False)
    for line, dash in zip(lines, islice(cycle(THEORY_DASHES), first, None), strict=False):
        x, values = places(line, log_x)
        seen = _positive(values) if log_y else values
        label = theory_name(line)
        axes.plot(x, seen, color=INK, linestyle=dash, linewidth=1.3, label=label, gid=gid(curve=label))


def _windows(axes: Axes, curves: Sequence[Curve]) -> None:
    """Shade the fitted parts of x; windows that several arms share are shaded once."""
    low, high = axes.get_xlim()
    windows = dict.fromkeys(tuple(curve["window"]) for curve in curves if "window" in curve)
    for i, (start, stop) in enumerate(windows):
        label = "_" if i else "window of the fit"
        ends = start if finite(start) else low, stop if finite(stop) else high
        axes.axvspan(*ends, color=INK, alpha=0.07, linewidth=0, label=label)


def _reference(axes: Axes, curves: Sequence[Curve], slope: float, label: str) -> None:
    """A line of the given slope a little above the curves, where their late parts are."""
    low, high = _late(curves)
    middle = math.sqrt(low * high)
    top = max(_nearest(curve, middle) for curve in curves)
    x = np.array([low, high])
    axes.plot(x, 1.6 * top * (x / middle) ** slope, color=INK, linestyle="-.", linewidth=1.2, label=label)


def _late(curves: Sequence[Curve]) -> tuple[float, float]:
    """The first fitted window with two positive ends, else the last two decades of x."""
    for curve in curves:
        start, stop = curve.get("window", [None, None])
        if finite(start) and finite(stop) and 0 < start < stop:
            return start, stop
    end = max(max(curve["x"]) for curve in curves)
    return end / 100, end


def _nearest(curve: Curve, x: float) -> float:
    """The median at the recorded place nearest to `x`, or the smallest positive number where there is none."""
    seen = [(abs(place - x), y) for place, y in zip(curve["x"], curve["median"], strict=True) if finite(y) and y > 0]
    return min(seen, default=(0.0, math.ulp(0.0)))[1]


def _legend(figure: Figure, columns: int) -> None:
    """Names above the drawing, in as many columns as fit: a letter of the page's font takes up to 7 units, line and gap 70."""
    names = [name for axes in figure.axes for name in axes.get_legend_handles_labels()[1]]
    fitting = int(72 * figure.get_figwidth() // (70 + 7 * max(map(len, names), default=1)))
    figure.legend(loc="outside upper left", ncols=max(1, min(columns, fitting)), borderaxespad=0.2, columnspacing=1.6)


def draw_rate(figure: Figure, curves: Sequence[Curve], lines: Sequence[Line]) -> None:
    """Errors against time, with the fitted window and the theory's lines, or its slope: ``draw_rate(figure, curves, lines)``."""
    axes = figure.add_subplot(xlabel="time t (log scale)", ylabel="parameter error (log scale)")
    errors = [curve for curve in curves if curve["quantity"] == "error"] or list(curves)
    _lines(axes, errors, log_x=True, log_y=True)
    _windows(axes, errors)
    if lines:
        _theory(axes, lines, log_x=True, log_y=True)
    else:
        _reference(axes, errors, -0.5, "slope −1/2, the theory’s")
    _legend(figure, columns=2 if lines else 3)


def draw_scalar(figure: Figure, curves: Sequence[Curve], lines: Sequence[Line]) -> None:
    """Errors against time, and below them the scalar s at the same times: ``draw_scalar(figure, curves, lines)``."""
    scalars = [curve for curve in curves if curve["quantity"] == "s"]
    errors = [curve for curve in curves if curve["quantity"] != "s"]
    groups = [group for group in (errors, scalars) if group]
    panels = figure.subplots(len(groups), sharex=True, squeeze=False, height_ratios=[3, 2][: len(groups)])[:, 0]
    for axes, group in zip(panels, groups, strict=True):
        (_scalars if group is scalars else _errors)(axes, group)
    ours, theirs = ([line for line in lines if (line["quantity"] == "s") is of_s] for of_s in (False, True))
    if errors:
        _theory(panels[0], ours, log_x=True, log_y=True)
    if scalars:
        _theory(panels[-1], theirs, log_x=True, log_y=False, first=len(ours))
    panels[-1].set_xlabel("time t (log scale)")
    _legend(figure, columns=2 if lines else 3)


def _errors(axes: Axes, curves: Sequence[Curve]) -> None:
    axes.set_ylabel("parameter error (log scale)")
    _lines(axes, curves, log_x=True, log_y=True)
    _windows(axes, curves)


def _scalars(axes: Axes, curves: Sequence[Curve]) -> None:
    axes.set_ylabel("scalar s")
    for i, curve in enumerate(curves):
        _line(axes, curve, Look(SERIES[2], DASHES[2 - i % 2], "s"), log_x=True, log_y=False)
    _frame(axes, log_x=True, log_y=False)
    _windows(axes, curves)


def draw_losses(figure: Figure, curves: Sequence[Curve], lines: Sequence[Line]) -> None:
    """Training losses against steps: ``draw_losses(figure, curves, lines)``."""
    axes = figure.add_subplot(xlabel="steps", ylabel="training loss (log scale)")
    _lines(axes, curves, log_x=False, log_y=True)
    _theory(axes, lines, log_x=False, log_y=True)
    _legend(figure, columns=2)


def draw_plain(figure: Figure, curves: Sequence[Curve], lines: Sequence[Line], log_x: bool) -> None:
    """Any curves, on the scales that suit their numbers: ``draw_plain(figure, curves, lines, True)``."""
    log_y = wide(value for curve in curves for value in curve["median"])
    quantities = list(dict.fromkeys(curve["quantity"] for curve in curves))
    along = curves[0].get("along", "steps")
    axes = figure.add_subplot(
        xlabel=f"{along}{' (log scale)' if log_x else ''}", ylabel=f"{', '.join(quantities)}{' (log scale)' if log_y else ''}"
    )
    _lines(axes, curves, log_x=log_x, log_y=log_y)
    _windows(axes, curves)
    _theory(axes, lines, log_x=log_x, log_y=log_y)
    if len(quantities) == 1 and not lines:
        for line in axes.get_lines():  # the axis says what it is
            line.set_label(str(line.get_label()).removesuffix(f", {quantities[0]}"))
    _legend(figure, columns=3)
