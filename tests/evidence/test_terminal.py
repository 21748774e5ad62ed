"""What the terminal says of parts."""

import pytest

from evidence.terminal import disagreement, part_in_words, table

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


def record(name, missing=0):
    claim = {"id": "a-claim", "verdict": "inconclusive", "expect": "supported", "reason": "", "complete": True, "seconds": 1.0}
    part = PART | {"name": name, "kind": "equivalence", "region": [-0.55, -0.45]}
    return {"claims": [claim | {"parts": [part]}], "not_run": [{"id": f"c{i}"} for i in range(missing)], "run": {}}


@pytest.mark.parametrize("length", [5, 30, 41, 42, 43, 200])
def test_a_long_name_is_cut_and_numbers_never(length):
    (line,) = [line for line in table(record("x" * length)) if line.startswith("a-claim")]
    assert ": -0.51 [-0.6, -0.42] " in line and line.endswith("8  1.0 s")
    assert ("x…: " in line) == (length > 38) and len(line) < 120


@pytest.mark.parametrize(("columns", "name"), [(60, ""), (79, "xxxxxxxxxxxx…: "), (120, f"{'x' * 30}: ")])
def test_a_narrow_terminal_has_shorter_names_and_at_last_numbers_alone(columns, name):
    head, line = table(record("x" * 30), columns)
    assert f" (supported)  {name}-0.51 [-0.6, -0.42] " in line and len(line) <= max(columns, 64)
    assert ("decisive part" in head) == (columns > 60) and "verdict (on record)" in head and "90 % interval" in head


def test_an_interval_whose_ends_read_the_same_is_told_by_its_half_width():
    part = PART | {"estimate": -3.0, "interval": {"90": [-3.00002, -2.99998]}}
    assert part_in_words(part).startswith("p = 4: -3 ± 2e-05 (90 %)")
    assert part_in_words(part | {"interval": {"90": [-3.0, -3.0]}}).startswith("p = 4: -3 [-3, -3] (90 %)")
    assert part_in_words(part | {"interval": {"90": [None, None]}}).startswith("p = 4: -3 [not finite, not finite] (90 %)")


def test_why_there_is_no_part_is_cut_at_a_sign_of_it():
    claim = {"id": "a-claim", "verdict": "invalid", "expect": "invalid", "reason": "y" * 200, "complete": False, "seconds": 1.0}
    row = table({"claims": [claim | {"parts": []}], "not_run": [], "run": {}})[1]
    assert f"invalid in part  {'y' * 59}…  0" in row


def test_a_long_time_is_told_in_its_unit():
    assert "would settle it, in about 35 minutes here." in disagreement(
        RESULT | {"parts": [PART | {"seconds_to_settle": 2102.0}]}
    )


@pytest.mark.parametrize(("missing", "told"), [(2, "not run: c0, c1"), (12, "c10, c11"), (13, "not run: 13 of 14 claims")])
def test_claims_not_run_are_named_while_they_are_few(missing, told):
    assert table(record("p", missing))[-1].endswith(told)
