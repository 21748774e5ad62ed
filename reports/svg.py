"""Turns matplotlib's SVG into one that can live inside a page: no ids that clash, no styles that leak, few bytes.

matplotlib draws with the stand-in colours of `INKS`; here they become ``currentColor`` and CSS variables, so that one
drawing serves light, dark and print.

>>> INKS["#010101"]
'currentColor'
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import matplotlib
import matplotlib.style
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reports.album import album, key_of
from reports.axes import PANEL, described, marked

__all__ = ["GROUND", "INK", "INKS", "SERIES", "drawing", "inline", "paper"]

INK = "#010101"
SERIES = ("#010102", "#010103", "#010104", "#010105", "#010106")
GROUND = "#010107"
"""The page's own paper, for what covers a line behind it."""
INKS: Mapping[str, str] = {INK: "currentColor", GROUND: "var(--paper)"} | {
    ink: f"var(--s{i})" for i, ink in enumerate(SERIES, start=1)
}

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "depth-on-trial",
    "font.size": 12,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": INK,
    "grid.alpha": 0.14,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
# Fonts come from the page's own style sheet, and so does the size of most text; the rest are SVG's initial values.
DROPPED = re.compile(
    r"(font-family: [^;]*|font-size: 12px|stroke-linecap: butt|stroke-linejoin: miter|stroke-dashoffset: 0|text-anchor: start)"
    r"(; |$)"
)
DECIMALS = re.compile(r"-?\d+\.\d+")
AROUND_LETTER = re.compile(r"\s*([A-Za-z])\s*")
REFERENCE = re.compile(r"#([^)]+)")


@contextmanager
def paper(width: float, height: float) -> Iterator[Figure]:
    """A figure of `width` by `height` units, whatever the reader's matplotlibrc says.

    >>> with paper(300, 200) as figure:
    ...     print(figure.get_size_inches() * 72)
    [300. 200.]
    """
    with matplotlib.style.context(["default", STYLE], after_reset=True):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure


def inline(figure: Figure, prefix: str) -> Markup:
    """The inside of the `<svg>` that shows `figure`; its ids begin with `prefix`.

    >>> with paper(30, 20) as figure:
    ...     inline(figure, "f1")
    Markup('')
    """
    root = ElementTree.fromstring(_drawn(figure))
    kept = [child for child in root if _local(child.tag) in ("g", "defs") and child.find("{*}style") is None]
    for element in (each for child in kept for each in child.iter()):
        _tidy(element)
    _describe(kept, figure)
    _shorten_ids(kept, prefix)
    pruned = [each for child in kept if not _prune(child) for each in _unwrapped(child)]
    # The text is matplotlib's own, escaped by ElementTree; marking it safe lets the template place it as it is.
    return Markup("".join(ElementTree.tostring(child, encoding="unicode") for child in pruned))


def drawing(prefix: str, size: tuple[float, float], draw: Callable[..., None], *shown: Any) -> Markup:
    """The inside of the `<svg>` of `size` that ``draw(figure, *shown)`` fills, kept in the album; ids begin with `prefix`.

    >>> drawing("f1", (30, 20), lambda figure: None)
    Markup('')
    """

    def fill() -> str:
        with paper(*size) as figure:
            draw(figure, *shown)
            return inline(figure, prefix)

    return Markup(album().drawn(key_of(draw.__module__, draw.__qualname__, prefix, size, *shown), fill))


def _drawn(figure: Figure) -> str:
    if engine := figure.get_layout_engine():
        # As savefig would, but for a whole drawing beforehand that nobody sees.
        engine.execute(figure)
        figure.set_layout_engine("none")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _tidy(element: ElementTree.Element) -> None:
    element.tag = _local(element.tag)
    element.tail = None
    if element.tag not in ("text", "tspan", "title"):
        element.text = None
    found = {_local(name): value for name, value in element.attrib.items()}
    element.attrib.clear()
    element.attrib.update({name: _value(name, value) for name, value in found.items() if not _idle(name, value)})
    if not element.get("style"):
        element.attrib.pop("style", None)


def _idle(name: str, value: str) -> bool:
    return name == "transform" and value.startswith("rotate(-0 ")


def _value(name: str, value: str) -> str:
    if name in ("id", "href", "clip-path"):
        return value
    if name == "style":
        return _style(value)
    shorter = DECIMALS.sub(_short, value)
    return _path(shorter) if name == "d" else shorter


def _path(value: str) -> str:
    shorter = AROUND_LETTER.sub(r"\1", value).strip()
    # What follows a move is a line; what follows a curve would be another curve.
    lines = shorter if "C" in shorter or "Q" in shorter else shorter.replace("L", " ")
    return lines.replace(" -", "-")


def _short(found: re.Match[str]) -> str:
    # A tenth of a unit is less than the eye sees; only the small shapes of markers need a second place.
    value = float(found[0])
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def _style(value: str) -> str:
    for ink, colour in INKS.items():
        value = value.replace(ink, colour)
    return DROPPED.sub("", value).rstrip("; ").replace("; ", ";").replace(": ", ":")


def _describe(elements: list[ElementTree.Element], figure: Figure) -> None:
    """Turn the names that `reports.axes.gid` made into attributes, and tell each panel's axes now that they have a place."""
    panels = described(figure)
    for each in (each for element in elements for each in element.iter()):
        if found := marked(each.get("id")):
            del each.attrib["id"]
            each.attrib.update(found | ({PANEL: next(panels)} if found.get(PANEL) == "" else {}))


def _shorten_ids(elements: list[ElementTree.Element], prefix: str) -> None:
    """Number the ids that something refers to, and drop the others."""
    every = [each for element in elements for each in element.iter()]
    pointing = [(each, name) for each in every for name in ("href", "clip-path") if name in each.attrib]
    used = {found[1] for each, name in pointing if (found := REFERENCE.search(each.attrib[name]))}
    names: dict[str, str] = {}
    for each in every:
        if each.get("id", "") in used:
            names[each.attrib["id"]] = each.attrib["id"] = f"{prefix}{len(names)}"
        else:
            each.attrib.pop("id", None)
    for each, name in pointing:
        each.attrib[name] = REFERENCE.sub(lambda found: "#" + names[found[1]], each.attrib[name])


def _prune(element: ElementTree.Element) -> bool:
    """Remove what draws nothing, and say whether nothing is left."""
    for child in list(element):
        if _prune(child):
            element.remove(child)
    if element.tag in ("g", "defs"):
        return len(element) == 0
    return element.tag == "path" and element.get("style") == "fill:none" and element.get("id") is None


def _unwrapped(element: ElementTree.Element) -> list[ElementTree.Element]:
    """An element without the groups in it that say nothing; the contents of the element alone where it is one itself."""
    element[:] = [each for child in element for each in _unwrapped(child)]
    return list(element) if element.tag == "g" and not element.attrib else [element]
