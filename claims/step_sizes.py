"""What claims on tuned step sizes share: the best learning rate of a grid, for one network."""

import numpy as np

from evidence import LATE, Curves

GRID = (0.01, 0.02, 0.04, 0.08, 0.16)
TUNING_SEEDS = 4


def tuned_arms(train, protocol, networks, seeds):
    """Return an arm for each network at its best learning rate, tuned on the seeds that follow the judged ones."""
    tuning = range(seeds[-1] + 1, seeds[-1] + 1 + TUNING_SEEDS)
    return [protocol.with_(learning_rate=best_rate(train, protocol, each, tuning)).arm(each) for each in networks]


def tuned_curves(arms, values, steps):
    """Return each arm's values, (seeds, records), as curves; all nan where an arm's rate is at an end of the grid, so that the judge says so."""
    inside = all(GRID[0] < arm.recipe.learning_rate < GRID[-1] for arm in arms)
    return [Curves(steps, each if inside else np.full_like(each, np.nan)) for each in values]


def best_rate(train, protocol, network, seeds):
    """Return the learning rate of the grid with the lowest mean log of the late total loss; a run that is not finite is the worst."""
    arms = [protocol.with_(learning_rate=rate).arm(network) for rate in GRID]
    losses = []
    for runs in train(*arms, seeds=seeds):
        late = runs.total[:, runs.steps >= LATE[0] * runs.steps[-1]]
        losses.append(np.log(late).mean() if np.isfinite(late).all() else np.inf)
    return GRID[int(np.argmin(losses))]
