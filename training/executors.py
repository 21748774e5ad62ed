"""Where blocks are trained: in threads here, in processes, one for each GPU, or on a Dask cluster.

Whatever the place, a thread here asks for each block and waits for it, so that the store's locks and files stay in this
process. `concurrent.futures` is all that the trainer knows of executors.
"""

import importlib.util
import multiprocessing
import os
import pickle
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from threading import Lock, Thread
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from training.machine import Machine, Progress
from training.remote import ROOMS, Block, ExecutorError, basis, sent, timed, train_block, train_on_cluster
from training.store import Arrays, Trainable
from training.turns import Turns

__all__ = ["Cluster", "ExecutorError", "Processes", "Threads", "Workers", "address_of", "check", "close", "gpus", "workers"]

SCHEME = "dask://"
VALID = f"threads, processes, {SCHEME}HOST:PORT"
INSTALL = "python -m pip install --group cluster"
GO_ON = "Finished blocks are stored: run the same again to go on."
SECONDS = 5.0
"""How long a scheduler may take to answer."""
LATER = -1
"""Priority on a cluster of what is trained ahead: workers take it once nothing of the present test is left."""
AT_ONCE = 256
"""Blocks that a cluster is asked for at once: enough for it to grow with, few enough for as many threads that wait here."""


class Workers(Protocol):
    """A place where blocks are trained; it is asked for as many at a time as there are `turns`.

    What is trained `here`, by the threads that ask, is told to stop as it tells its progress.
    """

    turns: Turns
    here: bool

    def train(self, arm: Trainable, seeds: Sequence[int], machine: Machine, progress: Progress, *, ahead: bool = False) -> Arrays:
        """Return the arrays of one block, with its "seconds"; wait for them. Progress within the block may go untold.

        One that is trained `ahead`, for a later test, must keep none waiting that is not.
        """

    def cancel(self) -> None:
        """Drop the blocks that were asked for and have not begun."""

    def stop(self) -> None:
        """Drop all blocks that were asked for, also those that have begun."""

    def close(self) -> None:
        """End the workers that were started here."""


class Threads:
    """Blocks trained by the threads that ask for them."""

    here = True

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)

    def train(self, arm: Trainable, seeds: Sequence[int], machine: Machine, progress: Progress, *, ahead: bool = False) -> Arrays:
        """Train here and now; the progress within the block is told."""
        return timed(arm, seeds, machine, progress)

    def cancel(self) -> None:
        """Do nothing: what was asked for has begun."""

    def stop(self) -> None:
        """Do nothing: the threads see for themselves."""

    def close(self) -> None:
        """Do nothing: the threads are the trainer's."""


class Processes:
    """Blocks trained by processes of this machine, which are started once; with `devices`, each has one of these GPUs.

    A process that dies takes the pool with it: the blocks it had then fail, and the next training starts a new pool.
    """

    here = False

    def __init__(self, at_once: int, devices: Sequence[str] = ()) -> None:
        self.turns, self.devices = Turns(len(devices) or at_once), tuple(devices)
        self.pool: ProcessPoolExecutor | None = None
        self.lock = Lock()
        self.asked = _Asked()

    def train(self, arm: Trainable, seeds: Sequence[int], machine: Machine, progress: Progress, *, ahead: bool = False) -> Arrays:
        """Train in one of the processes. Raises `ExecutorError` where one of them died."""
        pool = self._open()
        try:
            future = pool.submit(train_block, Block(arm, tuple(seeds), machine, basis(arm, machine)))
            return self.asked.result(future)
        except BrokenExecutor:
            self._drop(pool)
            raise ExecutorError(
                f"A worker process died while {_words(arm, seeds)} waited for it, killed perhaps for the memory it took. {GO_ON}"
            ) from None

    def cancel(self) -> None:
        """Cancel what no process has taken."""
        self.asked.cancel()

    def stop(self) -> None:
        """Kill the processes; the next training starts others."""
        self.cancel()
        pool = self.pool
        if pool is not None:
            self._drop(pool)
            # Python 3.14 has kill_workers; before, a pool tells of its processes by this name alone.
            for process in list((pool._processes or {}).values()):
                process.kill()

    def close(self) -> None:
        """End the processes, once they have finished what they began."""
        pool = self.pool
        if pool is not None:
            self._drop(pool)
            pool.shutdown(cancel_futures=True)

    def _open(self) -> ProcessPoolExecutor:
        with self.lock:
            if self.pool is None:
                # Spawned, since a fork would copy locks that threads of this process hold.
                context = multiprocessing.get_context("spawn")
                left = context.SimpleQueue()
                for device in self.devices:
                    left.put(device)
                self.pool = ProcessPoolExecutor(self.turns.places, context, _begin, (left if self.devices else None,))
            return self.pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        with self.lock:
            if self.pool is pool:
                self.pool = None


