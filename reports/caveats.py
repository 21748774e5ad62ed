"""What a reader should know before trusting a verdict: allowances for bias, pilots, controls, and Holm's correction.

>>> falls_to_holm({"verdict": "supported", "p_holm": 0.07}), falls_to_holm({"verdict": "supported", "p_holm": 0.01})
(True, False)
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.numerals import finite, probability
from reports.record import Claim, Control, Part, Record
from reports.wording import seed_names

__all__ = ["LEVEL", "allowances", "falling", "falls_to_holm", "pilots", "tally", "to_refute"]

LEVEL = 0.05
KINDS = {
    "planted violation": "with a violation planted (1.5 margins, or what a part without a margin tells), the part is refuted",
    "planted agreement": "with an agreement planted, it is supported",
    "A/A": "identical arms, or for exact parts a second computation, raise no alarm",
}
"""What a control shows where it passes, by how its name begins."""


def allowances(record: Record) -> str:
    """In how many parts the allowance for bias is more than half of the 90 % interval; empty where none has an allowance.

    >>> part = {"bias": 0.03, "interval": {"90": [0.96, 1.04], "95": [0.95, 1.05]}}
    >>> allowances({"claims": [{"parts": [part, {"interval": part["interval"]}]}]})
    'Of the 2 parts with an interval 1 has one; it is more than half of the 90 % interval in 1, more than nine tenths in 0.'
    """
    parts = [part for claim in record["claims"] for part in claim["parts"] if "interval" in part]
    shares = [share for part in parts if (share := _allowed(part)) > 0]
    if not shares:
        return ""
    half, most = (sum(share > least for share in shares) for least in (0.5, 0.9))
    return (
        f"Of the {len(parts)} parts with an interval {len(shares)} {'has' if len(shares) == 1 else 'have'} one; it is more than "
        f"half of the 90 % interval in {half}, more than nine tenths in {most}."
    )


def _allowed(part: Part) -> float:
    """The allowance's share of the half of the 90 % interval; 0 where there is none."""
    bias, (low, high) = part.get("bias"), part["interval"]["90"]
    return 2 * abs(bias) / (high - low) if finite(bias) and finite(low) and finite(high) and high > low else 0.0


def falls_to_holm(claim: Claim) -> bool:
    """Whether a supported claim would not stand once it is counted as one of the whole catalogue.

    >>> falls_to_holm({"verdict": "refuted", "p_holm": 1.0}), falls_to_holm({"verdict": "supported", "p_holm": None})
    (False, False)
    """
    p = claim["p_holm"]
    return claim["verdict"] == "supported" and finite(p) and p >= LEVEL


def falling(record: Record) -> list[Claim]:
    """The supported claims that would not stand.

    >>> falling({"claims": []})
    []
    """
    return [claim for claim in record["claims"] if falls_to_holm(claim)]


def to_refute(claim: Claim) -> str:
    """The p value of a refuted claim; empty where none of its refuted parts has one.

    Any one part refutes, so that the smallest of k parts is multiplied by k (Bonferroni).

    >>> parts = [{"verdict": "refuted", "p_refute": 0.004}, {"verdict": "supported", "p_refute": 0.9}]
    >>> to_refute({"verdict": "refuted", "parts": parts})
    'p = 0.008 (the smallest of 2 parts, times 2)'
    """
    found = [(part["verdict"], part["p_refute"]) for part in claim["parts"]]
    values = [p for _, p in found if finite(p)]
    if claim["verdict"] != "refuted" or not any(verdict == "refuted" and finite(p) for verdict, p in found):
        return ""
    k = len(values)
    return probability(min(1.0, k * min(values))) + (f" (the smallest of {k} parts, times {k})" if k > 1 else "")


def pilots(claim: Claim) -> list[str]:
    """One sentence for each pilot that planned the claim's number of seeds; tests that share one share its sentence.

    >>> pilots({"tests": [{"pilot": {"seeds": [900, 901, 902], "planned": 14, "reason": "p = 4 needs 14", "seconds": 2.0}}]})
    ['A pilot on seeds 900 to 902 planned 14 seeds: p = 4 needs 14.']
    """
    found = [test["pilot"] for test in claim["tests"]]
    told = [
        f"A pilot on {seed_names(each['seeds'])} planned {_count(each['planned'], 'seed')}: {each['reason'].rstrip('.')}."
        for each in found
        if each is not None
    ]
    return list(dict.fromkeys(told))


def tally(controls: Sequence[Control]) -> str:
    """How the controls came out: what was planted and what the judge made of it, then how many came out as they must.

    >>> tried = [{"name": "planted violation", "passed": True}, {"name": "A/A", "passed": True}, {"name": "A/A", "passed": None}]
    >>> tally(tried)
    'With a violation planted (1.5 margins, or what a part without a margin tells), the part is refuted, in 1 of 1 trial; \
identical arms, or for exact parts a second computation, raise no alarm, in 1 of 1. \
Of 3 controls, 2 came out as they must and 1 could not be run.'
    """
    return f"{_planted(controls)}{_counts(controls)}"


def _planted(controls: Sequence[Control]) -> str:
    """What each kind of control that was run shows, where any was."""
    told: list[str] = []
    for start, words in KINDS.items():
        run = [each["passed"] for each in controls if each["name"].startswith(start) and each["passed"] is not None]
        if run:
            told.append(f"{words}, in {sum(run)} of {len(run)}{'' if told else ' trial' if len(run) == 1 else ' trials'}")
    sentence = "; ".join(told)
    return sentence[:1].upper() + sentence[1:] + ". " if sentence else ""


def _counts(controls: Sequence[Control]) -> str:
    words = {True: "came out as they must", False: "failed", None: "could not be run"}
    counts = {passed: sum(control["passed"] is passed for control in controls) for passed in words}
    told = [f"{count} {words[passed]}" for passed, count in counts.items() if count]
    return f"Of {_count(len(controls), 'control')}, {', '.join(told[:-1])}{' and ' if told[1:] else ''}{told[-1]}."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
