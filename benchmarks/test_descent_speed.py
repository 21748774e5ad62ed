"""Descent kernels beside the loops a user would write with torch, and the machine's limit. Times are reported, not judged.

All on one core, in one run. The kernel steps 10,000 trajectories; torch steps them batched, with autograd and by hand, and one
at a time; everything is divided by trajectories and steps.
"""

import numpy as np
import pytest
import torch

from benchmarks.conftest import LIMIT
from benchmarks.limit import LANES, STEPS, run_at_the_limit
from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, StepSize, end_to_end
from training import Descent
from training.kernels import descend
from training.machine import Machine
from training.trace import step_program

P, TRAJECTORIES = 4, 10_000
PROBLEM = LpRegression(p=P)
ARMS = {
    "plain": (PLAIN, BesideTarget(), 20_000),
    "scalar depth": (SCALAR_DEPTH, NearZero(scale=0.3), 5_000),
    "deep, 2 x 8": (LinearNetwork(layers=2, width=8), NearZero(scale=0.3), 1_000),
    "deep, 3 x 8": (LinearNetwork(layers=3, width=8), NearZero(scale=0.3), 200),
    "deep, 4 x 8": (LinearNetwork(layers=4, width=8), NearZero(scale=0.3), 100),
}
RECORDED = {"plain": 1_000_000, "scalar depth": 1_000_000, "deep, 3 x 8": 50_000}
TORCH_STEPS = {"batched": 10, "one": 300}


@pytest.fixture(params=ARMS)
def arm(request, benchmark):
    benchmark.group = f"descent, {request.param}"
    torch.set_num_threads(1)
    return request.param


