"""The page on paper: everything of the claims, nothing that is only for screens, in letters that can be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import REFERENCE, Opener
from tests.browser.needs import insist, lacking
from tests.browser.visits import Visit
from tests.reports.sample_record import sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pypdf import PdfReader

CSS = (Path(__file__).resolve().parents[2] / "reports" / "page.css").read_text(encoding="utf-8")
# A4 less a margin of a centimetre on each side, in CSS pixels of 1/96 inch.
PAPER = 718
# At most, so that eight points become six.
MOST = 4 / 3


@pytest.fixture(scope="module", autouse=True)
def reader(browser: Browser) -> None:
    insist(lacking(["pypdf"], "running"))


def printed(visit: Visit, file: Path) -> PdfReader:
    """The page as it leaves the printer, on A4 with backgrounds."""
    from pypdf import PdfReader

    margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
    visit.page.pdf(path=file, format="A4", print_background=True, margin=margin, tagged=True, outline=True)
    return PdfReader(file)


def words(document: PdfReader) -> str:
    """All text of a document without spaces, which say where lines end, and not what is written."""
    return squeezed("".join(page.extract_text() for page in document.pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("ﬁ", "fi").replace("ﬂ", "fl"))


def before_formulas(text: str) -> str:
    """Text up to its first exponent: on paper that stands where it stands, and is extracted in an order of its own."""
    return squeezed(re.split(r"\S*\^", text)[0])


@pytest.fixture(scope="module")
def sample_words(browser: Browser, sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.browser.visits import visiting

    with visiting(browser, sample_file) as visit:
        return words(printed(visit, tmp_path_factory.mktemp("print") / "sample.pdf"))


def test_every_claim_is_printed(sample_words: str) -> None:
    claims = sample()["claims"]
    wanted = [claim[key] for claim in claims for key in ("id", "statement", "command")]
    assert [text for text in wanted if before_formulas(text) not in sample_words] == [] and len(claims) == 10


@pytest.mark.parametrize("text", ["Skip to the claims", "claims shown", "Back to the table"])
def test_what_is_for_screens_is_not_printed(text: str, sample_words: str) -> None:
    assert squeezed(text) not in sample_words


def test_details_are_printed_as_the_style_sheet_says(sample_words: str, sample_file: Path, opened: Opener) -> None:
    """Content of closed details is on paper if, and only if, the style sheet's part for print names it."""
    page = opened(sample_file).page
    folded = page.locator("details:not([open]) .tests code, details:not([open]) .values").all_text_contents()
    found = {squeezed(text) in sample_words for text in folded}
    assert found == {"details-content" in CSS.partition("@media print")[2]}


def test_reference_page_can_be_printed(opened: Opener, tmp_path: Path) -> None:
    document = printed(opened(REFERENCE), tmp_path / "reference.pdf")
    assert squeezed("Depth on Trial") in squeezed(document.pages[0].extract_text())
    assert len(document.pages) > 20 and "/MarkInfo" in document.root_object


WIDEST = """() => Math.max(...[...document.querySelectorAll("body *")].filter((each) => each.checkVisibility())
  .map((each) => each.getBoundingClientRect().right))"""


def shrinkage(visit: Visit) -> float:
    """How many times the width of the paper the widest thing takes, boxes that scroll on screens included."""
    visit.page.emulate_media(media="print")
    return visit.page.evaluate(WIDEST) / PAPER


def test_letters_stay_readable_on_paper(file: Path, opened: Opener) -> None:
    """Paper does not scroll: Chromium makes everything smaller until the widest table fits."""
    assert shrinkage(opened(file, width=PAPER)) < MOST


def test_shrinkage_is_seen(written: Callable[[str], Path], opened: Opener) -> None:
    wide = f"<div class='scroll' style='overflow: visible'><p style='width: {2 * PAPER - 8}px'>x</p></div>"
    assert shrinkage(opened(written(wide), width=PAPER)) == 2
    assert shrinkage(opened(written("<p>x</p>"), width=PAPER)) <= 1
