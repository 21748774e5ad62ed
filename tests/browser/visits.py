"""A page as a visitor has it: in a window of some width, light or dark, with large text, or without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HEIGHT = 900  # CSS pixels
PATIENCE = 10_000  # milliseconds: nothing here waits for a network
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@dataclass
class Visit:
    """An open page, the addresses it asked for, and what it wrote to the console, errors included."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note requests, console messages and uncaught errors from now on."""
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def text_size(self, pixels: int) -> None:
        """Set the reader's own size of text, as in the browser's settings; 16 is usual. Media queries in rem follow it."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels * 13 // 16}})

    def open_all(self) -> None:
        """Open what can be unfolded."""
        self.page.evaluate(OPEN_ALL)


@contextmanager
def visiting(browser: Browser, file: Path, width: int = 1280, scheme: str = "light", script: bool = True) -> Iterator[Visit]:
    """Open a file in a window of `width` CSS pixels, with nothing kept from earlier visits."""
    size = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=script)
    context.set_default_timeout(PATIENCE)
    try:
        visit = Visit(context.new_page())
        visit.listen()
        visit.page.goto(file.as_uri())
        yield visit
    finally:
        context.close()
