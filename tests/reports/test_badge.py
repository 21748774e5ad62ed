"""The badge: words and colour that are honest, an SVG that loads nothing and that everyone can read."""

from __future__ import annotations

import copy
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.badge import COLOURS, badge, render, width
from reports.record import check
from tests.reports.sample_record import Json, claim, interrupted, left_out, one_test, part, run, sample
from tests.reports.test_page_style import contrast

SVG = "{http://www.w3.org/2000/svg}"


def judged(verdict: str = "supported", *, id: str = "one", failed: bool = False, **more: Any) -> Json:
    test = one_test("claims/test_one.py::test_one", verdict, outcome="failed" if failed else "passed")
    return claim(id, [part("late", 0.5, 0.01, [0.4, 0.6], 0.5, verdict)], verdict, tests=[test], **more)


def record(*claims: Json, not_run: list[Json] | None = None, **more: Any) -> Any:
    return check({**interrupted(), "run": run(**{"referee": None} | more), "claims": list(claims), "not_run": not_run or []})


def many(**counts: int) -> list[Json]:
    return [judged(verdict, id=f"{verdict}-{i}") for verdict, count in counts.items() for i in range(count)]


# ---- words and colour ----------------------------------------------------------------------------------------


def test_counts_in_the_order_of_the_verdicts() -> None:
    said = badge(record(*many(refuted=2, supported=3)))
    assert (said.text, said.tone) == ("3 supported · 2 refuted", "as on record")
    assert said.sentence == "Depth on Trial, claims: 3 supported, 2 refuted; every verdict is the one on record."


def test_refuted_as_on_record_is_not_red() -> None:
    assert badge(record(*many(refuted=5))).tone == "as on record"
    assert COLOURS["alarm"] not in render(record(*many(refuted=5)))


@pytest.mark.parametrize(
    "claims, tone, words",
    [
        ([judged("refuted", expect="supported", failed=True)], "alarm", "1 refuted · 1 not as on record"),
        ([judged("invalid", expect="supported", failed=True)], "alarm", "1 invalid · 1 not as on record"),
        ([judged("invalid")], "alarm", "1 invalid"),
        ([judged("inconclusive", expect="supported", failed=True)], "alarm", "1 inconclusive · 1 not as on record"),
        ([judged("inconclusive", expect="supported")], "in part", "1 inconclusive · 1 not as on record"),
        ([judged("inconclusive")], "as on record", "1 inconclusive"),
        ([judged("refuted", failed=True)], "in part", "1 refuted · 1 claim with a failed test"),
        ([], "in part", "none run"),
    ],
)
def test_red_is_for_what_is_not_as_on_record(claims: list[Json], tone: str, words: str) -> None:
    said = badge(record(*claims))
    assert (said.tone, said.text) == (tone, words)


@pytest.mark.parametrize(
    "more, words",
    [
        ({"budget": "smoke"}, "smoke"),
        ({"complete": False}, "interrupted"),
        ({"dataset": "kmnist"}, "on kmnist"),
        ({"not_run": [left_out("two", "theory"), left_out("three", "theory")]}, "1 of 3 run"),
    ],
)
def test_what_is_less_than_everything_says_so_in_grey(more: Json, words: str) -> None:
    said = badge(record(judged(), **more))
    assert (said.text, said.tone) == (f"1 supported · {words}", "in part") and said.sentence.endswith(f"; {words}.")


def test_claim_run_in_part_says_so() -> None:
    assert badge(record(judged(complete=False))).text == "1 supported · 1 in part"


@pytest.mark.parametrize("more", [{"budget": "paper"}, {"dataset": "mnist"}, {"seeds": 30}, {"device": "cuda"}])
def test_other_settings_leave_it_as_on_record(more: Json) -> None:
    assert badge(record(judged(), **more)).tone == "as on record"


def test_nothing_but_agreement_claims_agreement() -> None:
    assert "every verdict" not in badge(record(judged("refuted", expect="supported"))).sentence
    assert "every verdict" not in badge(record()).sentence


# ---- the drawing ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def svg() -> str:
    return render(check(sample()))


def test_same_record_gives_same_bytes_and_is_left_alone(svg: str) -> None:
    whole = check(sample())
    before = copy.deepcopy(whole)
    assert render(whole) == svg and whole == before and svg.endswith("</svg>\n")


def test_picture_has_a_name(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == badge(check(sample())).sentence


def test_nothing_is_loaded(svg: str) -> None:
    assert not re.search(r"href|url\(|@import|<script|<style|<image|<foreignObject", svg)
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


def test_two_badges_in_one_page_do_not_disturb_each_other(svg: str) -> None:
    assert " id=" not in svg


@pytest.mark.parametrize("tone", COLOURS)
def test_white_letters_have_contrast(tone: str) -> None:
    assert contrast("ffffff", COLOURS[tone].removeprefix("#")) >= 4.5


@pytest.mark.parametrize("claims", [many(supported=1), many(supported=40, refuted=20, inconclusive=3, invalid=2), []])
def test_letters_lie_within_the_badge(claims: list[Json]) -> None:
    root = ElementTree.fromstring(render(record(*claims, budget="smoke")))
    whole = float(root.get("width", "0"))
    texts = [(float(each.get("x", "")), float(each.get("textLength", ""))) for each in root.iter(f"{SVG}text")]
    (left, length), (right, rest) = texts
    assert left > 0 and left + length < right and right + rest < whole


def test_width_grows_with_every_letter() -> None:
    widths = [width("28 supported · 18 refuted"[:i]) for i in range(26)]
    assert all(0 < b - a < 12 for a, b in zip(widths, widths[1:], strict=False))


def test_what_a_record_says_is_text() -> None:
    text = render(record(judged(), dataset="<b>&\"x'"))
    root = ElementTree.fromstring(text)
    assert "<b>" not in text and "on <b>&\"x'" in str(root.get("aria-label"))
