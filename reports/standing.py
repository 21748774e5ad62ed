"""What would change a part's verdict: another margin, or another length of the runs.

The verdict is read off the part's own intervals by the project's rule: supported where the 90 % interval lies inside the
region, refuted where the 95 % interval lies outside. Nothing is measured anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.numerals import finite, number
from reports.record import Bounds, Interval, Part, Verdict
from reports.wording import Line, explored

__all__ = ["MARGINS", "Row", "grid", "read_off", "turning_margins", "would_change"]

MARGINS = (0.5, 1.0, 2.0)
"""The margins that verdicts are tried at, as multiples of the declared one."""
RUNS = {1.0: "whole runs", 0.5: "half of the runs", 0.1: "a tenth of the runs"}


@dataclass(frozen=True)
class Row:
    """One length of the runs: its estimate and 90 % interval, and the verdicts at `MARGINS`, or at the one margin there is."""

    run: str
    share: float
    estimate: Line
    interval: Line
    verdicts: Sequence[Verdict]


def read_off(interval: Interval, region: Bounds) -> Verdict:
    """The verdict of an interval on a region whose open ends are None.

    >>> read_off({"90": [0.1, 0.2], "95": [0.0, 0.3]}, [None, 0.25]), read_off({"90": [1, 2], "95": [0.9, 3]}, [None, 0.25])
    ('supported', 'refuted')
    """
    low, high = region
    (low90, high90), (low95, high95) = interval["90"], interval["95"]
    if not all(finite(end) for end in (low90, high90, low95, high95)):
        return "invalid"
    above, below = low is None or low < low90, high is None or high90 < high  # type: ignore[operator]
    if above and below:
        return "supported"
    outside = (low is not None and high95 < low) or (high is not None and high < low95)  # type: ignore[operator]
    return "refuted" if outside else "inconclusive"


def grid(part: Part) -> list[Row]:
    """The part's verdict at other lengths of its runs and other margins; empty where nothing but the part itself is known.

    >>> grid({"kind": "exact"})
    []
    """
    if "interval" not in part or part["verdict"] == "invalid":
        return []
    shorter = part.get("shorter", [])
    if not shorter and not _has_margin(part):
        return []
    whole = (1.0, part["estimate"], part["interval"])
    found = [whole, *((each["share"], each["estimate"], each["interval"]) for each in shorter)]
    return [_row(part, share, estimate, interval) for share, estimate, interval in found]


def turning_margins(part: Part) -> tuple[float | None, float | None]:
    """The multiples of the declared margin above which the part is supported, and below which it is refuted; None if not known.

    >>> part = {"kind": "equivalence", "target": 0.0, "region": [-1.0, 1.0], "margin": {"value": 1.0}}
    >>> turning_margins(part | {"interval": {"90": [0.2, 0.4], "95": [0.1, 0.5]}})
    (0.4, 0.1)
    """
    target, unit = part["target"], part["margin"]["value"]
    if "interval" not in part or not _has_margin(part) or not finite(target):
        return None, None
    sides = [side for side, edge in zip((-1, 1), part["region"], strict=True) if finite(edge)]
    (low90, high90), (low95, high95) = part["interval"]["90"], part["interval"]["95"]
    if not all(finite(end) for end in (low90, high90, low95, high95)):
        return None, None
    farther = max(max(side * (end - target) for end in (low90, high90)) for side in sides)  # type: ignore[operator]
    nearer = max(min(side * (end - target) for end in (low95, high95)) for side in sides)  # type: ignore[operator]
    return round(max(farther, 0.0) / unit, 9), round(max(nearer, 0.0) / unit, 9)


def would_change(part: Part) -> str:
    """One sentence on what would change the part's verdict; empty where that cannot be told.

    >>> part = {"kind": "equivalence", "verdict": "supported", "target": 0.0, "region": [-1.0, 1.0], "margin": {"value": 1.0}}
    >>> would_change(part | {"interval": {"90": [0.2, 0.4], "95": [0.1, 0.5]}})
    'With a margin of 0.4 times the declared one or less it would be inconclusive, of less than 0.1 times refuted.'
    """
    if part["kind"] == "exact":
        return _exactly(part)
    if "interval" not in part or part["verdict"] not in ("supported", "refuted", "inconclusive"):
        return ""
    if not _has_margin(part):
        return _past_the_edge(part)
    supports, refutes = turning_margins(part)
    if supports is None or refutes is None:
        return ""
    return {"supported": _supported, "refuted": _refuted, "inconclusive": _open}[part["verdict"]](supports, refutes)


# ---- margins -------------------------------------------------------------------------------------------------


def _has_margin(part: Part) -> bool:
    """Whether the region grows with the margin: where a sign is asked for, the margin is that of planted effects alone."""
    return part["kind"] in ("equivalence", "non-superiority")


def _scaled(part: Part, times: float) -> Bounds:
    target, unit = part["target"], part["margin"]["value"] * times
    assert target is not None
    low, high = part["region"]
    return [None if low is None else target - unit, None if high is None else target + unit]


def _row(part: Part, share: float, estimate: float | None, interval: Interval) -> Row:
    regions = [_scaled(part, times) for times in MARGINS] if _has_margin(part) else [part["region"]]
    numbers = {"estimate": estimate, "interval": interval, "unit": part["unit"]}
    line, ninety, _ = explored(numbers, part["target"])  # type: ignore[arg-type]
    run = RUNS.get(share, f"{number(share)} of the runs")
    return Row(run, share, line, ninety, [read_off(interval, each) for each in regions])


# ---- sentences -----------------------------------------------------------------------------------------------


def _times(value: float) -> str:
    return f"{number(value, 2)} times"


def _supported(supports: float, refutes: float) -> str:
    first = f"With a margin of {_times(supports)} the declared one or less it would be inconclusive"
    return f"{first}, of less than {_times(refutes)} refuted." if refutes > 0 else f"{first}."


def _refuted(supports: float, refutes: float) -> str:
    first = f"It would take a margin of {_times(refutes)} the declared one to be inconclusive"
    return f"{first}, of more than {_times(supports)} to be supported."


def _open(supports: float, refutes: float) -> str:
    first = f"A margin of more than {_times(supports)} the declared one would support it"
    return f"{first}, one of less than {_times(refutes)} refute it." if refutes > 0 else f"{first}."


def _past_the_edge(part: Part) -> str:
    """Where only a side is asked for: how far the interval is from the edge, in its own half-widths."""
    low, high = part["region"]
    edge = high if high is not None else low
    ends = part["interval"]["90" if part["verdict"] == "supported" else "95"]
    if edge is None or not all(finite(end) for end in ends):
        return ""
    half = (ends[1] - ends[0]) / 2  # type: ignore[operator]
    room = max(edge - ends[1], ends[0] - edge)  # type: ignore[operator]
    if part["verdict"] == "inconclusive" or room <= 0 or half <= 0:
        return f"The interval holds the edge, {number(edge)}: more seeds would narrow it."
    widths = f"{number(room / half, 2)} half-widths of its interval"
    return f"To be inconclusive the mean would have to be nearer to {number(edge)} by {number(room, 2)}, {widths}."


def _exactly(part: Part) -> str:
    from reports.exact import deviation, tolerance

    found, allowed = deviation(part), tolerance(part)
    if not finite(found) or not allowed:
        return ""
    if part["verdict"] == "refuted":
        return f"It would take a tolerance of {number(found, 2)}, {number(found / allowed, 2)} times the declared one."
    if found == 0:
        return "No deviation was seen, so that any tolerance would do."
    return f"With a tolerance below {number(found, 2)}, {number(found / allowed, 2)} of the declared one, it would be refuted."
