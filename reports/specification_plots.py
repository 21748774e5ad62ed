"""A specification curve on paper: sorted estimates with their intervals above, the choices of each marked below.

All places are in units of the picture, counted from its upper left corner. Shapes say how a specification reads: a filled circle
where the finding holds, a diamond where it flips, an open circle where it is undecided, a cross where there is no number.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.axes import Axis, gid
from reports.numerals import finite
from reports.readings import base_of, by_choices, reading
from reports.record import Specification
from reports.scales import Scale, linear_ticks
from reports.svg import GROUND, INK, SERIES

__all__ = ["Layout", "Row", "draw_specifications", "layout"]

CHARACTER = 6.6
"""Width of a character of 12 units; sans-serif faces differ, and this is that of a wide one."""
HEAD, CURVE, GAP = 24.0, 210.0, 16.0
"""Heights: over the curve, for the word over the published protocol; the curve; between it and the choices."""
ROW, BETWEEN = 19.0, 9.0
WIDTH, NARROWEST, WIDEST = 440.0, 17.0, 60.0
"""The curve's width, and between what limits a column may be wide."""
MOST_NAME, MOST_VALUE = 20, 38
"""Characters of a line of a dimension's name, and of a value's."""
TICK = 7
"""Characters of a number on the axis."""
MARK = 8.0
COLOURS = {"holds": SERIES[0], "flips": SERIES[2], "undecided": INK, "lost": INK}
REGION_SHADE, COLUMN_SHADE = 0.15, 0.09
"""Opacities; estimates keep their contrast on both (tests/reports/test_page_style.py)."""
FARTHEST = 3.0
"""Zero is drawn where the axis need not become longer than so many times the estimates' own range."""


@dataclass(frozen=True)
class Row:
    """A value of a dimension and the place of its line; `name` is that of the dimension, on the first line of its group."""

    dimension: str
    value: str
    y: float
    name: Sequence[str] = ()


@dataclass(frozen=True)
class Layout:
    """Where everything stands."""

    left: float
    column: float
    count: int
    rows: Sequence[Row]
    width: float
    height: float

    def x(self, column: float) -> float:
        """The middle of a column: ``layout.x(0)`` is that of the first."""
        return self.left + self.column * (column + 0.5)

    @property
    def right(self) -> float:
        """The right edge of the last column."""
        return self.left + self.column * self.count


def layout(found: Sequence[Specification]) -> Layout:
    """The layout of specifications; it grows with them, and with the values that they choose from.

    >>> drawn = layout([{"base": start == "old", "choices": {"start": start}, "unit": ""} for start in ("new", "old")])
    >>> [(row.value, row.y) for row in drawn.rows], drawn.column
    ([('old', 259.5), ('new', 278.5)], 60.0)
    """
    rows, unit = _rows(found), _unit(found)
    left = CHARACTER * max(_label(rows), max(map(len, unit)) + TICK) + 30.0
    column = min(max(WIDTH / max(len(found), 1), NARROWEST), WIDEST)
    bottom = max((row.y + ROW * max(1, len(row.name)) for row in rows), default=HEAD + CURVE)
    return Layout(left, column, len(found), rows, left + column * len(found) + 8.0, bottom)


def _rows(found: Sequence[Specification]) -> list[Row]:
    """One line for each value, the published one first; a group is at least as high as its name."""
    rows, top = [], HEAD + CURVE + GAP
    for dimension in dict.fromkeys(name for each in found for name in each["choices"]):
        values, name = _values(found, dimension), textwrap.wrap(dimension, MOST_NAME)
        rows += [Row(dimension, value, top + ROW * (i + 0.5), name if i == 0 else ()) for i, value in enumerate(values)]
        top += ROW * max(len(values), len(name)) + BETWEEN
    return rows


def _values(found: Sequence[Specification], dimension: str) -> list[str]:
    base = base_of(found)
    first = [base] if base else []
    return list(dict.fromkeys(each["choices"][dimension] for each in [*first, *found] if dimension in each["choices"]))


def _label(rows: Sequence[Row]) -> int:
    """Characters of the longest line of labels: a value, and the name of its dimension where that stands beside it."""
    beside = [(row, each) for i, row in enumerate(rows) if row.name for each in rows[i : i + len(row.name)]]
    both = [max(map(len, row.name)) + len(_shortened(each.value)) + 1 for row, each in beside]
    return max([len(_shortened(row.value)) for row in rows] + both, default=0)


