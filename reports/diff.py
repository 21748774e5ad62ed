"""Two evidence records compared: verdicts that differ, intervals that no longer overlap, numbers that are the same bits.

Nothing is judged anew here: the verdicts are those of the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reports.numerals import finite
from reports.record import Claim, Part, Record
from reports.settings import Contrast, contrasts
from reports.summary import decisive

__all__ = ["Bits", "Difference", "Flip", "Key", "Pair", "apart", "by_key", "change", "compare", "pairs", "same_bits"]

DECIDED = ("supported", "refuted")
# How a verdict can differ, the weightiest first.
CHANGES = {
    "turned": "the opposite was found",
    "broke": "the experiment broke",
    "lost": "lost: it is no longer decided",
    "gained": "gained: it was undecided",
    "mended": "mended: the experiment was broken",
}
Key: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class Pair:
    """A part that both records have."""

    claim: str
    old: Part
    new: Part

    @property
    def place(self) -> str:
        """Which part of which claim."""
        return f"{self.claim} ({self.old['name']})"


@dataclass(frozen=True)
class Flip:
    """A claim whose verdicts differ; `change` is a key of `CHANGES`."""

    old: Claim
    new: Claim
    change: str

    @property
    def words(self) -> str:
        """What the difference means."""
        return CHANGES[self.change]

    @property
    def deciding(self) -> list[tuple[Part | None, Part | None]]:
        """The parts that decided, in both records: first the one that decides now, then another that did before."""
        was, now = decisive(self.old), decisive(self.new)
        keys = dict.fromkeys(key for key in (_key(self.new, now), _key(self.old, was)) if key)
        old, new = by_key(self.old), by_key(self.new)
        return [(old.get(key), new.get(key)) for key in keys]


@dataclass(frozen=True)
class Bits:
    """How far the per-seed numbers of parts with the same seeds are the same; `largest` is relative, None if not finite."""

    compared: int
    differing: Sequence[Pair]
    largest: float | None
    other_seeds: int


@dataclass(frozen=True)
class Difference:
    """All that differs between two records, and what does not; `only_one` says which claims one alone judged, and why."""

    flips: Sequence[Flip]
    apart: Sequence[Pair]
    parts: Sequence[Pair]
    only_one: Mapping[str, Sequence[str]]
    gone: Sequence[str]
    added: Sequence[str]
    rules: Sequence[Pair]
    expects: Sequence[tuple[Claim, Claim]]
    unchanged: Sequence[str]
    bits: Bits
    settings: Sequence[Contrast]


def compare(old: Record, new: Record) -> Difference:
    """What differs between two records.

    Claims are matched by id and parts by name; parts of one name, in their order.
    """
    before, after = ({claim["id"]: claim for claim in record["claims"]} for record in (old, new))
    both = [(before[id], claim) for id, claim in after.items() if id in before]
    matched = [pair for was, now in both for pair in pairs(was, now)]
    flips = [Flip(was, now, change(was["verdict"], now["verdict"])) for was, now in both if was["verdict"] != now["verdict"]]
    found = {
        "apart": [pair for pair in matched if apart(pair.old, pair.new)],
        "parts": [pair for pair in matched if pair.old["verdict"] != pair.new["verdict"]],
    }
    gone = {was["id"]: _lacking(was, now) for was, now in both}
    added = {was["id"]: _lacking(now, was) for was, now in both}
    touched = {flip.new["id"] for flip in flips} | {pair.claim for each in found.values() for pair in each}
    touched |= {id for each in (gone, added) for id, names in each.items() if names}
    flipped = {flip.new["id"] for flip in flips}
    return Difference(
        flips=sorted(flips, key=lambda flip: list(CHANGES).index(flip.change)),
        apart=found["apart"],
        # Where the claim's verdict differs too, its parts are told there.
        parts=[pair for pair in found["parts"] if pair.claim not in flipped],
        only_one=_only_one(old, new),
        gone=[f"{id} ({', '.join(names)})" for id, names in gone.items() if names],
        added=[f"{id} ({', '.join(names)})" for id, names in added.items() if names],
        rules=[pair for pair in matched if _rule(pair.old) != _rule(pair.new)],
        expects=[(was, now) for was, now in both if was["expect"] != now["expect"]],
        unchanged=[now["id"] for _, now in both if now["id"] not in touched],
        bits=_bits(matched),
        settings=[contrast for contrast in contrasts([old["run"], new["run"]]) if contrast.differs],
    )


def change(old: str, new: str) -> str:
    """What it means that a verdict was `old` and is `new`.

    >>> change("supported", "refuted"), change("supported", "inconclusive"), change("inconclusive", "refuted")
    ('turned', 'lost', 'gained')
    >>> change("refuted", "invalid"), change("invalid", "inconclusive")
    ('broke', 'mended')
    """
    if "invalid" in (old, new):
        return "broke" if new == "invalid" else "mended"
    if old in DECIDED:
        return "turned" if new in DECIDED else "lost"
    return "gained"


def apart(old: Part, new: Part) -> bool:
    """Whether the 90 % intervals of a part do not overlap; False where one has none, or an end that is not finite.

    >>> [apart({"interval": {"90": [0.1, 0.2]}}, {"interval": {"90": [low, 0.4]}}) for low in (0.15, 0.2, 0.3)]
    [False, False, True]
    """
    if "interval" not in old or "interval" not in new:
        return False
    (low, high), (other_low, other_high) = old["interval"]["90"], new["interval"]["90"]
    if not (finite(low) and finite(high) and finite(other_low) and finite(other_high)):
        return False
    return high < other_low or other_high < low


def same_bits(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same bit for bit; a lost number is the same as a lost number.

    >>> same_bits(0.1 + 0.2, 0.3), same_bits(0.0, -0.0), same_bits(1, 1.0), same_bits(None, None)
    (False, False, True, True)
    """
    if one is None or other is None:
        return one is other
    return float(one).hex() == float(other).hex()


