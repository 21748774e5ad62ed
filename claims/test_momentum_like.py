"""Introduction and section 3: depth and momentum."""

import numpy as np

from claims.numbers_of_seeds import as_curves
from evidence import END, REFUTED, LevelRatio, Margin, claim
from models.lp import SCALAR_DEPTH, LpRegression, NearZero, StepSize
from models.lp.momentum import (
    fitted_heavy_ball,
    heavy_ball,
    heavy_ball_step,
    memoryless,
    memoryless_step,
    nearest_heavy_ball,
)
from models.lp.preconditioner import imbalance
from training import Descent

PROBLEM, START = LpRegression(p=4), NearZero(scale=0.1)


@claim(
    "momentum-like",
    "Section 1, of [ACH18]; section 3",
    position=150,
    family="theory",
    expect=REFUTED,
    refuted_in=("from the start alone",),
    because="a rule without memory and without a free number predicts the end-to-end curve far better than the best momentum",
    finding="Depth is a preconditioner that depends on where w is, not on how it came there: with c = s² - ‖m‖², which "
    "descent all but conserves, w_(t+1) - w_t = -η (s² I + w w'/s²) φ(Δ) up to order η²: the rule is the algorithm "
    "itself, read as a step of w. What it shares with momentum is that it starts slowly and then gains. Run from "
    "the start alone, the best of 528 pairs of learning rate and momentum, refined, chosen for each seed with the "
    "curve before its eyes, stays 18 % off it in the mean over seeds (8 to 29 % by seed, as a root mean square); "
    "the best learning rate without momentum nearly 50 %: so momentum does take up much of what depth does, and not "
    "all. A momentum that varies in time was not tried. On trial seeds, smaller steps brought the memoryless rule "
    "nearer in proportion and momentum not; one step ahead the fit took a momentum of nearly 1, which says that the "
    "next step resembles the last; and at p = 6 both comparisons came out the same.",
    holds="As a likeness: the best constant momentum takes up much of what depth does to the curve, and not all.",
    rewording="Depth's effect is that of a learning rate that grows with the weights, and more so along them.",
)
def test_momentum_like(train, judge, budget):
    """In [ACH18], they found that training is implicitly accelerated, since depth's effect seems to emulate momentum.

    Scope: scalar depth, p = 4, from a start near zero to t = 1000, long after the fast phase; heavy-ball momentum with a
    constant learning rate and momentum.

    Each seed draws two targets of size 1 to 2, normal weights of standard deviation 0.1 and a step size. Every step of w = s·m
    is recorded. Heavy ball has two free numbers, chosen anew for each seed with its curve known; the memoryless rule has none:
    c comes from the start. Both rules run from the first record on. A seed's number is the factor by which the predicted ‖Δ‖ is
    off: the exponential of the root mean square of ln(‖Δ‖ predicted / ‖Δ‖) over 60 times evenly spread in log t. "Emulates
    momentum" is judged so: the memoryless rule is not better than the best momentum by 5 % or more of the error. Explored, not
    judged: the best learning rate without momentum; predictions one step ahead, heavy ball with the numbers that least squares give; there a momentum near 1 merely
    repeats the last step, so that they tell little apart.
    """
    seeds = budget.seeds(smoke=8, standard=48, paper=100)
    length = budget(smoke=400, standard=1000, paper=1000)
    runs = train(Descent(PROBLEM, SCALAR_DEPTH, START, StepSize(layers=2), steps=length, records=1), seeds=seeds)
    free, momentum, rate = (np.exp(errors) for errors in _from_start(judge, runs, seeds, length))
    judge.not_lower(
        "from the start alone",
        LevelRatio(END),
        *as_curves(free, momentum),
        seeds=seeds,
        estimand="factor by which the predicted error is off, memoryless rule relative to momentum",
        margin=Margin(np.log10(1.05), "5 % in the predicted error"),
    )
    for name, factors in {"memoryless rule": free, "best momentum": momentum, "best learning rate alone": rate}.items():
        judge.explore(
            f"from the start alone: {name}",
            LevelRatio(END),
            *as_curves(factors, np.ones(len(seeds))),
            seeds=seeds,
            estimand="factor by which the predicted error is off, root mean square",
        )
    judge.explore(
        "one step ahead",
        LevelRatio(END),
        *as_curves(*_one_step(runs, seeds)),
        seeds=seeds,
        estimand="relative error of a step, memoryless rule relative to momentum",
    )


def _one_step(runs, seeds):
    """Return each rule's root mean square error of a step, relative to the step."""
    residual = np.moveaxis(runs.residual, 1, 2)
    wanted = np.diff(residual, axis=1)[:, 1:]
    plain = memoryless_step(residual, PROBLEM.p, PROBLEM.targets(seeds), _conserved(seeds), runs.rates)[:, 1:-1]
    momentum = heavy_ball_step(residual, PROBLEM.p, *fitted_heavy_ball(residual, PROBLEM.p))
    size = np.linalg.norm(wanted, axis=2)
    return tuple(_root_mean_square(np.linalg.norm(found - wanted, axis=2) / size) for found in (plain, momentum))


def _from_start(judge, runs, seeds, length):
    """Return each rule's root mean square error in ln ‖Δ‖: memoryless, best momentum, best learning rate alone."""
    times = np.unique(np.round(np.geomspace(1, length, 60)).astype(int))
    start, error = runs.residual[:, :, 0], runs.error[:, times]
    free = memoryless(start, PROBLEM.p, PROBLEM.targets(seeds), _conserved(seeds), runs.rates, times)
    ball, rate = (_nearest(start, runs.rates, error, times, momentum=momentum) for momentum in (True, False))
    for arm, curve in {"scalar depth": error, "memoryless rule": free, "best momentum": ball, "best learning rate": rate}.items():
        judge.curve("momentum", arm, "error", times.astype(float), curve)
    return tuple(_root_mean_square(np.log(found / error)) for found in (free, ball, rate))


def _nearest(start, rates, error, times, momentum):
    """Return ‖Δ‖ at the times, (seeds, times), by the constant learning rate and momentum, or learning rate alone, nearest to it."""
    alpha, mu = nearest_heavy_ball(start, PROBLEM.p, rates, error, times, momentum=momentum)
    return np.concatenate(list(heavy_ball(start, PROBLEM.p, alpha[:, None], mu[:, None], times)), axis=1)


def _conserved(seeds):
    return imbalance(START.factors(PROBLEM, SCALAR_DEPTH, seeds))


def _root_mean_square(errors):
    return np.sqrt((errors**2).mean(axis=1))
