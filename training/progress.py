"""One progress line with the time left, on a terminal; a line every half minute elsewhere."""

from typing import Any, Protocol

__all__ = ["ProgressLine", "sentence"]

QUIET_SECONDS = 30.0


class Screen(Protocol):
    """Where lines go."""

    is_terminal: bool

    def write(self, text: str) -> None:
        """Write and flush."""


class ProgressLine:
    """Tells a screen about one training at a time; a terminal's line is overwritten, and erased at the end."""

    def __init__(self, screen: Screen, *, is_terminal: bool) -> None:
        self.screen, self.is_terminal = screen, is_terminal
        self.shown, self.last = 0, 0.0

    def tell(self, name: str, share: float, seconds: float) -> None:
        """Show the share done and the time left; nothing for what is done within a second."""
        if self.is_terminal and seconds > 1.0:
            self._overwrite(sentence(name, share, seconds))
        elif not self.is_terminal and seconds - self.last > QUIET_SECONDS:
            self.last = seconds
            self.screen.write(f"\n{sentence(name, share, seconds)}\n")

    def erase(self) -> None:
        """Remove the line from a terminal, and begin anew."""
        if self.shown:
            self._overwrite("")
            self.screen.write("\r")
        self.shown, self.last = 0, 0.0

    def _overwrite(self, text: str) -> None:
        self.screen.write("\r" + text.ljust(self.shown))
        self.shown = len(text)


def sentence(name: str, share: float, seconds: float) -> str:
    """Return the progress of a training in words.

    >>> sentence("gd-rate", 0.25, 10.0)
    'gd-rate: training, 25 % done, about 30 s left'
    """
    left = f"about {seconds * (1 - share) / share:.0f} s left" if share > 0.01 else f"{seconds:.0f} s so far"
    return f"{name}: training, {share:.0%} done, {left}".replace("%", " %")


def screen_of(config: Any) -> Screen | None:
    """Return the terminal reporter's screen, written to while output capture pauses; None where there is none."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    return None if reporter is None else _Reporter(reporter, capture)


class _Reporter:
    def __init__(self, reporter: Any, capture: Any) -> None:
        self.reporter, self.capture = reporter, capture
        # Asked of the reporter, which knew before the capture put a file in place of the terminal.
        self.is_terminal = bool(reporter.isatty)

    def write(self, text: str) -> None:
        """Write past the capture."""
        if self.capture is None:
            self._write(text)
            return
        with self.capture.global_and_fixture_disabled():
            self._write(text)

    def _write(self, text: str) -> None:
        self.reporter._tw._file.write(text)
        self.reporter._tw._file.flush()
