"""Hooks of the evidence plugin that other rooms implement, so that evidence needs to import none of them."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest


@pytest.hookspec
def pytest_claims_facts(config: pytest.Config) -> dict[str, Any]:
    """Return facts about what trainings ran on, merged into the record's `run`."""
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_judgements(config: pytest.Config) -> tuple[Path, dict[str, Any]] | None:
    """Return the folder that keeps judgements, and the options of trainings that they depend on; None where none are kept."""
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_kept(item: pytest.Item) -> tuple[dict[str, Any], bool] | None:
    """Return what was kept of the trainings of a test that is judged by the same code, and whether it is run all the same.

    None where nothing was kept.
    """
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_holds(config: pytest.Config, trainings: dict[str, Any]) -> bool | None:
    """Tell whether kept trainings are stored as they were, by the present code."""
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_untrained(config: pytest.Config, subjects: Collection[str]) -> Collection[str] | None:
    """Return which subjects of trainings (or the first letters of their names) the session would train."""
    raise AssertionError("a specification is not called")


@pytest.hookspec
def pytest_claims_ready(config: pytest.Config, networks: bool) -> str | None:
    """Refuse what cannot be trained (raises ``pytest.UsageError``); return a sentence on what will not be kept.

    It is called before the first test; `networks` tells whether any of those that are to be judged trains networks.
    """
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_left(config: pytest.Config, nodeid: str) -> float | None:
    """Return the seconds that the tests after this one will take, as it begins; None where that is unknown."""
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_store(config: pytest.Config) -> Path | None:
    """Return the folder that keeps what need not be made twice; None where there is none."""
    raise AssertionError("a specification is not called")


@pytest.hookspec(firstresult=True)
def pytest_claims_unjudged(config: pytest.Config) -> dict[str, Any] | None:
    """Return the fixtures for a test of which only the trainings are wanted; None where these hang on what is judged."""
    raise AssertionError("a specification is not called")


@pytest.hookspec
def pytest_claims_record(config: pytest.Config, record: dict[str, Any], page: Path) -> str | None:
    """Show a finished record at `page`; return a sentence about what was shown, or why it could not be."""
    raise AssertionError("a specification is not called")
