"""Appendix A: the printed update at odd and non-integer p."""

import numpy as np

from evidence import REFUTED, claim
from models.lp.printed import printed_excess

EVEN, ODD, NOT_WHOLE = (4, 6, 8), (3, 5), (2.5, 3.5)
WITHIN = 0.01
STEPS = 5_000


@claim(
    "odd-p",
    "Section 2; appendix A; the sentence composed from them",
    position=265,
    family="theory",
    origin="reading",
    expect=REFUTED,
    refuted_in=("as printed, odd p", "as printed, non-integer p"),
    because="started below the target, m < y, the printed update runs away for odd p, where (m - y)^(p-1) is positive on both "
    "sides of y, and is no number for p that is not whole",
    finding="Erratum: the loss is |m - y|^p and the update sign(m - y)|m - y|^(p-1). With it descent ends at no more than "
    "the lemma's error for every p > 2 tried. The printed formulas are right for even p alone.",
    holds="Even p as printed; every p > 2 tried with the absolute value.",
    rewording="The update m - η sign(m - y) |m - y|^(p-1) converges to error Θ((ηt)^(-1/(p-2))), for the loss |m - y|^p with "
    "p > 2.",
)
def test_odd_p(judge, budget):
    """The update m - η(m - y)^(p-1) converges to error Θ((ηt)^(-1/(p-2))), for ℓ_p losses with p > 2.

    Scope: plain descent on the toy problem from m < y; p = 4, 6 and 8, p = 3 and 5, p = 2.5 and 3.5; η max |Δ₀|^(p-2) between
    0.1 and 0.5.

    Each seed draws targets, a start at distance 1 to 2 below each, and a step size, and descends 5,000 steps, in float64. The
    error at the end must not exceed the lemma's, ((p-2) η t)^(-1/(p-2)), by more than 1 %; an error that overflows or is no
    number counts as an excess of 100 %; an error below the lemma's would not be noticed. As printed this is tried for even, odd and non-integer p, and with the absolute value
    for all of them. Descent is deterministic: the largest excess over seeds and p is compared with the tolerance. Planted
    violations: the printed update at odd p; and for those parts, the same at other p.
    """
    seeds = budget.seeds(smoke=20, standard=100, paper=1000)
    for name, powers, absolute, planted in (
        ("as printed, odd p", ODD, False, (7,)),
        ("as printed, non-integer p", NOT_WHOLE, False, (4.5,)),
        ("as printed, even p", EVEN, False, ODD),
        ("with the absolute value, all p", NOT_WHOLE + ODD + EVEN, True, ODD),
    ):
        judge.exact(
            name,
            _over_powers(powers, seeds, absolute),
            seeds,
            again=_over_powers(powers, seeds[::-1], absolute)[::-1],
            estimand="excess of the largest error after 5,000 steps over the lemma's, relative, at most 1",
            tolerance=WITHIN,
            planted=_over_powers(planted, seeds, False, np.min),
        )


def _over_powers(powers, seeds, absolute, choose=np.max):
    return choose([printed_excess(p, seeds, absolute=absolute, steps=STEPS) for p in powers], axis=0)
