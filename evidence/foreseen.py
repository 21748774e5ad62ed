"""What the tests of a session will take, before it begins: as they took here before, or else on the machine that made the record.

Trainings are known by their subjects, which stay when code is edited; those that the store has by the present code are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evidence.claim import registered
from evidence.forecast import Cost, cost_of, shipped
from evidence.judgements import Judgements
from evidence.options import option

__all__ = ["foreseen"]

Costs = dict[str, Cost | None]


def foreseen(
    config: pytest.Config,
    tests: Sequence[tuple[str, Path]],
    judgements: Judgements | None,
    runs: Callable[[dict[str, Any]], object],
) -> Costs:
    """Return what tests take, given by name and file, but for those whose judgement is recalled; None for one never timed.

    `runs` tells of a result that was kept whether its test is run all the same.
    """
    others = _elsewhere(config, judgements.options if judgements else {})
    costs: Costs = {}
    for nodeid, path in tests:
        kept = judgements.last(nodeid) if judgements else None
        if judgements is None or kept is None:
            costs[nodeid] = others.get(nodeid)
        elif runs(kept["result"]) or not (judgements.is_current(kept, nodeid, path) and _holds(config, kept["trainings"])):
            costs[nodeid] = cost_of(kept)
    return _without_stored(config, costs)


def _elsewhere(config: pytest.Config, options: Mapping[str, Any]) -> dict[str, Cost]:
    """Return what tests took on a CPU, with each claim's own seeds, where this session's would take the like."""
    if option(config, "seeds") or options.get("gpu"):
        return {}
    costs, dataset = shipped(option(config, "budget")), options.get("dataset", "mnist")
    if dataset == "mnist":
        return costs
    # They were timed on MNIST, and what is stored of that is not this data set's.
    networks = {claim.file for claim in registered() if claim.family == "network"}
    return {
        nodeid: Cost(cost.own, {f"{dataset} {subject}": seconds for subject, seconds in cost.blocks.items()})
        if nodeid.partition("::")[0] in networks
        else cost
        for nodeid, cost in costs.items()
    }


def _holds(config: pytest.Config, trainings: dict[str, Any]) -> bool:
    return config.hook.pytest_claims_holds(config=config, trainings=trainings) is not False


def _without_stored(config: pytest.Config, costs: Costs) -> Costs:
    subjects = {subject for cost in costs.values() if cost for subject in cost.blocks}
    left = set(config.hook.pytest_claims_untrained(config=config, subjects=subjects) or ())
    return {
        nodeid: cost and Cost(cost.own, {subject: cost.blocks[subject] for subject in cost.blocks.keys() & left})
        for nodeid, cost in costs.items()
    }
