"""The numbers that the page tells under the pointer, in Chromium: those of the record, by mouse and by key, and dismissable."""

from __future__ import annotations

import html
import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports.page import render
from reports.plots import name, places, points, theory_name
from reports.readings import by_choices, ordered, reading
from tests.reports.sample_record import Json, interrupted

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on PATH")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--window-size=1000,800",
]
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
# Three digits, or what a tenth of a unit of drawings like the sample's is worth.
NEAR = 0.02
PROBE = """<script>
const shown = () => [box.textContent, document.querySelectorAll(".spot").length];
const point = (kind, at, x, y) => at.dispatchEvent(new PointerEvent(kind, { bubbles: true, clientX: x, clientY: y }));
const press = (at, key, more = {}) =>
  !at.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, key, ...more }));
const on = (at, kind = "pointermove", up = 0) => {
  const svg = at.panel.ownerSVGElement, { x, y } = new DOMPoint(at.x, at.y - up).matrixTransform(svg.getScreenCTM());
  point(kind, svg, x, y);
  return shown();
};
const probe = () => { STEPS };
const answers = document.documentElement.appendChild(document.createElement("pre"));
answers.id = "answers";
answers.textContent = JSON.stringify(probe());
</script></body>"""
EVERY = """
  const every = {};
  for (const [svg, curves] of drawings) {
    const id = svg.getAttribute("aria-labelledby").split("-title")[0];
    every[id] = curves.map((line) => line.map(words));
  }
  return every;"""
BY_HAND = """
  const svg = document.querySelector("#figure-1 svg.plot"), region = svg.parentElement, [first, second] = drawings.get(svg);
  const at = first[3], found = { nothing: shown(), words: words(at), other: words(second[3]), start: words(first[0]) };
  found.over = on(at); found.above = on(at, "pointermove", 2); found.dismissed = press(region, "Escape") || shown();
  found.still = on(at); found.elsewhere = on(second[3]); point("pointermove", box, 0, 0); found.box = shown();
  point("pointermove", document.body, 0, 0); found.left = shown();
  found.tapped = on(at, "pointerdown"); point("pointerdown", document.body, 0, 0); found.tappedBeside = shown();
  found.alt = press(region, "ArrowRight", { altKey: true }); found.down = press(region, "ArrowDown");
  found.right = press(region, "ArrowRight") && shown();
  found.next = [press(region, "ArrowRight"), box.textContent === words(first[1])];
  found.back = press(region, "ArrowLeft") && press(region, "ArrowLeft") && shown();
  region.focus(); region.blur(); found.blurred = shown();
  const link = document.querySelector("a.skip"); link.focus(); on(at, "pointerdown"); region.focus();
  found.tappedFromALink = shown(); link.focus(); found.tabbedAway = shown();
  const table = document.querySelector("#claims .scroll"); found.table = press(table, "ArrowRight");
  const strip = document.querySelector("svg.strip"); point("pointermove", strip, 0, 0); found.strip = shown();
  found.role = getComputedStyle(box).display && box.tagName;
  const column = drawings.get(document.querySelector("#multiverse svg.plot"))[0][2];
  found.column = [on(column, "pointermove", -300)[0], words(column)];
  return found;"""


