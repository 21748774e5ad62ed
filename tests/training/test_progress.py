"""The progress line: overwritten on a terminal, rare and tidy elsewhere, gone at the end."""

import io
from types import SimpleNamespace

import pytest
from _pytest._io import TerminalWriter

from training.pace import Standing
from training.progress import ProgressLine, _Reporter, duration, sentence


class Screen:
    def __init__(self, columns=200, begun=""):
        self.text, self.columns, self.begun = "", columns, begun

    def write(self, text):
        self.text += text

    def write_line(self, text):
        self.text += f"{text}\n"


def standing(share=0.5, seconds=10.0, left=10.0, blocks=4):
    return Standing(round(share * blocks), blocks, share, seconds, left)


# ---- words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "left", "words"),
    [(10, 10, "about 10 s left"), (4, None, "4 s so far"), (9, 0.0, "about 0 s left"), (9, 600, "about 10 minutes left")],
)
def test_the_sentence_says_what_is_left_where_that_is_known(seconds, left, words):
    assert sentence("gd-rate", standing(seconds=seconds, left=left)).endswith(words)


def test_the_sentence_names_the_claim_and_counts_blocks():
    assert sentence("gd-rate", standing()).startswith("gd-rate: training, 2 of 4 blocks, 50 % done")
    assert "0 of 1 block," in sentence("gd-rate", standing(share=0.0, blocks=1))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (119, "119 s"), (119.6, "2 minutes"), (7000, "117 minutes"), (7200, "2.0 hours")]
)
def test_durations_are_in_the_unit_that_suits_them(seconds, words):
    assert duration(seconds) == words


# ---- a terminal -------------------------------------------------------------------------------------------------


def test_a_terminals_line_is_overwritten_and_erased():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", standing(0.1, 2.0))
    line.tell("a-claim", standing(0.9, 3.0))
    line.erase()
    assert "\n" not in screen.text and screen.text.endswith("\r")
    assert screen.text.split("\r")[-2].strip() == ""


def test_what_stood_on_the_line_stands_there_again():
    screen = Screen(begun="claims/test_a_claim.py ..")
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", standing(0.1, 2.0))
    line.erase()
    assert screen.text.split("\r")[-1] == "claims/test_a_claim.py .."


@pytest.mark.parametrize("columns", [10, 40, 80, 100, 120])
def test_a_line_is_never_as_long_as_the_terminal_is_wide(columns):
    screen = Screen(columns)
    ProgressLine(screen, is_terminal=True).tell("cross-entropy-not-accelerated", standing(0.17, 90.0, left=600.0), later=2280.0)
    told = screen.text.strip("\r")
    assert 0 < len(told) < columns and told.startswith("cross-entropy-not-accelerated"[: columns - 1])
    assert ("blocks" in told) == (columns == 120) and ("until all is done" in told) == (columns >= 80)
    assert ("about 10 minutes left" in told) == (columns >= 100)


def test_a_shorter_sentence_leaves_nothing_of_a_longer_one():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", standing(0.1, 2.0, left=1000.0))
    longest = len(screen.text)
    line.tell("a-claim", standing(0.9, 3.0, left=1.0))
    assert len(screen.text) == 2 * longest


def test_what_is_done_at_once_says_nothing():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", standing(0.5, 0.5))
    line.erase()
    assert screen.text == ""


# ---- a log ------------------------------------------------------------------------------------------------------


def test_elsewhere_a_line_comes_every_half_minute():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=False)
    for second in range(100):
        line.tell("a-claim", standing(second / 100, float(second)))
    assert screen.text.count("a-claim") == 3 and "\r" not in screen.text


def test_a_log_has_nothing_of_trainings_that_are_short():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=False)
    for _ in range(9):
        for second in range(29):
            line.tell("a-claim", standing(second / 29, float(second)))
        line.erase()
    assert screen.text == ""


@pytest.fixture
def log():
    """A terminal reporter that writes to a file."""
    return TerminalWriter(io.StringIO())


def test_lines_in_a_log_stand_below_the_dots_without_blank_lines(log):
    screen = _Reporter(SimpleNamespace(isatty=False, _tw=log), None)
    screen.write_line("one")
    screen.write_line("two")
    log.write("..")
    screen.write_line("three")
    log.write(".")
    log.line()
    screen.write_line("four")
    assert log._file.getvalue() == "one\ntwo\n..\nthree\n.\nfour\n"


def test_the_time_of_the_whole_session_is_added_where_it_is_known():
    standing = Standing(done=1, blocks=2, share=0.5, seconds=60.0, left=60.0)
    assert sentence("rate", standing, later=540.0).endswith("50 % done, about 60 s left, 10 minutes until all is done")
    assert sentence("rate", standing, later=0.0).endswith("about 60 s left")
    assert sentence("rate", standing).endswith("about 60 s left")
