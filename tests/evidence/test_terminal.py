"""What the terminal says of parts."""

import pytest

from evidence.terminal import disagreement, part_in_words

PART = {
    "name": "p = 4", "estimand": "an exponent", "estimate": -0.51, "interval": {"90": [-0.6, -0.42]}, "n": 8,
    "margin": {"value": 0.05, "words": "a tenth"}, "detectable": 0.0931, "verdict": "inconclusive",
    "reason": "the interval crosses an edge; about 31 seeds would settle it", "seconds_to_settle": 12.4,
}  # fmt: skip
RESULT = {"claim": "a-claim", "verdict": "inconclusive", "expect": "supported", "reason": PART["reason"], "parts": [PART]}


def test_part_names_the_smallest_effect_it_could_have_seen():
    words = "p = 4: -0.51 [-0.6, -0.42] (90 %), margin a tenth, n = 8, could have seen 0.0931 off target"
    assert part_in_words(PART) == words


def test_inconclusive_failure_names_seeds_and_seconds():
    text = disagreement(RESULT)
    assert text.startswith("a-claim: inconclusive, while 'supported' is on record;")
    assert text.endswith("about 31 seeds would settle it, in about 12 s here.")


@pytest.mark.parametrize("missing", [{"seconds_to_settle": None}, {"detectable": None}])
def test_what_is_not_known_is_not_told(missing):
    text = disagreement(RESULT | {"parts": [PART | missing]})
    assert ("s here" in text) == ("detectable" in missing)
    assert ("could have seen" in text) == ("seconds_to_settle" in missing)