def pairs(old: Claim, new: Claim) -> list[Pair]:
    """The parts that both claims have, in the order of the new one.

    >>> pairs({"parts": []}, {"parts": []})
    []
    """
    before = by_key(old)
    return [Pair(new["id"], before[key], part) for key, part in by_key(new).items() if key in before]


def _only_one(old: Record, new: Record) -> dict[str, list[str]]:
    """The claims that one record alone has a verdict on: those the other left out, and those it does not know."""
    found = {}
    for one, other, left_out, unknown in (
        (old, new, "Left out of the new run", "No longer in the catalogue"),
        (new, old, "Left out of the old run", "New to the catalogue"),
    ):
        judged, known = {claim["id"] for claim in other["claims"]}, {claim["id"] for claim in other["not_run"]}
        alone = [claim["id"] for claim in one["claims"] if claim["id"] not in judged]
        found[left_out] = [id for id in alone if id in known]
        found[unknown] = [id for id in alone if id not in known]
    return {words: ids for words, ids in found.items() if ids}


def _rule(part: Part) -> tuple[object, ...]:
    """What a part is judged by."""
    return part["kind"], part["unit"], part["region"], part["margin"]["value"]


def _lacking(claim: Claim, other: Claim) -> list[str]:
    """Names of the parts of `claim` that `other` has not."""
    there = by_key(other)
    return [key[0] for key in by_key(claim) if key not in there]


def by_key(claim: Claim) -> dict[Key, Part]:
    """The parts of a claim by their names; those of one name are told apart by their order.

    >>> list(by_key({"parts": [{"name": "late"}, {"name": "late"}]}))
    [('late', 0), ('late', 1)]
    """
    return dict(_keyed(claim["parts"]))


def _keyed(parts: Sequence[Part]) -> Iterator[tuple[Key, Part]]:
    seen: Counter[str] = Counter()
    for part in parts:
        yield (part["name"], seen[part["name"]]), part
        seen[part["name"]] += 1


def _key(claim: Claim, wanted: Part | None) -> Key | None:
    return next((key for key, part in by_key(claim).items() if part is wanted), None)


def _bits(matched: Sequence[Pair]) -> Bits:
    comparable = [pair for pair in matched if _same_seeds(pair.old, pair.new)]
    differing = [pair for pair in comparable if not all(same_bits(a, b) for a, b in _values(pair))]
    steps = [_relative(a, b) for pair in differing for a, b in _values(pair)]
    known = [step for step in steps if finite(step)]
    return Bits(
        compared=len(comparable),
        differing=differing,
        largest=max(known, default=0.0) if len(known) == len(steps) else None,
        other_seeds=len(matched) - len(comparable),
    )


def _values(pair: Pair) -> Iterator[tuple[float | None, float | None]]:
    return zip(pair.old["per_seed"], pair.new["per_seed"], strict=True)


def _same_seeds(old: Part, new: Part) -> bool:
    return old["seeds"] == new["seeds"] and len(old["per_seed"]) == len(new["per_seed"])


def _relative(one: float | None, other: float | None) -> float | None:
    if same_bits(one, other):
        return 0.0
    if not finite(one) or not finite(other):
        return None
    size = max(abs(one), abs(other))
    return abs(one - other) / size if size else 0.0
