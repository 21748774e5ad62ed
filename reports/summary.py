"""What the record says in short: the verdicts by family, and the part of a claim that decided.

>>> slack({"kind": "equivalence", "region": [0.0, 1.0], "margin": {"value": 0.5}, "estimate": 0.9, "target": 0.5})
0.2
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.exact import by_deviation, deviation, tolerance
from reports.numerals import finite
from reports.record import FAMILIES, ORIGINS, VERDICTS, Claim, Family, Origin, Part, Record, Verdict

__all__ = ["FAMILY_TITLES", "FamilySummary", "decisive", "differing", "families", "origin_of", "slack"]

FAMILY_TITLES: dict[Family, str] = {
    "theory": "Theory and the toy problem",
    "network": "Non-linear networks",
    "cited": "Results the report cites",
    "extension": "Beyond the report",
}
# The worst part decides, in this order.
SEVERITY: dict[Verdict, int] = {"invalid": 0, "refuted": 1, "inconclusive": 2, "supported": 3}


@dataclass(frozen=True)
class FamilySummary:
    """How the claims of one family fared: ids by the verdicts that occurred, and their numbers by whose sentence it is."""

    family: Family
    title: str
    found: Sequence[tuple[Verdict, Sequence[str]]]
    by_origin: Sequence[tuple[Origin, Sequence[tuple[Verdict, int]]]]
    not_run: int

    @property
    def judged(self) -> int:
        """Number of claims with a verdict."""
        return sum(len(ids) for _, ids in self.found)


def families(record: Record) -> list[FamilySummary]:
    """One summary per family that has a claim in the record, in the catalogue's order.

    >>> families({"claims": [], "not_run": []})
    []
    """
    found = [_summary(record, family) for family in FAMILIES]
    return [summary for summary in found if summary.judged or summary.not_run]


def _summary(record: Record, family: Family) -> FamilySummary:
    claims = [claim for claim in record["claims"] if claim["family"] == family]
    by_verdict = [(verdict, [c["id"] for c in claims if c["verdict"] == verdict]) for verdict in VERDICTS]
    left_out = sum(claim["family"] == family for claim in record["not_run"])
    origins = [(origin, _counts([c for c in claims if origin_of(c) == origin])) for origin in ORIGINS]
    found = [(verdict, ids) for verdict, ids in by_verdict if ids]
    return FamilySummary(family, FAMILY_TITLES[family], found, [each for each in origins if each[1]], left_out)


def _counts(claims: Sequence[Claim]) -> list[tuple[Verdict, int]]:
    counts = [(verdict, sum(claim["verdict"] == verdict for claim in claims)) for verdict in VERDICTS]
    return [(verdict, count) for verdict, count in counts if count]


def origin_of(claim: Claim) -> Origin:
    """Whose sentence a claim is; older records, which do not say, held the report's in the main.

    >>> origin_of({"origin": None})
    'report'
    """
    return claim["origin"] or "report"


def differing(record: Record) -> list[Claim]:
    """The claims whose verdict is not the one on record.

    >>> differing({"claims": []})
    []
    """
    return [claim for claim in record["claims"] if claim["verdict"] != claim["expect"]]


def decisive(claim: Claim) -> Part | None:
    """The part that decided: the worst verdict, and among equals the one with the least room to the region's edge.

    >>> decisive({"parts": []}) is None
    True
    """
    return min(claim["parts"], key=lambda part: (SEVERITY[part["verdict"]], slack(part)), default=None)


def slack(part: Part) -> float:
    """Room between the 90 % interval and the nearest edge of the region, in margins; negative beyond the edge.

    Without an interval the estimate itself is used, for an exact part the tolerance that is left; without a finite
    number the room is minus infinity.

    >>> slack({"kind": "superiority", "region": [None, 0.1], "margin": {"value": 0.1}, "interval": {"90": [0.0, 0.05]}})
    0.5
    """
    if by_deviation(part):
        return _room(deviation(part), tolerance(part), side=-1) / (tolerance(part) or 1.0)
    low, high = part["interval"]["90"] if "interval" in part else (part["estimate"], part["estimate"])
    edge_low, edge_high = part["region"]
    room = min(_room(low, edge_low, side=1), _room(high, edge_high, side=-1))
    return round(room / _unit(part), 9)


def _room(end: float | None, edge: float | None, *, side: int) -> float:
    if not finite(edge):
        return math.inf
    return side * (end - edge) if finite(end) else -math.inf


def _unit(part: Part) -> float:
    low, high = part["region"]
    if finite(low) and finite(high) and high > low:
        return (high - low) / 2 or 1.0
    return abs(part["margin"]["value"]) or 1.0
