"""Maps for figures: an estimate and its interval over seeds in every cell of two factors, explored and not judged."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence.estimators import MeasurementError
from evidence.samples import OneSample

__all__ = ["FEWEST", "cells", "noted_map"]

Floats: TypeAlias = NDArray[np.float64]
Json: TypeAlias = dict[str, Any]
Factor: TypeAlias = tuple[str, Sequence[float]]

FEWEST = 3
"""Seeds without which a cell gets no interval."""


def cells(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, low and high end of the 90 % Student interval of numbers (..., seeds), each of shape (...).

    A cell is nan where one of its seeds is not finite; with fewer than three seeds all ends are.

    >>> mean, low, high = cells(np.array([[-1.0, 0.0, 1.0], [0.0, np.nan, 1.0]]))
    >>> mean.tolist(), high.round(3).tolist()
    ([0.0, nan], [1.686, nan])
    """
    whole = np.where(np.isfinite(values).all(axis=-1, keepdims=True), values, np.nan)
    if values.shape[-1] < FEWEST:
        lost = np.full(whole.shape[:-1], np.nan)
        return (whole.mean(axis=-1) if values.shape[-1] else lost), lost, lost
    sample = OneSample(whole)
    return sample.estimate, *sample.interval(0.1)


def noted_map(figure: str, panel: str, rows: Factor, columns: Factor, quantity: str, values: ArrayLike) -> Json:
    """Return a map as the record holds it.

    Raises ``MeasurementError`` where `values` are not (rows, columns, seeds), or a factor's value is not finite.

    >>> noted_map("m", "shared step", ("scale", [1, 2]), ("condition", [1]), "gain", [[[0.0, 0.0, 0.0]], [[1.0, 1.0, 1.0]]])["n"]
    3
    """
    numbers = np.asarray(values, dtype=np.float64)
    factors = [_factor(panel, *factor) for factor in (rows, columns)]
    wanted = tuple(len(factor["values"]) for factor in factors)
    if numbers.ndim != 3 or numbers.shape[:2] != wanted:
        raise MeasurementError(
            f"values of shape {_shape(numbers.shape)} do not fit the map {panel!r} of {_shape(wanted)} cells: they must be "
            "(rows, columns, seeds)"
        )
    mean, low, high = cells(numbers)
    return {
        "figure": figure, "panel": panel, "rows": factors[0], "columns": factors[1], "quantity": quantity,
        "n": numbers.shape[2], "estimate": mean.tolist(), "low": low.tolist(), "high": high.tolist(),
    }  # fmt: skip


def _factor(panel: str, label: str, values: Sequence[float]) -> Json:
    """Return a factor with its values as plain numbers."""
    numbers = [float(value) for value in values]
    if not np.isfinite(numbers).all():
        raise MeasurementError(f"a value of {label!r} in the map {panel!r} is not finite: {numbers}")
    return {"label": label, "values": numbers}


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "nothing"