def _begin(left: Any) -> None:
    """Begin a worker process: Ctrl-C is for the one that asks, and a GPU is one's own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if left is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = left.get()


class Cluster:
    """Blocks trained by the workers of a Dask cluster, through the executor of `distributed`.

    The scheduler gives the blocks of a lost worker to another; one that has lost several workers is given up, as `distributed`
    decides (`distributed.scheduler.allowed-failures`).
    """

    here = False

    def __init__(self, address: str) -> None:
        self.address, self.turns = address, Turns(AT_ONCE)
        try:
            self.client = _within(SECONDS, lambda: _client(address))
        except OSError as error:  # TimeoutError among them
            raise ExecutorError(_unreachable(address, error)) from None
        self.executor: Executor = self.client.get_executor(pure=False)
        self.asked = _Asked()

    def train(self, arm: Trainable, seeds: Sequence[int], machine: Machine, progress: Progress, *, ahead: bool = False) -> Arrays:
        """Train on a worker. What it raises is raised here; `ExecutorError` where no worker can train it."""
        from distributed import KilledWorker

        key, words = f"{arm.arm}-{uuid4().hex}", _words(arm, seeds)
        block = Block(arm, tuple(seeds), machine, basis(arm, machine))
        submit: Callable[..., Future[Arrays]] = self.executor.submit
        try:
            order = {"key": key, "priority": LATER if ahead else 0}
            return self.asked.result(submit(pickle.loads, sent(train_on_cluster, block), **order), key)
        except KilledWorker as error:
            raise ExecutorError(
                f"The cluster lost each worker that trained {words}, {error.allowed_failures + 1} so far, killed perhaps for the "
                "memory it takes: see their logs, and give them more memory or fewer threads."
            ) from None
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in ROOMS:
                raise
            raise ExecutorError(
                f"A worker at {self.address} has no {error.name!r} on its path: start workers with PYTHONPATH set to the "
                "folder of a checkout of this commit."
            ) from None
        except (CancelledError, Exception) as error:
            if key in self.asked.dropped or (self.client.status == "running" and not isinstance(error, CancelledError)):
                raise
            raise ExecutorError(f"The scheduler at {self.address} went away while it had {words}. {GO_ON}") from None

    def cancel(self) -> None:
        """Cancel what is on no worker; what is there is finished and stored."""
        begun: set[str] = set()
        with suppress(Exception):  # a scheduler that has gone away holds nothing
            begun.update(key for keys in self.client.processing().values() for key in keys)
        self.asked.cancel(but=begun)

    def stop(self) -> None:
        """Cancel all; what a worker is at comes to nothing."""
        self.asked.cancel()

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        self.client.close()


def _client(address: str) -> Any:
    from distributed import Client  # for those who have a cluster

    return Client(address, timeout=SECONDS, set_as_default=False)


def _within(seconds: float, make: Callable[[], Any]) -> Any:
    """Return what is made, or raise ``TimeoutError``: a client waits for ever where what listens is no scheduler."""
    made: Future[Any] = Future()

    def run() -> None:
        try:
            made.set_result(make())
        except BaseException as error:
            made.set_exception(error)

    Thread(target=run, daemon=True).start()
    return made.result(timeout=seconds + 1)


class _Asked:
    """The futures that threads wait for, by name."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[Arrays]] = {}
        self.dropped: set[str] = set()

    def result(self, future: Future[Arrays], name: str | None = None) -> Arrays:
        name = name or uuid4().hex
        self.futures[name] = future
        try:
            return future.result()
        finally:
            del self.futures[name]

    def cancel(self, but: set[str] | frozenset[str] = frozenset()) -> None:
        for name, future in list(self.futures.items()):
            if name not in but:
                self.dropped.add(name)
                future.cancel()


def check(choice: str) -> None:
    """Raise `ExecutorError` for an unknown executor, a missing package, or a scheduler that does not answer.

    >>> check("threads")
    """
    if choice in ("threads", "processes"):
        return
    address = address_of(choice)
    if importlib.util.find_spec("distributed") is None:
        raise ExecutorError(f"it needs the packages dask and distributed, which are not installed: {INSTALL}")
    place = urlsplit(address)
    try:
        socket.create_connection((place.hostname, place.port), timeout=SECONDS).close()
    except OSError as error:
        raise ExecutorError(_unreachable(address, error)) from None


def address_of(choice: str) -> str:
    """Return the scheduler's address as Dask writes it. Raises `ExecutorError` where there is none.

    >>> address_of("dask://node7:8786")
    'tcp://node7:8786'
    """
    try:
        place = urlsplit(choice)
        if choice.startswith(SCHEME) and place.hostname and place.port and not place.path.strip("/"):
            return f"tcp://{place.netloc}"
    except ValueError:  # a port that is no number
        pass
    raise ExecutorError(f"it must be one of: {VALID}.")


@cache
def workers(choice: str, device: str, threads: int) -> Workers:
    """Return where to train, opened once a session: blocks on a device of this machine, or where a cluster has one.

    `threads` is how many blocks this machine trains at once. Raises `ExecutorError` as `check` does.
    """
    opened: Workers
    if choice == "threads":
        opened = Threads(threads)
    elif choice == "processes":
        opened = Processes(threads, gpus() if device == "cuda" else ())
    else:
        opened = _cluster(address_of(choice))
    _opened.append(opened)
    return opened


def close() -> None:
    """End all workers that `workers` opened."""
    workers.cache_clear()
    _cluster.cache_clear()
    while _opened:
        _opened.pop().close()


_opened: list[Workers] = []
_cluster = cache(Cluster)


def gpus() -> list[str]:
    """Return this machine's GPUs as CUDA_VISIBLE_DEVICES names them."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return [name for name in given.split(",") if name]
    import torch  # for those who train on a GPU

    return [str(place) for place in range(torch.cuda.device_count())]


def _unreachable(address: str, error: OSError) -> str:
    reason = str(error) or type(error).__name__
    return f"no Dask scheduler answers at {address} within {SECONDS:g} s ({reason}): start it, or correct the address."


def _words(arm: Trainable, seeds: Sequence[int]) -> str:
    return f"{arm.arm} at seeds {seeds[0]} to {seeds[-1]}"
