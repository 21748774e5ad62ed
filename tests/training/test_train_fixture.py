"""The `train` fixture's machine: how many trainings run at once, on which device, on which digits."""

from types import SimpleNamespace

import numpy as np
import pytest

from models.datasets import CATALOGUE
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from models.mnist import DataError
from training import Descent, options, plugin
from training.machine import Machine

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)


class Config:
    """As much of pytest's configuration as the plugin reads."""

    def __init__(self, rootpath=None, **options):
        self.rootpath, self.options, self.stash = rootpath, options, pytest.Stash()
        self.pluginmanager = SimpleNamespace(get_plugin=lambda name: None, register=lambda plugin, name: None)

    def getoption(self, name):
        return self.options.get(name.removeprefix("claims_"))

    def getini(self, name):
        return options.OPTIONS[name.removeprefix("claims_")][0]


# ---- threads ----------------------------------------------------------------------------------------------------


@pytest.fixture
def eight_cores(monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    monkeypatch.setattr(options.os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def test_one_process_has_every_core(eight_cores):
    assert options.threads() == 8


@pytest.mark.parametrize(("workers", "threads"), [(1, 8), (2, 4), (3, 2), (8, 1), (20, 1)])
def test_workers_share_the_cores_and_have_at_least_one(eight_cores, monkeypatch, workers, threads):
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(workers))
    assert options.threads() == threads


def test_without_affinity_the_machine_is_asked(eight_cores, monkeypatch):
    monkeypatch.delattr(options.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(options.os, "cpu_count", lambda: None)
    assert options.threads() == 1


# ---- options ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "has_gpu", "device"), [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu")])
def test_the_device_is_what_was_asked_or_what_there_is(monkeypatch, asked, has_gpu, device):
    monkeypatch.setattr(options, "has_cuda", lambda: has_gpu)
    assert options.network_device(Config(device=asked)) == device


def test_an_unknown_device_is_refused_with_the_known_ones():
    with pytest.raises(pytest.UsageError, match="'gpu'; it must be one of: auto, cpu, cuda"):
        plugin.pytest_configure(Config(device="gpu"))


def test_cuda_is_refused_where_there_is_none(monkeypatch):
    monkeypatch.setattr(options, "has_cuda", lambda: False)
    with pytest.raises(pytest.UsageError, match="no CUDA device here; use cpu or auto"):
        plugin.pytest_configure(Config(device="cuda"))


def test_a_data_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(pytest.UsageError, match="which is no folder; name the one that holds the MNIST files"):
        plugin.pytest_configure(Config(data=str(tmp_path / "none")))
    with pytest.raises(pytest.UsageError, match="holds the KMNIST files"):
        plugin.pytest_configure(Config(data=str(tmp_path / "none"), dataset="kmnist"))


def test_an_unknown_data_set_is_refused_with_the_known_ones():
    with pytest.raises(pytest.UsageError, match="--claims-dataset is 'cifar'; it must be one of: mnist, fashion-mnist, kmnist"):
        plugin.pytest_configure(Config(dataset="cifar"))


@pytest.mark.parametrize("dataset", CATALOGUE)
def test_a_known_data_set_is_taken_and_told(dataset):
    plugin.pytest_configure(Config(dataset=dataset))
    assert plugin.pytest_claims_facts(Config(dataset=dataset, device="cpu"))["dataset"] == dataset


# ---- training ---------------------------------------------------------------------------------------------------


def test_descents_run_without_asking_for_a_gpu_and_are_kept_in_the_store(tmp_path, monkeypatch):
    monkeypatch.setattr(options, "has_cuda", lambda: pytest.fail("a descent asked for a GPU"))
    train = plugin.Train(Config(tmp_path, store="kept"), "a-claim")
    runs = train(ARM, seeds=range(3))
    assert runs.seeds == (0, 1, 2)
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 1
    assert train.datasets == []


def test_it_tells_how_many_blocks_train_at_once(eight_cores, tmp_path):
    assert plugin.Train(Config(tmp_path), "a-claim").threads == 8  # seconds to settle a claim are counted by it


def test_seconds_are_those_of_the_training_also_when_it_is_found(tmp_path):
    first, second = (plugin.Train(Config(tmp_path), "a-claim") for _ in range(2))
    for train in (first, second):
        train(ARM, seeds=range(3))
    assert first.seconds == second.seconds > 0


def test_missing_digits_fail_the_test_with_their_sentence(tmp_path, monkeypatch):
    def missing(*arguments, **options):
        raise DataError("The digits are missing.")

    monkeypatch.setattr(Descent, "train", missing)
    with pytest.raises(pytest.fail.Exception, match="The digits are missing"):
        plugin.Train(Config(tmp_path), "a-claim")(ARM, seeds=[0])


def test_the_embedded_digits_are_read_once():
    digits = Machine().digits("embedded")
    assert digits is Machine(threads=4).digits("embedded")
    assert np.array_equal(np.bincount(digits.labels), [1200] * 10)


def test_a_machine_is_one_cpu_thread_unless_told():
    assert Machine() == Machine(device="cpu", threads=1, data=None, dataset="mnist")
