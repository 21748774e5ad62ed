"""The seed ensemble beside one training after another: the same seeds, batches and steps. Times are reported, not judged."""

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
    benchmark.pedantic(train_members, args=(LENET5, arm, RECIPE, SEEDS, DIGITS), rounds=3, warmup_rounds=1)


def test_one_after_another(benchmark, arm):
    def loop():
        for seed in SEEDS:
            train_members(LENET5, arm, RECIPE, [seed], DIGITS)

    benchmark.pedantic(loop, rounds=3, warmup_rounds=1)
