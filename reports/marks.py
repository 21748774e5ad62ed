"""The small pictures: an interval against its region, with every seed as a dot.

Only geometry is computed here; ``marks.html.j2`` writes the SVG.

>>> part = {"name": "p = 4", "kind": "equivalence", "estimate": 0.5, "target": 0.5, "region": [0.4, 0.6],
...         "interval": {"90": [0.48, 0.52], "95": [0.47, 0.53]}, "n": 3, "per_seed": [0.47, 0.5, 0.53]}
>>> glance(part).point
80.0
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.exact import by_deviation, deviation, deviations, tolerance
from reports.numerals import finite, power
from reports.record import Part
from reports.scales import Scale, Tick, decades, linear_ticks, roomy

__all__ = ["DOTS_PER_STRIP", "Strip", "glance", "strip"]

DOTS_PER_STRIP = 200
GOLDEN = 0.6180339887498949
# An exact part's picture spans at least this much, so that its distance from the tolerance can be seen.
FEWEST_DECADES = 3

Pair = tuple[float, float]


@dataclass(frozen=True)
class Strip:
    """Places, in units of the picture, of all that is drawn; None or empty for what is not."""

    width: float
    height: float
    base: float
    line: float
    region: Pair
    edges: Sequence[float]
    target: float | None
    thin: Pair | None
    thick: Pair | None
    point: float | None
    dots: str
    ticks: Sequence[Tick]
    note: str


@dataclass(frozen=True)
class Sheet:
    """The paper a strip is drawn on: the region reaches down to `base`, the interval lies at `line`."""

    width: float
    height: float
    base: float
    line: float
    margin: float
    dots: Pair | None
    ticks: bool


# The glance has one line only, so seeds and axis are left to the claim's own section.
GLANCE = Sheet(width=160, height=24, base=22, line=12, margin=6, dots=None, ticks=False)
FULL = Sheet(width=300, height=68, base=46, line=35, margin=20, dots=(7, 24), ticks=True)


@dataclass(frozen=True)
class Content:
    """The numbers of a part in the units of its picture: its own, or decades of the deviation."""

    estimate: float | None
    target: float | None
    region: Sequence[float | None]
    thin: Sequence[float | None] | None
    thick: Sequence[float | None] | None
    seeds: Sequence[float | None]
    log: bool = False


def glance(part: Part) -> Strip:
    """The picture for the table of claims: interval, estimate and region, without seeds and without an axis.

    >>> part = {"kind": "exact", "estimate": 1.5, "target": 1, "region": [0, 2], "tolerance": 1, "per_seed": [1.5]}
    >>> glance(part).dots, glance(part).ticks
    ('', [])
    """
    return _draw(_content(part), GLANCE, most_dots=0)


def strip(part: Part, most_dots: int = DOTS_PER_STRIP) -> Strip:
    """The picture for the claim's own section: every seed as a dot, at most `most_dots` of them.

    >>> part = {"kind": "superiority", "estimate": 2, "target": 0, "region": [0.5, None], "per_seed": [1, 2, 3]}
    >>> strip(part, most_dots=2).note
    '2 of 3 seeds drawn'
    """
    return _draw(_content(part), FULL, most_dots)


# ---- what is drawn -------------------------------------------------------------------------------------------


def _content(part: Part) -> Content:
    if by_deviation(part) and tolerance(part) > 0:
        return _decades_of(part)
    interval = part.get("interval")
    return Content(
        estimate=part["estimate"],
        target=part["target"],
        region=part["region"],
        seeds=part["per_seed"],
        thin=interval["95"] if interval else None,
        thick=interval["90"] if interval else None,
    )


def _decades_of(part: Part) -> Content:
    """An exact part is drawn as decades of its deviation: the region is all that lies left of the tolerance."""
    return Content(
        estimate=_decade(deviation(part)),
        target=None,
        region=(None, _decade(tolerance(part))),
        thin=None,
        thick=None,
        seeds=[_decade(distance) for distance in deviations(part)],
        log=True,
    )


def _decade(distance: float | None) -> float | None:
    # Zero has no logarithm; minus infinity is later put on the left edge.
    if distance is None:
        return None
    return math.log10(distance) if distance > 0 else -math.inf


# ---- where it is drawn ---------------------------------------------------------------------------------------


def _draw(content: Content, sheet: Sheet, most_dots: int) -> Strip:
    scale = _scale(content, sheet)
    dots, note = _dots(content, sheet, scale, most_dots)
    return Strip(
        width=sheet.width,
        height=sheet.height,
        base=sheet.base,
        line=sheet.line,
        region=_region(content, sheet, scale),
        edges=_edges(content, scale),
        target=_place(content.target, scale),
        thin=_bar(content.thin, sheet, scale),
        thick=_bar(content.thick, sheet, scale),
        point=_place(content.estimate, scale),
        dots=dots,
        ticks=_ticks(content, sheet, scale),
        note=note,
    )


def _scale(content: Content, sheet: Sheet) -> Scale:
    core = [v for v in _core(content) if finite(v)]
    seeds = [v for v in content.seeds if finite(v)] if sheet.dots else []
    low, high = _hull(core + _without_outliers(seeds))
    if content.log:
        low, high = math.floor(min(low, high - FEWEST_DECADES)), math.ceil(high + 0.5)
    pad = 0.06 * (high - low)
    return Scale(low - pad, high + pad, sheet.margin, sheet.width - sheet.margin)


def _core(content: Content) -> Iterable[float | None]:
    yield from (content.estimate, content.target, *content.region)
    yield from (*(content.thin or ()), *(content.thick or ()))


def _hull(values: Sequence[float]) -> Pair:
    low, high = min(values, default=0.0), max(values, default=1.0)
    # One place only (nothing but an estimate, say) still needs a scale around it.
    room = abs(low) * 0.1 or 1.0
    return (low, high) if high - low > 1e-12 * max(abs(low), abs(high)) else (low - room, high + room)


def _without_outliers(values: Sequence[float]) -> list[float]:
    """The values within five quartile ranges of the middle half, so that one wild seed does not hide the others."""
    if len(values) < 4:
        return list(values)
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
    reach = 5 * (high - low)
    return [v for v in values if low - reach <= v <= high + reach]


def _place(value: float | None, scale: Scale) -> float | None:
    if value is None or math.isnan(value):
        return None
    return round(scale(value), 1)


def _region(content: Content, sheet: Sheet, scale: Scale) -> Pair:
    left, right = (round(place, 1) for place in _reach(content.region, sheet, scale))
    return left, round(max(right - left, 1.5), 1)


def _edges(content: Content, scale: Scale) -> list[float]:
    return [round(scale(edge), 1) for edge in content.region if finite(edge)]


def _reach(ends: Sequence[float | None], sheet: Sheet, scale: Scale) -> Pair:
    """From end to end, and to the edge of the picture where an end is open."""
    low, high = ends
    return scale(low) if finite(low) else 0.0, scale(high) if finite(high) else sheet.width


def _bar(ends: Sequence[float | None] | None, sheet: Sheet, scale: Scale) -> Pair | None:
    """A line over the interval, at least 2 units long; none where both ends are lost."""
    if ends is None or not any(finite(end) for end in ends):
        return None
    left, right = _reach(ends, sheet, scale)
    short = max(0.0, (2 - (right - left)) / 2)
    return round(left - short, 1), round(right + short, 1)


# ---- seeds and ticks -----------------------------------------------------------------------------------------


def _dots(content: Content, sheet: Sheet, scale: Scale, most: int) -> tuple[str, str]:
    if sheet.dots is None:
        return "", ""
    values = [v for v in content.seeds if v is not None and not math.isnan(v)]
    drawn = _thinned(values, most)
    beyond = "without any deviation, put on the left edge" if content.log else "beyond the picture, put on its edge"
    notes = [
        f"{len(drawn)} of {len(values)} seeds drawn" if len(drawn) < len(values) else "",
        _count(sum(scale.beyond(v) for v in drawn), beyond),
        _count(len(content.seeds) - len(values), "not finite"),
    ]
    return _path(drawn, sheet.dots, scale), "; ".join(note for note in notes if note)


def _count(number: int, words: str) -> str:
    return f"{number} {'seed' if number == 1 else 'seeds'} {words}" if number else ""


def _thinned(values: Sequence[float], most: int) -> Sequence[float]:
    """Every k-th value, and always the two outermost, which a reader looks for first."""
    if len(values) <= most:
        return values
    kept = set(range(0, len(values), math.ceil(len(values) / max(most - 2, 1))))
    kept |= {values.index(min(values)), values.index(max(values))}
    return [values[i] for i in sorted(kept)]


def _path(values: Sequence[float], rows: Pair, scale: Scale) -> str:
    """One path of zero-length strokes with round caps: a tenth of the bytes of a circle for each seed."""
    top, bottom = rows
    # Multiples of the golden ratio spread evenly and are the same on every run, unlike random jitter.
    return "".join(f"M{scale(value):.1f} {top + (bottom - top) * (i * GOLDEN % 1):.0f}h0" for i, value in enumerate(values))


def _ticks(content: Content, sheet: Sheet, scale: Scale) -> list[Tick]:
    if not sheet.ticks:
        return []
    labels = _decade_labels if content.log else linear_ticks
    width = scale.right - scale.left
    found = roomy(_between(labels, scale), width, per_character=6.2)
    return [(round(scale(value), 1), label) for value, label in found]


def _between(labels: Callable[[float, float, int], list[Tick]], scale: Scale) -> Callable[[int], list[Tick]]:
    return lambda most: labels(scale.low, scale.high, most)


def _decade_labels(low: float, high: float, most: int) -> list[Tick]:
    return [(float(e), power(e)) for e in decades(low, high, most)]
