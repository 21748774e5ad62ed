"""axe-core finds nothing against WCAG 2.0, 2.1 and 2.2 (A and AA) or its own best practices, with all that unfolds open.

Of colours, axe judges text on plain ground: text in drawings it leaves open, and tests/reports/test_page_style.py computes the
contrast of all colours from the style sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import REFERENCE, Opener
from tests.browser.needs import insist, lacking
from tests.browser.visits import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Behind a gradient axe judges no contrast; this one is the shadow at the edge of what scrolls.
PLAIN = ".scroll { background: none !important; }"
# What looks like what stands above it.
ALIKE = "tbody tr:nth-child(n+4), .parts tbody:nth-of-type(n+4), .claim:nth-of-type(n+10)"


@pytest.fixture(scope="module", autouse=True)
def axe(browser: Browser) -> None:
    """The script of axe-core 4.12.1 (Mozilla Public License 2.0) comes with axe-playwright-python 0.1.8 (MIT)."""
    insist(lacking(["axe_playwright_python"], "running"))


def violations(visit: Visit, leave_out: str = "", contrast: bool = True) -> list[str]:
    """What axe-core finds in an open page, a line for each element; what a selector matches is taken out before.

    The contrast of text, which takes most of the time, need not be looked at.
    """
    from axe_playwright_python.sync_playwright import Axe

    visit.page.add_style_tag(content=PLAIN)
    visit.open_all()
    if leave_out:
        visit.page.locator(leave_out).evaluate_all("(all) => all.forEach((each) => each.remove())")
    options = {"runOnly": TAGS, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = Axe().run(visit.page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target'][0]} ({rule['help']})" for rule in found for node in rule["nodes"]]


def rules(found: list[str]) -> set[str]:
    return {line.partition(":")[0] for line in found}


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_in_the_sample_page(scheme: str, width: int, sample_file: Path, opened: Opener) -> None:
    assert violations(opened(sample_file, width=width, scheme=scheme)) == []


def test_axe_finds_nothing_in_the_reference_page(opened: Opener) -> None:
    assert violations(opened(REFERENCE), contrast=False) == []


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 320)])
def test_axe_finds_enough_contrast_in_the_reference_page(scheme: str, width: int, opened: Opener) -> None:
    assert violations(opened(REFERENCE, width=width, scheme=scheme), leave_out=ALIKE) == []


BAD = {
    "color-contrast": "<p style='color: #999; background: #fff'>faint</p>",
    "image-alt": "<img src='data:,'>",
    "select-name": "<select><option>one</option></select>",
    "landmark-unique": "<nav aria-label='x'>one</nav><nav aria-label='x'>two</nav>",
    "target-size": "<a href='#a' style='font-size: 6px'>a</a> <a href='#b' style='font-size: 6px'>b</a>",
    "empty-table-header": "<table><tr><th scope='row'></th><td>1</td></tr></table>",
}


@pytest.mark.parametrize("rule", BAD)
def test_axe_sees_what_is_planted(rule: str, written: Callable[[str], Path], opened: Opener) -> None:
    folded = f"<main><h1>Small</h1><details><summary>More</summary><div class='scroll'>{BAD[rule]}</div></details></main>"
    assert rule in rules(violations(opened(written(folded))))


def test_axe_leaves_out_only_what_is_named(written: Callable[[str], Path], opened: Opener) -> None:
    two = "<main><h1>Small</h1><img src='data:,' id='one'><img src='data:,' id='two'></main>"
    found = violations(opened(written(two)), leave_out="#one")
    assert [line for line in found if line.startswith("image-alt")] == ["image-alt: #two (Images must have alternative text)"]


def test_contrast_alone_can_be_left_out(written: Callable[[str], Path], opened: Opener) -> None:
    visit = opened(written(f"<main><h1>Small</h1>{BAD['color-contrast']}{BAD['image-alt']}</main>"))
    assert rules(violations(visit, contrast=False)) == {"image-alt"} != rules(violations(visit))
