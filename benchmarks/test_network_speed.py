"""The seed ensemble beside one training after another: the same seeds, batches and steps. Times are reported, not judged."""

import numpy as np
import pytest
import torch

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED
from models.mnist import embedded_digits
from training.recipe import Recipe
from training.sgd import train_members

SEEDS = [0, 1, 2, 3]
DIGITS = embedded_digits().head(64 * 30)
RECIPE = Recipe(epochs=1, records=2, evaluated=64)


@pytest.fixture(params=[NORMAL, OVERPARAMETERIZED], ids=lambda arm: arm.name, autouse=True)
def arm(request, benchmark):
    benchmark.group = f"LeNet-5, {request.param.name}: 30 steps of {len(SEEDS)} seeds at batch 64 on one core"
    torch.set_num_threads(1)
    return request.param


def test_ensemble(benchmark, arm):
    together = benchmark.pedantic(train_members, args=(LENET5, arm, RECIPE, SEEDS, DIGITS), rounds=3, warmup_rounds=1)
    assert together["cross_entropy"].shape == (len(SEEDS), RECIPE.records)


def test_one_after_another(benchmark, arm):
    def loop():
        return [train_members(LENET5, arm, RECIPE, [seed], DIGITS) for seed in SEEDS]

    alone = np.concatenate([each["cross_entropy"] for each in benchmark.pedantic(loop, rounds=3, warmup_rounds=1)])
    assert alone == pytest.approx(train_members(LENET5, arm, RECIPE, SEEDS, DIGITS)["cross_entropy"], rel=1e-3)
