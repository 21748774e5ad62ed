"""What a record tells of the referee's own trial: its types, and what is wrong with a damaged one.

The schema names the fields of each row and leaves their types open, so that they are looked at here.

>>> list(troubles({"nist": [{"set": "Norris", "digits": "many", "required": 9}]}))
[('run.referee.nist[0].digits', "'many' is not a number")]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired  # in typing from Python 3.11 on; annotations are not evaluated here

__all__ = ["Bias", "Control", "Coverage", "Detection", "ErrorRate", "Family", "LongTimes", "Nist", "Referee", "Tost", "troubles"]

Number = float | None
COUNTS = {"n", "experiments", "claims"}
NUMBERS = {"rate", "limit", "p", "late", "true", "estimated", "digits", "required", "at_1e6", "at_1e7", "at_1e8"}


class Coverage(TypedDict):
    """How often a 95 % interval held the true value; `known` says why a row lies outside the band."""

    noise: str
    n: int
    rate: Number
    experiments: int
    known: str


class ErrorRate(TypedDict):
    """How often a verdict was wrong where the truth was known."""

    question: str
    truth: str
    outcome: str
    n: int
    rate: Number
    limit: Number
    experiments: int
    known: NotRequired[str]


class Detection(TypedDict):
    """How often a part's planted violation was refuted, at the part's own n and spread."""

    claim: str
    part: str
    n: int
    rate: Number
    experiments: int
    known: NotRequired[str]


class Family(TypedDict):
    """How often at least one of many false claims was supported after Holm's correction."""

    case: str
    rate: Number
    claims: int
    experiments: int
    known: NotRequired[str]


class Control(TypedDict):
    """How often a control made a claim invalid: a sound one, or, where `good` is "high", an unsound one."""

    control: str
    n: int
    rate: Number
    experiments: int
    good: NotRequired[str]
    known: NotRequired[str]


class Bias(TypedDict):
    """The error of an exponent: of a plain fit, after extrapolation, and as the referee believes it to be."""

    curve: str
    p: float
    late: NotRequired[Number]
    true: Number
    estimated: Number


class Nist(TypedDict):
    """How many digits of a certified regression were found."""

    set: str
    digits: Number
    required: Number


class Tost(TypedDict):
    """A published equivalence test done again."""

    example: str
    source: str
    published: str
    found: str


class LongTimes(TypedDict):
    """How far times that were not stepped are off exact steps: the largest relative difference of an error over seeds."""

    network: str
    p: float
    n: int
    at_1e6: Number
    at_1e7: Number
    at_1e8: Number


class Referee(TypedDict):
    """The calibration, and whether the judging code is still the one that was calibrated."""

    code: str
    current: bool
    seconds: Number
    versions: dict[str, str]
    coverage: list[Coverage]
    errors: list[ErrorRate]
    detection: list[Detection]
    family: list[Family]
    controls: list[Control]
    bias: list[Bias]
    nist: list[Nist]
    tost: list[Tost]
    long_times: NotRequired[list[LongTimes]]


def troubles(referee: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field of a row that holds something else than it should, with the sentence for it.

    >>> list(troubles({"code": "3f1c", "coverage": [{"noise": "normal", "n": 3, "rate": None}]}))
    []
    """
    tables = {name: rows for name, rows in referee.items() if isinstance(rows, list)}
    for name, rows in tables.items():
        for i, row in enumerate(rows):
            for key, value in row.items():
                if lacking := _lacking(key, value):
                    yield f"run.referee.{name}[{i}].{key}", f"{value!r} is not {lacking}"


def _lacking(key: str, value: Any) -> str:
    """What `value` should have been; empty where it is."""
    if key in COUNTS:
        return "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "a count"
    if key in NUMBERS:
        return "" if value is None or _numeric(value) else "a number"
    return "" if isinstance(value, str) or _numeric(value) else "a text"


def _numeric(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
