"""Training steps on a GPU as CUDA graphs: a step is captured once an epoch and replayed, so that launches do not dominate.

A step of an ensemble is about a hundred operations, most of them short: a GPU would wait for the launch of each, and it launches
a graph as one.
"""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Protocol

import torch

__all__ = ["CudaGraph", "Graph", "Replays", "graph_of", "side_stream"]

ALONE = threading.Lock()
"""Held by the training on a GPU: a capture takes in whatever another thread launches on the same stream."""


class Graph(Protocol):
    """What captures a step's work and does it again, on the same tensors."""

    def capture(self, step: Callable[[], None]) -> None:
        """Take down what a step does, instead of doing it, in place of what was captured before.

        Raises ``RuntimeError`` for a step that cannot be captured.
        """

    def replay(self) -> None:
        """Do what was captured last."""


class CudaGraph:
    """A `torch.cuda.CUDAGraph` on the current stream, which must not be the default one.

    `torch.cuda.graph` would also collect garbage and empty the allocator's cache, at every capture.
    """

    def __init__(self) -> None:
        self.graph: Any = None

    def capture(self, step: Callable[[], None]) -> None:
        """Capture a step, in the memory of the graph before, which is then dropped."""
        graph = torch.cuda.CUDAGraph()
        # Only a pool that a living graph holds can be shared. CUDA calls of other threads are no concern of the capture.
        graph.capture_begin(pool=self.graph and self.graph.pool(), capture_error_mode="thread_local")
        try:
            step()
        except BaseException:
            with suppress(RuntimeError):  # what the step raised is the reason, not what ending its capture raises then
                graph.capture_end()
            raise
        graph.capture_end()
        self.graph = graph

    def replay(self) -> None:
        """Launch the graph."""
        self.graph.replay()


def graph_of(device: str) -> Graph | None:
    """Return what captures steps on a device, a new one, or None where steps are not captured.

    >>> graph_of("cpu") is None
    True
    """
    return CudaGraph() if torch.device(device).type == "cuda" else None


class Replays:
    """Takes a training's steps: the first of each epoch as it is, which warms up and makes momentum, the others by a graph.

    A graph holds the numbers of Python that its step had at capture, the learning rate among them, so it lasts an epoch.
    Where a step cannot be captured, all go on as they are, after one warning.
    """

    def __init__(self, step: Callable[[int], None], graph: Graph) -> None:
        self.step = step
        self.graph: Graph | None = graph
        self.epoch: int | None = None
        self.captured = False

    def __call__(self, epoch: int) -> None:
        """Take one step of an epoch."""
        if epoch != self.epoch:
            self.epoch, self.captured = epoch, False
        elif self.graph is not None and not self.captured:
            self._capture(self.graph, epoch)
        if self.graph is not None and self.captured:
            self.graph.replay()
        else:
            self.step(epoch)

    def _capture(self, graph: Graph, epoch: int) -> None:
        try:
            graph.capture(lambda: self.step(epoch))
            self.captured = True
        except RuntimeError as error:
            self.graph = None
            reason = str(error).strip() or type(error).__name__
            warnings.warn(
                f"A training step could not be captured as a CUDA graph, so the training goes on without one, slower: {reason}",
                RuntimeWarning,
                stacklevel=3,
            )


@contextmanager
def side_stream(device: str) -> Iterator[None]:
    """Let this thread's work on a GPU go to a stream of the trainings' own, one training at a time; elsewhere change nothing.

    All of a training belongs in it, its tensors and the making of its optimiser too: a capture needs another stream than the
    default one, autograd works on the stream that the forward pass had, and memory is reused along one stream.
    """
    if torch.device(device).type != "cuda":
        yield
        return
    with ALONE:
        _repeatable_float32()
        side = _stream(device)
        side.wait_stream(torch.cuda.current_stream(device))
        try:
            with torch.cuda.stream(side):
                yield
        finally:
            torch.cuda.current_stream(device).wait_stream(side)
            # A graph's memory is of no use to the graphs of the next training, and nothing is freed while one is captured.
            # After a capture that failed, torch before 2.8 takes it to go on still, and raises.
            with suppress(RuntimeError):
                torch.cuda.empty_cache()


@cache
def _stream(device: str) -> Any:
    """Return the one stream of a device: workspaces of libraries and cached memory are kept for each stream."""
    return torch.cuda.Stream(device)


def _repeatable_float32() -> None:
    """Set, for the process and for good, how a GPU computes: restoring it would change it under another thread.

    Products and convolutions in float32 throughout, as the evidence record says: with TF32, which convolutions have by default,
    fractions of 10 bits would be multiplied. Convolutions by algorithms that give the same bits at every run, chosen by rule and
    not by a race, since a training that comes from the store stands for one that is run anew.
    """
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if hasattr(torch.backends.cudnn, "conv"):  # newer torch; there a precision set for all backends would outlast the above
        for kind in ("conv", "rnn"):  # with one of them alone, reading allow_tf32 would raise, for a mix of old and new
            getattr(torch.backends.cudnn, kind).fp32_precision = "ieee"
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
