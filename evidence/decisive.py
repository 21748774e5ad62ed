"""Which part of a claim decided its verdict."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from evidence.verdict import Verdict

__all__ = ["decisive", "room"]

Json: TypeAlias = Mapping[str, Any]


def decisive(parts: Sequence[Json]) -> Json | None:
    """Return the part with the worst verdict and, among equals, the least room to the edge of its region.

    >>> part = {"verdict": "supported", "region": [-1.0, 1.0], "margin": {"value": 1.0}}
    >>> near, far = part | {"interval": {"90": [0.7, 0.9]}}, part | {"interval": {"90": [-0.1, 0.1]}}
    >>> decisive([far, near]) is near
    True
    """
    order = list(Verdict)
    return max(parts, key=lambda part: (order.index(Verdict(part["verdict"])), -room(part)), default=None)


def room(part: Json) -> float:
    """Return the distance from the 90 % interval to the nearest edge, in margins; negative beyond the edge.

    Minus infinity where the part has no finite numbers; for an exact part, the share of the tolerance that is left.
    """
    if "interval" not in part:
        left = 1.0 - abs(_number(part["estimate"])) / part["tolerance"]
        return left if math.isfinite(left) else -math.inf
    low, high = (_number(end) for end in part["interval"]["90"])
    edge_low, edge_high = part["region"]
    rooms = [low - edge_low] if edge_low is not None and math.isfinite(edge_low) else []
    rooms += [edge_high - high] if edge_high is not None and math.isfinite(edge_high) else []
    nearest = min(rooms) / part["margin"]["value"]
    return nearest if math.isfinite(nearest) else -math.inf


def _number(value: float | None) -> float:
    return math.nan if value is None else value
