"""Where blocks are trained: the same numbers in threads and in processes, and sentences where that cannot be."""

import os
import pickle
import signal
import socket
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from models.arms import LENET5, NORMAL
from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LpRegression, NearZero, StepSize
from training import Descent, NetworkTraining, Recipe, executors, plugin, remote, store
from training import options as chosen
from training import trainer as trainer_module
from training.executors import ExecutorError, Processes, Threads, address_of, check
from training.machine import Machine, silent
from training.remote import Block, basis, difference, train_block, train_on_cluster
from training.store import Store
from training.trainer import Trainer

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
DEEP = Descent(LpRegression(p=4), SCALAR_DEPTH, NearZero(scale=0.3), StepSize(layers=2), 50)
NETWORK = NetworkTraining(
    architecture=LENET5, network=NORMAL, recipe=Recipe(epochs=1, records=2, digits=128, evaluated=64), digits="embedded"
)


@dataclass(frozen=True)
class Told:
    """An arm that does what it is told: dies, raises, sleeps, or tells on what it was trained."""

    to: str = "tell"

    code: ClassVar[tuple[str, ...]] = ("training/store.py",)
    packages: ClassVar[tuple[str, ...]] = ("numpy",)
    arm: ClassVar[str] = "told"

    def block(self, device):
        return 2

    def train(self, seeds, machine, progress):
        if self.to == "raise":
            raise ValueError(f"seed {seeds[0]} broke")
        if self.to == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep({"nap": 1.0, "sleep": 8.0}.get(self.to, 0.0))
        facts = [os.getpid(), machine.threads, time.time()]
        return {"facts": np.array([facts] * len(seeds), dtype=float), "seed": np.array(seeds, dtype=float)}

    def gather(self, seeds, arrays):
        return arrays


class Elsewhere(Threads):
    """Workers that note what they are asked for."""

    def __init__(self, at_once=1, fails_at=None):
        super().__init__(at_once)
        self.asked, self.dropped, self.stopped, self.fails_at = [], 0, 0, fails_at

    def train(self, arm, seeds, machine, progress):
        self.asked.append(tuple(seeds))
        if self.fails_at in seeds:
            raise ValueError(f"seed {self.fails_at} broke")
        return super().train(arm, seeds, machine, progress)

    def cancel(self):
        self.dropped += 1

    def stop(self):
        self.stopped += 1


def trained(folder, workers, *arms, seeds=range(4), threads=2, **options):
    return Trainer(Store(folder), Machine(threads=threads), workers=workers, **options)(*arms, seeds=seeds)


def stored(folder):
    """Return the bytes of every block's arrays, by the block's name, but for the time they took."""
    blocks = {}
    for path in folder.glob("*.npz"):
        with np.load(path) as block:
            names = sorted(set(block.files) - {"seconds", "sha256"})
            blocks[path.name] = {name: (block[name].shape, block[name].tobytes()) for name in names}
    return blocks


@pytest.fixture(scope="module")
def processes():
    pool = Processes(2)
    yield pool
    pool.close()


# ---- the choice -------------------------------------------------------------------------------------------------


def test_threads_and_processes_are_known():
    check("threads")
    check("processes")


@pytest.mark.parametrize(
    "choice", ["", "thread", "dask", "dask://", "dask://host", "dask://host:port", "dask://host:8786/x", "ray://host:1"]
)
def test_anything_else_is_refused_with_the_valid_ones(choice):
    with pytest.raises(ExecutorError, match="it must be one of: threads, processes, dask://HOST:PORT"):
        check(choice)


@pytest.mark.parametrize(
    ("choice", "address"), [("dask://node7:8786", "tcp://node7:8786"), ("dask://[::1]:8786/", "tcp://[::1]:8786")]
)
def test_a_clusters_address_is_read(choice, address):
    assert address_of(choice) == address


def test_without_dask_the_command_to_install_it_is_told(monkeypatch):
    monkeypatch.setattr(executors.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ExecutorError, match="not installed: python -m pip install --group cluster"):
        check("dask://127.0.0.1:8786")


@pytest.fixture
def closed_port(monkeypatch):
    monkeypatch.setattr(executors.importlib.util, "find_spec", lambda name: "there")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers, and nobody else takes it
        yield taken.getsockname()[1]


def test_a_scheduler_that_does_not_answer_is_named(closed_port):
    with pytest.raises(ExecutorError, match=f"no Dask scheduler answers at tcp://127.0.0.1:{closed_port} within 5 s"):
        check(f"dask://127.0.0.1:{closed_port}")


