"""What was found, in one sentence for each family: clauses that are told only where this record's verdicts bear them out.

>>> told("network", {"regularizer-reduced": "refuted"})
''
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.other_set import other_set
from reports.record import Family, Record, Verdict

__all__ = ["FOUND", "Clause", "found", "told"]

S: Verdict = "supported"
R: Verdict = "refuted"


@dataclass(frozen=True)
class Clause:
    """Words, and the verdicts without which they are not told."""

    words: str
    rests_on: Mapping[str, Verdict]
    at_paper: str | None = None
    """The words at the paper budget, which trains another network, where they are others."""


FOUND: Mapping[Family, tuple[Clause, ...]] = {
    "theory": (
        Clause("gradient descent on ℓ_p loss converges at the rate of Lemma 2.1", {"gd-rate": S, "figure-1": S}),
        Clause("the lemma stands, its printed proof does not", {"gd-rate": S, "proof-expansion": R, "proof-induction": R}),
        Clause(
            "a scalar or linear layers keep the exponent where no target is zero, and from balanced starts not in a target’s "
            "null space",
            {"scalar-depth-same-rate": S, "deep-linear-same-rate": S, "deep-linear-null-target": R},
        ),
        Clause(
            "what depth does to the constant hangs on the targets’ size and on how step sizes are chosen, and from a start near "
            "zero its gain is not larger where targets are more unequal",
            {"depth-constant": S, "ill-conditioned": R},
        ),
        Clause(
            "where the inputs are ill-conditioned that gain does grow if each network takes half of its own largest stable step "
            "size, and is not a tenth or more at a shared one",
            {"correlated-inputs": R},
        ),
        Clause("the saddle at zero is what makes the start slow", {"saddle-at-zero": S, "saddle-plateau": S}),
    ),
    "network": (
        Clause(
            "with over-parameterisation, by the published rules, the regularised training loss is about twice as high early on "
            "and lower in the middle of training and at its end, where its lead still grows; the regulariser ends lower",
            {"total-loss-accelerated": S, "regularizer-reduced": S, "early-then-parallel": R},
            "with over-parameterisation, by the published rules, the regularised training loss is lower in the middle of "
            "training and at its end, where its lead still grows; the regulariser ends lower",
        ),
        Clause(
            "the cross-entropy alone is not lower by a fifth or more (a tenth of a decade); where both networks start as the "
            "same function, and have the same learning rate, it is",
            {"cross-entropy-not-accelerated": S, "init-multiverse": R},
        ),
        Clause(
            "depth lowers the regulariser where the penalty is on the product: without one the norm ends higher, and with the "
            "penalty on each factor the regulariser rises by more than the normal network’s",
            {"regularizer-reduced": S, "norm-without-penalty": R, "penalty-on-factors": R},
        ),
        Clause(
            "Conjecture 3.1 (1), one sentence in four claims, one for each penalty: the norm ends lower, and at the start "
            "nine tenths of that (p = 1) to next to none of it (p = 4) are there (explored), and the cross-entropy is "
            "higher by less than the quarter that was allowed",
            {f"lower-norm-l{power}": S for power in (1, 2, 3, 4)},
        ),
    ),
    "cited": (),
    "extension": (),
}


SMALLER = (
    "All of this is LeNet-5’s, on 11,000 digits at most; the TensorFlow tutorial’s network, on all digits, is for the paper "
    "budget."
)


def found(record: Record) -> dict[Family, str]:
    """The sentence of each family, empty where none of its clauses is borne out; incomplete claims bear nothing out.

    What was found of networks was found on MNIST: of another data set nothing is told.

    >>> found({"run": {"budget": "standard", "datasets": []}, "claims": []})["theory"]
    ''
    """
    verdicts: dict[str, Verdict] = {claim["id"]: claim["verdict"] for claim in record["claims"] if claim["complete"]}
    sentences = {family: told(family, verdicts, record["run"]["budget"]) for family in FOUND}
    if other_set(record["run"]):
        sentences["network"] = ""
    if sentences["network"] and record["run"]["budget"] != "paper":
        sentences["network"] += f" {SMALLER}"
    return sentences


def told(family: Family, verdicts: Mapping[str, Verdict], budget: str = "standard") -> str:
    """The clauses that these verdicts bear out, joined to one sentence.

    >>> told("theory", {"gd-rate": "supported", "figure-1": "supported"})
    'Gradient descent on ℓ_p loss converges at the rate of Lemma 2.1.'
    """
    kept = [clause for clause in FOUND[family] if all(verdicts.get(id) == each for id, each in clause.rests_on.items())]
    sentence = "; ".join((budget == "paper" and clause.at_paper) or clause.words for clause in kept)
    return sentence[:1].upper() + sentence[1:] + "." if sentence else ""