def begin(arm, n=TRAJECTORIES):
    """Return the network, its factors, residual, learning rates, targets, and how many steps the kernel takes."""
    network, start, steps = ARMS[arm]
    few = range(64)  # drawn once, then repeated: what is timed does not depend on it
    factors = start.factors(PROBLEM, network, few)
    residual = end_to_end(factors) - PROBLEM.targets(few)
    rates = StepSize(layers=network.layers).rates(PROBLEM, residual, few)
    repeats = -(-n // 64)
    many = [np.tile(each, (repeats, *[1] * (each.ndim - 1)))[:n] for each in (*factors, residual, rates, PROBLEM.targets(few))]
    return network, many[:-3], *many[-3:], steps


def note(benchmark, arm, how, each):
    """Tell the summary what a benchmark did."""
    benchmark.extra_info |= {"arm": arm, "how": how, "each": each, "multiply_adds": step_program(ARMS[arm][0], P).multiply_adds}


def test_the_machines_limit(benchmark):
    benchmark.group = "descent, the machine's limit"
    run, each = run_at_the_limit()
    benchmark.extra_info |= {"arm": LIMIT, "how": "limit", "each": each * LANES * STEPS}
    benchmark.pedantic(run, rounds=10, warmup_rounds=1)


def test_kernel(benchmark, arm):
    network, factors, residual, rates, _, steps = begin(arm)
    times = np.array([steps])
    descend(network, P, factors, residual, rates, np.array([1]))  # compiles
    note(benchmark, arm, "kernel", TRAJECTORIES * steps)
    benchmark.pedantic(descend, args=(network, P, factors, residual, rates, times), rounds=5)


@pytest.mark.parametrize("recording", [False, True], ids=["the last step alone", "forty records a decade"])
@pytest.mark.parametrize("arm", ["plain", "scalar depth", "deep, 3 x 8"])
def test_recording(benchmark, arm, recording):
    """What records at log-spaced times cost, in a descent as long as those of the claims."""
    benchmark.group = f"recording, {arm}: 500 trajectories, {RECORDED[arm]} steps"
    network, factors, residual, rates, _, _ = begin(arm, n=500)
    steps = RECORDED[arm]
    spaced = np.unique(np.geomspace(1, steps, round(40 * np.log10(steps)) + 1).round().astype(int))
    times = spaced if recording else np.array([steps])
    benchmark.pedantic(descend, args=(network, P, factors, residual, rates, times), rounds=5, warmup_rounds=1)


def autograd_steps(factors, targets, rates, steps):
    """Descend as one writes it with torch: the loss, its gradient, an update."""
    now = [f.clone().requires_grad_() for f in factors]
    for _ in range(steps):
        w = now[0]
        for f in now[1:]:
            w = f @ w
        loss = ((w[:, 0] - targets).abs() ** P).sum() / P
        slopes = torch.autograd.grad(loss, now)
        with torch.no_grad():
            for f, slope in zip(now, slopes, strict=True):
                f -= rates[:, None, None] * slope
    return [f.detach() for f in now]


def hand_steps(factors, targets, rates, steps):
    """Descend with batched products written out, without autograd."""
    now = [f.clone() for f in factors]
    for _ in range(steps):
        below = [torch.eye(2, dtype=torch.float64).expand(len(targets), 2, 2)]
        for f in now:
            below.append(f @ below[-1])
        pull = (rates[:, None] * (below.pop()[:, 0] - targets) ** 3)[:, None, :]
        above = torch.ones(len(targets), 1, 1, dtype=torch.float64)
        for j in range(len(now) - 1, -1, -1):
            slope = above.mT @ (pull @ below[j].mT)
            above = above @ now[j]
            now[j] = now[j] - slope
    return now


def test_torch_batched_with_autograd(benchmark, arm):
    _, factors, _, rates, targets, _ = begin(arm)
    note(benchmark, arm, "autograd", TRAJECTORIES * TORCH_STEPS["batched"])
    start = [[torch.from_numpy(each) for each in factors], torch.from_numpy(targets), torch.from_numpy(rates)]
    benchmark.pedantic(autograd_steps, args=(*start, TORCH_STEPS["batched"]), rounds=3, warmup_rounds=1)


def test_torch_batched_by_hand(benchmark, arm):
    _, factors, _, rates, targets, _ = begin(arm)
    note(benchmark, arm, "by hand", TRAJECTORIES * TORCH_STEPS["batched"])
    start = [[torch.from_numpy(each) for each in factors], torch.from_numpy(targets), torch.from_numpy(rates)]
    benchmark.pedantic(hand_steps, args=(*start, TORCH_STEPS["batched"]), rounds=3, warmup_rounds=1)


def test_torch_one_trajectory_with_autograd(benchmark, arm):
    _, factors, _, rates, targets, _ = begin(arm, n=1)
    note(benchmark, arm, "autograd, one trajectory", TORCH_STEPS["one"])
    start = [[torch.from_numpy(each) for each in factors], torch.from_numpy(targets), torch.from_numpy(rates)]
    benchmark.pedantic(autograd_steps, args=(*start, TORCH_STEPS["one"]), rounds=3, warmup_rounds=1)


def test_all_do_the_same_work(benchmark, arm):
    """Ten steps of each loop lead to the same function."""
    network, factors, residual, rates, targets, _ = begin(arm, n=64)
    found = benchmark.pedantic(descend, args=(network, P, factors, residual, rates, np.array([10])), rounds=1).residual[0].T
    start = [[torch.from_numpy(each) for each in factors], torch.from_numpy(targets), torch.from_numpy(rates)]
    for loop in (autograd_steps, hand_steps):
        w = end_to_end([each.numpy() for each in loop(*start, 10)])
        np.testing.assert_allclose(found, w - targets, rtol=1e-9, atol=1e-12)


# ---- long times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ["plain", "scalar depth", "deep, 3 x 8"])
def test_a_trillion_steps_of_64_seeds(benchmark, arm):
    """A hundred thousand exact steps, then on to t = 1e12; the exact steps take most of the time for plain descent."""
    benchmark.group = "descent to t = 1e12, 64 seeds, after 100,000 exact steps"
    network, start, _ = ARMS[arm]
    descent = Descent(PROBLEM, network, start, StepSize(layers=network.layers), 10**12, stepped=10**5)
    found = benchmark.pedantic(descent.train, args=(range(64), Machine()), rounds=3, warmup_rounds=1)
    assert (found["codes"] == 0).all()


def test_one_jump_of_a_trillion_steps(benchmark):
    from training.jump import jump

    benchmark.group = "a jump of 1e12 steps, 10,000 trajectories"
    residual, rates = np.random.default_rng(0).uniform(0.01, 0.1, (2, TRAJECTORIES)), np.full(TRAJECTORIES, 0.1)
    assert np.isfinite(benchmark(jump, residual, rates, 1e12, P)).all()
