"""One progress line with the time left, on a terminal; a line every half minute elsewhere."""

from typing import Any, Protocol

from training.pace import Standing

__all__ = ["ProgressLine", "duration", "fitted", "sentence"]

QUIET_SECONDS = 30.0


class Screen(Protocol):
    """Where lines go: so many columns, with what stands on the line that is not ended yet."""

    @property
    def columns(self) -> int:
        """Return how many letters a line holds."""

    @property
    def begun(self) -> str:
        """Return what the line held before a line of progress was written over it."""

    def write(self, text: str) -> None:
        """Write and flush."""

    def write_line(self, text: str) -> None:
        """Write a line of its own, below what there is, and flush."""


class ProgressLine:
    """Tells a screen about one training at a time; a terminal's line is overwritten, and is at the end what it was before."""

    def __init__(self, screen: Screen, *, is_terminal: bool) -> None:
        self.screen, self.is_terminal = screen, is_terminal
        self.shown, self.last = 0, 0.0

    def tell(self, name: str, standing: Standing, later: float | None = None) -> None:
        """Show the share done and the time left; nothing for what is done within a second.

        `later` are the seconds that the session will take after this training, if that is known.
        """
        if self.is_terminal and standing.seconds > 1.0:
            self._overwrite(fitted(name, standing, later, self.screen.columns - 1))
        elif not self.is_terminal and standing.seconds - self.last > QUIET_SECONDS:
            self.last = standing.seconds
            self.screen.write_line(sentence(name, standing, later))

    def erase(self) -> None:
        """Remove the line from a terminal, and begin anew."""
        if self.shown:
            self._overwrite("")
            self.screen.write("\r" + self.screen.begun)
        self.shown, self.last = 0, 0.0

    def _overwrite(self, text: str) -> None:
        self.screen.write("\r" + text.ljust(self.shown))
        self.shown = len(text)


def sentence(name: str, standing: Standing, later: float | None = None) -> str:
    """Return the progress of a training in words.

    >>> sentence("gd-rate", Standing(done=3, blocks=12, share=0.25, seconds=10.0, left=30.0))
    'gd-rate: training, 3 of 12 blocks, 25 % done, about 30 s left'
    >>> sentence("gd-rate", Standing(done=3, blocks=12, share=0.25, seconds=10.0, left=30.0), later=270.0)
    'gd-rate: training, 3 of 12 blocks, 25 % done, about 30 s left, 5 minutes until all is done'
    """
    return f"{name}: {', '.join([_counted(standing), _share(standing), _left(standing), *_whole(standing, later)])}"


def _counted(standing: Standing) -> str:
    return f"training, {standing.done} of {standing.blocks} block{'s' * (standing.blocks != 1)}"


def _share(standing: Standing) -> str:
    return f"{100 * standing.share:.0f} % done"


def _left(standing: Standing) -> str:
    return f"{duration(standing.seconds)} so far" if standing.left is None else f"about {duration(standing.left)} left"


def _whole(standing: Standing, later: float | None) -> list[str]:
    return [] if standing.left is None or not later else [f"{duration(standing.left + later)} until all is done"]


def fitted(name: str, standing: Standing, later: float | None, columns: int) -> str:
    """Return the progress of a training in as many words as a line of so many columns holds: a longer one would be wrapped.

    What is said of the whole session stays longest, but for the share.

    >>> standing = Standing(done=3, blocks=12, share=0.25, seconds=10.0, left=30.0)
    >>> fitted("gd-rate", standing, 270.0, 79)
    'gd-rate: 25 % done, about 30 s left, 5 minutes until all is done'
    >>> fitted("gd-rate", standing, 270.0, 50)
    'gd-rate: 25 % done, 5 minutes until all is done'
    >>> fitted("gd-rate", standing, 270.0, 40)
    'gd-rate: 25 % done, about 30 s left'
    >>> fitted("gd-rate", standing, 270.0, 20)
    'gd-rate: 25 % done'
    """
    share, left, whole = _share(standing), _left(standing), _whole(standing, later)
    forms = [
        [_counted(standing), share, left, *whole],
        [share, left, *whole],
        [share, *whole],
        [share, left],
        [share],
    ]
    lines = [f"{name}: {', '.join(form)}" for form in forms]
    return next((line for line in lines if len(line) <= columns), lines[-1][:columns])


def duration(seconds: float) -> str:
    """Return a time in words, in the unit that suits it.

    >>> duration(89.6), duration(140), duration(3 * 3600)
    ('90 s', '2 minutes', '3.0 hours')
    """
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7170 else f"{seconds / 3600:.1f} hours"


def screen_of(config: Any) -> "_Reporter | None":
    """Return the terminal reporter's screen, written to while output capture pauses; None where there is none."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    return None if reporter is None else _Reporter(reporter, capture)


class _Reporter:
    def __init__(self, reporter: Any, capture: Any) -> None:
        self.reporter, self.capture = reporter, capture
        # Asked of the reporter, which knew before the capture put a file in place of the terminal.
        self.is_terminal = bool(reporter.isatty)
        self.columns = int(getattr(reporter, "_screen_width", 80))

    @property
    def begun(self) -> str:
        """Return what pytest has written on its line."""
        return str(self.reporter._tw._current_line)

    def write(self, text: str) -> None:
        """Write past the capture."""
        if self.capture is None:
            self._write(text)
            return
        with self.capture.global_and_fixture_disabled():
            self._write(text)

    def write_line(self, text: str) -> None:
        """Write a line past the capture, and leave the reporter at the start of the next."""
        begun = self.reporter._tw.width_of_current_line > 0
        self.write("\n" * begun + text + "\n")
        self.reporter._tw._current_line = ""

    def _write(self, text: str) -> None:
        self.reporter._tw._file.write(text)
        self.reporter._tw._file.flush()
