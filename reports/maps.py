"""Maps as pictures: one panel for each rule, a cell for each pair of two factors' values.

Only geometry is computed here; ``maps.html.j2`` writes the SVG. A cell carries its number, its colour is a shade of one hue above
zero and of another below, and it is hatched and marked with a tilde where its interval does not tell it from zero.

>>> factors = {"rows": {"label": "scale", "values": [1]}, "columns": {"label": "condition", "values": [1, 10]}}
>>> numbers = {"estimate": [[0.3, 0.1]], "low": [[0.2, -0.1]], "high": [[0.4, 0.3]], "n": 9}
>>> found = factors | numbers | {"figure": "m", "panel": "shared step", "quantity": "log10 of the gain"}
>>> [cell.text for cell in map_drawing("m", "A map", [found]).panels[0].cells]
['+0.30', '~ +0.10']
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.numerals import MINUS, bracket, finite, grain, half_width, number, telling
from reports.record import Factor, Map, Number

__all__ = ["MOST_SHADE", "Cell", "MapDrawing", "Panel", "Swatch", "map_drawing", "shown"]

MOST_SHADE = 0.45
"""Opacity of the strongest colour: numbers on it still have contrast, in light and in dark (tests/reports/test_page_style.py)."""
WIDE, HIGH = 58.0, 34.0
"""A cell, in units of the picture."""
CHARACTER = 7.2
GAP = 8.0
ABOVE, BELOW = 22.0, 44.0
"""Room over the cells for the name of the rows, and under them for the columns' values and name."""
SWATCHES = 9
MOST_DECIMALS, TOO_LARGE = 4, 1e5
"""What fits into a cell."""


@dataclass(frozen=True)
class Cell:
    """A cell: where it is, its colour, its number."""

    x: float
    y: float
    side: str
    shade: float
    text: str
    undecided: bool


@dataclass(frozen=True)
class Swatch:
    """A step of the colour scale."""

    x: float
    side: str
    shade: float
    label: str


@dataclass(frozen=True)
class Panel:
    """One picture of a map; places are in its units, labels are (place, text)."""

    id: str
    title: str
    description: str
    tally: str
    width: float
    height: float
    left: float
    top: float
    row_name: str
    column_name: str
    row_labels: Sequence[tuple[float, str]]
    column_labels: Sequence[tuple[float, str]]
    cells: Sequence[Cell]


@dataclass(frozen=True)
class MapDrawing:
    """A map that could be drawn; `rows` are (panel, row, column, estimate, interval, n) in words."""

    id: str
    title: str
    showed: str
    drawn: str
    quantity: str
    seeds: str
    panels: Sequence[Panel]
    scale: Sequence[Swatch]
    lost: bool
    rows: Sequence[Sequence[str]]
    csv: str


def shown(found: Map) -> bool:
    """Whether a map has any number to show.

    >>> shown({"estimate": [[None, None]]}), shown({"estimate": [[None, 0.0]]})
    (False, True)
    """
    return any(finite(value) for row in found["estimate"] for value in row)


def map_drawing(id: str, title: str, maps: Sequence[Map], *, showed: str = "", drawn: str = "") -> MapDrawing:
    """The drawing of maps that stand side by side: ``map_drawing("map-gd-rate-1", "Map “gain”", maps)``."""
    every = [value for found in maps for row in found["estimate"] for value in row]
    top = max((abs(value) for value in every if finite(value)), default=0.0) or 1.0
    counts = sorted({found["n"] for found in maps})
    return MapDrawing(
        id=id,
        title=title,
        showed=showed,
        drawn=drawn,
        quantity="; ".join(dict.fromkeys(found["quantity"] for found in maps)),
        seeds=f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds",
        panels=[_panel(f"{id}-{i}", found, top) for i, found in enumerate(maps, start=1)],
        scale=_scale(top),
        lost=not all(map(finite, every)),
        rows=[row for found in maps for row in _rows(found)],
        csv=_csv(maps),
    )


# ---- places --------------------------------------------------------------------------------------------------


def _panel(id: str, found: Map, top: float) -> Panel:
    rows, columns = _labels(found["rows"]), _labels(found["columns"])
    left = GAP + CHARACTER * max(map(len, rows), default=0)
    bottom = ABOVE + HIGH * len(rows)
    cells = [_cell(found, i, j, left, top) for i in range(len(rows)) for j in range(len(columns))]
    return Panel(
        id=id,
        title=found["panel"],
        description=_description(found),
        tally=_tally(found),
        width=max(left + WIDE * len(columns), CHARACTER * max(len(found["rows"]["label"]), len(found["columns"]["label"]))),
        height=bottom + BELOW,
        left=left,
        top=ABOVE,
        row_name=found["rows"]["label"],
        column_name=found["columns"]["label"],
        row_labels=[(_row_place(i, len(rows)) + HIGH / 2, text) for i, text in enumerate(rows)],
        column_labels=[(left + WIDE * (j + 0.5), text) for j, text in enumerate(columns)],
        cells=cells,
    )


def _row_place(i: int, count: int) -> float:
    # Upwards, as on an axis: the first value is the lowest row.
    return ABOVE + HIGH * (count - 1 - i)


def _cell(found: Map, i: int, j: int, left: float, top: float) -> Cell:
    value = found["estimate"][i][j]
    undecided = _undecided(found, i, j)
    text = f"{'~ ' if undecided else ''}{_signed(value, top)}"
    y = _row_place(i, len(found["rows"]["values"]))
    return Cell(left + WIDE * j, y, _side(value), _shade(value, top), text, undecided)