def visit(page: str, steps: str, folder: Path) -> tuple[Any, list[str]]:
    """What the steps gave, and the lines of the console."""
    file = folder / "page.html"
    file.write_text(page.replace("</body>", PROBE.replace("STEPS", steps)), encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    answers = re.search(r'<pre id="answers">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answers, done.stderr
    return json.loads(html.unescape(answers[1])), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def every(page: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """All that the page of the sample record can tell: for each drawing its curves, for each curve the words of its points."""
    answers, console = visit(page, EVERY, tmp_path_factory.mktemp("hover"))
    assert console == []
    return answers


@pytest.fixture(scope="module")
def by_hand(page: str, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What is told while a pointer moves, taps, and keys are pressed."""
    answers, console = visit(page, BY_HAND, tmp_path_factory.mktemp("hover"))
    assert console == []
    return answers


def numbers(text: str) -> list[float]:
    found = re.findall(r"(−?[\d.]+)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", text)
    return [float(f"{head}e{power or 0}".translate(SUPERSCRIPTS)) for head, power in found]


# ---- what is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("figure, log_x", [("figure-1", True), ("figure-appendix", True), ("figure-2", False)])
def test_words_of_a_curve_have_the_records_numbers(figure: str, log_x: bool, every: Json, record: Json) -> None:
    given = {name(each): each for claim in reversed(record["claims"]) for each in claim["curves"] if each["figure"] == figure}
    told = {line[0].split("\n")[0]: line for line in every[figure] if ": theory" not in line[0]}
    assert set(told) == set(given)
    for title, line in told.items():
        kept = points(given[title], log_x)
        assert len(line) == len(kept.x)
        for i, words in enumerate(line):
            _, x, median, span = words.split("\n")
            assert x.startswith("x = ") and numbers(x[4:])[0] == pytest.approx(kept.x[i], rel=NEAR, abs=1e-3 * kept.x[-1])
            assert median.startswith("median ") and numbers(median)[0] == pytest.approx(kept.median[i], rel=NEAR)
            assert span.startswith("10th to 90th percentile ")
            assert numbers(span)[2:] == pytest.approx([kept.low[i], kept.high[i]], rel=NEAR)


def test_words_of_a_theory_line_have_its_value_alone(every: Json, record: Json) -> None:
    lines = [each for claim in reversed(record["claims"]) for each in claim["lines"] if each["figure"] == "figure-appendix"]
    given = {theory_name(each): each for each in lines}
    told = {line[0].split("\n")[0]: line for line in every["figure-appendix"] if ": theory" in line[0]}
    assert told and set(told) <= set(given)
    for title, line in told.items():
        known = list(zip(*places(given[title], True), strict=True))
        for words in line:
            _, x, value = words.split("\n")
            at, expected = min(known, key=lambda pair: abs(math.log(pair[0] / numbers(x[4:])[0])))
            assert numbers(x[4:])[0] == pytest.approx(at, rel=NEAR) and numbers(value) == pytest.approx([expected], rel=NEAR)


def test_words_of_a_column_have_choices_reading_estimate_and_intervals(every: Json, record: Json) -> None:
    given = [each for claim in record["claims"] for each in claim["specifications"] if each["figure"] == "multiverse"]
    for i, outcome in enumerate(dict.fromkeys(each["outcome"] for each in given), start=1):
        found = ordered([each for each in given if each["outcome"] == outcome])
        (line,) = every[f"multiverse-{i}"]
        for each, words in zip(found, line, strict=True):
            head, *rest = words.split("\n")
            if each["estimate"] is None:
                assert (head, rest) == (f"{by_choices(each, found)}: no number", [])
                continue
            assert head == f"{by_choices(each, found)}: {reading(each)}"
            estimate, *spans = rest
            assert numbers(estimate) == pytest.approx([each["estimate"]], rel=NEAR, abs=2e-3)
            for words_of_span, interval in zip(spans, ("90", "95"), strict=True):
                level, *ends = numbers(words_of_span)
                assert level == float(interval) and ends == pytest.approx(each["interval"][interval], rel=NEAR, abs=2e-3)


def test_numbers_have_three_digits_at_most_and_a_true_minus_sign(every: Json) -> None:
    lines = [text for curves in every.values() for line in curves for words in line for text in words.split("\n")[1:]]
    assert lines and not any("-" in text or "NaN" in text or "undefined" in text or "Infinity" in text for text in lines)
    for head in (each for text in lines for each in re.findall(r"\d[\d.]*", text)):
        assert len(head.replace(".", "").strip("0")) <= 3, head


# ---- how it is asked for -----------------------------------------------------------------------------------------


def test_pointer_marks_and_tells_the_nearest_point(by_hand: Json) -> None:
    assert by_hand["nothing"] == ["", 0]
    assert by_hand["over"] == by_hand["above"] == [by_hand["words"], 1]
    assert by_hand["elsewhere"] == [by_hand["other"], 1] and by_hand["other"] != by_hand["words"]


def test_pointer_may_move_onto_the_words_and_takes_them_away_when_it_leaves(by_hand: Json) -> None:
    assert by_hand["box"] == [by_hand["other"], 1] and by_hand["left"] == ["", 0]


def test_escape_dismisses_the_words_until_another_point_is_nearest(by_hand: Json) -> None:
    assert by_hand["dismissed"][0] == by_hand["still"][0] == ""


def test_tap_tells_and_a_tap_beside_the_drawing_ends_it(by_hand: Json) -> None:
    assert by_hand["tapped"] == by_hand["tappedFromALink"] == [by_hand["words"], 1], "a tap moves the focus too"
    assert by_hand["tappedBeside"] == by_hand["tabbedAway"] == ["", 0]


def test_arrow_keys_step_through_the_points_and_stay_at_the_ends(by_hand: Json) -> None:
    assert by_hand["right"] == by_hand["back"] == [by_hand["start"], 1]
    assert by_hand["next"] == [True, True] and by_hand["blurred"] == ["", 0]


def test_other_keys_and_other_regions_keep_their_meaning(by_hand: Json) -> None:
    assert (by_hand["alt"], by_hand["down"], by_hand["table"]) == (False, False, False) and by_hand["strip"] == ["", 0]


def test_column_is_told_anywhere_below_its_estimate(by_hand: Json) -> None:
    told, expected = by_hand["column"]
    assert told == expected and "estimate" in told


def test_words_are_a_live_region(by_hand: Json) -> None:
    assert by_hand["role"] == "OUTPUT", "an output is a polite live region"


# ---- without it ------------------------------------------------------------------------------------------------


def test_record_without_drawings_leaves_the_console_silent(tmp_path: Path) -> None:
    page = render(interrupted())
    answers, console = visit(page, "return [drawings.size, ...shown()];", tmp_path)
    assert console == [] and answers[1:] == ["", 0]


def test_nothing_is_on_the_page_without_the_script(page: str) -> None:
    before = page.partition("<script>")[0]
    assert 'class="told"' not in before and '<circle class="spot"' not in before
