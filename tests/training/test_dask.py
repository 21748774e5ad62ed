"""A Dask cluster on loopback: a scheduler and two workers, started by the commands of docs/clusters.md; one of them is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LpRegression, NearZero, StepSize
from tests.training.test_executors import NETWORK, Told, stored, trained
from training import Descent, executors
from training.executors import Cluster, ExecutorError, Threads
from training.machine import Machine
from training.remote import ROOT, basis

pytest.importorskip("distributed", reason="dask is not installed: python -m pip install --group cluster")

PLAINLY = [Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), steps) for steps in (10**7, 2 * 10**7, 3 * 10**7)]
DEEPLY = [Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), steps) for steps in (10**6, 10**7)]
ARMS, SEEDS = [*PLAINLY, *DEEPLY, NETWORK], range(9)
PATIENCE = 120


class Loopback:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder, path=ROOT):
        self.folder, self.file, self.processes = folder, folder / "scheduler.json", {}
        self.environment = {**os.environ, "PYTHONPATH": str(path), "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "0"}
        self.begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file))

    def begin(self, kind, *options, name=None, path=None):
        command = [sys.executable, "-m", "dask", kind, *options]
        with (self.folder / f"{name or kind}.log").open("w") as log:
            self.processes[name or kind] = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | ({"PYTHONPATH": str(path)} if path else {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def add_worker(self, name, path=None):
        where = ("--scheduler-file", str(self.file), "--local-directory", str(self.folder), "--name", name)
        self.begin(
            "worker", *where, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "20", name=name, path=path
        )

    @property
    def choice(self):
        """Return the option's value, once the scheduler listens."""
        until(lambda: self.file.is_file() and self.file.read_text().endswith("}"))  # it is written piece by piece
        return json.loads(self.file.read_text())["address"].replace("tcp://", "dask://")

    def kill(self, name):
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


@contextmanager
def own_cluster(folder, path=ROOT):
    """Give a scheduler without workers, and what is connected to it."""
    (folder / "cluster").mkdir()
    loopback = Loopback(folder / "cluster", path)
    try:
        cluster = Cluster(executors.address_of(loopback.choice))
        yield loopback, cluster
        cluster.close()
    finally:
        loopback.close()


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the cluster took too long"
        time.sleep(0.02)


def at_work(cluster):
    """Return the keys that each worker has, by the worker's name."""
    keys = cluster.client.processing()
    return {
        facts["name"]: keys.get(address, ()) for address, facts in cluster.client.scheduler_info(n_workers=-1)["workers"].items()
    }


@pytest.fixture(scope="module")
def loopback(tmp_path_factory):
    started = Loopback(tmp_path_factory.mktemp("cluster"))
    try:
        for name in ("first", "second"):
            started.add_worker(name)
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def cluster(loopback):
    opened = executors.workers(loopback.choice, "cpu", 2)
    opened.client.wait_for_workers(2, timeout=PATIENCE)
    yield opened
    executors.close()


def test_a_worker_is_killed_and_the_bits_are_those_of_one_thread(tmp_path, loopback, cluster):
    """Its block goes to the other worker; nothing is lost, and nothing differs."""
    told, killed = [], []

    def kill_one_at_work(share, seconds):
        told.append(share)
        if not killed and at_work(cluster).get("first"):
            loopback.kill("first")
            killed.append(share)

    trained(tmp_path / "there", cluster, *ARMS, seeds=SEEDS, report=kill_one_at_work)
    assert killed and killed[0] < 1 and told[-1] == 1.0 and told == sorted(told)
    assert set(at_work(cluster)) == {"second"}
    trained(tmp_path / "here", Threads(1), *ARMS, seeds=SEEDS)
    here, there = stored(tmp_path / "here"), stored(tmp_path / "there")
    assert here == there and len(here) == 5 + 2  # the network's seeds are two blocks


def test_what_a_worker_raises_arrives_as_itself(tmp_path, cluster):
    with pytest.raises(ValueError, match="^seed 0 broke$"):
        trained(tmp_path, cluster, Told("raise"), seeds=range(2))


