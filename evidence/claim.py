"""Claims: findings of the report as pytest tests.

A claim's test carries the finding in its docstring: the first paragraph is the report's sentence, the second its scope, the rest
the protocol, as in a paper's method section. The page prints the same text.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeAlias, TypeVar

import pytest

from evidence.budget import BUDGETS
from evidence.verdict import REFUTED, SUPPORTED, Verdict

__all__ = ["FAMILIES", "Claim", "claim", "registered"]

FAMILIES = {
    "theory": "sections 1 and 2 and the appendix of the report: l_p regression",
    "network": "section 3 of the report: MNIST",
    "cited": "results the report builds on",
    "extension": "questions the report leaves open",
}
ORIGINS = ("report", "reading", "ours")
"""Whose sentence a claim is: the report's own; one that it leaves open, read in a way that we chose; or a question of ours."""
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Test: TypeAlias = Callable[..., None]
RefutedIn: TypeAlias = tuple[str, ...] | Mapping[str, tuple[str, ...]]
AnyTest = TypeVar("AnyTest", bound=Test)
_registered: "dict[str, Claim]" = {}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A finding of the report and the verdict on record for it.

    Attributes
    ----------
    id : slug; the file and the test carry it with underscores
    source : its place in the report
    position : sorts claims in the report's order
    family : theory, network, cited or extension
    expect : the verdict on record
    because : why it is not supported, for any other verdict
    refuted_in : patterns of the names of the parts that refute it, by budget where budgets train other networks; where any is
        given, no other part may be refuted
    finding : what is true instead, or where the sentence holds
    origin : whose sentence it is: ``report``, ``reading`` or ``ours`` (`ORIGINS`)
    holds : the smallest scope in which the sentence is true, where it is refuted
    rewording : a sentence that keeps to the evidence, in place of the report's
    line : where in its file the test begins
    """

    id: str
    source: str
    position: float
    family: str
    statement: str
    scope: str
    protocol: str
    file: str
    expect: Verdict
    because: str
    finding: str
    refuted_in: RefutedIn = ()
    origin: str = "report"
    holds: str = ""
    rewording: str = ""
    line: int = 1

    @property
    def command(self) -> str:
        """Return the command that judges this claim alone."""
        return f"pytest {self.file}"

    def refutes(self, part: str, budget: str) -> bool:
        """Tell whether a part is on record as one that refutes the claim at a budget."""
        patterns = self.refuted_in.get(budget, ()) if isinstance(self.refuted_in, Mapping) else self.refuted_in
        return any(fnmatchcase(part, pattern) for pattern in patterns)


def claim(
    id: str,
    source: str,
    *,
    position: float,
    family: str,
    expect: Verdict = SUPPORTED,
    because: str = "",
    finding: str = "",
    refuted_in: RefutedIn = (),
    origin: str = "report",
    holds: str = "",
    rewording: str = "",
) -> Callable[[AnyTest], AnyTest]:
    """Make a test function a claim. Its first two docstring paragraphs are the statement and the scope.

    Raises ``ValueError`` for an id that is no slug or is taken, an unknown family or origin, a test whose name does not carry
    the id, a docstring without statement and scope, a verdict other than supported without a reason, parts that refute a
    claim which is not on record as refuted, or such parts for other budgets than there are.

    >>> @claim("two-is-two", "Section 0", position=0, family="theory")                       # doctest: +SKIP
    ... def test_two_is_two(judge):
    ...     '''Two is two.
    ...
    ...     Scope: whole numbers.
    ...     '''
    """

    def decorate(test: AnyTest) -> AnyTest:
        statement, scope, protocol = _paragraphs(id, test)
        made = Claim(
            id=id, source=source, position=position, family=family, statement=statement, scope=scope, protocol=protocol,
            file=f"claims/test_{id.replace('-', '_')}.py", expect=expect, because=because, finding=finding,
            refuted_in=refuted_in, origin=origin, holds=holds, rewording=rewording,
            line=test.__code__.co_firstlineno,
        )  # fmt: skip
        _check(made, test)
        _registered[id] = made
        test.claim = made  # type: ignore[attr-defined]
        return getattr(pytest.mark, family)(test)

    return decorate


def registered() -> list[Claim]:
    """Return the claims of all imported claim files, in the report's order."""
    return sorted(_registered.values(), key=lambda claim: claim.position)


def _paragraphs(id: str, test: Test) -> tuple[str, str, str]:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.getdoc(test) or "")]
    if len(parts) < 2 or not parts[1].startswith("Scope: "):
        raise ValueError(f"Claim {id}: the docstring needs the report's sentence, then a paragraph that begins 'Scope: '.")
    return parts[0], parts[1].removeprefix("Scope: "), "\n\n".join(parts[2:])


def _check(made: Claim, test: Any) -> None:
    name = f"test_{made.id.replace('-', '_')}"
    other = _registered.get(made.id, made)
    problems = {
        f"its id is no slug like 'gd-rate': {made.id!r}": not SLUG.fullmatch(made.id),
        f"its family is {made.family!r}, not one of {', '.join(FAMILIES)}": made.family not in FAMILIES,
        f"its origin is {made.origin!r}, not one of {', '.join(ORIGINS)}": made.origin not in ORIGINS,
        f"its test is {test.__name__}, not {name}": test.__name__ != name,
        f"the id is taken by another claim: {other.statement!r}": other.statement != made.statement,
        f"it expects {made.expect} and gives no reason (because=...)": made.expect is not SUPPORTED and not made.because,
        f"it expects {made.expect} and names parts that refute it (refuted_in=...)": made.expect is not REFUTED
        and bool(made.refuted_in),
        f"refuted_in names parts for {', '.join(made.refuted_in)}, not for {', '.join(BUDGETS)}": isinstance(
            made.refuted_in, Mapping
        )
        and made.refuted_in.keys() != set(BUDGETS),
    }
    for problem, holds in problems.items():
        if holds:
            raise ValueError(f"Claim {made.id}: {problem}.")
