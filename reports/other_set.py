"""Networks that were trained on another data set than MNIST, which verdicts on record and the texts of claims are about."""

from __future__ import annotations

from reports.record import Run

__all__ = ["other_set"]

TITLES = {"fashion-mnist": "Fashion-MNIST", "kmnist": "KMNIST"}


def other_set(run: Run) -> str:
    """The name of the other set that a run trained networks on; empty where it was MNIST, or none.

    >>> other_set({"dataset": "kmnist", "datasets": [{"name": "kmnist-train"}]}), other_set({"datasets": []})
    ('KMNIST', '')
    """
    name = run.get("dataset", "mnist")
    trained = any(not each["name"].startswith("mnist-") for each in run["datasets"])
    return TITLES.get(name, name) if trained else ""
