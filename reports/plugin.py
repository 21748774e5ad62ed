"""The pytest plugin of the report: makes the page of a finished record."""

from pathlib import Path
from typing import Any

import pytest

__all__ = ["pytest_claims_record"]


def pytest_claims_record(config: pytest.Config, record: dict[str, Any], page: Path) -> str:
    """Write the page, and say where it is; a failure here loses nothing, since the record is already written."""
    from reports.page import write  # matplotlib is for those who have something to show

    try:
        return f"The evidence report: {write(record, page).resolve()}"
    except Exception as error:  # any error in drawing must leave the session's result as it is
        evidence = page.with_name("evidence.json").resolve()
        return f"The page could not be made ({type(error).__name__}: {error}); the evidence is in {evidence}."
