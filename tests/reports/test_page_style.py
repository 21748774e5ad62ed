"""Colours: enough contrast in light, dark and print, computed from the style sheet by WCAG's formula."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.maps import MOST_SHADE
from reports.specification_plots import COLUMN_SHADE, REGION_SHADE

CSS = (Path(__file__).resolve().parents[2] / "reports" / "page.css").read_text(encoding="utf-8")
TEXT = ["ink", "muted", "link", "supported", "refuted", "inconclusive", "invalid"]
LINES = ["s1", "s2", "s3", "s4", "s5", "muted"]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9]+): #([0-9a-f]{3,6});", block))


def scheme(name: str) -> dict[str, str]:
    light = colours(CSS.partition("@media")[0])
    dark = colours(CSS.partition("prefers-color-scheme: dark")[2].partition("*,")[0])
    printed = colours(CSS.partition("@media print")[2])
    return light | {"light": {}, "dark": dark, "print": printed}[name]


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_formula_knows_black_on_white() -> None:
    assert contrast("000000", "fff") == pytest.approx(21)


@pytest.mark.parametrize("name", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "soft"])
@pytest.mark.parametrize("colour", TEXT)
def test_text_has_contrast(name: str, ground: str, colour: str) -> None:
    assert contrast(scheme(name)[colour], scheme(name)[ground]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark", "print"])
@pytest.mark.parametrize("colour", LINES)
def test_lines_have_contrast(name: str, colour: str) -> None:
    assert contrast(scheme(name)[colour], scheme(name)["paper"]) >= 3


def blended(colour: str, ground: str, share: float) -> str:
    above, below = (bytes.fromhex(each if len(each) == 6 else "".join(2 * d for d in each)) for each in (colour, ground))
    return "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in zip(above, below, strict=True))


def test_blend_lies_between_its_colours() -> None:
    assert blended("fff", "000000", 0.5) == "808080" and blended("123456", "fff", 1.0) == "123456"


@pytest.mark.parametrize("name", ["light", "dark", "print"])
@pytest.mark.parametrize("colour", ["s1", "s3"])
def test_numbers_of_a_map_have_contrast_on_the_strongest_shade(name: str, colour: str) -> None:
    seen = scheme(name)
    assert contrast(seen["ink"], blended(seen[colour], seen["paper"], MOST_SHADE)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark", "print"])
@pytest.mark.parametrize("colour", ["s1", "s3", "ink"])
def test_estimates_have_contrast_on_a_curves_region_and_published_column(name: str, colour: str) -> None:
    seen = scheme(name)
    region = blended(seen["s1"], seen["paper"], REGION_SHADE)
    for ground in (region, blended(seen["ink"], region, COLUMN_SHADE), blended(seen["ink"], seen["paper"], COLUMN_SHADE)):
        assert contrast(seen[colour], ground) >= 3


def test_dark_scheme_names_every_colour_again() -> None:
    dark = colours(CSS.partition("prefers-color-scheme: dark")[2].partition("*,")[0])
    assert set(dark) == set(colours(CSS.partition("@media")[0]))
