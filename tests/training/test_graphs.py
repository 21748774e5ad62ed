"""Steps captured once an epoch and replayed give the records of steps taken one by one.

Where there is no GPU, stand-ins do what they can. A simulated graph takes down torch's operations and does them again on the
same tensors. Tensors of the device "meta" have no numbers, so nothing can be read back from them. Fake tensors claim to be on a
GPU and refuse to be mixed with others; only their forward pass works without one. True graphs are tested where there is a GPU.
"""

import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models import convolution
from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, Architecture, Arm
from models.networks import build, cross_entropies, step_multipliers
from tests.training.digits import EMBEDDED
from training import graphs, sgd
from training.batches import Resident, draws
from training.graphs import CudaGraph, Replays, graph_of, side_stream
from training.recipe import Recipe, held_out_looks
from training.recording import Log
from training.sgd import _Update, train_members

SMALL = Architecture(name="small", channels=(2, 3), paddings=(2, 0), dense=(75, 12, 10))
DIGITS = EMBEDDED.head(80)
HELD_OUT = EMBEDDED.head(112).split(80)[0]
SEEDS = [5, 6]
RECIPE = Recipe(epochs=3, batch=16, learning_rate=0.05, decay=0.5, dropout=0.3, penalty=1e-2, digits=80, evaluated=32, records=6)
"""Five steps an epoch; rates that halve, so that a rate of another epoch shows."""
SAME_STEP = Arm(name="same step", start="product", step="effective", like=OVERPARAMETERIZED)
EVERYWHERE = Arm(name="everywhere", factors=3, layers="all", start="balanced")
SGD = torch.optim.SGD
ON_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="capturing needs a GPU, and torch finds none here")


@dataclass
class Case:
    arm: Arm
    changes: dict = field(default_factory=dict)

    @property
    def recipe(self):
        return replace(RECIPE, **self.changes)


CASES = {
    "normal": Case(NORMAL),
    "overparameterized": Case(OVERPARAMETERIZED),
    "three factors everywhere": Case(EVERYWHERE),
    "multiplied gradients": Case(SAME_STEP),
    "l1": Case(OVERPARAMETERIZED, {"power": 1, "penalty": 1e-3}),
    "l1 on plain matrices": Case(NORMAL, {"power": 1, "penalty": 1e-3}),
    "penalty on factors": Case(OVERPARAMETERIZED, {"penalized": "factors"}),
    "l1 on factors": Case(OVERPARAMETERIZED, {"penalized": "factors", "power": 1, "penalty": 1e-3}),
    "without penalty": Case(OVERPARAMETERIZED, {"penalty": 0.0}),
    "without momentum": Case(OVERPARAMETERIZED, {"momentum": 0.0}),
    "without dropout": Case(NORMAL, {"dropout": 0.0}),
}


# ---- a graph that is simulated ----------------------------------------------------------------------------------


class SimulatedGraph:
    """Takes down every operation of torch below autograd, with its tensors, and does each again on the same tensors.

    As with a true graph, capturing changes no number, and nothing can be read back to the host.
    """

    def __init__(self):
        self.calls, self.captures, self.replays = [], 0, 0

    def capture(self, step):
        tape = Tape()
        try:
            with tape:
                step()
        finally:
            tape.restore()
        self.calls, self.captures = tape.calls, self.captures + 1

    @torch.no_grad()
    def replay(self):
        self.replays += 1
        for operation, args, kwargs, result in self.calls:
            again = operation(*args, **kwargs)
            for held, new in zip(tensors(result), tensors(again), strict=True):
                if held.data_ptr() != new.data_ptr():  # neither a view nor changed in place
                    held.copy_(new)


