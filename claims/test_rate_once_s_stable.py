"""Appendix A: what is left of depth once s has settled."""

from evidence import Curves, Difference, LateExponent, Margin, claim
from models.lp import PLAIN, SCALAR_DEPTH, LpRegression, NearZero, ProductOf, StepSize
from training import Descent

START, STEP_SIZE = NearZero(scale=0.1), StepSize(layers=2)
SIMILAR = {"low": 1.5, "high": 1.8}


@claim(
    "rate-once-s-stable",
    "Appendix A and its figure",
    position=345,
    family="theory",
    finding="Read as the exponent it holds, for targets of similar size and p above N + 1 = 3; the constant is another one "
    "(claims depth-constant, larger-learning-rate).",
)
def test_rate_once_s_stable(train, judge, budget):
    """Once s stabilizes, the convergence rate is exactly the same as regular gradient descent.

    Scope: the exponent, for w = s·m with two targets of similar size, 1.5 to 1.8, from a start near zero; p = 4, 6 and 8; both
    arms with the same step size.

    Each seed draws targets, normal weights of standard deviation 0.1 and a step size. To t = 10¹² a million steps are taken one
    by one and the rest by the modified equation and, without depth, by the exact jump; the estimand is the difference of the
    arms' exponents of ‖Δ‖, each extrapolated to zero error.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    for p in (4, 6, 8):
        _rate(judge, train, seeds, p, stepped=budget(smoke=10**5, standard=10**6, paper=10**6))


def _rate(judge, train, seeds, p, stepped):
    problem = LpRegression(p=p, **SIMILAR)
    scalar, plain = train(
        Descent(problem, SCALAR_DEPTH, START, STEP_SIZE, 10**12, stepped=stepped),
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=START), STEP_SIZE, 10**12, stepped=stepped),
        seeds=seeds,
    )
    judge.equivalent(
        f"exponent, p = {p}",
        Difference(LateExponent()),
        Curves(scalar.times, scalar.error),
        Curves(plain.times, plain.error),
        seeds=seeds,
        estimand="exponent with scalar depth minus exponent without, both extrapolated to zero error",
        to=0,
        margin=Margin(0.05 / (p - 2), "5 % of the exponent"),
    )
