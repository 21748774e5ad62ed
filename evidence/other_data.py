"""Verdicts on record are for MNIST: what holds for a test whose networks were trained on another data set.

Such a test passes with any verdict but `invalid`, an inconclusive one unless `--claims-inconclusive fail` is given: no verdict is
on record that it could differ from, so nothing has got worse.
"""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["on_record", "other_data"]


def other_data(datasets: Iterable[Mapping[str, Any]]) -> str:
    """Return the names of the data sets that are neither MNIST nor a part of it, joined; empty where there is none.

    >>> other_data([{"name": "mnist-12000"}, {"name": "kmnist-train"}])
    'kmnist-train'
    """
    return ", ".join(data["name"] for data in datasets if not data["name"].startswith("mnist-"))


def on_record(result: Mapping[str, Any]) -> str:
    """Return the words for a verdict on record: also what it is for, where that is not what the test was run on.

    >>> on_record({"datasets": [{"name": "kmnist-train"}]})
    'on record for MNIST'
    """
    return "on record for MNIST" if other_data(result.get("datasets", [])) else "on record"
