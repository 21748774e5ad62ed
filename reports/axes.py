"""What a drawing says of itself, so that the page's script can read its values back from its own paths.

No number is told twice. A panel has `data-axes`: for x and for y the kind, the places of both ends and the numbers there. A curve
has its name in `data-curve`, and its band the same one in `data-band`. A specification curve has the choices of its columns in
`data-columns`; its marks have their reading in `data-curve`, its bars their level in `data-band`. All else are the places of the
paths, as exact as a tenth of a unit on paper is.

>>> axis = Axis(start=50.0, stop=650.0, low=0.0, high=6.0, log=True)
>>> str(axis), axis.value(350.0), axis.place(1e3)
('log 50 650 0 6', 1000.0, 350.0)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["PANEL", "Axis", "described", "gid", "marked"]

PANEL = "data-axes"
"""The attribute of a panel's axes; left empty until it has been drawn, and known only then."""
UNITS_PER_INCH = 72.0
# A share of an axis: on paper a hundredth of a unit, a tenth of what paths are rounded to.
FINE = 1e-5


@dataclass(frozen=True)
class Axis:
    """Maps the numbers from `low` to `high` onto the places from `start` to `stop`, counted in units from the upper left corner.

    On a log axis `low` and `high` are exponents of ten.
    """

    start: float
    stop: float
    low: float
    high: float
    log: bool = False

    def value(self, place: float) -> float:
        """The number at a place.

        >>> Axis(start=100.0, stop=0.0, low=-1.0, high=1.0).value(25.0)
        0.5
        """
        found = self.low + (place - self.start) / (self.stop - self.start) * (self.high - self.low)
        return float(10.0**found) if self.log else found

    def place(self, value: float) -> float:
        """The place of a number, which is positive on a log axis: ``Axis(100.0, 0.0, -1.0, 1.0).place(0.5)``."""
        number = math.log10(value) if self.log else value
        return self.start + (number - self.low) / (self.high - self.low) * (self.stop - self.start)

    def __str__(self) -> str:
        low, high = (_fine(end, self.high / 2 - self.low / 2) for end in (self.low, self.high))
        return f"{'log' if self.log else 'even'} {_short(self.start)} {_short(self.stop)} {low} {high}"


def _short(place: float) -> str:
    return f"{place:.2f}".rstrip("0").rstrip(".")


def _fine(value: float, half: float) -> str:
    """`value` with the digits that a share `FINE` of half the axis takes: ends near each other take more of them."""
    size = math.floor(math.log10(max(abs(value), abs(half))))
    return f"{value:.{size - math.floor(math.log10(FINE * abs(half))) + 1}g}"


def gid(**words: str) -> str:
    """`data-` attributes as the one name that matplotlib hands on to a drawing.

    >>> gid(curve="plain, error"), marked(gid(curve="plain, error"))
    ('data-curve=plain%2C+error', {'data-curve': 'plain, error'})
    """
    return urlencode({f"data-{name}": word for name, word in words.items()})


def marked(name: str | None) -> dict[str, str]:
    """The attributes that `gid` put into a name; none for matplotlib's own names.

    >>> marked("line2d_7"), marked(None)
    ({}, {})
    """
    return dict(parse_qsl(name, keep_blank_values=True)) if name and name.startswith("data-") else {}


def described(figure: Figure) -> Iterator[str]:
    """The axes of each panel that is marked and not yet described, x before y, in a figure that has been drawn."""
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    for axes in figure.axes:
        if marked(axes.get_gid()).get(PANEL) == "":
            yield _described(axes, width, height)


def _described(axes: Axes, width: float, height: float) -> str:
    box = axes.get_position()
    x = _axis((box.x0 * width, box.x1 * width), axes.get_xlim(), axes.get_xscale() == "log")
    y = _axis(((1.0 - box.y0) * height, (1.0 - box.y1) * height), axes.get_ylim(), axes.get_yscale() == "log")
    return f"{x},{y}"


def _axis(places: tuple[float, float], limits: tuple[float, float], log: bool) -> Axis:
    low, high = (math.log10(limit) for limit in limits) if log else limits
    return Axis(*places, low, high, log)