def _scale(top: float) -> list[Swatch]:
    middle = SWATCHES // 2
    values = [top * (i - middle) / middle for i in range(SWATCHES)]
    labelled = {0, middle, SWATCHES - 1}
    return [
        Swatch(30.0 * i, _side(value), _shade(value, top), _signed(value, top) if i in labelled else "")
        for i, value in enumerate(values)
    ]


def _side(value: Number) -> str:
    return "" if not finite(value) or value == 0 else "above" if value > 0 else "below"


def _shade(value: Number, top: float) -> float:
    return round(MOST_SHADE * abs(value) / top, 3) if finite(value) else 0.0


def _undecided(found: Map, i: int, j: int) -> bool:
    """Whether a cell's interval includes zero, or a cell with a number has none."""
    low, high = found["low"][i][j], found["high"][i][j]
    if not finite(low) or not finite(high):
        return finite(found["estimate"][i][j])
    return low <= 0 <= high


# ---- words ---------------------------------------------------------------------------------------------------


def _labels(factor: Factor) -> list[str]:
    return [number(value) for value in factor["values"]]


def _signed(value: Number, top: float = 1.0) -> str:
    """A number with its sign and the decimals that the largest on the map needs.

    >>> _signed(-0.034), _signed(0.00123, top=0.012), _signed(2e-7, top=3e-7), _signed(0.0), _signed(None)
    ('−0.03', '+0.001', '+2×10⁻⁷', '0', 'none')
    """
    if not finite(value):
        return "none"
    if value == 0:
        return "0"
    places = max(0, min(2, 3 - len(str(int(top))))) if top >= 1 else 1 - math.floor(math.log10(top))
    size = f"{abs(value):.{places}f}" if places <= MOST_DECIMALS and top < TOO_LARGE else number(abs(value), digits=2)
    return ("+" if value > 0 else MINUS) + size


def _tally(found: Map) -> str:
    """How many cells lie above and below zero, and how many are undecided.

    >>> ends = {"estimate": [[0.3, 0.1]], "low": [[0.2, -0.1]], "high": [[0.4, 0.3]]}
    >>> _tally(ends | {"rows": {"values": [1]}, "columns": {"values": [1, 10]}})
    'Of 2 cells, 1 lies above 0, none below, 1 is undecided.'
    """
    cells = [(found["estimate"][i][j], _undecided(found, i, j)) for i, j in _places(found)]
    decided = [value for value, undecided in cells if finite(value) and not undecided]
    above, undecided = sum(value > 0 for value in decided), sum(flag for _, flag in cells)
    lost = sum(not finite(value) for value, _ in cells)
    told = [f"{_some(above, 'lies', 'lie')} above 0", f"{len(decided) - above or 'none'} below"]
    told += [_some(undecided, "is", "are") + " undecided"] if undecided else []
    told += [_some(lost, "has", "have") + " no number"] if lost else []
    return f"Of {len(cells)} cell{'' if len(cells) == 1 else 's'}, {', '.join(told)}."


def _some(count: int, one: str, many: str) -> str:
    return f"{count or 'none'} {one if count <= 1 else many}"


def _description(found: Map) -> str:
    seen = [(value, i, j) for i, j in _places(found) if finite(value := found["estimate"][i][j])]
    if not seen:
        return _tally(found)
    ends = [f"{number(value, digits=3)} at {_row(found, i)}, {_column(found, j)}" for value, i, j in (min(seen), max(seen))]
    return f"{found['quantity']}, from {ends[0]} to {ends[1]}. {_tally(found)}"


def _places(found: Map) -> Iterator[tuple[int, int]]:
    return ((i, j) for i in range(len(found["rows"]["values"])) for j in range(len(found["columns"]["values"])))


def _row(found: Map, i: int) -> str:
    return f"{found['rows']['label']} = {number(found['rows']['values'][i])}"


def _column(found: Map, j: int) -> str:
    return f"{found['columns']['label']} = {number(found['columns']['values'][j])}"


def _rows(found: Map) -> list[list[str]]:
    return [[found["panel"], _row(found, i), _column(found, j), *_numbers(found, i, j)] for i, j in _places(found)]


def _numbers(found: Map, i: int, j: int) -> list[str]:
    value, ends = found["estimate"][i][j], [found["low"][i][j], found["high"][i][j]]
    fine = telling(grain([value, *ends], half_width(ends)), ends, 0.0)
    interval = bracket(ends, fine) if any(map(finite, ends)) else "none"
    mark = ", includes 0" if _undecided(found, i, j) and interval != "none" else ""
    return [fine.text(value), interval + mark, str(found["n"])]


def _csv(maps: Sequence[Map]) -> str:
    """All cells as CSV text; an empty field is a number that is not finite."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["panel", "row", "row value", "column", "column value", "quantity", "n", "estimate", "low", "high"])
    for found in maps:
        rows, columns = found["rows"], found["columns"]
        for i, j in _places(found):
            place = [rows["label"], f"{rows['values'][i]:g}", columns["label"], f"{columns['values'][j]:g}"]
            numbers = found["estimate"][i][j], found["low"][i][j], found["high"][i][j]
            writer.writerow([found["panel"], *place, found["quantity"], found["n"], *map(_short, numbers)])
    return text.getvalue()


def _short(value: Number) -> str:
    return f"{value:.4g}" if finite(value) else ""
