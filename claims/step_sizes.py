"""What claims on tuned step sizes share: the best learning rate of a grid, for one network."""

import numpy as np

from claims.network_numbers import READ_LATE
from evidence import LATE

GRID = (0.01, 0.02, 0.04, 0.08, 0.16)
TUNING_SEEDS = 4


def tuned_arms(train, protocol, networks, seeds):
    """Return an arm for each network at its best learning rate, tuned on the seeds that follow the judged ones, all at once.

    Those that are tuned are read late alone and not recorded before.
    """
    late = protocol.with_(**READ_LATE)
    tuning = range(seeds[-1] + 1, seeds[-1] + 1 + TUNING_SEEDS)
    runs = train(*(late.with_(learning_rate=rate).arm(each) for each in networks for rate in GRID), seeds=tuning)
    by_network = [runs[start : start + len(GRID)] for start in range(0, len(runs), len(GRID))]
    return [
        protocol.with_(learning_rate=best_rate(each)).arm(network) for network, each in zip(networks, by_network, strict=True)
    ]


def tuned_curves(arms, curves):
    """Return each arm's curves; all nan where an arm's rate is at an end of the grid, so that the judge says so."""
    inside = all(GRID[0] < arm.recipe.learning_rate < GRID[-1] for arm in arms)
    return curves if inside else [each.scaled(np.nan) for each in curves]


def best_rate(runs):
    """Return the learning rate of the grid with the lowest mean log of the late total loss; runs that are not finite are the worst."""
    late = [each.total[:, each.steps >= LATE[0] * each.steps[-1]] for each in runs]
    losses = [np.log(values).mean() if np.isfinite(values).all() else np.inf for values in late]
    return GRID[int(np.argmin(losses))]
