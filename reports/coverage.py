r"""The drawing of the referee's coverage: how often its 95 % interval holds the truth, by noise and number of seeds.

>>> row = {"noise": "normal", "n": 3, "rate": 0.9497, "experiments": 20000, "known": ""}
>>> drawn = coverage_plot([row])
>>> drawn.description
'normal: 95.0\xa0% at n = 3.'
>>> coverage_plot([]) is None
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from reports.calibration import Coverage
from reports.numerals import finite
from reports.rates import above, below, percent, wilson
from reports.scales import linear_ticks
from reports.svg import INK, SERIES, drawing

__all__ = ["BAND", "Plot", "by_noise", "coverage_plot", "outside", "series"]

BAND = (0.93, 0.97)
NOMINAL = 0.95
WIDTH, HEIGHT = 640, 380
# Five colours, five dashes and seven markers: no two of the first 35 series look the same, in grey either.
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.4, 1.6)), (0, (7, 2, 1.4, 2)), (0, (9, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Series stand side by side over their n, or their points would hide each other; this is the room they share.
SPREAD = 0.5


@dataclass(frozen=True)
class Plot:
    """The inside of an `<svg>`, its size, and its content in words."""

    body: Markup
    width: int
    height: int
    description: str


def outside(row: Coverage) -> bool:
    """Whether a rate lies outside the band that is accepted, by more than chance.

    >>> outside({"rate": 0.88, "experiments": 20000}), outside({"rate": 0.927, "experiments": 20000})
    (True, False)
    """
    rate, tried = row["rate"], row["experiments"]
    return not finite(rate) or below(rate, BAND[0], tried) or above(rate, BAND[1], tried)


def by_noise(rows: Sequence[Coverage]) -> dict[str, dict[int, Coverage]]:
    """The rows by noise and n, noises in the order in which they came.

    >>> by_noise([{"noise": "normal", "n": 3}])
    {'normal': {3: {'noise': 'normal', 'n': 3}}}
    """
    found: dict[str, dict[int, Coverage]] = {}
    for row in rows:
        found.setdefault(row["noise"], {})[row["n"]] = row
    return found


def series(rows: Sequence[Coverage]) -> list[Coverage]:
    """The rows of noises that were tried with several n, which make a line; all rows where there is none such.

    >>> rows = [{"noise": "normal", "n": 3}, {"noise": "normal", "n": 5}, {"noise": "two arms", "n": 15}]
    >>> [row["n"] for row in series(rows)]
    [3, 5]
    """
    lines = {noise for noise, found in by_noise(rows).items() if len(found) > 1}
    return [row for row in rows if row["noise"] in lines] or list(rows)


def coverage_plot(rows: Sequence[Coverage]) -> Plot | None:
    r"""The drawing; None where there is nothing to draw: ``coverage_plot(referee["coverage"])``."""
    drawn = by_noise([row for row in series(rows) if finite(row["rate"])])
    if not drawn:
        return None
    return Plot(drawing("coverage-", (WIDTH, HEIGHT), _draw, drawn), WIDTH, HEIGHT, _description(drawn))


def _description(drawn: dict[str, dict[int, Coverage]]) -> str:
    told = (", ".join(f"{percent(row['rate'])} at n = {n}" for n, row in sorted(rows.items())) for rows in drawn.values())
    return "; ".join(f"{noise}: {words}" for noise, words in zip(drawn, told, strict=True)) + "."


def _draw(figure: Figure, drawn: dict[str, dict[int, Coverage]]) -> None:
    axes = figure.add_subplot(xlabel="number of seeds n", ylabel="coverage of the 95 % interval, %")
    sizes = sorted({n for rows in drawn.values() for n in rows})
    axes.axhspan(100 * BAND[0], 100 * BAND[1], color=INK, alpha=0.08, linewidth=0, label="accepted, 93 % to 97 %")
    axes.axhline(100 * NOMINAL, color=INK, linewidth=1.0, linestyle="-.", label="95 %")
    for i, (noise, rows) in enumerate(drawn.items()):
        _line(axes, noise, [(sizes.index(n) + _aside(i, len(drawn)), rows[n]) for n in sorted(rows)], i)
    _frame(axes, sizes)
    figure.legend(loc="outside upper left", ncols=2, borderaxespad=0.2, columnspacing=1.6)


def _aside(i: int, lines: int) -> float:
    return SPREAD * ((i + 0.5) / lines - 0.5)


def _line(axes: Axes, noise: str, points: Sequence[tuple[float, Coverage]], i: int) -> None:
    x, rates = [place for place, _ in points], [100 * (row["rate"] or 0.0) for _, row in points]
    colour = SERIES[i % len(SERIES)]
    for place, row in points:
        if row["experiments"] > 0 and 0 <= (row["rate"] or 0.0) <= 1:
            axes.plot([place] * 2, [100 * end for end in wilson(row["rate"] or 0.0, row["experiments"])], color=colour)
    axes.plot(
        x,
        rates,
        color=colour,
        linestyle=DASHES[i % len(DASHES)],
        linewidth=1.1,
        marker=MARKERS[i % len(MARKERS)],
        markersize=5.5,
        label=_plain(noise),
    )


def _plain(noise: str) -> str:
    """A name that matplotlib takes as it is: an underscore would keep it out of the legend, dollars would make it a formula."""
    return noise.lstrip("_").replace("$", r"\$") or "unnamed"


def _frame(axes: Axes, sizes: Sequence[int]) -> None:
    low, high = axes.get_ylim()
    low, high = min(low, 92.0), min(max(high, 98.0), 101.0)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, len(sizes) - 0.5)
    axes.set_xticks(range(len(sizes)), labels=[str(n) for n in sizes])
    ticks = linear_ticks(low, min(high, 100.0), 7)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticks([value for value, _ in ticks], labels=[label for _, label in ticks])
    axes.grid(True, axis="y")
