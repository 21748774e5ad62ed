"""Holm's adjustment over the family of confirmatory claims: the registered catalogue, whatever was selected to run."""

import math
from collections.abc import Mapping

__all__ = ["claim_p", "holm"]


def claim_p(parts: list[float]) -> float:
    """Return a claim's p-value from those of its required parts: the largest (intersection-union); nan where there is none.

    >>> claim_p([0.01, 0.04])
    0.04
    """
    finite = [p for p in parts if not math.isnan(p)]
    return max(finite) if finite and len(finite) == len(parts) else math.nan


def holm(p_values: Mapping[str, float], family: int) -> dict[str, float]:
    """Return adjusted p-values of the claims that ran, in a family of `family` claims.

    Claims that did not run, or have no p-value, count as p = 1: that makes every adjusted p-value as large as it can be, so
    selecting fewer claims never makes one look better. Source: S. Holm, Scandinavian Journal of Statistics 6, 65-70 (1979).

    >>> holm({"a": 0.01, "b": 0.02}, family=4)
    {'a': 0.04, 'b': 0.06}
    """
    known = {name: p for name, p in p_values.items() if not math.isnan(p)}
    adjusted, so_far = {name: math.nan for name in p_values}, 0.0
    # Written out: statsmodels, with which it is tested, takes two seconds to import, a fifth of a session that judges nothing.
    for rank, name in enumerate(sorted(known, key=known.__getitem__)):
        so_far = max(so_far, min(1.0, known[name] * (max(family, len(known)) - rank)))
        adjusted[name] = so_far
    return adjusted
