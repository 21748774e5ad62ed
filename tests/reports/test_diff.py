"""Two records compared: verdicts that differ come first, then intervals that parted, then the rest in a line each."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from reports.diff import CHANGES, Difference, apart, by_key, change, compare, pairs, same_bits
from reports.diff_words import markdown, rest, text
from reports.oneline import estimate
from reports.record import VERDICTS, check
from tests.reports.sample_record import Json, claim, exact, exponents, interrupted, of_first_version, part, run, sample


def record(*claims: Json, not_run: list[Json] | None = None, **more: Any) -> Any:
    return check({**interrupted(), "run": run(referee=None, **more), "claims": list(claims), "not_run": not_run or []})


def judged(verdict: str = "supported", mean: float = 0.5, *, id: str = "one", name: str = "late", **more: Any) -> Json:
    return claim(id, [part(name, mean, 0.01, [0.4, 0.6], 0.5, verdict)], verdict, **more)


def told(old: Any, new: Any) -> str:
    return text(compare(old, new), old, new)


def first(each: Any) -> str:
    """The first part of the first claim, as it is told."""
    return f"{estimate(each['claims'][0]['parts'][0])}, n = 30"


def verdicts(found: Difference) -> list[tuple[str, str]]:
    return [(flip.new["id"], flip.change) for flip in found.flips]


# ---- what is found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old", [sample(), interrupted(), of_first_version(sample())], ids=["sample", "interrupted", "first version"]
)
def test_a_record_does_not_differ_from_itself(old: Json) -> None:
    found = compare(check(old), check(old))
    assert not (found.flips or found.apart or found.parts or found.only_one or found.gone or found.added or found.settings)
    assert found.unchanged == [each["id"] for each in old["claims"]]
    assert found.bits.differing == [] and found.bits.other_seeds == 0


@pytest.mark.parametrize("old", VERDICTS)
@pytest.mark.parametrize("new", VERDICTS)
def test_every_pair_of_verdicts_has_words(old: str, new: str) -> None:
    flips = compare(record(judged(old)), record(judged(new))).flips
    assert [flip.words for flip in flips] == ([] if old == new else [CHANGES[change(old, new)]])


def test_undecided_against_decided_is_told_apart_from_the_opposite() -> None:
    assert {change("supported", "refuted"), change("refuted", "supported")} == {"turned"}
    assert {change("supported", "inconclusive"), change("refuted", "inconclusive")} == {"lost"}
    assert {change("inconclusive", "supported"), change("inconclusive", "refuted")} == {"gained"}


def test_weightiest_differences_come_first() -> None:
    pairs_of = [("gained", "inconclusive", "supported"), ("lost", "refuted", "inconclusive"), ("turned", "supported", "refuted")]
    old = record(*(judged(was, id=id) for id, was, _ in pairs_of))
    new = record(*(judged(now, id=id) for id, _, now in pairs_of))
    assert verdicts(compare(old, new)) == [("turned", "turned"), ("lost", "lost"), ("gained", "gained")]


def test_a_missing_claim_is_no_flip() -> None:
    left_out = {key: judged()[key] for key in ("id", "statement", "source", "origin", "family", "expect", "command")}
    old, new = (
        record(judged(), judged(id="two"), judged(id="gone")),
        record(judged(id="two"), judged(id="new"), not_run=[left_out]),
    )
    found = compare(old, new)
    assert found.flips == []
    assert found.only_one == {
        "Left out of the new run": ["one"],
        "No longer in the catalogue": ["gone"],
        "New to the catalogue": ["new"],
    }
    assert "Left out of the new run (1): one." in rest(found)


def test_intervals_that_parted_are_told_without_a_flip() -> None:
    old, new = record(judged(mean=0.45)), record(judged(mean=0.55))
    found = compare(old, new)
    assert found.flips == [] and [pair.place for pair in found.apart] == ["one (late)"] and found.unchanged == []
    assert f"Parts with 90 % intervals that no longer overlap:\n  one (late): {first(old)} → {first(new)}\n" in told(old, new)


@pytest.mark.parametrize("ends", [[None, 0.2], [0.5, None], [None, None]])
def test_lost_ends_part_from_nothing(ends: list[float | None]) -> None:
    whole: Any = {"interval": {"90": [0.8, 0.9]}}
    assert not apart(whole, {"interval": {"90": ends}}) and not apart({"interval": {"90": ends}}, whole)  # type: ignore[typeddict-item]


def test_exact_parts_have_no_intervals_to_part() -> None:
    old, new = (record(claim("one", [exact("p = 4", far, 1e-4, "supported")], "supported")) for far in (1e-9, 9e-5))
    assert compare(old, new).apart == []
    assert "the numbers of one (p = 4) differ" in told(old, new)


def test_a_part_may_differ_where_the_claim_does_not() -> None:
    def refuted(second: str) -> Any:
        parts = [part("first", 0.9, 0.01, [0.4, 0.6], 0.5, "refuted"), part("second", 0.5, 0.01, [0.4, 0.6], 0.5, second)]
        return record(claim("one", parts, "refuted"))

    found = compare(refuted("supported"), refuted("inconclusive"))
    assert found.flips == [] and [pair.place for pair in found.parts] == ["one (second)"] and found.unchanged == []
    assert "one (second): supported → inconclusive; 0.5" in told(refuted("supported"), refuted("inconclusive"))


def test_parts_of_a_flip_are_told_once() -> None:
    assert compare(record(judged("supported")), record(judged("refuted"))).parts == []


def test_parts_added_and_gone() -> None:
    found = compare(record(judged(name="early")), record(judged(name="late")))
    assert (found.gone, found.added, found.unchanged) == (["one (early)"], ["one (late)"], [])
    assert rest(found)[:2] == ["Parts that are gone (1): one (early).", "Parts that were added (1): one (late)."]


def test_parts_of_one_name_are_matched_in_their_order() -> None:
    twice = claim("one", [part("late", mean, 0.01, [0, 1], 0.5, "supported") for mean in (0.2, 0.8)], "supported")
    once: Any = twice | {"parts": twice["parts"][:1]}
    assert list(by_key(twice)) == [("late", 0), ("late", 1)]
    assert [pair.old for pair in pairs(once, twice)] == twice["parts"][:1]
    assert compare(record(twice), record(twice)).apart == []
    assert compare(record(twice), record(once)).gone == ["one (late)"]


def test_another_margin_is_told_beside_what_it_changed() -> None:
    old, new = judged(), judged("refuted")
    new["parts"][0] |= {"region": [0.6, 0.7], "margin": {"value": 0.05, "words": "half"}}
    assert "Parts with another region, margin or kind of question (1): one (late)." in told(record(old), record(new))


def test_another_verdict_on_record_is_told() -> None:
    found = compare(record(judged()), record(judged(expect="refuted")))
    assert "The verdict on record differs (1): one (supported, now refuted)." in rest(found)


def test_comparing_changes_neither_record() -> None:
    old, new = record(judged()), record(judged("refuted", 0.9))
    before = copy.deepcopy((old, new))
    told(old, new)
    assert (old, new) == before


def test_which_record_is_the_old_one_mirrors_the_difference() -> None:
    old, new = check(sample()), record(judged(id="gd-rate"), judged(id="figure-1"))
    one, other = compare(old, new), compare(new, old)
    assert len(one.flips) == len(other.flips) and one.gone == other.added
    assert [pair.place for pair in one.apart] == [pair.place for pair in other.apart]


# ---- bits ----------------------------------------------------------------------------------------------------


def nudged(each: Json, by: float, seed: int = 3) -> Json:
    changed = copy.deepcopy(each)
    changed["parts"][0]["per_seed"][seed] *= 1 + by
    return changed


def test_bits_of_the_same_seeds() -> None:
    assert "The per-seed numbers of 1 part with the same seeds are the same bit for bit." in told(
        record(judged()), record(judged())
    )


def test_a_last_bit_that_differs_is_seen_and_measured() -> None:
    old = record(judged())
    found = compare(old, record(nudged(judged(), 2**-52)))
    assert found.unchanged == ["one"] and [pair.place for pair in found.bits.differing] == ["one (late)"]
    assert found.bits.largest is not None and 0 < found.bits.largest < 1e-15
    assert rest(found)[-1].startswith("Of 1 part with the same seeds, 0 have the same per-seed numbers bit for bit;")
    assert "by at most 2" in rest(found)[-1] and "expected" not in rest(found)[-1]


def test_other_versions_excuse_other_bits() -> None:
    new = record(nudged(judged(), 1e-9), versions={"python": "3.11.7", "torch": "2.14.1", "numpy": "2.4.6"})
    assert "Since the runs differ in torch, the same bits were not to be expected." in told(record(judged()), new)


def test_other_commit_excuses_nothing() -> None:
    new = record(nudged(judged(), 1e-9), git={"sha": "ab" * 20, "dirty": False})
    assert "expected" not in told(record(judged()), new) and "commit: 3f1c0de5a9b8" in told(record(judged()), new)


def test_other_seeds_are_not_compared() -> None:
    other = judged()
    other["parts"][0]["seeds"] = list(range(100, 130))
    said = rest(compare(record(judged()), record(other)))[-1]
    assert said == "No part has the same seeds in both records, so that no bits can be compared. 1 part has other seeds."


def test_a_number_lost_in_one_record_differs_without_a_size() -> None:
    lost = judged()
    lost["parts"][0]["per_seed"][2] = None
    found = compare(record(judged()), record(lost))
    assert found.bits.largest is None and "some are not finite in one" in rest(found)[-1]
    assert compare(record(lost), record(lost)).bits.differing == []


def test_many_differing_parts_are_named_in_short() -> None:
    many = [judged(id=f"claim-{i}") for i in range(5)]
    said = rest(compare(record(*many), record(*(nudged(each, 1e-6) for each in many))))[-1]
    assert "claim-0 (late), claim-1 (late), claim-2 (late) and 2 more differ" in said


def test_same_bits_agrees_with_equality_but_for_the_sign_of_zero() -> None:
    draw = random.Random(0)
    values = [draw.gauss(0, 10.0**e) for e in range(-300, 300, 37)]
    assert all(same_bits(a, b) == (a == b) for a in values for b in values)
    assert not same_bits(0.0, -0.0) and not same_bits(None, 0.0) and same_bits(None, None)


# ---- in words ------------------------------------------------------------------------------------------------


def test_a_flip_is_told_with_the_parts_that_decided() -> None:
    kept = part("late", 0.52, 0.03, [0.4, 0.6], 0.5, "supported")
    old = record(claim("one", [part("early", 0.5, 0.01, [0.4, 0.6], 0.5, "supported"), kept], "supported"))
    new = record(claim("one", [part("early", 0.9, 0.01, [0.4, 0.6], 0.5, "refuted"), kept], "refuted"))
    lines, same = told(old, new).splitlines(), f"{estimate(kept)}, n = 30"
    at = lines.index("1 verdict differs:")
    assert lines[at + 1] == "  one: supported → refuted, the opposite was found"
    assert lines[at + 2] == f"    early (decides now): {first(old)} → {first(new)}"
    assert lines[at + 3] == f"    late (decided before): {same} → {same}"


def test_flips_come_before_all_else() -> None:
    old, new = record(judged(mean=0.45), judged(id="two")), record(judged(mean=0.55), judged("inconclusive", id="two"))
    said = told(old, new)
    order = [
        "1 verdict differs",
        "two: supported → inconclusive, lost",
        "no longer overlap",
        "Unchanged: 0 claims.",
        "same seeds",
    ]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)


def test_a_claim_that_broke_says_why() -> None:
    broken = claim("one", [], "invalid", reason="the test stopped: no data")
    said = told(record(judged()), record(broken))
    assert "one: supported → invalid, the experiment broke" in said and "new: nothing measured: the test stopped: no data" in said
    assert "late (decided before): 0.5" in said and "no such part" in said


def test_what_was_run_in_part_says_so() -> None:
    assert "one: supported → refuted (in part), " in told(record(judged()), record(judged("refuted", complete=False)))


@pytest.mark.parametrize(
    "more, line",
    [
        ({"budget": "smoke"}, "budget: standard → smoke"),
        ({"device": "cuda"}, "device: cpu → cuda"),
        ({"device_name": "H100"}, "device name: AMD EPYC <9354> → H100"),
        ({"seeds": 30}, "seeds: each claim’s own seeds → 30"),
        ({"versions": {"python": "3.13.1", "torch": "2.9.1", "numpy": "2.4.6"}}, "Python: 3.11.7 → 3.13.1"),
        ({"versions": {"python": "3.11.7", "torch": "2.9.1"}}, "numpy: 2.4.6 → none"),
        ({"datasets": []}, "data: mnist-12000 (embedded, 12000 images, sha256 3f1c0de5a9b8 26748b9a5ed0) → none"),
        ({"controls": False}, "controls: run → not run"),
        ({"git": {"sha": None, "dirty": None}}, "commit: 3f1c0de5a9b8, with uncommitted changes → not a git checkout"),
    ],
)
def test_what_differs_between_the_runs_is_told(more: Json, line: str) -> None:
    said = told(record(judged()), record(judged(), **more))
    assert said.endswith(f"What differs between the runs:\n  {line}")
    assert f"| {line.partition(':')[0]} |" in markdown(
        compare(record(judged()), record(judged(), **more)), record(judged()), record(judged())
    )


def test_an_interrupted_run_says_so() -> None:
    assert "commit 3f1c0de5a9b8, with uncommitted changes, interrupted." in told(
        record(judged()), record(judged(), complete=False)
    )


# ---- Markdown ------------------------------------------------------------------------------------------------


def marked(old: Any, new: Any) -> list[str]:
    return markdown(compare(old, new), old, new).splitlines()


def test_markdown_without_differences_has_no_table() -> None:
    lines = marked(record(judged()), record(judged()))
    assert lines[0] == "### No verdict differs" and not any(line.startswith("|") for line in lines)


def test_markdown_tells_the_same_as_the_text() -> None:
    old = record(judged(), judged(id="two", mean=0.45), *(claim("three", exponents(0.01), "supported"),))
    new = record(judged("refuted", 0.9), judged(id="two", mean=0.55))
    lines = marked(old, new)
    assert lines[0] == "### 1 verdict differs"
    assert any(line.startswith("| one | **supported → refuted** (the opposite was found) | late | 0.") for line in lines)
    assert any(line.startswith("| two | intervals no longer overlap | late | 0.") for line in lines)
    found = compare(old, new)
    assert [line[2:] for line in lines if line.startswith("- ")] == [each.replace("[", "\\[") for each in rest(found)]


def test_markdown_tables_are_rectangular_whatever_the_names() -> None:
    nasty = "|w|³ <b>bold</b>\n`code` _x_ [link](http://a) \\"
    rows = [
        line for line in marked(record(judged(name=nasty)), record(judged("refuted", 0.9, name=nasty))) if line.startswith("|")
    ]
    assert {len(line.replace("\\\\", "").replace("\\|", "").split("|")) for line in rows} == {7}
    assert all("<b>" not in line for line in rows) and any("\\|w\\|³ &lt;b&gt;bold&lt;/b&gt; \\`code\\`" in line for line in rows)


def test_markdown_of_a_broken_claim_says_why() -> None:
    lines = marked(record(judged()), record(claim("one", [], "invalid", reason="no data", complete=False)))
    assert any("**supported → invalid** (the experiment broke), new run in part |" in line for line in lines)
    assert any("nothing measured: no data" in line for line in lines)


def test_a_record_of_the_first_version_compares_with_its_own_upgrade() -> None:
    whole = sample()
    whole["run"]["referee"] = None
    old, new = check(of_first_version(whole)), check(whole)
    found = compare(old, new)
    assert found.flips == [] and found.bits.differing == [] and len(found.unchanged) == len(new["claims"])
