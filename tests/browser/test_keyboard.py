"""With the keyboard alone: the skip link comes first, every control is reached in order, and it is seen where one is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Opener
from tests.browser.visits import Visit

# What can be used, in the order of the page; folded content is not there yet.
CONTROLS = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  window.controls = all.filter((each) => each.checkVisibility({ visibilityProperty: true }));
  return window.controls.length;
}"""
STOP = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const ring = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2
    && style.outlineColor !== getComputedStyle(document.body).backgroundColor;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { place: window.controls.indexOf(each), ring, inside, html: each.outerHTML.slice(0, 80) };
}"""


def walk(visit: Visit) -> list[dict[str, Any]]:
    """Every stop of the Tab key, from the top of the page until it leaves it; at most twice as many as there are controls."""
    stops = []
    for _ in range(2 * visit.page.evaluate(CONTROLS)):
        visit.page.keyboard.press("Tab")
        stop = visit.page.evaluate(STOP)
        if stop["place"] < 0:
            break
        stops.append(stop)
    return stops


def test_skip_link_comes_first_and_leads_to_the_claims(file: Path, opened: Opener) -> None:
    page = opened(file).page
    page.keyboard.press("Tab")
    first = page.evaluate("[document.activeElement.className, document.activeElement.getBoundingClientRect().left]")
    assert first == ["skip", 0]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("[location.hash, document.activeElement.closest('section').id]") == ["#claims", "claims"]


@pytest.mark.parametrize("file, width", [("sample", 320), ("reference", 1280)], indirect=["file"])
def test_tab_reaches_every_control_and_shows_where_it_is(file: Path, width: int, opened: Opener) -> None:
    visit = opened(file, width=width)
    stops = walk(visit)
    assert [stop["place"] for stop in stops] == list(range(visit.page.evaluate("window.controls.length")))
    assert [stop["html"] for stop in stops if not (stop["ring"] and stop["inside"])] == []


def test_details_open_and_close_by_enter(sample_file: Path, opened: Opener) -> None:
    page = opened(sample_file).page
    page.locator("summary").first.focus()
    seen = []
    for _ in range(2):
        page.keyboard.press("Enter")
        seen.append(page.locator("details").first.evaluate("(each) => each.open"))
    assert seen == [True, False]


def test_opened_details_can_be_walked(sample_file: Path, opened: Opener) -> None:
    visit = opened(sample_file)
    folded = visit.page.evaluate(CONTROLS)
    visit.open_all()
    assert len(walk(visit)) == visit.page.evaluate("window.controls.length") > folded


@pytest.mark.parametrize(
    "control, places",
    [
        pytest.param("<button tabindex='-1'>never</button>", [0, 2], id="not reached"),
        pytest.param("<a href='#z' tabindex='1'>early</a>", [1, 0, 2], id="out of order"),
    ],
)
def test_walk_sees_a_wrong_order(control: str, places: list[int], written: Callable[[str], Path], opened: Opener) -> None:
    visit = opened(written(f"<a href='#a'>a</a>{control}<a href='#b'>b</a>"))
    assert [stop["place"] for stop in walk(visit)] == places


@pytest.mark.parametrize("style, ring, inside", [("outline: 0", False, True), ("position: fixed; left: -99em", True, False)])
def test_walk_sees_a_hidden_focus(style: str, ring: bool, inside: bool, written: Callable[[str], Path], opened: Opener) -> None:
    visible = "<style>:focus-visible { outline: 2px solid #123456; }</style>"
    (stop,) = walk(opened(written(f"{visible}<a href='#a' style='{style}'>a</a>")))
    assert (stop["ring"], stop["inside"]) == (ring, inside)
