"""The pytest plugin of the report: makes the page of a finished record, and tells GitHub of it where that is wanted."""

from pathlib import Path
from typing import Any, cast

import pytest

__all__ = ["pytest_claims_record"]

DRAWINGS = "drawings"
"""The folder in a store that keeps what pages show."""


def pytest_claims_record(config: pytest.Config, record: dict[str, Any], page: Path) -> str:
    """Write the page and GitHub's summary; give what there is to say, in lines that end with where the page is.

    A failure here loses nothing, since the record is already written.
    """
    # Drawn first: what GitHub is told must not keep the page from being made.
    shown = _page(record, page, config.hook.pytest_claims_store(config=config))
    return "\n".join([*_github(record), shown])


def _page(record: dict[str, Any], page: Path, store: Path | None) -> str:
    from reports.album import keeping
    from reports.page import write  # matplotlib is for those who have something to show

    try:
        with keeping(store and store / DRAWINGS):
            return f"The evidence report: {write(record, page).resolve()}"
    except Exception as error:  # any error in drawing must leave the session's result as it is
        evidence = page.with_name("evidence.json").resolve()
        return f"The page could not be made ({type(error).__name__}: {error}); the evidence is in {evidence}."


def _github(record: dict[str, Any]) -> list[str]:
    from reports.github import notes
    from reports.record import Record

    try:
        return notes(cast(Record, record))
    except Exception as error:  # the same holds for a summary
        return [f"GitHub could not be told of the verdicts ({type(error).__name__}: {error})."]
