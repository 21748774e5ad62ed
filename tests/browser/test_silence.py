"""The page asks for nothing but itself and leaves the console empty, whatever is done with it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.visits import Visit


def elsewhere(visit: Visit, file: Path) -> list[str]:
    """The addresses asked for that are neither the file nor written out in it."""
    return [address for address in visit.asked if address.partition("#")[0] != file.as_uri() and not address.startswith("data:")]


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 320)])
def test_page_loads_nothing_and_says_nothing(scheme: str, width: int, file: Path, opened: Opener) -> None:
    visit = opened(file, scheme=scheme, width=width)
    visit.open_all()
    visit.page.get_by_role("combobox", name="Verdict", exact=True).select_option("refuted")
    visit.page.locator("nav a").last.click()
    visit.page.locator("footer").scroll_into_view_if_needed()
    visit.page.reload()
    assert (elsewhere(visit, file), visit.said, visit.asked[0]) == ([], [], file.as_uri())


def test_saved_data_are_in_the_page(sample_file: Path, opened: Opener, tmp_path: Path) -> None:
    page = opened(sample_file).page
    link = page.locator("section.claim a[download]").first
    with page.expect_download() as download:
        link.click()
    saved = tmp_path / "saved.csv.gz"
    download.value.save_as(saved)
    assert gzip.decompress(saved.read_bytes()).startswith(b"part,judged,")
    assert download.value.suggested_filename == link.get_attribute("download")


def test_requests_and_errors_are_seen(written: Callable[[str], Path], opened: Opener) -> None:
    file = written("<img src='http://127.0.0.1:9/x.png' alt=''><img src='data:,' alt=''><script>nothing()</script>")
    visit = opened(file)
    assert elsewhere(visit, file) == ["http://127.0.0.1:9/x.png"]
    assert any("nothing is not defined" in line for line in visit.said)
