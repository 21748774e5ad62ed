"""What the terminal says of verdicts: the table, the words of a test's outcome, and the sentence of a failure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from evidence.claim import FAMILIES, Claim
from evidence.decisive import decisive
from evidence.other_data import on_record, other_data

__all__ = ["FAMILIES", "astray", "disagreement", "listing", "number", "part_in_words", "recalled", "table", "word"]

Json: TypeAlias = dict[str, Any]
WIDEST = 60
"""Columns for the estimate of a part; longer part names are cut, numbers never."""
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
    low, high = (number(end) for end in part["interval"]["90"])
    estimate = f"{part['name']}: {number(part['estimate'])} [{low}, {high}] (90 %)"
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
    return f", in about {max(1, round(seconds))} s here" if seconds is not None else ""


def table(record: Json) -> list[str]:
    """Return the table of verdicts: one line a claim, with the part that decided."""
    rows: list[tuple[str, ...]] = [("claim", "verdict", "on record", "decisive part, 90 % interval", "n", "time")]
    rows += [_row(claim) for claim in record["claims"]]
    lines = _aligned(rows)
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
    'All 93 tests were judged before from the same code, options and trainings; --claims-rejudge judges anew.'
    """
    which = f"All {of} tests" if n == of and n > 1 else f"Of {of} tests {n}" if of > 1 else "The test"
    before = f"{'was' if n == 1 else 'were'} judged before from the same code, options and trainings"
    return f"{which} {before}; --claims-rejudge judges anew."


def listing(claims: Sequence[Claim]) -> list[str]:
    """Return the catalogue, one line a claim."""
    rows = [("claim", "family", "on record", "the report's finding")]
    return _aligned(rows + [(claim.id, claim.family, str(claim.expect), claim.statement) for claim in claims])


def _row(claim: Json) -> tuple[str, ...]:
    part = decisive(claim["parts"])
    shown, n = (_short(part), str(part["n"])) if part else (claim["reason"][:WIDEST], "0")
    expect = claim["expect"] + ("" if claim["expect"] == claim["verdict"] else "  !")
    verdict = claim["verdict"] + ("" if claim["complete"] else " (in part)")
    return claim["id"], verdict, expect, shown, n, f"{claim['seconds']:.1f} s"


def _short(part: Mapping[str, Any]) -> str:
    if "interval" not in part:
        numbers = f": {number(part['estimate'])}, tolerance {number(part['tolerance'])}"
    else:
        low, high = (number(end) for end in part["interval"]["90"])
        numbers = f": {number(part['estimate'])} [{low}, {high}]"
    room = max(WIDEST - len(numbers), 1)
    name = part["name"]
    return f"{name if len(name) <= room else f'{name[: room - 1]}…'}{numbers}"


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
