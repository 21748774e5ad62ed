"""Command line options of the claims: one group, one prefix, each with an ini twin (`--claims-budget`, `claims_budget`)."""

from collections.abc import Sequence
from typing import Any

import pytest

from evidence.budget import BUDGETS, Budget

__all__ = ["add_options", "budget_of", "check_options", "inconclusive_passes", "option", "seeds_are_planned", "with_controls"]

OUTCOMES = ("pass", "fail")
SWITCH = ("on", "off")
AUTO = "auto"
OPTIONS = {
    "budget": ("standard", "BUDGET", "seeds and steps to spend: smoke, standard (default) or paper"),
    "seeds": (
        "",
        "N|auto",
        "number of seeds of every claim (default: each claim's own for the budget); auto plans it from a pilot",
    ),
    "controls": ("", "on|off", "try the judge on planted effects and identical arms (default: off at smoke budget, else on)"),
    "only": ("", "IDS", "ids of the claims to run, separated by commas"),
    "report": ("reports/out", "PATH", "folder (or .html file) that receives the page and evidence.json"),
    "inconclusive": ("", "OUTCOME", "whether an inconclusive test passes or fails (default: pass at smoke budget, else fail)"),
}


def add_options(parser: pytest.Parser) -> None:
    """Declare the options of this room and their ini twins."""
    group = parser.getgroup("claims", "claims on trial")
    for name, (default, metavar, words) in OPTIONS.items():
        group.addoption(f"--claims-{name}", default=None, metavar=metavar, help=words)
        parser.addini(f"claims_{name}", words, default=default)
    words = "file that receives the rates found by tests/calibration, for the page's section on the referee"
    group.addoption("--claims-calibration", metavar="FILE", default=None, help=words)
    group.addoption("--claims-rejudge", action="store_true", help="judge anew what was judged before from the same code and runs")
    group.addoption("--claims-list", action="store_true", help="list the claims and the verdicts on record, and stop")


def option(config: pytest.Config, name: str) -> str:
    """Return an option from the command line, or else from the ini file."""
    given = config.getoption(f"claims_{name}")
    return str(config.getini(f"claims_{name}") if given is None else given)


def check_options(config: pytest.Config) -> None:
    """Refuse unknown values with a sentence (raises ``pytest.UsageError``)."""
    _check_choice("--claims-budget", option(config, "budget"), BUDGETS)
    _check_choice("--claims-inconclusive", option(config, "inconclusive") or "pass", OUTCOMES)
    _check_choice("--claims-controls", option(config, "controls") or "on", SWITCH)
    budget_of(config)


def budget_of(config: pytest.Config) -> Budget:
    """Return the session's budget."""
    asked = option(config, "seeds")
    if asked and asked != AUTO and not (asked.isdecimal() and int(asked) > 0):
        raise pytest.UsageError(
            f"--claims-seeds is {asked!r}; it must be a whole number of at least 1 (3 for a verdict), or {AUTO!r}."
        )
    return Budget(option(config, "budget"), int(asked) if asked and asked != AUTO else None)


def seeds_are_planned(config: pytest.Config) -> bool:
    """Tell whether each claim's number of seeds is planned from a pilot."""
    return option(config, "seeds") == AUTO


def with_controls(config: pytest.Config) -> bool:
    """Tell whether the judge is tried on controls: as asked, or at every budget above smoke, whose seeds are too few for them."""
    asked = option(config, "controls")
    return asked == "on" or (not asked and option(config, "budget") != "smoke")


def inconclusive_passes(config: pytest.Config) -> bool:
    """Tell whether an inconclusive test passes: as asked, or at smoke budget, which has too few seeds to settle much."""
    return option(config, "inconclusive") == "pass" or (
        not option(config, "inconclusive") and option(config, "budget") == "smoke"
    )


def _check_choice(name: str, value: Any, valid: Sequence[str]) -> None:
    if value not in valid:
        raise pytest.UsageError(f"{name} is {value!r}; it must be one of: {', '.join(valid)}.")
