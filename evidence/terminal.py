"""What the terminal says of verdicts: the table, the words of a test's outcome, and the sentence of a failure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from evidence.claim import FAMILIES, Claim
from evidence.decisive import decisive
from evidence.forecast import duration
from evidence.other_data import on_record, other_data

__all__ = ["FAMILIES", "astray", "disagreement", "listing", "number", "part_in_words", "recalled", "table", "word"]

Json: TypeAlias = dict[str, Any]
WIDEST = 60
"""Columns for the part that decided; longer part names are cut, numbers never."""
SHORTEST = 12
"""Letters of a part's name that are worth showing; with room for fewer there are numbers alone."""
GAP = "  "
MOST_NAMED = 12
"""Claims not run that are named; of more their number is told."""


def number(value: float | None) -> str:
    """Return a number with four significant digits.

    >>> number(-0.50012), number(None)
    ('-0.5001', 'not finite')
    """
    return "not finite" if value is None or not math.isfinite(value) else f"{value:.4g}"


def word(result: Json) -> str:
    """Return the word shown for a claim's test."""
    shown = str(result["verdict"]).upper()
    return shown if result["verdict"] == result["expect"] else f"{shown} ({on_record(result)}: {result['expect']})"


def part_in_words(part: Json) -> str:
    """Return a part's estimate with its interval, margin and n, in one line."""
    if "interval" not in part:
        deviation = f"{part['name']}: largest deviation {number(part['estimate'])}"
        return f"{deviation}, tolerance {number(part['tolerance'])}, n = {part['n']}"
    estimate = f"{part['name']}: {_estimate(part)} (90 %)"
    seen = f", could have seen {number(part['detectable'])} off target" if part["detectable"] is not None else ""
    return f"{estimate}, margin {part['margin']['words']}, n = {part['n']}{seen}"


def disagreement(result: Json) -> str:
    """Return the failure message of a claim whose verdict is not the one on record."""
    parts = [part for part in result["parts"] if part["verdict"] == result["verdict"]]
    lines = [f"{result['claim']}: {result['verdict']}, while {result['expect']!r} is {on_record(result)}; {result['reason']}."]
    lines += [f"  {part['estimand']} -- {part_in_words(part)}: {part['reason']}{_cost(part)}." for part in parts]
    return "\n".join(lines)


def astray(result: Json, parts: Sequence[Json]) -> str:
    """Return the failure message of a refuted claim some parts of which have another verdict than the one on record."""
    lines = [f"{result['claim']}: refuted, as on record, but not in the parts on record."]
    lines += [f"  {part['name']} is {part['verdict']} -- {part_in_words(part)}: {part['reason']}{_cost(part)}." for part in parts]
    return "\n".join(lines)


def _cost(part: Json) -> str:
    seconds = part.get("seconds_to_settle")
    return f", in about {duration(seconds)} here" if seconds is not None else ""


def table(record: Json, columns: int | None = None) -> list[str]:
    """Return the table of verdicts: one line a claim, with the part that decided; in as many columns, if that can be done.

    The verdict on record stands in brackets where it is another.
    """
    rows = [_row(claim) for claim in record["claims"]]
    differ = any(claim["expect"] != claim["verdict"] for claim in record["claims"])
    rows = [("claim", f"verdict{' (on record)' * differ}", "n", "time"), *rows]
    taken = sum(max(len(row[i]) for row in rows) + len(GAP) for i in range(len(rows[0])))
    room = WIDEST if columns is None else min(WIDEST, columns - taken)
    title = "decisive part, 90 % interval"
    shown = [title if len(title) <= room else "90 % interval", *(_decisive(claim, room) for claim in record["claims"])]
    lines = _aligned([(id, verdict, part, *rest) for (id, verdict, *rest), part in zip(rows, shown, strict=True)])
    missing = [claim["id"] for claim in record["not_run"]]
    other = other_data(record.get("run", {}).get("datasets", []))
    lines += [f"Networks were trained on {other}; the verdicts on record are for MNIST."] if other else []
    if not missing:
        return lines
    told = (
        ", ".join(missing) if len(missing) <= MOST_NAMED else f"{len(missing)} of {len(missing) + len(record['claims'])} claims"
    )
    return [*lines, f"not run: {told}"]


def recalled(n: int, of: int) -> str:
    """Return the sentence on tests that were not judged again.

    >>> recalled(93, 93)
    'All 93 tests were judged before, in the time shown, from the same code, options and trainings; --claims-rejudge judges anew.'
    """
    which = f"All {of} tests" if n == of and n > 1 else f"Of {of} tests {n}" if of > 1 else "The test"
    before = f"{'was' if n == 1 else 'were'} judged before, in the time shown, from the same code, options and trainings"
    return f"{which} {before}; --claims-rejudge judges anew."


def listing(claims: Sequence[Claim]) -> list[str]:
    """Return the catalogue, one line a claim."""
    rows = [("claim", "family", "on record", "the report's finding")]
    return _aligned(rows + [(claim.id, claim.family, str(claim.expect), claim.statement) for claim in claims])


def _row(claim: Json) -> tuple[str, ...]:
    part = decisive(claim["parts"])
    verdict = claim["verdict"] + ("" if claim["complete"] else " in part")
    verdict += "" if claim["expect"] == claim["verdict"] else f" ({claim['expect']})"
    return claim["id"], verdict, str(part["n"]) if part else "0", f"{claim['seconds']:.1f} s"


def _decisive(claim: Json, room: int) -> str:
    """Return the part that decided, or why there is none."""
    part = decisive(claim["parts"])
    if part is None:
        return _cut(claim["reason"], max(room, SHORTEST))
    numbers = _estimate(part) if "interval" in part else f"{number(part['estimate'])}, tolerance {number(part['tolerance'])}"
    left = room - len(numbers) - len(": ")
    name = part["name"]
    return f"{_cut(name, left)}: {numbers}" if left >= min(SHORTEST, len(name)) else numbers


def _estimate(part: Mapping[str, Any]) -> str:
    """Return an estimate with its interval; where both ends would read the same, with half of its width instead."""
    low, high = part["interval"]["90"]
    if number(low) != number(high) or low is None or low == high:
        return f"{number(part['estimate'])} [{number(low)}, {number(high)}]"
    return f"{number(part['estimate'])} ± {(high - low) / 2:.2g}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