def config(folder=None, **options):
    """Return as much of pytest's configuration as the plugin reads."""
    return SimpleNamespace(
        rootpath=folder,
        stash=pytest.Stash(),
        getoption=lambda name: options.get(name.removeprefix("claims_")),
        getini=lambda name: chosen.OPTIONS[name.removeprefix("claims_")][0],
        pluginmanager=SimpleNamespace(get_plugin=lambda name: None, register=lambda plugin, name: None),
    )


def test_the_option_refuses_as_a_usage_error(closed_port):
    with pytest.raises(pytest.UsageError, match="--claims-executor is 'cloud'; it must be one of: threads, processes, dask"):
        plugin.pytest_configure(config(executor="cloud"))
    with pytest.raises(pytest.UsageError, match=f"no Dask scheduler answers at tcp://127.0.0.1:{closed_port}"):
        plugin.pytest_configure(config(executor=f"dask://127.0.0.1:{closed_port}"))


def test_a_cluster_may_have_the_gpu_that_is_not_here(monkeypatch):
    monkeypatch.setattr(chosen, "has_cuda", lambda: False)
    monkeypatch.setattr(executors, "check", lambda choice: None)
    plugin.pytest_configure(config(device="cuda", executor="dask://node7:8786"))
    facts = plugin.pytest_claims_facts(config(device="cuda", executor="dask://node7:8786"))
    assert facts["device_name"] == "workers of the Dask cluster at node7:8786"
    with pytest.raises(pytest.UsageError, match="no CUDA device here"):
        plugin.pytest_configure(config(device="cuda", executor="processes"))


def test_a_test_whose_cluster_is_gone_fails_with_the_sentence(tmp_path, monkeypatch):
    def gone(*arguments):
        raise ExecutorError("no Dask scheduler answers at tcp://node7:8786.")

    monkeypatch.setattr(executors, "workers", gone)
    with pytest.raises(pytest.fail.Exception, match="no Dask scheduler answers at tcp://node7:8786"):
        plugin.Train(config(tmp_path), "a-claim")(ARM, seeds=[0])


def test_workers_are_opened_once_a_session_and_closed_at_its_end():
    executors.close()
    opened = executors.workers("processes", "cpu", 3)
    assert opened is executors.workers("processes", "cpu", 3) and opened.turns.places == 3
    assert isinstance(executors.workers("threads", "cpu", 2), Threads)
    plugin.pytest_unconfigure()
    assert opened is not executors.workers("processes", "cpu", 3)
    executors.close()


