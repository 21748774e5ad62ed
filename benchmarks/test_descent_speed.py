"""Descent kernels beside batched torch, with and without autograd: same trajectories, same steps. Times are reported only."""

import numpy as np
import pytest
import torch

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, StepSize, end_to_end
from training import Descent
from training.machine import Machine

P, STEPS, SEEDS = 4, 2_000, range(64)
PROBLEM = LpRegression(p=P)
ARMS = {
    "plain": (PLAIN, BesideTarget()),
    "scalar-depth": (SCALAR_DEPTH, NearZero(scale=0.3)),
    "deep-3": (LinearNetwork(layers=3, width=4), NearZero(scale=0.5)),
}


@pytest.fixture(params=ARMS, autouse=True)
def arm(request, benchmark):
    network, start = ARMS[request.param]
    benchmark.group = f"descent, {request.param}: {STEPS} steps of {len(SEEDS)} trajectories on one core"
    torch.set_num_threads(1)
    return Descent(PROBLEM, network, start, StepSize(layers=network.layers), STEPS)


def begin(arm):
    factors = arm.start.factors(PROBLEM, arm.network, SEEDS)
    rates = arm.step_size.rates(PROBLEM, end_to_end(factors) - PROBLEM.targets(SEEDS), SEEDS)
    return [torch.from_numpy(f) for f in factors], torch.from_numpy(PROBLEM.targets(SEEDS)), torch.from_numpy(rates)


def product(factors):
    w = factors[0]
    for factor in factors[1:]:
        w = factor @ w
    return w[:, 0]


def test_kernel(benchmark, arm):
    arm.train(SEEDS, Machine())  # compiles
    benchmark(arm.train, SEEDS, Machine())


def test_torch_with_autograd(benchmark, arm):
    factors, targets, rates = begin(arm)

    def loop():
        now = [f.clone().requires_grad_() for f in factors]
        for _ in range(STEPS):
            loss = ((product(now) - targets).abs() ** P).sum() / P
            slopes = torch.autograd.grad(loss, now)
            with torch.no_grad():
                for f, slope in zip(now, slopes, strict=True):
                    f -= rates[:, None, None] * slope

    benchmark.pedantic(loop, rounds=2)


def test_torch_by_hand(benchmark, arm):
    factors, targets, rates = begin(arm)

    def loop():
        now = [f.clone() for f in factors]
        for _ in range(STEPS):
            residual = product(now) - targets
            pull = (rates[:, None] * residual**3)[:, None, :]
            below = [torch.eye(2, dtype=torch.float64).expand(len(SEEDS), 2, 2)]
            for f in now[:-1]:
                below.append(f @ below[-1])
            above = torch.ones(len(SEEDS), 1, 1, dtype=torch.float64)
            for j in range(len(now) - 1, -1, -1):
                slope = above.transpose(1, 2) @ (pull @ below[j].transpose(1, 2))
                above = above @ now[j]
                now[j] = now[j] - slope

    benchmark.pedantic(loop, rounds=2)


def test_all_three_do_the_same_work(benchmark, arm):
    """One step by autograd from the start gives the kernel's first record."""
    factors, targets, rates = begin(arm)
    now = [f.clone().requires_grad_() for f in factors]
    slopes = torch.autograd.grad(((product(now) - targets).abs() ** P).sum() / P, now)
    stepped = product([f - rates[:, None, None] * slope for f, slope in zip(now, slopes, strict=True)])
    first = benchmark.pedantic(arm.train, args=(SEEDS, Machine()), rounds=1)["residual"][:, :, 0]
    assert np.allclose(first, (stepped - targets).detach().numpy(), rtol=1e-12, atol=1e-12)