def _unit(found: Sequence[Specification]) -> list[str]:
    return textwrap.wrap(found[0]["unit"], MOST_NAME) or ["estimate"]


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_VALUE else text[: MOST_VALUE - 1] + "…"


# ---- drawing -------------------------------------------------------------------------------------------------


def draw_specifications(figure: Figure, found: Sequence[Specification], place: Layout) -> None:
    """Draw specifications in the order given: ``draw_specifications(figure, ordered(found), layout(found))``."""
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0.0, place.width), ylim=(place.height, 0.0))
    axes.set_axis_off()
    scale = _scale(found)
    axes.set_gid(_told(found, place, scale))
    _published(axes, found, place)
    _region(axes, found, place, scale)
    _axis(axes, found, place, scale)
    _intervals(axes, found, place, scale)
    _dots(axes, found, place, scale)
    _choices(axes, found, place)


def _told(found: Sequence[Specification], place: Layout, scale: Scale) -> str:
    """What the page's script needs to read a column back: its choices and both axes; along x a column's number is its middle."""
    x = Axis(place.left, place.right, -0.5, place.count - 0.5)
    y = Axis(scale.left, scale.right, scale.low, scale.high)
    return gid(axes=f"{x},{y}", columns="\n".join(by_choices(each, found) for each in found))


def _scale(found: Sequence[Specification]) -> Scale:
    """The axis of the estimates, upwards: over all intervals and the region's edges, and zero where that is not far."""
    numbers = [value for each in found for value in (each["estimate"], *each["interval"]["95"], *each["interval"]["90"])]
    numbers += [edge for each in found[:1] for edge in each["region"]]
    low, high = _range(filter(finite, numbers))
    if max(high, 0.0) / 2 - min(low, 0.0) / 2 <= FARTHEST * (high / 2 - low / 2):
        low, high = min(low, 0.0), max(high, 0.0)
    more = 0.05 * (high / 2 - low / 2)
    return Scale(low - more, high + more, HEAD + CURVE, HEAD)


def _range(numbers: Iterable[float]) -> tuple[float, float]:
    seen = list(numbers) or [0.0]
    low, high = min(seen), max(seen)
    reach = max(abs(low), abs(high), 1e-300)  # numbers that are all alike have a range of their own size
    return (low, high) if high / 2 - low / 2 > 1e-12 * reach else (low - reach / 2, high + reach / 2)


def _published(axes: Axes, found: Sequence[Specification], place: Layout) -> None:
    """A band behind the column of the published protocol, with the word over it."""
    for i, each in enumerate(found):
        if each["base"]:
            edges = place.x(i - 0.5), place.x(i + 0.5)
            axes.fill_between(edges, HEAD - 4.0, place.height, color=INK, alpha=COLUMN_SHADE, linewidth=0)
            side = "left" if i < 0.2 * place.count else "right" if i > 0.8 * place.count else "center"
            x = {"left": edges[0], "right": edges[1], "center": place.x(i)}[side]
            _text(axes, x, HEAD - 9.0, "published", ha=side, va="baseline")


def _region(axes: Axes, found: Sequence[Specification], place: Layout, scale: Scale) -> None:
    """Shade where the finding would be true, with a line at each finite end."""
    low, high = found[0]["region"]
    bottom, top = scale(low) if finite(low) else scale.left, scale(high) if finite(high) else scale.right
    axes.fill_between((place.left, place.right), bottom, top, color=SERIES[0], alpha=REGION_SHADE, linewidth=0)
    for end in (low, high):
        if finite(end):
            _across(axes, place, [scale(end)], color=INK, linewidth=0.9, alpha=0.55)


