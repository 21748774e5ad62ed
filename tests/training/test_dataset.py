"""Networks are trained on the data set asked for; its name, licence and sums are on record and part of the store's key."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from models import mnist
from models.datasets import CATALOGUE
from models.mnist import DataError
from tests.models.published import Published
from tests.training.test_train_fixture import Config
from training import machine, plugin
from training.machine import Machine


@dataclass(frozen=True)
class Ink:
    """Stands for a training: its result is the ink of the digits."""

    digits: str = "embedded"
    arm: ClassVar[str] = "ink"
    code: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ("numpy",)

    def block(self, device):
        return 4

    def train(self, seeds, machine, progress):
        images = machine.digits(self.digits).images
        return {"ink": np.full((len(seeds), 1), images.mean()), "images": np.full((len(seeds), 1), float(len(images)))}

    def gather(self, seeds, arrays):
        return arrays


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(mnist, "REDUCED", 12)
    yield
    machine.full_once.cache_clear()
    machine.reduced_once.cache_clear()


@pytest.fixture(params=["fashion-mnist", "kmnist"])
def other(request, tmp_path, monkeypatch):
    return Published(tmp_path / request.param, monkeypatch, request.param)


def train(tmp_path, dataset, folder, digits="embedded"):
    fixture = plugin.Train(Config(tmp_path, dataset=dataset, data=str(folder), store="kept"), "a-claim")
    return fixture, fixture(Ink(digits), seeds=range(2))


@pytest.mark.parametrize(("digits", "n"), [("embedded", 12), ("full", 30)])
def test_the_set_asked_for_is_used_whole_or_its_first_images(tmp_path, other, digits, n):
    found = Machine(data=other.folder, dataset=other.dataset).digits(digits)
    assert (len(found), found.name) == (n, f"{other.dataset}-train")


def test_images_are_read_once_for_each_set_and_folder(other):
    here = Machine(data=other.folder, dataset=other.dataset)
    assert here.digits("full") is here.digits("full")
    assert here.digits("full") is not Machine(dataset="mnist").digits("embedded")


def test_name_source_sums_licence_and_citation_are_on_record(tmp_path, other):
    fixture, runs = train(tmp_path, other.dataset, other.folder)
    files = CATALOGUE[other.dataset]
    (facts,) = fixture.datasets
    assert (facts["name"], facts["source"], facts["images"]) == (f"{other.dataset}-train", "directory", 12)
    assert list(facts["sha256"]) == [file.name for file in files.train]
    assert (facts["licence"], facts["citation"]) == (files.licence, files.citation)
    assert runs["images"].tolist() == [[12.0], [12.0]]


def test_mnist_is_on_record_with_its_licence(tmp_path):
    fixture, runs = train(tmp_path, "mnist", tmp_path)
    assert [(facts["name"], facts["licence"]) for facts in fixture.datasets] == [("mnist-12000", "CC BY-SA 3.0")]
    assert runs["images"].tolist() == [[12000.0], [12000.0]]


def test_the_store_never_takes_one_set_for_another(tmp_path, other):
    _, mine = train(tmp_path, other.dataset, other.folder)
    _, theirs = train(tmp_path, "mnist", tmp_path)
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 2
    assert mine["images"][0, 0] != theirs["images"][0, 0]
    _, again = train(tmp_path, other.dataset, other.folder)
    assert np.array_equal(again["ink"], mine["ink"])
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 2


def test_the_store_tells_sets_apart_by_their_bytes_where_the_names_are_equal(tmp_path, monkeypatch):
    for dataset in ("mnist", "fashion-mnist"):  # both of files of the same names
        published = Published(tmp_path / dataset, monkeypatch, dataset)
        train(tmp_path, dataset, published.folder, "full")
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 1, "the stand-ins hold the same bytes"
    monkeypatch.setattr(Published, "_pair", staticmethod(lambda n, seed, of=Published._pair: of(n, seed + 5)))
    machine.full_once.cache_clear()
    published = Published(tmp_path / "others", monkeypatch, "fashion-mnist")
    train(tmp_path, "fashion-mnist", published.folder, "full")
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 2


def test_missing_files_fail_the_test_with_what_was_looked_for(tmp_path):
    with pytest.raises(pytest.fail.Exception, match="does not hold KMNIST: looked for train-images-idx3-ubyte.gz"):
        train(tmp_path, "kmnist", tmp_path)


def test_an_unknown_set_is_refused():
    with pytest.raises(DataError, match="no data set 'cifar' here"):
        Machine(dataset="cifar").digits("embedded")
