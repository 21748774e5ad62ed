"""The sample record, its page and what is drawn for pages, made once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reports.album import keeping
from reports.page import render
from tests.reports.dom import Element, parse
from tests.reports.sample_record import Json, sample


@pytest.fixture(scope="session")
def record() -> Json:
    """Ten claims of all kinds; tests that change it make their own."""
    return sample()


@pytest.fixture(scope="session", autouse=True)
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep drawings: a test that changes words of a record has not to wait for its curves."""
    with keeping(tmp_path_factory.mktemp("album")):
        yield


@pytest.fixture(scope="session")
def page(record: Json) -> str:
    """The page of the sample record."""
    return render(record)


@pytest.fixture(scope="session")
def elements(page: str) -> list[Element]:
    """The elements of that page."""
    return parse(page)
