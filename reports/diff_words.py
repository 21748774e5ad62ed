"""What differs between two records, in words: as text for a terminal, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from reports.diff import Bits, Difference, Flip, Pair
from reports.markdown import cell, table
from reports.numerals import finite, number
from reports.oneline import counted, decided, estimate
from reports.record import Claim, Part, Record
from reports.settings import settings, started

__all__ = ["markdown", "rest", "text"]

LEVEL = "Intervals are 90 % intervals."
# Settings that leave every number as it is.
HARMLESS = ("commit", "seeds", "controls")


def text(found: Difference, old: Record, new: Record) -> str:
    """The difference as lines for a terminal, verdicts that differ first."""
    lines = [f"Old: {_run(old)}.", f"New: {_run(new)}.", LEVEL, "", _headline(found)]
    lines += [line for flip in found.flips for line in _flip_lines(flip)]
    lines += _section("Parts with 90 % intervals that no longer overlap:", found.apart)
    lines += _section("Parts with another verdict, in claims whose verdict is the same:", found.parts, with_verdicts=True)
    lines += ["", *rest(found)]
    if found.settings:
        lines += ["", "What differs between the runs:"]
        lines += [f"  {each.name}: {each.values[0]} → {each.values[1]}" for each in found.settings]
    return "\n".join(lines)


def markdown(found: Difference, old: Record, new: Record) -> str:
    """The same as Markdown: a table of what differs, the rest as a list, and the settings."""
    rows = [row for flip in found.flips for row in _flip_rows(flip)]
    rows += [_pair_row(pair, "intervals no longer overlap") for pair in found.apart]
    rows += [_pair_row(pair, f"part: {_verdicts(pair)}") for pair in found.parts]
    blocks = [
        f"### {_headline(found).rstrip('.:')}",
        f"Old: {cell(_run(old))}. New: {cell(_run(new))}. {LEVEL}",
        table(["claim", "what differs", "part", "old", "new"], rows) if rows else "",
        "\n".join(f"- {cell(line)}" for line in rest(found)),
        table(["setting", "old", "new"], [[cell(each.name), *map(cell, each.values)] for each in found.settings])
        if found.settings
        else "",
    ]
    return "\n\n".join(block for block in blocks if block)


def rest(found: Difference) -> list[str]:
    """One sentence for each kind of difference that needs no line of its own, and one for what is unchanged."""
    kinds = [
        *found.only_one.items(),
        ("Parts that are gone", found.gone),
        ("Parts that were added", found.added),
        ("Parts with another region, margin or kind of question", [pair.place for pair in found.rules]),
        ("The verdict on record differs", [_expect(was, now) for was, now in found.expects]),
    ]
    told = [f"{words} ({len(items)}): {', '.join(items)}." for words, items in kinds if items]
    same = "same verdict, same parts, 90 % intervals that overlap"
    unchanged = f"Unchanged: {counted(len(found.unchanged), 'claim')}" + (f" ({same})." if found.unchanged else ".")
    return [*told, unchanged, _bits(found.bits, found)]


# ---- pieces --------------------------------------------------------------------------------------------------


def _run(record: Record) -> str:
    told = settings(record["run"])
    caveat = "" if record["run"]["complete"] else ", interrupted"
    return f"{started(record['run'])}, {told['budget'].label}, {told['commit'].label}{caveat}"


def _headline(found: Difference) -> str:
    if not found.flips:
        return "No verdict differs."
    return f"{counted(len(found.flips), 'verdict')} {'differs' if len(found.flips) == 1 else 'differ'}:"


def _flip_lines(flip: Flip) -> list[str]:
    lines = [f"  {flip.new['id']}: {_verdict(flip.old)} → {_verdict(flip.new)}, {flip.words}"]
    for i, (was, now) in enumerate(flip.deciding):
        name = (now or was or {"name": ""})["name"]
        decides = "decided before" if i or not flip.new["parts"] else "decides now"
        lines.append(f"    {name} ({decides}): {_number(was)} → {_number(now)}")
    return lines + [f"    new: {decided(flip.new)}" for _ in range(not flip.new["parts"])]


def _flip_rows(flip: Flip) -> list[list[str]]:
    what = f"**{flip.old['verdict']} → {flip.new['verdict']}** ({cell(flip.words)})"
    partly = _partly(flip)
    rows = [
        [cell(flip.new["id"]), what + partly, cell((now or was or {"name": ""})["name"]), cell(_number(was)), cell(_number(now))]
        for was, now in flip.deciding
    ]
    nothing = [cell(flip.new["id"]), what + partly, "", "", cell(decided(flip.new))]
    return rows + [nothing for _ in range(not flip.new["parts"])]


def _partly(flip: Flip) -> str:
    names = [name for name, claim in (("old", flip.old), ("new", flip.new)) if not claim["complete"]]
    return f", {' and '.join(names)} run in part" if names else ""


def _section(title: str, found: Sequence[Pair], *, with_verdicts: bool = False) -> list[str]:
    lines = [
        f"  {pair.place}: {f'{_verdicts(pair)}; ' if with_verdicts else ''}{_number(pair.old)} → {_number(pair.new)}"
        for pair in found
    ]
    return ["", title, *lines] if lines else []


def _pair_row(pair: Pair, what: str) -> list[str]:
    return [cell(pair.claim), what, cell(pair.old["name"]), cell(_number(pair.old)), cell(_number(pair.new))]


def _verdicts(pair: Pair) -> str:
    return f"{pair.old['verdict']} → {pair.new['verdict']}"


def _verdict(claim: Claim) -> str:
    return claim["verdict"] + ("" if claim["complete"] else " (in part)")


def _number(part: Part | None) -> str:
    return f"{estimate(part)}, n = {part['n']}" if part else "no such part"


def _expect(was: Claim, now: Claim) -> str:
    return f"{now['id']} ({was['expect']}, now {now['expect']})"


def _bits(bits: Bits, found: Difference) -> str:
    others = f" {counted(bits.other_seeds, 'part')} {_has(bits.other_seeds)} other seeds." if bits.other_seeds else ""
    if not bits.compared:
        return f"No part has the same seeds in both records, so that no bits can be compared.{others}"
    whole = counted(bits.compared, "part")
    if not bits.differing:
        whole = f"all {whole}" if bits.compared > 1 else whole
        return f"The per-seed numbers of {whole} with the same seeds are the same bit for bit.{others}"
    places = [pair.place for pair in bits.differing]
    named = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    by = f"by at most {number(bits.largest, digits=2)} of their size" if finite(bits.largest) else "some are not finite in one"
    same = bits.compared - len(bits.differing)
    agreeing = f"Of {whole} with the same seeds, {same} {_has(same)} the same per-seed numbers bit for bit"
    return f"{agreeing}; the numbers of {named} differ, {by}.{_why(found)}{others}"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _why(found: Difference) -> str:
    """Where versions or machinery differ, other bits were to be expected."""
    names = [each.name for each in found.settings if each.name not in HARMLESS]
    return f" Since the runs differ in {', '.join(names)}, the same bits were not to be expected." if names else ""
