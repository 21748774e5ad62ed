"""How a number depends on when reading stops: the same estimate from the same runs, had they ended earlier."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from evidence.estimators import Curves, Estimator, Measured, MeasurementError
from evidence.inference import intervals

__all__ = ["SHARES", "shorter"]

Json: TypeAlias = dict[str, Any]
SHARES = (0.5, 0.1)
"""Where the runs are cut, as shares of their time: in half, and a decade earlier."""


def shorter(estimator: Estimator, arms: Sequence[Curves], seeds: Sequence[int]) -> list[Json]:
    """Return the estimate and its intervals from curves cut at each of `SHARES`; none where a cut leaves nothing to read.

    Arms that were recorded at different times, of which one may be no curve of time at all, are not cut.

    >>> from evidence.slopes import LateExponent
    >>> times = np.geomspace(1, 1e6, 241)
    >>> found = shorter(LateExponent(), [Curves(times, times ** -np.array([[0.5], [0.51], [0.52]]))], range(3))
    >>> [(each["share"], round(each["estimate"], 2)) for each in found]
    [(0.5, -0.51), (0.1, -0.51)]
    """
    if any(not np.array_equal(arm.times, arms[0].times) for arm in arms):
        return []
    found = [_cut(estimator, arms, seeds, share) for share in SHARES]
    return [each for each in found if each]


def _cut(estimator: Estimator, arms: Sequence[Curves], seeds: Sequence[int], share: float) -> Json:
    kept = arms[0].times <= share * arms[0].times[-1]
    if kept.sum() < 2:
        return {}
    try:
        measured = estimator.measure(*(Curves(arm.times[kept], arm.values[:, kept]) for arm in arms))
    except (MeasurementError, np.linalg.LinAlgError):
        return {}
    found, trouble = intervals(measured, seeds) if isinstance(measured, Measured) else (None, "no measurement")
    if found is None or trouble:
        return {}
    ends = {"90": list(found.interval90), "95": list(found.interval95)}
    return {"share": share, "estimate": found.estimate, "interval": ends}
