"""Appendix A: the expansion in the proof of Lemma 2.1."""

from evidence import REFUTED, claim
from models.lp.proof import expansion_remainder

BOUNDED = 1.0
"""The remainder's next order is q (q - 1) / 2 with q = 1/(p-2): half of max(1, q²) at most."""


@claim(
    "proof-expansion",
    "Appendix A, proof of Lemma 2.1",
    position=250,
    family="theory",
    origin="reading",
    expect=REFUTED,
    refuted_in=("as printed",),
    because="the first-order term is twice the printed one, so that what the printed expansion leaves is of the order 1/t",
    finding="Erratum: (1 - 1/(t+1))^(1/(p-2)) = 1 - 1/((p-2)(t+1)) + O(1/t²), without the factor 1/2. The Θ around it, and "
    "what the proof goes on with, 1 - Θ(1/t), hold either way.",
    holds="Inside Θ, where constant factors do not count; as an expansion nowhere.",
    rewording="(1 - 1/(t+1))^(1/(p-2)) = 1 - 1/((p-2)(t+1)) + O(1/t²).",
)
def test_proof_expansion(judge, budget):
    """Θ((1 - 1/(t+1))^(1/(p-2))) ≈ Θ(1 - 1/(2(p-2)(t+1)) + O(1/t²)).

    Scope: the expansion inside the Θ, whose terms it is printed with; p from 2.1 to 10, t from 10⁴ to 10⁶; the printed exponent
    1/p-2 read as 1/(p-2).

    Each seed draws p and t. What the expansion leaves, times (t+1)², is bounded where the remainder is O(1/t²): by one, in
    units of max(1, 1/(p-2)²). It is computed as printed and without the factor 1/2. This is no statistic: the largest number
    over seeds is compared with that bound. Planted violations: no first-order term at all, and one that is 1 % off.
    """
    seeds = budget.seeds(smoke=50, standard=500, paper=5000)
    for name, factor, planted in (("as printed", 0.5, 0.0), ("without the factor 1/2", 1.0, 0.99)):
        judge.exact(
            name,
            expansion_remainder(seeds, factor),
            seeds,
            again=expansion_remainder(seeds[::-1], factor)[::-1],
            estimand="remainder of the expansion times (t+1)², relative to max(1, 1/(p-2)²)",
            tolerance=BOUNDED,
            planted=expansion_remainder(seeds, planted),
        )
