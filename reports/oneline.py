"""A part in one line: its estimate with the 90 % interval, which is the one that the terminal shows.

>>> part = {"name": "p = 4", "kind": "superiority", "unit": "", "estimate": 0.301, "target": 0.0, "n": 32,
...         "interval": {"90": [0.291, 0.311], "95": [0.281, 0.321]}}
>>> in_line(part)
'p = 4: 0.301 [0.291, 0.311], n = 32'
"""

from __future__ import annotations

from reports.numerals import finite
from reports.record import Claim, Part
from reports.summary import decisive
from reports.wording import lines

__all__ = ["counted", "decided", "estimate", "in_line"]


def estimate(part: Part) -> str:
    """The estimate with its 90 % interval; an exact part gives its deviation and tolerance.

    >>> estimate({"kind": "exact", "estimate": 1.0, "target": 1.0, "region": [0.9, 1.1], "tolerance": 1e-9})
    'deviation 0, tolerance 10⁻⁹'
    """
    found = {line.label: line.text for line in lines(part)}
    if "deviation" in found:
        return f"deviation {found['deviation']}, tolerance {found['tolerance']}"
    if "90 %" not in found or not finite(part["estimate"]):
        return found["estimate"]
    # "0.1 ± 0.02" repeats an estimate that is its middle.
    once = found["90 %"].startswith(f"{found['estimate']} ±")
    return found["90 %"] if once else f"{found['estimate']} {found['90 %']}"


def in_line(part: Part) -> str:
    """The same with the part's name and its number of seeds."""
    return f"{part['name']}: {estimate(part)}, n = {part['n']}"


def decided(claim: Claim) -> str:
    """The part that decided, in one line, or why there is none.

    >>> decided({"parts": [], "reason": "the test stopped: no data."})
    'nothing measured: the test stopped: no data'
    """
    part = decisive(claim)
    return in_line(part) if part else f"nothing measured: {claim['reason'].rstrip('.')}"


def counted(number: int, word: str) -> str:
    """A number with its word.

    >>> counted(1, "claim"), counted(2, "claim")
    ('1 claim', '2 claims')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"
