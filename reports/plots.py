"""How curves become axes and lines: thinning, looks, scales, and the four kinds of plot.

A line is the median over seeds, the band around it runs from the 10th to the 90th percentile.

>>> from reports.svg import inline, paper
>>> curve = {"arm": "plain", "quantity": "error", "x": [1, 10], "median": [4, 2], "low": [3, 1], "high": [5, 3]}
>>> with paper(300, 200) as figure:
...     draw_rate(figure, [curve])
...     "plain, error" in inline(figure, "figure-1-")
True
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from reports.numerals import finite
from reports.record import Curve
from reports.scales import Tick, linear_ticks, log_ticks
from reports.svg import INK, SERIES

__all__ = ["Points", "draw_losses", "draw_plain", "draw_rate", "draw_scalar", "name", "points", "wide"]

Array = NDArray[np.float64]

# A line 700 pixels wide shows no more than this; the bytes of all others would be wasted.
MOST_POINTS = 90
FEW_POINTS = 15
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.4, 1.6)), (0, (7, 2, 1.4, 2)), (0, (9, 3)))
MARKERS = ("", "o", "s", "^", "D")
MARKER_SIZES = {"o": 5.0, "s": 4.6, "^": 5.4, "D": 4.4}
# Arms and quantities that come first, so that they look the same in every figure and every run.
FIRST = ("plain", "normal", "scalar-depth", "overparameterized", "error", "total loss", "cross-entropy", "penalty")


@dataclass(frozen=True)
class Points:
    """What is left of a curve once it is thinned to what the eye can see."""

    x: Array
    median: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Look:
    """Colour, dash and marker of a line; no two lines of a figure share all but the colour."""

    colour: str
    dash: Any
    marker: str


def name(curve: Curve) -> str:
    """What a curve is called in legends and tables.

    >>> name({"arm": "plain", "quantity": "error"})
    'plain, error'
    """
    return f"{curve['arm']}, {curve['quantity']}"


# ---- points and looks ----------------------------------------------------------------------------------------


def points(curve: Curve, log_x: bool, most: int = MOST_POINTS) -> Points:
    """At most `most` points of a curve, from left to right; null becomes nan.

    >>> points({"x": [2, 1], "median": [None, 3], "low": [1, 2], "high": [3, 4]}, log_x=False).median
    array([ 3., nan])
    """
    columns = [np.array(curve[key], dtype=np.float64) for key in ("x", "median", "low", "high")]
    order = np.argsort(columns[0], kind="stable")
    x, median, low, high = (column[order] for column in columns)
    seen = (x > 0) & np.isfinite(x) if log_x else np.isfinite(x)
    keep = _thinned(np.log10(x[seen]) if log_x else x[seen], most)
    return Points(x[seen][keep], median[seen][keep], low[seen][keep], high[seen][keep])


def _thinned(places: Array, most: int) -> NDArray[np.intp]:
    """Indices of at most `most` points, spread evenly over the axis as it is drawn."""
    if len(places) <= most:
        return np.arange(len(places))
    wanted = np.linspace(places[0], places[-1], most)
    return np.unique(np.searchsorted(places, wanted).clip(max=len(places) - 1))


def _ordered(names: Iterable[str]) -> list[str]:
    seen = dict.fromkeys(names)
    return sorted(seen, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _looks(curves: Sequence[Curve]) -> list[Look]:
    """Colour and marker tell the arms apart; the dash tells the quantities apart, or the arms where there is one."""
    arms, quantities = _ordered(c["arm"] for c in curves), _ordered(c["quantity"] for c in curves)
    pairs = [(arms.index(c["arm"]), quantities.index(c["quantity"])) for c in curves]
    return [_look(arm, quantity if len(quantities) > 1 else arm) for arm, quantity in pairs]


def _look(arm: int, dash: int) -> Look:
    return Look(SERIES[arm % len(SERIES)], DASHES[dash % len(DASHES)], MARKERS[arm % len(MARKERS)])


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
    few = len(seen.x) <= FEW_POINTS
    axes.fill_between(seen.x, low, high, color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(
        seen.x,
        median,
        color=look.colour,
        linestyle=look.dash,
        marker=look.marker or ("o" if few else ""),
        markevery=1 if few else max(1, len(seen.x) // 9),
        markersize=MARKER_SIZES.get(look.marker, 5.0),
        label=name(curve),
    )


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
    axes.grid(True)


def _axis_ticks(limits: tuple[float, float], log: bool) -> list[Tick]:
    return (log_ticks if log else linear_ticks)(*limits, 7)


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
    figure.legend(loc="outside upper left", ncols=columns, borderaxespad=0.2, columnspacing=1.6)


def draw_rate(figure: Figure, curves: Sequence[Curve]) -> None:
    """Errors against time, with the fitted window and the theory's slope: ``draw_rate(figure, curves)``."""
    axes = figure.add_subplot(xlabel="time t (log scale)", ylabel="parameter error (log scale)")
    errors = [curve for curve in curves if curve["quantity"] == "error"] or list(curves)
    _lines(axes, errors, log_x=True, log_y=True)
    _windows(axes, errors)
    _reference(axes, errors, -0.5, "slope −1/2, the theory’s")
    _legend(figure, columns=3)


def draw_scalar(figure: Figure, curves: Sequence[Curve]) -> None:
    """Errors against time on the left, the scalar s on the right: ``draw_scalar(figure, curves)``."""
    axes = figure.add_subplot(xlabel="time t (log scale)", ylabel="parameter error (log scale)")
    scalars = [curve for curve in curves if curve["quantity"] == "s"]
    errors = [curve for curve in curves if curve["quantity"] != "s"]
    _lines(axes, errors, log_x=True, log_y=True)
    _right_hand(axes, scalars)
    _legend(figure, columns=3)


def _right_hand(axes: Axes, scalars: Sequence[Curve]) -> None:
    if not scalars:
        return
    right = axes.twinx()
    right.set_ylabel("scalar s")
    right.spines["right"].set_visible(True)
    for i, curve in enumerate(scalars):
        _line(right, curve, Look(SERIES[2], DASHES[2 - i % 2], "s"), log_x=True, log_y=False)
    _frame(right, log_x=True, log_y=False)
    right.grid(False)


def draw_losses(figure: Figure, curves: Sequence[Curve]) -> None:
    """Training losses against steps: ``draw_losses(figure, curves)``."""
    axes = figure.add_subplot(xlabel="steps", ylabel="training loss (log scale)")
    _lines(axes, curves, log_x=False, log_y=True)
    _legend(figure, columns=2)


def draw_plain(figure: Figure, curves: Sequence[Curve], *, log_x: bool) -> None:
    """Any curves, on the scales that suit their numbers: ``draw_plain(figure, curves, log_x=True)``."""
    log_y = wide(value for curve in curves for value in curve["median"])
    quantities = ", ".join(dict.fromkeys(curve["quantity"] for curve in curves))
    axes = figure.add_subplot(
        xlabel=f"steps{' (log scale)' if log_x else ''}", ylabel=f"{quantities}{' (log scale)' if log_y else ''}"
    )
    _lines(axes, curves, log_x=log_x, log_y=log_y)
    _windows(axes, curves)
    _legend(figure, columns=2)
