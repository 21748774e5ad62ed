"""The pages are HTML as the standard has it, and the reference page stays below a million bytes.

html5lib's strict parser stops at every parse error of the standard: wrong nesting, stray or missing tags, an attribute twice,
unknown entities. It does not see what is well formed but not allowed, such as attributes with wrong values or elements in places
where the content model has none; of these, axe-core and tests/reports/test_page.py see ids twice, references to nothing, wrong
roles and wrong lists and tables. Nobody here checks the values of attributes of SVG, nor CSS.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import REFERENCE
from tests.browser.needs import insist, lacking


def fault(page: str) -> str:
    """The first parse error of a page, or ''."""
    insist(lacking(["html5lib"], "not needed"))
    from html5lib import HTMLParser
    from html5lib.html5parser import ParseError

    try:
        HTMLParser(strict=True).parse(page)
    except ParseError as error:
        return str(error)
    return ""


def test_page_is_valid_html(file: Path) -> None:
    assert fault(file.read_text(encoding="utf-8")) == ""


def test_reference_page_is_below_a_million_bytes() -> None:
    assert REFERENCE.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>one<div>two</div></p>", id="block in a paragraph"),
        pytest.param("<table><tr><div>x</div></tr></table>", id="text beside cells"),
        pytest.param("<a id='x' id='y'>z</a>", id="attribute twice"),
        pytest.param("<b><i>x</b></i>", id="crossed tags"),
        pytest.param("<div>", id="never closed"),
        pytest.param("<p>&nosuch;</p>", id="unknown entity"),
        pytest.param("<details/>x", id="closed by a slash"),
    ],
)
def test_faults_are_seen(body: str) -> None:
    page = "<!DOCTYPE html><html lang='en'><head><title>x</title></head><body>{}</body></html>"
    assert fault(page.format("<p>x</p>")) == "" != fault(page.format(body))
