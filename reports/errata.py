"""Errata of the report: what is printed, what is right, and the claims of the record that show it.

A misprint that no experiment can show names no claim. The list is the same whatever a session ran; the verdicts beside it are the
record's.

>>> [view.erratum.place for view in errata({"claims": [], "not_run": []})][:2]
['Abstract', 'Abstract']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.record import Claim, Record

__all__ = ["ERRATA", "Erratum", "ErratumView", "Witness", "errata", "is_erratum"]


@dataclass(frozen=True)
class Erratum:
    """A place of the report where something else should stand, in plain text with Unicode mathematics."""

    place: str
    printed: str
    right: str
    claims: Sequence[str] = ()


@dataclass(frozen=True)
class Witness:
    """A claim that puts an erratum on trial; `claim` is None where the record has no verdict on it."""

    id: str
    claim: Claim | None
    command: str


@dataclass(frozen=True)
class ErratumView:
    """An erratum with what the record says of it."""

    erratum: Erratum
    witnesses: Sequence[Witness]


def errata(record: Record) -> list[ErratumView]:
    """All errata in the report's order, with the record's verdicts: ``errata(record)``."""
    judged = {claim["id"]: claim for claim in record["claims"]}
    commands = {claim["id"]: claim["command"] for claim in record["not_run"]}
    return [
        ErratumView(erratum, [Witness(id, judged.get(id), commands.get(id, "")) for id in erratum.claims]) for erratum in ERRATA
    ]


def is_erratum(id: str) -> bool:
    """Whether the claim of an id puts an erratum on trial.

    >>> is_erratum("capacity"), is_erratum("gd-rate")
    (True, False)
    """
    return any(id in erratum.claims for erratum in ERRATA)


ERRATA: tuple[Erratum, ...] = (
    Erratum(
        "Abstract",
        "θ(t^(−1/(p−2)))",
        "Θ(t^(−1/(p−2))): the lemma, and the usual sign for a rate bounded from both sides, have the capital letter.",
    ),
    Erratum(
        "Abstract",
        "“We also show that the asymptotic convergence rate for gradient descent on a deep linear neural net is also the same.”",
        "The body gives intuition for one scalar in front of two numbers and no proof, and nothing on deeper nets. The rate is "
        "the same where the target has no null direction; at and below p = N + 1 for N layers, and above it for unequal "
        "targets, single starts may need more than 12 decades to show it.",
        ("deep-linear-same-rate", "deep-linear-null-target", "small-p-bifurcation"),
    ),
    Erratum(
        "Section 1",
        "“depth does not affect model capacity”; every linear net “can be viewed as a single linear mapping”",
        "Depth adds no capacity, as the argument needs. For given widths a product covers every matrix only "
        "where each hidden width is at least min(n, m); below that its rank is limited.",
        ("capacity",),
    ),
    Erratum(
        "Section 1, both objectives",
        "Mx − M*y and sMx − M*y, over x, y ∼ D",
        "Mx − M*x and sMx − M*x, over x ∼ D: in a realizable problem M* acts on the input.",
    ),
    Erratum(
        "Section 1, both objectives; section 2; appendix A",
        "(Mx − M*y)^p of a vector, (m₁ − y₁)^p, (m − y)^(p−1)",
        "Σᵢ |(Mx − M*x)ᵢ|^p, |m₁ − y₁|^p, |m − y|^(p−1) sign(m − y). Without the absolute value descent runs away from below the "
        "target for odd p, and has no real value for a p that is not whole.",
        ("odd-p",),
    ),
    Erratum(
        "Section 2",
        "(0, 1) → y₁ and (1, 0) ↦ y₂, with (m₁ − y₁)^p + (m₂ − y₂)^p",
        "(1, 0) ↦ y₁ and (0, 1) ↦ y₂: the input (1, 0) meets m₁.",
        ("toy-decouples",),
    ),
    Erratum(
        "Lemma 2.1; appendix A",
        "1/(ηt)^(1/p−2)",
        "1/(ηt)^(1/(p−2))",
    ),
    Erratum(
        "Lemma 2.1; “small enough η” in appendix A",
        "no condition on p and η",
        "p > 2 and 0 < η|Δ⁽⁰⁾|^(p−2) < 2 for every coordinate, for a loss with the factor 1/p; at 1 a single step lands on the "
        "target.",
        ("step-size-edge",),
    ),
    Erratum(
        "Figure 1, caption",
        "“the slope of the line is approximately 1/2”, of an error that is not named",
        "−1/2 = −1/(p−2), as the text below the figure says, and for the parameter error; the loss falls with −⁠p/(p−2) = −2.",
        ("figure-1", "loss-rate"),
    ),
    Erratum(
        "Section 3",
        "“The results are reproduced in figure 1.”",
        "In Figure 2.",
    ),
    Erratum(
        "Section 3",
        "the L2 penalty makes the landscape “more ‘L2-like’”, and in the same paragraph “more like ℓ_p (p > 2)”",
        "One of the two at most: an L2 penalty is quadratic, p = 2, and the paragraph’s explanation needs p > 2.",
    ),
    Erratum(
        "Appendix A, update rules of mᵢ and Δᵢ",
        "mᵢ⁽ᵗ⁺¹⁾ = mᵢ⁽ᵗ⁺¹⁾ − η(mᵢ⁽ᵗ⁺¹⁾ − yᵢ)^(p−1)",
        "mᵢ⁽ᵗ⁺¹⁾ = mᵢ⁽ᵗ⁾ − η(mᵢ⁽ᵗ⁾ − yᵢ)^(p−1): as printed, the rule holds at the target alone.",
        ("proof-indices",),
    ),
    Erratum(
        "Appendix A, update rules",
        "the gradient of (m − y)^p taken as (m − y)^(p−1)",
        "p(m − y)^(p−1), or a loss with the factor 1/p; otherwise η stands for pη, and the edge of stability is 2/p.",
        ("step-size-edge",),
    ),
    Erratum(
        "Appendix A, induction",
        "(1 − 1/(t+1))^(1/(p−2)) ≈ 1 − 1/(2(p−2)(t+1)) + O(1/t²)",
        "1 − 1/((p−2)(t+1)) + O(1/t²): there is no factor 2.",
        ("proof-expansion",),
    ),
    Erratum(
        "Appendix A, induction",
        "Θ(1/t^(1/(p−2)))·(1 − Θ(1/t)) ≈ Θ(1/(t+1)^(1/(p−2))), “which completes the induction”",
        "The step holds for every exponent: with Δ(1 − c/t) the error falls like t^(−c), and c is hidden in the Θ. The lemma "
        "stands by another way: u = |Δ|^(−(p−2)) grows by (p−2)η + O(η²/u) a step, so that u = (p−2)ηt·(1 + o(1)).",
        ("proof-induction",),
    ),
    Erratum(
        "Appendix A, base case",
        "Δᵢ converges “at best geometrically initially”; the iterates until then are “negligible”, since that is “exponentially "
        "faster”",
        "The burn-in is algebraic: the local slope is within 10 % after 9/((p−2)η|Δ⁽⁰⁾|^(p−2)) steps, which grows without "
        "bound as η or the start’s error shrinks.",
        ("proof-burn-in",),
    ),
    Erratum(
        "Appendix A, updates with a scalar",
        "s without an index on the right-hand sides",
        "s⁽ᵗ⁾",
    ),
    Erratum(
        "Appendix A, intuition and figure",
        "a stable s “just corresponds to a increased learning rate”; the rate is then “exactly the same as regular gradient "
        "descent”",
        "Right of the equations for m₁, m₂. A step of w = sm is preconditioned by K = s²I + mmᵀ: mmᵀ is as large as s² and is no "
        "learning rate. The exponent is the same, the direction of the steps is not.",
        ("rate-once-s-stable", "larger-learning-rate"),
    ),
    Erratum(
        "Appendix A, figure",
        "“a saddle point at 0”",
        "A set of critical points: s = 0 and any m perpendicular to φ(y), the origin among them. With three or more layers the "
        "Hessian at 0 vanishes.",
        ("saddle-at-zero",),
    ),
)
