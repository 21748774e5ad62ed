"""How many claims have which verdict, and which of them make a test fail.

A verdict that is not the one on record need not fail: an inconclusive claim passes where that was asked for, and so does any
verdict on another data set than that of the record.

>>> claims = [{"verdict": "inconclusive", "expect": "supported", "tests": [{"outcome": "passed"}]}]
>>> counts({"claims": claims}), failing({"claims": claims})
([('inconclusive', 1)], [])
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.record import VERDICTS, Claim, Record, Verdict

__all__ = ["counts", "failing", "listed"]


def counts(record: Record) -> list[tuple[Verdict, int]]:
    """The verdicts that occur, with the number of their claims."""
    found = [(verdict, sum(claim["verdict"] == verdict for claim in record["claims"])) for verdict in VERDICTS]
    return [(verdict, number) for verdict, number in found if number]


def listed(found: Sequence[tuple[Verdict, int]], between: str = ", ") -> str:
    """Verdicts with their numbers.

    >>> listed([("supported", 28), ("refuted", 18)])
    '28 supported, 18 refuted'
    """
    return between.join(f"{number} {verdict}" for verdict, number in found)


def failing(record: Record) -> list[Claim]:
    """The claims with a test that failed; a verdict may be the one on record while a part is not, which fails too."""
    return [claim for claim in record["claims"] if any(test["outcome"] == "failed" for test in claim["tests"])]
