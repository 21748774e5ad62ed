"""Without JavaScript the page says all it says with it, and shows no control that would do nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import Opener
from tests.browser.visits import Visit

DEAD = "button, input, select, textarea, output, form"


def controls(visit: Visit) -> list[str]:
    """The controls in sight that only a script can serve."""
    return [each.evaluate("(each) => each.tagName.toLowerCase()") for each in visit.page.locator(DEAD).all() if each.is_visible()]


def text(visit: Visit) -> list[str]:
    """The lines in sight, all unfolded and without the filter."""
    visit.page.evaluate("document.querySelectorAll('.filter').forEach((each) => each.remove())")
    visit.open_all()
    return visit.page.locator("body").inner_text().splitlines()


def test_no_dead_control_is_shown(file: Path, opened: Opener) -> None:
    assert controls(opened(file, script=False)) == [] != controls(opened(file))


def test_all_text_is_there_without_script(file: Path, opened: Opener) -> None:
    alone = text(opened(file, script=False))
    assert alone == text(opened(file)) and len(alone) > 500


def test_details_open_without_script(sample_file: Path, opened: Opener) -> None:
    page = opened(sample_file, script=False).page
    page.locator("summary").first.press("Enter")
    assert page.locator("details").first.evaluate("(each) => each.open")


def test_script_is_really_off(written: Callable[[str], Path], opened: Opener) -> None:
    small = written("<p>before</p><button>press</button><script>document.querySelector('p').textContent = 'after'</script>")
    off, on = opened(small, script=False), opened(small)
    assert (text(off)[0], text(on)[0], controls(off)) == ("before", "after", ["button"])
