"""Nothing but tables and drawings scrolls sideways, from a telephone's width on and with text twice as large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.visits import HEIGHT, Visit

WIDTHS = [320, 400, 768, 1280]
# The page's own width, and what reaches beyond it outside the boxes that scroll; hidden overflow would escape the first. A
# formula cannot break: with text twice as large on a telephone, the paragraph that holds it scrolls.
MEASURE = """() => [document.scrollingElement.scrollWidth - innerWidth,
  [...document.querySelectorAll("body *")].filter((each) => !each.closest(".scroll, pre, svg, .skip, math, q:has(math)")
    && each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((each) => [each.tagName.toLowerCase(), ...each.classList].join("."))]"""


def too_wide(visit: Visit, width: int) -> list[str]:
    """What does not fit into `width` CSS pixels."""
    visit.page.set_viewport_size({"width": width, "height": HEIGHT})
    over, beyond = visit.page.evaluate(MEASURE)
    return ([f"the page, by {over} px"] if over > 0 else []) + beyond


@pytest.mark.parametrize("text", [16, 32])
def test_page_fits(text: int, file: Path, opened: Opener) -> None:
    visit = opened(file)
    visit.text_size(text)
    visit.open_all()
    assert {width: too_wide(visit, width) for width in WIDTHS} == {width: [] for width in WIDTHS}


def test_text_size_is_the_readers(sample_file: Path, opened: Opener) -> None:
    visit, sizes = opened(sample_file), []
    for text in (16, 32):
        visit.text_size(text)
        sizes.append(float(visit.page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")))
    assert sizes[1] == 2 * sizes[0] >= 32


@pytest.mark.parametrize("scheme, ground", [("light", "rgb(253, 252, 249)"), ("dark", "rgb(22, 24, 27)")])
def test_page_follows_the_colour_scheme(scheme: str, ground: str, sample_file: Path, opened: Opener) -> None:
    seen = opened(sample_file, scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen == ground


def test_what_is_too_wide_is_named(written: Callable[[str], Path], opened: Opener) -> None:
    assert too_wide(opened(written("<p class='a' style='width: 900px'>x</p>")), 320) == ["the page, by 588 px", "p.a"]
    hidden = "<div style='overflow: hidden'><p style='width: 900px'>x</p></div>"
    assert too_wide(opened(written(hidden)), 320) == ["p"]
    assert too_wide(opened(written("<div class='scroll' style='overflow: auto'><p style='width: 900px'>x</p></div>")), 320) == []
