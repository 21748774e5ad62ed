"""What a run was made with, in words, and where several runs differ: this is what explains that numbers do.

>>> told = settings({"budget": "smoke", "device": "cpu", "device_name": "x86_64", "seeds": 30, "controls": False,
...                  "git": {"sha": None, "dirty": None}, "datasets": [], "versions": {"python": "3.12.1", "torch": "2.9.1"}})
>>> [setting.label for setting in told.values()]
['torch 2.9.1', 'cpu', 'smoke budget', 'Python 3.12.1', 'no data set', 'no commit', '30 seeds', 'without controls', 'on x86_64']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.numerals import clock
from reports.record import Dataset, Git, Run

__all__ = ["Contrast", "Setting", "columns", "contrasts", "settings", "started"]

# What is told of a run wherever runs differ in it.
MAIN = ("torch", "device", "budget", "Python", "data")


@dataclass(frozen=True)
class Setting:
    """One setting of a run: its `value` beside its name, and the `label` that says both in a heading."""

    value: str
    label: str


@dataclass(frozen=True)
class Contrast:
    """One setting in every run, in the order of the runs."""

    name: str
    settings: Sequence[Setting]

    @property
    def differs(self) -> bool:
        """Whether the runs do not all have the same value."""
        return len({setting.value for setting in self.settings}) > 1

    @property
    def values(self) -> list[str]:
        """The setting's value in every run."""
        return [setting.value for setting in self.settings]


def settings(run: Run) -> dict[str, Setting]:
    """The settings of a run by their names, those that explain most first."""
    versions, data = run["versions"], _data(run["datasets"])
    others = [name for name in versions if name not in ("python", "torch")]
    seeds = _seeds(run["seeds"])
    controls = "run" if run["controls"] else "not run"
    found = {
        "torch": _version("torch", versions.get("torch")),
        "device": Setting(run["device"], run["device"]),
        "budget": Setting(run["budget"], f"{run['budget']} budget"),
        "Python": _version("Python", versions.get("python")),
        "data": Setting(data, ", ".join(each["name"] for each in run["datasets"]) or "no data set"),
        "commit": _commit(run["git"]),
        "seeds": Setting(seeds, seeds if run["seeds"] is None or run["seeds"] == "auto" else f"{seeds} seeds"),
        "controls": Setting(controls, f"with{'' if run['controls'] else 'out'} controls"),
        "device name": Setting(run["device_name"] or "unknown", f"on {run['device_name'] or 'an unknown device'}"),
    }
    return found | {name: _version(name, versions[name]) for name in others}


def contrasts(runs: Sequence[Run]) -> list[Contrast]:
    """Every setting that one of the runs has, whether they differ in it or not.

    >>> contrasts([])
    []
    """
    told = [settings(run) for run in runs]
    names = dict.fromkeys(name for each in told for name in each)
    return [Contrast(name, [each.get(name, _version(name, None)) for each in told]) for name in names]


def columns(runs: Sequence[Run]) -> list[str]:
    """A name for each run: what it has that not all have; when it started where that tells nothing, or not enough.

    >>> columns([])
    []
    """
    named = _naming([contrast for contrast in contrasts(runs) if contrast.differs], len(runs))
    names = [", ".join(contrast.settings[i].label for contrast in named) for i in range(len(runs))]
    starts = [f"{name}, {started(run)}".removeprefix(", ") for name, run in zip(names, runs, strict=True)]
    told = [start if names.count(name) > 1 or not name else name for name, start in zip(names, starts, strict=True)]
    # Copies of one record have nothing of their own but their place.
    return [f"{name} (no. {i})" if told.count(name) > 1 else name for i, name in enumerate(told, start=1)]


def started(run: Run) -> str:
    """When a run started.

    >>> started({"started": "2026-01-02T03:04:05Z"})
    '2026-01-02 03:04:05 UTC'
    """
    return clock(run["started"])


def _naming(differing: Sequence[Contrast], runs: int) -> list[Contrast]:
    """Every difference in `MAIN`, and of the others as many as it takes to tell the runs apart."""
    named = [contrast for contrast in differing if contrast.name in MAIN]
    for other in differing:
        if _tell_apart(named, runs):
            break
        named += [other] if other not in named else []
    return named


def _tell_apart(named: Sequence[Contrast], runs: int) -> bool:
    return len({tuple(contrast.settings[i].label for contrast in named) for i in range(runs)}) == runs


def _version(name: str, version: str | None) -> Setting:
    return Setting(version or "none", f"{name} {version}" if version else f"no {name}")


def _data(datasets: Sequence[Dataset]) -> str:
    told = [f"{each['name']} ({each['source']}, {each['images']} images{_sums(each)})" for each in datasets]
    return "; ".join(told) or "none"


def _sums(data: Dataset) -> str:
    sums = " ".join(value[:12] for _, value in sorted(data["sha256"].items()))
    return f", sha256 {sums}" if sums else ""


def _commit(git: Git) -> Setting:
    if git["sha"] is None:
        return Setting("not a git checkout", "no commit")
    told = git["sha"][:12] + (", with uncommitted changes" if git["dirty"] else "")
    return Setting(told, f"commit {told}")


def _seeds(seeds: int | str | None) -> str:
    if seeds is None:
        return "each claim’s own seeds"
    return "as many seeds as pilots planned" if seeds == "auto" else str(seeds)
