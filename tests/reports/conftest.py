"""The sample record and its page, made once for all tests of this room."""

from __future__ import annotations

import pytest

from reports.page import render
from tests.reports.dom import Element, parse
from tests.reports.sample_record import Json, sample


@pytest.fixture(scope="session")
def record() -> Json:
    """Ten claims of all kinds; tests that change it make their own."""
    return sample()


@pytest.fixture(scope="session")
def page(record: Json) -> str:
    """The page of the sample record."""
    return render(record)


@pytest.fixture(scope="session")
def elements(page: str) -> list[Element]:
    """The elements of that page."""
    return parse(page)