def test_a_worker_has_the_memory_of_its_machine_shared_among_its_cores(tmp_path, cluster):
    facts = trained(tmp_path, cluster, Told(), seeds=range(2), threads=99)["facts"]
    assert facts[0, 0] != os.getpid() and facts[0, 1] == len(os.sched_getaffinity(0))


def test_a_worker_with_other_code_says_which_file(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(executors, "basis", lambda *of: basis(*of) | {"training/store.py": "0" * 64})
    with pytest.raises(ExecutorError, match="The worker on .* computes with another training/store.py than there is here"):
        trained(tmp_path, cluster, Told(), seeds=range(2))
    assert not stored(tmp_path)


def test_ctrl_c_drops_what_no_worker_has_begun(tmp_path, cluster):
    def interrupt(share, seconds):
        until(lambda: any(at_work(cluster).values()))
        raise KeyboardInterrupt

    slow = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10_000_000)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, cluster, slow, seeds=range(30 * 128), report=interrupt)
    assert 1 <= len(stored(tmp_path)) < 10
    until(lambda: not any(at_work(cluster).values()))


def test_what_is_trained_ahead_keeps_the_present_test_waiting_for_one_block_at_most(tmp_path):
    with own_cluster(tmp_path) as (loopback, cluster), ThreadPoolExecutor(9) as pool:

        def waits(seed, ahead):
            began = len(queued(cluster))
            asked = pool.submit(cluster.train, Told(), (seed,), Machine(), print, ahead=ahead)
            until(lambda: len(queued(cluster)) > began)
            return asked

        later = [waits(seed, ahead=True) for seed in range(6)]
        now = [waits(seed, ahead=False) for seed in range(6, 8)]
        loopback.add_worker("only")
        begun = [each.result(PATIENCE)["facts"][0, 2] for each in (*later, *now)]
        assert sum(time < max(begun[6:]) for time in begun[:6]) <= 1


def queued(cluster):
    """Return the keys of blocks that the scheduler has and no worker has."""
    return cluster.client.run_on_scheduler(
        lambda dask_scheduler: [key for key, task in dask_scheduler.tasks.items() if task.state in ("no-worker", "queued")]
    )


def test_the_scheduler_needs_no_checkout_and_a_worker_without_one_says_so(tmp_path):
    with own_cluster(tmp_path, path=tmp_path) as (loopback, cluster):
        loopback.add_worker("astray")
        with pytest.raises(ExecutorError, match="has no 'training' on its path: start workers with PYTHONPATH set to the folder"):
            trained(tmp_path / "store", cluster, Told(), seeds=range(2))
        loopback.kill("astray")
        loopback.add_worker("at-home", path=ROOT)
        assert trained(tmp_path / "store", cluster, Told(), seeds=range(2))["seed"].tolist() == [0, 1]
        with pytest.raises(ValueError, match="^seed 2 broke$"):
            trained(tmp_path / "store", cluster, Told("raise"), seeds=[2])


def test_a_scheduler_that_goes_away_is_told_then_and_later(tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "SECONDS", 0.5)
    with own_cluster(tmp_path) as (loopback, cluster):
        killed = []

        def kill(share, seconds):
            killed or killed.append(loopback.kill("scheduler"))

        for _ in range(2):
            with pytest.raises(ExecutorError, match="went away while it had told at seeds 0 to 1. Finished blocks are stored"):
                trained(tmp_path / "store", cluster, Told(), seeds=range(2), report=kill)
        assert killed


def test_a_port_that_is_no_schedulers_is_named(monkeypatch):
    monkeypatch.setattr(executors, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ExecutorError, match=f"no Dask scheduler answers at {address} within 0.3 s"):
            Cluster(address)


def test_a_block_that_kills_its_workers_is_given_up_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with own_cluster(tmp_path) as (loopback, cluster):
        loopback.add_worker("doomed")
        with pytest.raises(ExecutorError, match="lost each worker that trained told at seeds 0 to 1, 1 so far, killed"):
            trained(tmp_path / "store", cluster, Told("die"), seeds=range(2))


def test_machine_and_arm_are_all_that_travels(cluster):
    """A worker's folder is its own: no store is written there."""
    assert Machine() == cluster.client.submit(Machine).result()
    assert not list(Path(ROOT).glob("*.part"))
