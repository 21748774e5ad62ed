"""One Chromium for all tests of this folder, and the two pages they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.needs import chromium, insist, lacking
from tests.browser.visits import Visit, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REFERENCE = Path(__file__).resolve().parents[2] / "reports" / "reference" / "index.html"
Opener = Callable[..., Visit]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window; Playwright's own browsers are not downloaded."""
    path = chromium()
    insist(lacking(["playwright"], path))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a file as `visiting` does; what was opened is closed when the test ends."""
    with ExitStack() as stack:
        yield lambda file, **how: stack.enter_context(visiting(browser, file, **how))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write the body of a small page, for tests of the tests."""

    def write(body: str) -> Path:
        file = tmp_path / "small.html"
        head = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Small</title></head>'
        file.write_text(f"{head}<body>{body}</body></html>", encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the sample record, as a file."""
    from reports.page import write
    from tests.reports.sample_record import sample

    return write(sample(), tmp_path_factory.mktemp("sample") / "index.html")


@pytest.fixture(params=["sample", "reference"])
def file(request: pytest.FixtureRequest) -> Path:
    """The page of the sample record, which has something of everything, and the reference page, which is the largest."""
    return REFERENCE if request.param == "reference" else request.getfixturevalue("sample_file")
