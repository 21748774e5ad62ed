"""The page in Chromium: it fits narrow and wide windows, follows the colour scheme, and leaves the console silent."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

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
    "--hide-scrollbars",
    "--window-size=1400,900",
]
DARK = "--blink-settings=preferredColorScheme=0"
# What the page measures of itself, left where --dump-dom shows it.
PROBE = """<script>
document.querySelectorAll("details").forEach((each) => { each.open = true; });
const root = document.documentElement;
const over = [...document.querySelectorAll("main *")].filter((each) => !each.closest(".scroll, pre, svg")
  && each.getBoundingClientRect().right > root.clientWidth + 1).map((each) => each.tagName + "." + each.className);
const colour = getComputedStyle(document.body).backgroundColor;
const answers = [root.clientWidth, root.scrollWidth, over.slice(0, 3).join(" ") || "none", colour];
parent.document.documentElement.dataset.probe = answers.join("|");
</script></body>"""
FILTERED = """<script>
form.family.value = "network";
form.verdict.value = "refuted";
form.dispatchEvent(new Event("change"));
const shown = [...document.querySelectorAll("section.claim, .claims tbody tr")].filter((each) => each.offsetParent);
const ids = new Set(shown.map((each) => each.querySelector("code").textContent));
parent.document.documentElement.dataset.probe = [...ids].join() + "|" + form.querySelector("output").textContent;
</script></body>"""
# Chromium's own windows are at least 500 pixels wide; a frame can be as narrow as a telephone.
FRAME = """<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body><iframe width="WIDTH" height="800" style="border: 0" srcdoc="PAGE"></iframe></body></html>"""


def visit(page: str, width: int, folder: Path, *flags: str, probe: str = PROBE) -> tuple[list[str], list[str]]:
    """The probe's answers and the lines of the console, for a page as Chromium shows it in `width` pixels."""
    file = folder / "page.html"
    inner = html.escape(page.replace("</body>", probe))
    file.write_text(FRAME.replace("WIDTH", str(width)).replace("PAGE", inner), encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    answers = re.search(r'<html[^>]* data-probe="([^"]*)"', done.stdout)
    assert answers, done.stderr
    return answers[1].split("|"), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize(
    "width, scheme, ground",
    [
        pytest.param(320, [DARK], "rgb(22, 24, 27)", id="320 px, dark"),
        pytest.param(1280, [], "rgb(253, 252, 249)", id="1280 px, light"),
    ],
)
def test_page_fits_in_silence(width: int, scheme: list[str], ground: str, page: str, tmp_path: Path) -> None:
    (seen, needed, beyond, colour), console = visit(page, width, tmp_path, *scheme)
    assert (seen, needed, beyond, colour, console) == (str(width), str(width), "none", ground, [])


@pytest.mark.parametrize("width", [320, 1280])
def test_filter_hides_rows_and_sections(width: int, page: str, tmp_path: Path) -> None:
    (shown, said), console = visit(page, width, tmp_path, probe=FILTERED)
    assert (shown, said, console) == ("cross-entropy-not-accelerated", "1 of 10 claims shown", [])


def test_probe_sees_overflow_and_errors(tmp_path: Path) -> None:
    bad = "<!DOCTYPE html><html><body><main><p style='width:900px'>x</p></main><script>nothing()</script></body></html>"
    (seen, needed, beyond, _), console = visit(bad, 320, tmp_path)
    assert int(needed) > int(seen) and beyond == "P." and "nothing is not defined" in console[0]
