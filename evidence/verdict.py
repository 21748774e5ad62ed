"""The four verdicts, and the interval rule that gives them."""

from collections.abc import Iterable
from enum import Enum

__all__ = ["INCONCLUSIVE", "INVALID", "REFUTED", "SUPPORTED", "Verdict", "worst"]


class Verdict(str, Enum):
    """What the evidence says of a claim. The first three are scientific answers; invalid says that the experiment broke."""

    __str__ = str.__str__  # Python 3.11's StrEnum does the same

    SUPPORTED = "supported"
    INCONCLUSIVE = "inconclusive"
    REFUTED = "refuted"
    INVALID = "invalid"


SUPPORTED, INCONCLUSIVE, REFUTED, INVALID = Verdict


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of a claim that requires all of its parts (intersection-union).

    >>> worst([SUPPORTED, REFUTED, INCONCLUSIVE])
    <Verdict.REFUTED: 'refuted'>
    """
    return max(verdicts, key=list(Verdict).index)
