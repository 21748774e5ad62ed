"""The progress line: overwritten on a terminal, rare elsewhere, gone at the end."""

import pytest

from training.progress import ProgressLine, sentence


class Screen:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


@pytest.mark.parametrize(
    ("share", "seconds", "words"), [(0.5, 10, "about 10 s left"), (0.0, 4, "4 s so far"), (1.0, 9, "about 0 s left")]
)
def test_the_sentence_says_what_is_left(share, seconds, words):
    assert words in sentence("gd-rate", share, seconds)


def test_a_terminals_line_is_overwritten_and_erased():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", 0.1, 2.0)
    line.tell("a-claim", 0.9, 3.0)
    line.erase()
    assert "\n" not in screen.text and screen.text.endswith("\r")
    assert screen.text.split("\r")[-2].strip() == ""


def test_what_is_done_at_once_says_nothing():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=True)
    line.tell("a-claim", 0.5, 0.5)
    line.erase()
    assert screen.text == ""


def test_elsewhere_a_line_comes_every_half_minute():
    screen = Screen()
    line = ProgressLine(screen, is_terminal=False)
    for second in range(100):
        line.tell("a-claim", second / 100, float(second))
    assert screen.text.count("a-claim") == 3 and "\r" not in screen.text
