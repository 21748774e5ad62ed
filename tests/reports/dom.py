"""A small reader of pages: elements with their attributes, their text and what they lie in; strict about nesting.

>>> [element.tag for element in parse("<p>one <b>two</b></p>")]
['p', 'b']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Element:
    """A tag with its attributes, its parents and all text inside it."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[Element, ...]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as a reader sees it: runs of spaces are one."""
        return " ".join("".join(self.pieces).split())

    def get(self, name: str) -> str:
        """An attribute, or ''."""
        return self.attributes.get(name, "")

    def inside(self, other: Element) -> bool:
        """Whether this lies somewhere in `other`."""
        return any(parent is other for parent in self.parents)


class Reader(HTMLParser):
    """Collects the elements of a page; wrong nesting is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.found[-1])
        if tag == "math":  # read as its text, which is what a reader without MathML gets
            self.handle_data(self.found[-1].get("alttext"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self.found.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag if self.open else None}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        tags = [element.tag for element in self.open]
        if "math" not in tags or (tags[-1] == "math" and not self.open[-1].pieces):
            for element in self.open:
                element.pieces.append(data)


def parse(page: str) -> list[Element]:
    """All elements of a page in their order."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open, f"never closed: {[element.tag for element in reader.open]}"
    return reader.found


def select(elements: list[Element], tag: str = "", **attributes: str) -> Iterator[Element]:
    """The elements of a tag with the given attributes; ``cls`` asks for one of the classes.

    >>> [element.text for element in select(parse('<p class="a b">x</p>'), cls="b")]
    ['x']
    """
    cls = attributes.pop("cls", "")
    for element in elements:
        right_tag = tag in ("", element.tag)
        right_class = not cls or cls in element.get("class").split()
        if right_tag and right_class and all(element.get(name) == value for name, value in attributes.items()):
            yield element