class Tape(TorchDispatchMode):
    """Lets operations run and takes them down, and what they overwrite, too."""

    def __init__(self):
        super().__init__()
        self.calls, self.overwritten = [], []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("operation not permitted when stream is capturing")
        for tensor in written(operation, args, kwargs or {}):
            self.overwritten.append((tensor, tensor.detach().clone()))
        result = operation(*args, **kwargs or {})
        self.calls.append((operation, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def restore(self):
        for tensor, before in reversed(self.overwritten):
            tensor.copy_(before)


def written(operation, args, kwargs):
    """Return the tensors that an operation writes to, as its schema says."""
    named = dict(zip([each.name for each in operation._schema.arguments], args, strict=False)) | kwargs
    targets = [each.name for each in operation._schema.arguments if each.alias_info and each.alias_info.is_write]
    return tensors([named[name] for name in targets if name in named])


def tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


@pytest.fixture(autouse=True)
def torchs_convolutions(monkeypatch):
    """Let torch convolve, as on a GPU: the CPU's compiled loops are no operations of torch."""
    torch.set_num_threads(1)
    monkeypatch.setattr(convolution, "_compiled_for", lambda *tensors: False)


@pytest.fixture
def trained(monkeypatch):
    """Return a function that trains a case, with a graph or, without one, as on a CPU."""

    def train(case, graph=None, architecture=SMALL):
        monkeypatch.setattr(sgd, "graph_of", lambda device: graph)
        return train_members(architecture, case.arm, case.recipe, SEEDS, DIGITS, HELD_OUT)

    return train


def same(ours, theirs):
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_training_by_graphs_has_the_records_of_one_step_by_step(trained, case):
    graph = SimulatedGraph()
    assert same(trained(case, graph), trained(case))
    assert (graph.captures, graph.replays) == (3, 12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_it_does_where_all_parameters_are_updated_at_once_as_on_a_gpu(monkeypatch, trained, momentum):
    monkeypatch.setattr(torch.optim, "SGD", partial(SGD, foreach=True))
    case, graph = Case(SAME_STEP, {"momentum": momentum}), SimulatedGraph()
    assert same(trained(case, graph), trained(case))
    assert any("_foreach_" in str(operation) for operation, *_ in graph.calls)


def test_it_does_for_lenet5(trained):
    case = Case(OVERPARAMETERIZED, {"epochs": 2, "batch": 32, "digits": 64})
    assert same(trained(case, SimulatedGraph(), LENET5), trained(case, architecture=LENET5))


def test_an_epoch_of_one_step_captures_nothing(trained):
    case, graph = Case(NORMAL, {"batch": 80}), SimulatedGraph()
    assert same(trained(case, graph), trained(case))
    assert (graph.captures, graph.replays) == (0, 0)


def test_a_capture_changes_no_number():
    tensor, graph = torch.tensor([1.0, 2.0]), SimulatedGraph()
    graph.capture(lambda: tensor.mul_(3).add_(1))
    assert tensor.tolist() == [1, 2]
    graph.replay()
    assert tensor.tolist() == [4, 7]


# ---- failures that are planted ----------------------------------------------------------------------------------


def test_a_batch_that_is_not_copied_into_the_captured_tensors_is_seen(monkeypatch, trained):
    load, loaded = Resident.load, []

    def forgetful(self, draw):
        loaded.append(draw)
        if len(loaded) != 4:
            load(self, draw)

    expected = trained(CASES["normal"])
    monkeypatch.setattr(Resident, "load", forgetful)
    found = trained(CASES["normal"], SimulatedGraph())
    assert len(loaded) == 15 and not np.array_equal(found["cross_entropy"], expected["cross_entropy"])


def test_a_learning_rate_that_changes_without_a_new_capture_is_seen(monkeypatch, trained):
    class Lasting(Replays):
        def __call__(self, epoch):
            if self.captured:
                self.epoch = epoch
            super().__call__(epoch)

    expected, graph = trained(CASES["normal"]), SimulatedGraph()
    monkeypatch.setattr(sgd, "Replays", Lasting)
    found = trained(CASES["normal"], graph)
    assert graph.captures == 1
    first_epoch = found["steps"] <= 5
    for name in ("cross_entropy", "powers"):
        assert np.array_equal(found[name][:, first_epoch], expected[name][:, first_epoch])
        assert not np.array_equal(found[name][:, ~first_epoch], expected[name][:, ~first_epoch])


def test_momentum_that_is_first_made_in_a_capture_is_seen(monkeypatch, trained):
    class Hasty(Replays):
        def __call__(self, epoch):
            self.epoch = epoch
            super().__call__(epoch)

    expected = trained(CASES["normal"])
    monkeypatch.setattr(sgd, "Replays", Hasty)
    found = trained(CASES["normal"], SimulatedGraph())
    assert not np.array_equal(found["cross_entropy"], expected["cross_entropy"])


# ---- steps that cannot be captured ------------------------------------------------------------------------------


class Refusing(SimulatedGraph):
    """Captures so many times and then, in the middle of a step, no more."""

    def __init__(self, captures, error):
        super().__init__()
        self.left, self.error = captures, error

    def capture(self, step):
        if self.left == 0:
            super().capture(lambda: (step(), self._refuse()))
        self.left -= 1
        super().capture(step)

    def _refuse(self):
        raise self.error


@pytest.mark.parametrize("captures", [0, 1, 2])
def test_a_training_goes_on_without_graphs_and_says_why_once(trained, captures):
    refusing = Refusing(captures, RuntimeError("the stream is not capturing"))
    with pytest.warns(RuntimeWarning) as warned:
        found = trained(CASES["multiplied gradients"], refusing)
    assert [str(each.message) for each in warned] == [
        "A training step could not be captured as a CUDA graph, so the training goes on without one, slower: "
        "the stream is not capturing"
    ]
    assert refusing.replays == 4 * captures
    assert same(found, trained(CASES["multiplied gradients"]))


def test_a_reason_without_words_is_named_by_its_kind(trained):
    with pytest.warns(RuntimeWarning, match=r"slower: NotImplementedError$"):
        trained(CASES["normal"], Refusing(0, NotImplementedError()))


def test_an_error_of_another_kind_is_raised(trained):
    with pytest.raises(ZeroDivisionError):
        trained(CASES["normal"], Refusing(0, ZeroDivisionError()))


def test_a_step_that_reads_a_number_back_cannot_be_captured(monkeypatch, trained):
    losses = _Update.losses
    monkeypatch.setattr(_Update, "losses", lambda self, *batch: each if (each := losses(self, *batch)).sum().item() else None)
    with pytest.warns(RuntimeWarning, match="operation not permitted when stream is capturing"):
        trained(CASES["normal"], SimulatedGraph())


# ---- what a step may do: tensors without numbers, tensors that claim to be on a GPU ------------------------------


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_no_step_and_no_record_reads_a_number_back_or_leaves_the_device(case):
    update, resident = on_meta(case)
    log = Log(DIGITS.head(32), HELD_OUT, held_out_looks(1), "meta")
    for epoch, draw in enumerate(list(draws(case.recipe, 12, SEEDS, 80))[:2]):
        resident.load(draw)
        update(resident.batch(), epoch)
    log.look(update.network)
    held = [*update.network.parameters(), *(each.grad for each in update.network.parameters())]
    held += tensors([list(state.values()) for state in update.optimiser.state.values()])
    assert len(held) == len(list(update.network.parameters())) * (3 if case.recipe.momentum else 2)
    assert {each.device.type for each in [*held, *log.rows[0].values(), *log.held_out_rows]} == {"meta"}


def test_a_number_that_is_read_back_is_seen(monkeypatch):
    update, resident = on_meta(CASES["normal"])
    step = torch.optim.SGD.step
    monkeypatch.setattr(torch.optim.SGD, "step", lambda self: step(self) if update.network.dense[0].bias.max() > 0 else None)
    with pytest.raises(RuntimeError, match=r"item\(\)"):
        update(resident.batch(), 0)


def on_meta(case):
    network = build(SMALL, case.arm, SEEDS).to("meta")
    update = _Update(network, case.recipe, step_multipliers(SMALL, case.arm, SEEDS))
    return update, Resident(DIGITS, case.recipe, len(SEEDS), 12, "meta")


@pytest.mark.parametrize("architecture", [SMALL, LENET5], ids=lambda each: each.name)
@pytest.mark.parametrize("arm", [NORMAL, OVERPARAMETERIZED, EVERYWHERE], ids=lambda arm: arm.name)
def test_a_forward_pass_mixes_no_devices(architecture, arm):
    logits, losses = claimed(architecture, arm, labels_on="cuda")
    assert (logits.device.type, tuple(logits.shape)) == ("cuda", (2, 16, 10))
    assert (losses.device.type, tuple(losses.shape)) == ("cuda", (2,))


def test_devices_that_are_mixed_are_seen():
    with pytest.raises(RuntimeError, match="cpu"):
        claimed(SMALL, NORMAL, labels_on="cpu")


def claimed(architecture, arm, labels_on):
    """Return logits and cross-entropies of a batch, all of it fake tensors that claim to be on a GPU."""
    network = build(architecture, arm, SEEDS)
    with FakeTensorMode(), torch.no_grad():
        for module in network.modules():
            held = {name: torch.empty(each.shape, device="cuda") for name, each in module._parameters.items() if each is not None}
            module._parameters.update({name: nn.Parameter(each) for name, each in held.items()})
        images = torch.empty(16, 2, 28, 28, device="cuda")
        keep = torch.empty(2, 16, architecture.dense[-2], device="cuda")
        logits = network(images, network.end_to_end(), keep)
        return logits, cross_entropies(logits, torch.zeros(2, 16, dtype=torch.int64, device=labels_on))


# ---- the order in which torch's graphs and streams are used, noted by stand-ins ----------------------------------


class Noted:
    """Stands in for `torch.cuda.CUDAGraph` and notes what is called."""

    notes: list = []

    def __init__(self):
        self.number = len([note for note in Noted.notes if note[0] == "made"])
        Noted.notes.append(("made", self.number))

    def capture_begin(self, pool, capture_error_mode):
        Noted.notes.append(("begin", self.number, pool, capture_error_mode))

    def capture_end(self):
        Noted.notes.append(("end", self.number))

    def pool(self):
        return f"pool of {self.number}"

    def replay(self):
        Noted.notes.append(("replay", self.number))

    def __del__(self):
        Noted.notes.append(("dropped", self.number))


@pytest.fixture
def notes(monkeypatch):
    Noted.notes = []
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Noted)
    return Noted.notes


def test_a_capture_shares_the_memory_of_the_graph_before_which_lives_until_it_is_over(notes):
    graph = CudaGraph()
    for _ in range(2):
        graph.capture(lambda: notes.append("step"))
        graph.replay()
    assert notes == [
        *(("made", 0), ("begin", 0, None, "thread_local"), "step", ("end", 0), ("replay", 0)),
        *(("made", 1), ("begin", 1, "pool of 0", "thread_local"), "step", ("end", 1), ("dropped", 0), ("replay", 1)),
    ]


def test_a_capture_that_fails_is_ended_and_its_own_reason_is_raised(notes, monkeypatch):
    def broken(self):
        notes.append("ended")
        raise RuntimeError("the capture was invalidated")

    monkeypatch.setattr(Noted, "capture_end", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        CudaGraph().capture(lambda: (_ for _ in ()).throw(RuntimeError("out of memory")))
    assert notes[2] == "ended"
    with pytest.raises(RuntimeError, match="invalidated"):
        CudaGraph().capture(lambda: None)


def test_only_a_gpu_captures():
    assert graph_of("cpu") is None and graph_of("meta") is None
    assert isinstance(graph_of("cuda"), CudaGraph) and isinstance(graph_of("cuda:1"), CudaGraph)
    assert graph_of("cuda") is not graph_of("cuda")


class Stream:
    def __init__(self, notes, name):
        self.notes, self.name = notes, name

    def wait_stream(self, other):
        self.notes.append(f"{self.name} waits for {other.name}")


@pytest.fixture
def streams(monkeypatch):
    """Let torch's streams note what is done with them, and put back what a training on a GPU sets for the process."""
    notes, made = [], []

    @contextmanager
    def current(stream):
        notes.append(f"into {stream.name}")
        yield
        notes.append(f"out of {stream.name}")

    def make(device):
        made.append(device)
        return Stream(notes, "side")

    graphs._stream.cache_clear()
    monkeypatch.setattr(torch.cuda, "Stream", make)
    monkeypatch.setattr(torch.cuda, "stream", current)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Stream(notes, "main"))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: notes.append("memory is given back"))
    yield notes, made
    graphs._stream.cache_clear()
    torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32 = False, True


AROUND = ["side waits for main", "into side", "work", "out of side", "main waits for side", "memory is given back"]


def test_a_training_has_a_stream_of_its_own_and_both_wait(streams):
    notes, made = streams
    for _ in range(2):
        with side_stream("cuda"):
            notes.append("work")
    assert notes == 2 * AROUND and made == ["cuda"]


def test_the_streams_wait_after_an_error_too(streams):
    notes, _ = streams
    with pytest.raises(ValueError, match="broken"), side_stream("cuda"):
        raise ValueError("broken")
    assert notes[-2:] == AROUND[-2:] and not graphs.ALONE.locked()


def test_what_was_trained_is_kept_where_memory_cannot_be_given_back(streams, monkeypatch):
    def refuse():
        raise RuntimeError("captures_underway.empty() INTERNAL ASSERT FAILED")  # torch before 2.8, after a capture that failed

    monkeypatch.setattr(torch.cuda, "empty_cache", refuse)
    with side_stream("cuda"):
        trained = "trained"
    assert trained and not graphs.ALONE.locked()


def test_on_a_gpu_one_training_runs_at_a_time(streams):
    notes, _ = streams

    def train():
        with side_stream("cuda"):
            notes.append("work")

    with graphs.ALONE:
        threads = [threading.Thread(target=train) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert notes == []
    for thread in threads:
        thread.join()
    assert notes == 3 * AROUND


def test_a_gpu_computes_in_float32_and_repeatably_whatever_was_set_before(streams):
    backends = torch.backends
    backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = backends.cudnn.benchmark = True
    with side_stream("cuda"):
        pass
    assert not (backends.cuda.matmul.allow_tf32 or backends.cudnn.allow_tf32)
    assert backends.cudnn.deterministic and not backends.cudnn.benchmark


@pytest.mark.skipif(not hasattr(torch.backends.cudnn, "conv"), reason="this torch has one setting for TF32 and no second one")
def test_a_precision_set_for_all_of_torch_does_not_outlast_it(streams):
    before = torch.backends.fp32_precision
    try:
        torch.backends.fp32_precision = "tf32"
        with side_stream("cuda"):
            pass
        assert torch.backends.cudnn.conv.fp32_precision == torch.backends.cuda.matmul.fp32_precision == "ieee"
        assert torch.backends.cudnn.allow_tf32 is False, "reading it raises where old and new settings disagree"
    finally:
        torch.backends.fp32_precision = before


def test_on_a_cpu_nothing_is_set(streams):
    notes, _ = streams
    with side_stream("cpu"):
        assert not graphs.ALONE.locked()
    assert notes == [] and not torch.backends.cudnn.deterministic


# ---- where there is a GPU ---------------------------------------------------------------------------------------


@ON_GPU
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_on_a_gpu_graphs_give_the_records_of_single_steps_and_of_the_cpu(monkeypatch, case):
    runs = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="A training step could not be captured")
        for name, device, graph in (("graphs", "cuda", graph_of), ("steps", "cuda", no_graph), ("cpu", "cpu", graph_of)):
            monkeypatch.setattr(sgd, "graph_of", graph)
            runs[name] = train_members(SMALL, case.arm, case.recipe, SEEDS, DIGITS, HELD_OUT, device=device)
    for other, tolerance in (("steps", 1e-4), ("cpu", 1e-3)):  # a CPU sums in another order, over fifteen steps
        for name in ("cross_entropy", "powers", "squares", "penalty"):
            np.testing.assert_allclose(runs["graphs"][name], runs[other][name], rtol=tolerance, err_msg=f"{other}, {name}")


def no_graph(device):
    return None


@ON_GPU
def test_on_a_gpu_the_same_seeds_give_the_same_bits():
    once, again = (train_members(LENET5, OVERPARAMETERIZED, RECIPE, SEEDS, DIGITS, HELD_OUT, device="cuda") for _ in range(2))
    assert same(once, again)