def _axis(axes: Axes, found: Sequence[Specification], place: Layout, scale: Scale) -> None:
    ticks = linear_ticks(scale.low, scale.high, 6)
    _across(axes, place, [scale(value) for value, _ in ticks], color=INK, linewidth=0.6, alpha=0.14)
    for value, label in ticks:
        _text(axes, place.left - 8.0, scale(value), label, ha="right")
    if not scale.beyond(0.0):
        _across(axes, place, [scale(0.0)], color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
    _lines(axes, HEAD + CURVE / 2, _unit(found))


def _intervals(axes: Axes, found: Sequence[Specification], place: Layout, scale: Scale) -> None:
    for name, colour in COLOURS.items():
        mine = [(i, each["interval"]) for i, each in enumerate(found) if reading(each) == name]
        for interval, width in (("95", 1.4), ("90", 4.2)):
            bars = [(place.x(i), *ends[interval]) for i, ends in mine]  # type: ignore[literal-required]
            strokes = [((x, scale(low)), (x, scale(high))) for x, low, high in bars if finite(low) and finite(high)]
            _strokes(axes, strokes, color=colour, linewidth=width, gid=gid(band=f"{interval} % interval"))


def _dots(axes: Axes, found: Sequence[Specification], place: Layout, scale: Scale) -> None:
    """The estimates by shape; the published one has a ring."""
    shapes = {"holds": ("o", MARK), "flips": ("D", MARK), "undecided": ("o", MARK - 0.5), "lost": ("x", MARK)}
    for name, (marker, size) in shapes.items():
        dots = [_dot(i, each, place, scale) for i, each in enumerate(found) if reading(each) == name]
        fill = GROUND if name == "undecided" else COLOURS[name]
        look: dict[str, Any] = {"color": COLOURS[name], "markerfacecolor": fill, "markeredgewidth": 1.7}
        _marks(axes, dots, marker=marker, markersize=size, **look, gid=gid(curve="no number" if name == "lost" else name))
    rings = [_dot(i, each, place, scale) for i, each in enumerate(found) if each["base"]]
    _marks(axes, rings, marker="o", markersize=2 * MARK, color=INK, markerfacecolor="none", markeredgewidth=1.3)


def _dot(i: int, found: Specification, place: Layout, scale: Scale) -> tuple[float, float]:
    estimate = found["estimate"]
    return place.x(i), scale(estimate) if finite(estimate) else HEAD + CURVE - MARK


def _choices(axes: Axes, found: Sequence[Specification], place: Layout) -> None:
    """The grid below: a square in the column of each specification that has a line's value."""
    _across(axes, place, [row.y for row in place.rows], color=INK, linewidth=0.6, alpha=0.14)
    for row in place.rows:
        _text(axes, place.left - 8.0, row.y, _shortened(row.value), ha="right")
        _lines(axes, row.y, row.name)
    tops = [row.y - (ROW + BETWEEN) / 2 for row in place.rows if row.name]
    _strokes(axes, [((0.0, y), (place.right, y)) for y in tops], color=INK, linewidth=0.6, alpha=0.3)
    for name, colour in COLOURS.items():
        squares = [(place.x(i), row.y) for i, row in _chosen(found, place) if reading(found[i]) == name]
        half = MARK / 2
        _strokes(axes, [((x - half, y), (x + half, y)) for x, y in squares], color=colour, linewidth=MARK)


def _chosen(found: Sequence[Specification], place: Layout) -> Iterator[tuple[int, Row]]:
    return ((i, row) for i, each in enumerate(found) for row in place.rows if each["choices"].get(row.dimension) == row.value)


# ---- strokes, marks and words -----------------------------------------------------------------------------------

Stroke = tuple[tuple[float, float], tuple[float, float]]


def _strokes(axes: Axes, strokes: Sequence[Stroke], **look: Any) -> None:
    """Straight lines that are apart, all in one path: a mark of its own for each would take five times the bytes."""
    if strokes:
        ends = np.array([[*stroke, (np.nan, np.nan)] for stroke in strokes]).reshape(-1, 2)
        axes.plot(ends[:, 0], ends[:, 1], solid_capstyle="butt", clip_on=False, **look)


def _across(axes: Axes, place: Layout, heights: Sequence[float], **look: Any) -> None:
    _strokes(axes, [((place.left, y), (place.right, y)) for y in heights], **look)


def _marks(axes: Axes, places: Sequence[tuple[float, float]], **look: Any) -> None:
    if places:
        x, y = np.array(places).T
        axes.plot(x, y, linestyle="", clip_on=False, **look)


def _lines(axes: Axes, y: float, lines: Sequence[str]) -> None:
    for i, line in enumerate(lines):
        _text(axes, 0.0, y + 15.0 * i, line)


def _text(axes: Axes, x: float, y: float, text: str, *, ha: str = "left", va: str = "center_baseline") -> None:
    # A record's dollar signs are no mathematics.
    axes.text(x, y, text, ha=ha, va=va, parse_math=False)
