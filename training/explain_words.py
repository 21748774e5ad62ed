"""What --claims-explain says: for each claim what is stored, what would be trained and why, and what would be judged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from training.explain import STORED, Asked, in_ranges

__all__ = ["Looked", "lines"]

MOST_ARMS = 3
"""Arms of one reason that are named; of more, the number is told besides."""


class Looked(NamedTuple):
    """What was seen of a test: its claim, or its own name; whether its judgement holds, None for one that is no claim's.

    Then the blocks that it asks for, and what it ended with before it had asked for all.
    """

    claim: str
    judged: bool | None
    asked: tuple[Asked, ...]
    ended: str = ""


def lines(looked: Iterable[Looked]) -> Iterator[str]:
    """Give what was seen in lines to be read: a claim, then what it lacks, then a sum.

    A block that is asked for several times counts once.

    >>> first, second = Asked("plain", (0, 1), "stored", "1f"), Asked("plain", (2,), "a.py has changed", "2e")
    >>> for line in lines([Looked("rate", False, (first, second)), Looked("capacity", True, ())]):
    ...     print(line)
    rate: 1 of 2 blocks stored, to be judged
      a.py has changed: 1 block (plain, seed 2)
    capacity: trains nothing, judged before
    Of 2 tests 1 is judged before, 1 would be judged.
    Of 2 blocks 1 is stored, 1 would be trained.
    A claim is followed up to the first trainings that are not stored; what it trains after them is not listed.
    """
    claims: dict[str, list[Looked]] = defaultdict(list)
    for each in looked:
        claims[each.claim].append(each)
    for claim, tests in claims.items():
        blocks = list(dict.fromkeys(block for test in tests for block in test.asked))
        ended = dict.fromkeys(test.ended for test in tests if test.ended)
        yield f"{claim}: {', '.join([_stored(blocks, known=not ended), *_judged([test.judged for test in tests])])}"
        yield from (f"  {line}" for line in [*_reasons(blocks), *ended])
    yield from _sums([test for tests in claims.values() for test in tests])


def _sums(tests: Sequence[Looked]) -> Iterator[str]:
    judged = [test.judged for test in tests if test.judged is not None]
    yield f"Of {_number(len(judged), 'test')} {_are(sum(judged))} judged before, {len(judged) - sum(judged)} would be judged."
    by_key = {block.key: block for test in tests for block in test.asked}
    stored = sum(block.state == STORED for block in by_key.values())
    yield f"Of {_number(len(by_key), 'block')} {_are(stored)} stored, {len(by_key) - stored} would be trained."
    if stored < len(by_key):
        yield "A claim is followed up to the first trainings that are not stored; what it trains after them is not listed."


def _stored(blocks: Sequence[Asked], *, known: bool) -> str:
    n = sum(block.state == STORED for block in blocks)
    if not blocks:
        return "trains nothing" if known else "what it trains is not known"
    if n == len(blocks):
        return f"{_number(n, 'block')} stored"
    return f"{n} of {_number(len(blocks), 'block')} stored"


def _judged(tests: Sequence[bool | None]) -> list[str]:
    judged = [test for test in tests if test is not None]
    if not judged:
        return []
    if all(judged):
        return ["judged before"]
    return [f"{sum(judged)} of {len(judged)} tests judged before" if any(judged) else "to be judged"]


def _reasons(blocks: Sequence[Asked]) -> Iterator[str]:
    """Give each reason once, with the arms and seeds it holds for."""
    by_reason: dict[str, list[Asked]] = defaultdict(list)
    for block in blocks:
        if block.state != STORED:
            by_reason[block.state].append(block)
    for reason, lacking in by_reason.items():
        arms, seeds = list(dict.fromkeys(block.arm for block in lacking)), sorted({seed for b in lacking for seed in b.seeds})
        more = [f"{len(arms) - MOST_ARMS} more"] if len(arms) > MOST_ARMS else []
        named = "; ".join([*arms[:MOST_ARMS], *more])
        yield f"{reason}: {_number(len(lacking), 'block')} ({named}, seed{'s' * (len(seeds) > 1)} {in_ranges(seeds)})"


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _are(n: int) -> str:
    return f"{n} {'is' if n == 1 else 'are'}"
