"""What GitHub shows of a session: a table in the job's summary, and a note on the file of every claim that needs a look.

The workflow sets two variables: ``GITHUB_STEP_SUMMARY`` names the file of the summary, ``GITHUB_ACTIONS`` is "true" where lines
on the output may be commands.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.markdown import cell, table
from reports.numerals import duration
from reports.oneline import counted, decided, estimate
from reports.outcomes import counts, failing, listed
from reports.output import printable
from reports.record import Claim, Record
from reports.settings import settings
from reports.summary import decisive, differing

__all__ = ["LARGEST", "append", "command", "commands", "notes", "summary"]

# GitHub drops the summary of a step beyond this, whole.
LARGEST = 1024 * 1024
NAMES = ("claim", "verdict", "on record", "deciding part, 90 % interval", "n")


def notes(record: Record, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Append the summary and give the lines to print; nothing outside a workflow.

    A summary that cannot be written is a sentence, and loses nothing else.

    >>> notes({}, {})
    []
    """
    lines = [printable(line) for line in commands(record)] if environment.get("GITHUB_ACTIONS") == "true" else []
    path = environment.get("GITHUB_STEP_SUMMARY", "")
    if path:
        try:
            append(record, Path(path))
        except OSError as error:
            lines.append(printable(f"GitHub’s summary could not be written: {error.strerror or error} ({path})."))
    return lines


# ---- the summary ---------------------------------------------------------------------------------------------


def append(record: Record, path: Path, largest: int = LARGEST) -> None:
    """Append the summary to what the step's file holds already; a file that is full is left as it is.

    Raises OSError where it cannot be written.
    """
    with path.open("ab") as file:  # bytes, or Windows would write ends of lines that were not counted
        taken = file.tell()
        # A table is one only after an empty line.
        text = ("\n\n" if taken else "") + summary(record, largest - taken - len("\n\n"))
        if text.strip():
            file.write(text.encode())


def summary(record: Record, room: int = LARGEST) -> str:
    """The summary as Markdown of fewer than `room` bytes: rows that do not fit are counted, and '' is all that fits nowhere.

    Verdicts that are not those on record come first, then the others in the catalogue's order.
    """
    astray = [claim for claim in record["claims"] if claim["verdict"] != claim["expect"]]
    ordered = astray + [claim for claim in record["claims"] if claim["verdict"] == claim["expect"]]
    rows = [_row(claim) for claim in ordered]
    whole = _text(record, rows, 0)
    if len(whole.encode()) < room:
        return whole
    kept = _fitting(rows, room - len(_text(record, [], len(rows)).encode()))
    cut = _text(record, rows[:kept], len(rows) - kept)
    return cut if len(cut.encode()) < room else ""


def _fitting(rows: Sequence[Sequence[str]], room: int) -> int:
    """How many rows fit."""
    for kept, row in enumerate(rows):
        # What frames the cells of a row: bars, spaces and the end of the line.
        room -= sum(len(each.encode()) + 3 for each in row) + 2
        if room <= 0:
            return kept
    return len(rows)


def _text(record: Record, rows: Sequence[Sequence[str]], dropped: int) -> str:
    blocks = [
        f"### Depth on Trial: {listed(counts(record)) or 'no claim was run'}",
        f"{_comparison(record)} {cell(_setting(record))}",
        table(NAMES, rows) if rows else "",
        f"{counted(dropped, 'claim')} not shown: the summary would be too long." if dropped else "",
        _left_out(record),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _comparison(record: Record) -> str:
    astray, failed = len(differing(record)), len(failing(record))
    if not record["claims"]:
        return "There is no verdict."
    if not astray and not failed:
        return "Every verdict is the one on record."
    differ = f"{counted(astray, 'verdict')} {'differs' if astray == 1 else 'differ'} from the record"
    same = "Every verdict is the one on record"
    tests = f"tests of {counted(failed, 'claim')} failed" if failed else "no test failed"
    return f"**{differ if astray else same}; {tests}.**"


def _setting(record: Record) -> str:
    run, told = record["run"], settings(record["run"])
    labels = ", ".join(told[name].label for name in ("budget", "device", "torch", "commit"))
    return f"Run with {labels}; {'' if run['complete'] else 'interrupted '}after {duration(run['seconds'])}."


def _row(claim: Claim) -> list[str]:
    part = decisive(claim)
    shown, n = (f"{part['name']}: {estimate(part)}", part["n"]) if part else (decided(claim), 0)
    partly = "" if claim["complete"] else " (in part)"
    verdict = f"{claim['verdict']}{partly}"
    differs = claim["verdict"] != claim["expect"]
    return [cell(claim["id"]), f"**≠ {verdict}**" if differs else verdict, claim["expect"], cell(shown), str(n)]


def _left_out(record: Record) -> str:
    return f"Not run: {counted(len(record['not_run']), 'claim')} of the catalogue." if record["not_run"] else ""


# ---- notes on files ------------------------------------------------------------------------------------------


def commands(record: Record) -> list[str]:
    """A command for each claim with a failed test (error), or with a verdict that differs and passes (warning).

    >>> commands({"claims": []})
    []
    """
    failed = [claim["id"] for claim in failing(record)]
    return [
        command(
            "error" if claim["id"] in failed else "warning", claim["file"], _title(claim), _sentence(claim), claim.get("line")
        )
        for claim in record["claims"]
        if claim["id"] in failed or claim["verdict"] != claim["expect"]
    ]


def command(level: str, file: str, title: str, message: str, line: int | None = None) -> str:
    r"""A workflow command that puts `message` on a file, at its `line` where that is known.

    >>> command("error", "claims/test_a.py", "a: refuted, 5 %", "one\ntwo", line=12)
    '::error file=claims/test_a.py,line=12,title=a%3A refuted%2C 5 %25::one%0Atwo'
    """
    place = f"file={_property(file)}" + (f",line={line}" if line is not None else "")
    return f"::{level} {place},title={_property(title)}::{_data(message)}"


def _title(claim: Claim) -> str:
    if claim["verdict"] == claim["expect"]:
        return f"{claim['id']}: {claim['verdict']}, as on record, but a test failed"
    return f"{claim['id']}: {claim['verdict']}, on record {claim['expect']}"


def _sentence(claim: Claim) -> str:
    part = decisive(claim)
    if part is None:
        return f"{decided(claim)}."
    level = " (90 % interval)" if "interval" in part else ""
    shown = f"{estimate(part)}{level}, margin {part['margin']['words']}, n = {part['n']}"
    return f"{claim['reason'].rstrip('.')}. Decided by {part['name']}: {shown}."


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
