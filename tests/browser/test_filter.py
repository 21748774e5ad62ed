"""The filter: used with the keyboard, it hides rows and sections, says how many are left, and never hides a link's target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import REFERENCE, Opener
from tests.browser.visits import Visit

SHOWN = """() => [...document.querySelectorAll(".claims tbody tr, section.claim")].filter((each) => each.checkVisibility())
  .map((each) => each.tagName + " " + each.querySelector("code").textContent)"""


def choose(visit: Visit, label: str, key: str) -> str:
    """Take the option that begins with a letter by typing it, or the first by "Home"."""
    box = visit.page.get_by_role("combobox", name=label, exact=True)
    box.focus()
    visit.page.keyboard.press(key)
    return box.input_value()


def said(visit: Visit) -> str:
    """What a screen reader announces of the filter."""
    return visit.page.locator(".filter").get_by_role("status").inner_text()


@pytest.mark.parametrize("width", [320, 1280])
def test_filter_hides_rows_and_sections(width: int, sample_file: Path, opened: Opener) -> None:
    visit = opened(sample_file, width=width)
    assert said(visit) == "10 of 10 claims shown"
    assert (choose(visit, "Family", "n"), choose(visit, "Verdict", "r")) == ("network", "refuted")
    assert said(visit) == "1 of 10 claims shown"
    left = "cross-entropy-not-accelerated"
    assert visit.page.evaluate(SHOWN) == [f"TR {left}", f"SECTION {left}"]


def test_filter_that_leaves_nothing_says_so(sample_file: Path, opened: Opener) -> None:
    visit = opened(sample_file)
    assert (choose(visit, "Family", "n"), choose(visit, "Verdict", "i")) == ("network", "inconclusive")
    assert (visit.page.evaluate(SHOWN), said(visit)) == ([], "0 of 10 claims shown")


def test_filter_can_be_taken_back(sample_file: Path, opened: Opener) -> None:
    visit = opened(sample_file)
    everything = visit.page.evaluate(SHOWN)
    choose(visit, "Verdict", "r")
    assert len(visit.page.evaluate(SHOWN)) < len(everything) == 20
    choose(visit, "Verdict", "Home")
    assert visit.page.evaluate(SHOWN) == everything


def test_link_to_a_hidden_claim_shows_it(sample_file: Path, opened: Opener) -> None:
    visit = opened(sample_file)
    choose(visit, "Verdict", "r")
    link = visit.page.locator(".note a").first
    target = link.get_attribute("href") or ""
    assert visit.page.locator(target).is_hidden()
    link.press("Enter")
    visit.page.locator(target).wait_for(state="visible")  # the event of a changed address comes a little later
    assert said(visit) == "10 of 10 claims shown"


def test_reference_page_counts_what_it_shows(opened: Opener) -> None:
    visit = opened(REFERENCE)
    everything = len(visit.page.evaluate(SHOWN)) // 2
    assert said(visit) == f"{everything} of {everything} claims shown"
    assert choose(visit, "Verdict", "r") == "refuted"
    assert said(visit) == f"{len(visit.page.evaluate(SHOWN)) // 2} of {everything} claims shown"