def test_every_gpu_gets_a_process(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5,7")
    found = executors.workers("processes", "cuda", 1)
    assert (found.turns.places, found.devices) == (3, ("2", "5", "7"))
    executors.close()


def test_gpus_are_counted_by_torch_where_the_environment_names_none(monkeypatch):
    import torch

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert executors.gpus() == ["0", "1"]


# ---- what a worker checks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", [ARM, DEEP, NETWORK, Told()], ids=["plain", "deep", "network", "told"])
def test_a_block_survives_pickling(arm):
    block = Block(arm, (0, 1), Machine(threads=3), basis(arm, Machine()))
    assert pickle.loads(pickle.dumps(block)) == block


def test_the_basis_names_files_packages_and_digits():
    found = basis(NETWORK, Machine())
    assert set(NETWORK.code) < found.keys() and found["package numpy"] == np.__version__
    digits = Machine().digits("embedded").sha256
    assert digits and {found[f"digits {name}"] for name in digits} == set(digits.values())
    assert not any(name.startswith("digits") for name in basis(ARM, Machine()))


@pytest.mark.parametrize(
    ("name", "there", "sentence"),
    [
        ("training/kernels.py", "f" * 64, "computes with another training/kernels.py than there is here: give it a checkout"),
        ("training/kernels.py", None, "has no training/kernels.py: give it a checkout of the same commit"),
        ("package numba", "0.1", "has numba 0.1, but here it is"),
        ("package numba", None, "has numba missing, but here it is"),
    ],
)
def test_what_differs_is_named(name, there, sentence):
    here = basis(ARM, Machine())
    other = {key: value for key, value in here.items() if key != name} | ({name: there} if there else {})
    assert difference(here, other).startswith(sentence)


def test_other_digits_are_named():
    here = basis(NETWORK, Machine())
    name = next(name for name in here if name.startswith("digits"))
    assert difference(here, here | {name: "0" * 64}).startswith(
        f"reads other {name.replace(' ', ' than ', 1)} here: give both sides"
    )


def test_what_only_the_worker_has_does_not_matter():
    here = basis(ARM, Machine())
    assert difference(here, here | {"training/more.py": "0"}) is None


def test_a_worker_with_other_code_trains_nothing():
    block = Block(Told("die"), (0,), Machine(), basis(Told(), Machine()) | {"training/store.py": "0" * 64})
    with pytest.raises(ExecutorError, match=rf"process {os.getpid()}\) computes with another training/store.py"):
        train_block(block)


def test_a_worker_remembers_the_code_it_began_with(tmp_path, monkeypatch):
    """A file that is edited later has been imported already."""
    for module in (remote, store):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in ("models", "training"):
        (tmp_path / name).mkdir()
    path = tmp_path / "training" / "kernels.py"
    path.write_text("first = 1")
    remote._remember_code.cache_clear()
    try:
        remote._remember_code()
        before = remote.file_hash("training/kernels.py")
        path.write_text("second = 2")
        assert remote.file_hash("training/kernels.py") == before
        assert remote.file_hash("training/none.py") is None
    finally:
        remote._remember_code.cache_clear()


def test_a_worker_without_a_gpu_says_so(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    machine = Machine(device="cuda")
    with pytest.raises(ExecutorError, match="finds no CUDA device: start it where there is one, or pass --claims-device cpu"):
        train_block(Block(Told(), (0,), machine, basis(Told(), machine)))


def test_one_block_at_a_time_is_on_a_workers_gpu(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    together, most = [], []

    def watched(arm, seeds, machine, progress=silent):
        together.append(seeds)
        most.append(len(together))
        threading.Event().wait(0.01)
        together.remove(seeds)
        return {}

    monkeypatch.setattr(remote, "timed", watched)
    machine = Machine(device="cuda")
    blocks = [Block(Told(), (seed,), machine, basis(Told(), machine)) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(train_on_cluster, blocks))
    assert most == [1, 1, 1, 1]


def test_on_a_cluster_a_block_takes_the_share_of_one_core(monkeypatch):
    monkeypatch.setattr(remote, "cores", lambda: 12)
    block = Block(Told(), (0,), Machine(threads=2), basis(Told(), Machine()))
    assert train_on_cluster(block)["facts"][0, 1] == 12 and train_block(block)["facts"][0, 1] == 2


# ---- the trainer ------------------------------------------------------------------------------------------------


def test_blocks_are_asked_of_the_workers_once_and_found_again(tmp_path):
    workers = Elsewhere(at_once=2)
    first, second = (trained(tmp_path, workers, Told(), seeds=range(5)) for _ in range(2))
    assert sorted(workers.asked) == [(0, 1), (2, 3), (4,)]
    assert first["seed"].tolist() == second["seed"].tolist() == [0, 1, 2, 3, 4]


def test_without_workers_the_machines_threads_train(tmp_path):
    assert trained(tmp_path, None, Told(), threads=3)["facts"][:, 1].tolist() == [3] * 4


def test_arms_with_blocks_of_other_sizes_keep_their_own_seeds(tmp_path):
    """Descents are cut into other blocks than networks."""

    @dataclass(frozen=True)
    class Larger(Told):
        def block(self, device):
            return 5

    first, second, third = trained(tmp_path, None, Told(), Larger(), Told("tell me"), seeds=range(7))
    assert first["seed"].tolist() == second["seed"].tolist() == third["seed"].tolist() == list(range(7))


def test_ctrl_c_drops_what_has_not_begun_and_keeps_what_has(tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Elsewhere):
        def train(self, arm, seeds, machine, progress):
            begun.set()
            go_on.wait(5)
            return super().train(arm, seeds, machine, progress)

        def cancel(self):
            super().cancel()
            go_on.set()

    def interrupt(share, seconds):
        assert begun.is_set()
        raise KeyboardInterrupt

    workers = Slow()
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, workers, Told(), seeds=range(20), report=interrupt)
    assert workers.asked == [(0, 1)] and workers.dropped == 1 and len(stored(tmp_path)) == 1 and not workers.stopped


def interrupted_twice(folder, workers, monkeypatch, *, again):
    """Interrupt a training of blocks that sleep, and again when it is told what is waited for; return that, and the seconds."""
    monkeypatch.setattr(trainer_module, "STOP_SECONDS", 0.1)
    told, start = [], time.monotonic()

    def interrupt(share, seconds):
        if workers.turns.idle_places == 0:
            raise KeyboardInterrupt

    def say(sentence):
        told.append(sentence)
        if again:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(folder, workers, Told("sleep" if again else "nap"), seeds=range(20), report=interrupt, say=say)
    return told, time.monotonic() - start


def test_ctrl_c_tells_what_is_waited_for_and_stores_it(tmp_path, monkeypatch):
    pool = Processes(2)
    told, _ = interrupted_twice(tmp_path, pool, monkeypatch, again=False)
    assert told == ["Interrupted. 2 blocks that have begun will be finished and stored; Ctrl-C again drops them."]
    assert len(stored(tmp_path)) == 2
    pool.close()


def test_another_ctrl_c_drops_what_has_begun_and_the_next_training_has_new_processes(tmp_path, monkeypatch):
    pool = Processes(2)
    interrupted_twice(tmp_path, pool, monkeypatch, again=True)
    assert not stored(tmp_path)
    assert len(trained(tmp_path, pool, Told(), seeds=range(2))["seed"]) == 2
    pool.close()


def test_another_ctrl_c_ends_the_wait_for_what_is_trained_here(tmp_path, monkeypatch):
    _, seconds = interrupted_twice(tmp_path, Threads(1), monkeypatch, again=True)
    assert seconds < 3


def test_what_is_trained_here_is_said_to_stop(tmp_path, monkeypatch):
    told, _ = interrupted_twice(tmp_path, Threads(2), monkeypatch, again=False)
    assert told == ["Interrupted. 2 blocks that have begun stop when they next tell how far they are."]


def test_the_error_of_a_block_is_raised_not_what_it_cancelled(tmp_path):
    class Cancelling(Elsewhere):
        def train(self, arm, seeds, machine, progress):
            if self.fails_at not in seeds:
                self.cancelled.wait(5)
                raise CancelledError
            return super().train(arm, seeds, machine, progress)

        def cancel(self):
            self.cancelled.set()

    workers = Cancelling(at_once=3, fails_at=4)
    workers.cancelled = threading.Event()
    with pytest.raises(ValueError, match="seed 4 broke"):
        trained(tmp_path, workers, Told(), seeds=range(6))


# ---- processes --------------------------------------------------------------------------------------------------


def test_processes_find_the_same_bits_as_one_thread(tmp_path, processes):
    told = []
    trained(tmp_path / "here", Threads(1), ARM, DEEP, seeds=range(300), threads=1)
    trained(tmp_path / "there", processes, ARM, DEEP, seeds=range(300), report=lambda share, seconds: told.append(share))
    here, there = stored(tmp_path / "here"), stored(tmp_path / "there")
    assert here == there and len(here) == 6
    assert told[-1] == 1.0 and told == sorted(told)


def test_processes_train_elsewhere_and_are_kept(tmp_path, processes):
    first, second = (trained(tmp_path / name, processes, Told(), seeds=range(12)) for name in "ab")
    both = {*first["facts"][:, 0], *second["facts"][:, 0]}
    assert os.getpid() not in both and len(both) <= 2


def test_what_a_process_raises_arrives_as_itself(tmp_path, processes):
    with pytest.raises(ValueError, match="^seed 0 broke$"):
        trained(tmp_path, processes, Told("raise"), seeds=range(2))


def test_a_process_that_dies_is_told_and_the_next_training_has_new_ones(tmp_path):
    pool = Processes(1)
    with pytest.raises(ExecutorError, match="died while told at seeds 0 to 1 waited for it.*Finished blocks are stored: run"):
        trained(tmp_path, pool, Told("die"), seeds=range(2))
    assert len(trained(tmp_path, pool, Told(), seeds=range(2))["seed"]) == 2
    pool.close()


def test_processes_take_the_gpus_in_turn(monkeypatch):
    monkeypatch.setattr(executors.signal, "signal", lambda *arguments: None)
    left, seen = executors.multiprocessing.get_context("spawn").SimpleQueue(), []
    for device in ("4", "6"):
        left.put(device)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    for _ in range(2):
        executors._begin(left)
        seen.append(os.environ["CUDA_VISIBLE_DEVICES"])
    assert seen == ["4", "6"]


def test_a_process_sees_its_gpu_alone_and_leaves_ctrl_c_to_the_one_that_asks():
    pool = Processes(3, devices=["6"])
    assert pool.turns.places == 1
    assert pool._open().submit(os.getenv, "CUDA_VISIBLE_DEVICES").result() == "6"
    assert pool._open().submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
    pool.close()


def test_closing_what_never_began_does_nothing():
    for idle in (Processes(2), Threads(1)):
        idle.cancel()
        idle.stop()
        idle.close()
        assert idle.turns.idle_places == idle.turns.places and getattr(idle, "pool", None) is None


def test_an_asked_block_is_cancelled_unless_it_has_begun():
    asked, futures = executors._Asked(), {name: executors.Future() for name in "ab"}
    with ThreadPoolExecutor(2) as pool:
        waiting = {name: pool.submit(asked.result, future, name) for name, future in futures.items()}
        while len(asked.futures) < 2:
            threading.Event().wait(0.001)
        asked.cancel(but={"a"})
        futures["a"].set_result({"x": np.zeros(1)})
        assert waiting["a"].result()["x"] == 0
        with pytest.raises(CancelledError):
            waiting["b"].result()
    assert asked.dropped == {"b"} and not asked.futures


def test_a_frozen_machine_can_be_sent_with_its_folder(tmp_path):
    machine = replace(Machine(), data=tmp_path)
    assert pickle.loads(pickle.dumps(machine)) == machine
