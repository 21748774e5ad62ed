"""Files of a data set are found where people keep them, and nothing else is ever read in their place.

One test reads Fashion-MNIST itself, in the folder named by DEPTH_ON_TRIAL_FASHION_MNIST or where Debian's package
``dataset-fashion-mnist`` puts it, and is skipped where neither is.
"""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from models import datasets
from models.mnist import full_digits
from tests.models.published import NAMES, Published, refusal, sha256

FASHION = Path(os.environ.get("DEPTH_ON_TRIAL_FASHION_MNIST") or "/usr/share/datasets/fashion-mnist")


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(tmp_path / "published", monkeypatch)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("inside", [".", "MNIST/raw", "raw"])
def test_files_are_found_where_people_keep_them(published: Published, tmp_path: Path, inside: str, suffix: str) -> None:
    published.write(tmp_path / "mine" / inside, suffix)
    training, test = full_digits(tmp_path / "mine"), full_digits(tmp_path / "mine", train=False)
    assert (len(training), len(test)) == (30, 20)
    assert training.sha256 == {name: sha256(published.content[name]) for name in NAMES[:2]}
    assert test.sha256 == {name: sha256(published.content[name]) for name in NAMES[2:]}


def test_plain_and_packed_files_may_be_mixed(published: Published) -> None:
    images = published.folder / NAMES[0]
    images.with_name(f"{images.name}.gz").write_bytes(gzip.compress(images.read_bytes()))
    images.unlink()
    assert len(full_digits(published.folder)) == 30


def test_a_home_folder_may_be_abbreviated(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(published.folder.parent))
    monkeypatch.setenv("USERPROFILE", str(published.folder.parent))
    assert len(full_digits(Path("~") / published.folder.name)) == 30


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path / "nowhere"))
    assert f"{tmp_path / 'nowhere'} does not exist" in message
    assert all(name in message for name in NAMES)


def test_a_file_is_no_folder(published: Published) -> None:
    assert "is a file and no folder" in refusal(lambda: full_digits(published.folder / NAMES[0]))


def test_an_empty_folder_is_told_what_was_looked_for(tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path, train=False))
    assert all(part in message for part in (*NAMES[2:], ".gz", str(tmp_path / "MNIST" / "raw"), str(tmp_path / "raw")))


def test_only_the_missing_file_is_named(published: Published) -> None:
    (published.folder / NAMES[1]).unlink()
    message = refusal(lambda: full_digits(published.folder))
    assert NAMES[1] in message
    assert NAMES[0] not in message


def test_training_digits_do_not_need_the_test_files(published: Published) -> None:
    for name in NAMES[2:]:
        (published.folder / name).unlink()
    assert len(full_digits(published.folder)) == 30


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [0, 3, 7, 27])
def test_a_file_cut_short_is_refused_with_both_lengths(published: Published, name: str, cut: int) -> None:
    path = published.folder / name
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    message = refusal(lambda: full_digits(published.folder, train=name.startswith("train")))
    assert str(path) in message
    assert f"expected {len(published.content[name])} bytes, found {len(content)}" in message


def test_a_packed_file_cut_short_is_refused_with_both_lengths(published: Published, tmp_path: Path) -> None:
    published.write(tmp_path / "packed", ".gz")
    path = tmp_path / "packed" / f"{NAMES[0]}.gz"
    path.write_bytes(path.read_bytes()[:5000])
    message = refusal(lambda: full_digits(tmp_path / "packed"))
    assert f"expected {30 * 784 + 16} bytes once unpacked, found " in message


def test_an_altered_file_is_refused_with_both_checksums(published: Published) -> None:
    path = published.folder / NAMES[2]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    message = refusal(lambda: full_digits(published.folder, train=False))
    assert str(path) in message
    assert f"expected sha256 {sha256(published.content[NAMES[2]])}, found {sha256(content)}" in message


def test_an_altered_packed_file_is_refused_by_what_it_unpacks_to(published: Published, tmp_path: Path) -> None:
    published.write(tmp_path, ".gz")
    other = bytes(len(published.content[NAMES[0]]))
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(gzip.compress(other))
    assert f"once unpacked, found {sha256(other)}" in refusal(lambda: full_digits(tmp_path))


def test_a_file_that_only_claims_to_be_packed_is_refused(published: Published, tmp_path: Path) -> None:
    published.write(tmp_path, ".gz")
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(b"<html>404</html>")
    assert f"{NAMES[0]}.gz is no sound .gz file" in refusal(lambda: full_digits(tmp_path))


def test_an_unknown_data_set_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path, dataset="cifar-10"))
    assert "'cifar-10' here; it must be one of: mnist, fashion-mnist, kmnist." in message


# ---- Fashion-MNIST and KMNIST --------------------------------------------------------------------------------------


@pytest.fixture(params=["fashion-mnist", "kmnist"])
def other(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(tmp_path / request.param, monkeypatch, request.param)


@pytest.mark.parametrize("inside", [".", "torchvision's", "raw"])
def test_other_sets_are_read_from_the_folder_or_from_torchvision_s(other: Published, tmp_path: Path, inside: str) -> None:
    raw = {"fashion-mnist": "FashionMNIST/raw", "kmnist": "KMNIST/raw"}[other.dataset]
    other.write(tmp_path / "mine" / (raw if inside == "torchvision's" else inside), ".gz")
    training = full_digits(tmp_path / "mine", dataset=other.dataset)
    test = full_digits(tmp_path / "mine", dataset=other.dataset, train=False)
    assert (len(training), training.name, training.source) == (30, f"{other.dataset}-train", "directory")
    assert (len(test), test.name) == (20, f"{other.dataset}-test")
    assert training.labels.tolist() == [i % 10 for i in range(30)]


def test_the_sums_on_record_are_those_of_what_is_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fashion = Published(tmp_path / "fashion", monkeypatch, "fashion-mnist")
    assert full_digits(fashion.folder, dataset="fashion-mnist").sha256 == {n: sha256(fashion.content[n]) for n in NAMES[:2]}
    kmnist = Published(tmp_path / "kmnist", monkeypatch, "kmnist")
    expected = {f"{name}.gz": sha256(kmnist.packed[name]) for name in NAMES[:2]}
    assert full_digits(kmnist.folder, dataset="kmnist").sha256 == expected


def test_a_set_in_its_own_folder_is_found_beside_another(published: Published, other: Published) -> None:
    other.write(datasets.CATALOGUE[other.dataset].raw(published.folder), ".gz")
    assert full_digits(published.folder, dataset=other.dataset).name == f"{other.dataset}-train"
    assert full_digits(published.folder).name == "mnist-train"


def test_fashion_mnist_packed_anew_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(tmp_path / "published", monkeypatch, "fashion-mnist")
    for name in NAMES[:2]:
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(published.content[name], 1, mtime=7))
    assert len(full_digits(tmp_path, dataset="fashion-mnist")) == 30


def test_kmnist_packed_anew_is_refused_with_both_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(tmp_path, monkeypatch, "kmnist")
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(gzip.compress(published.content[NAMES[0]], 1, mtime=7))
    message = refusal(lambda: full_digits(tmp_path, dataset="kmnist"))
    assert f"expected md5 {datasets.CATALOGUE['kmnist'].train.images.md5}, found " in message
    assert "once unpacked" not in message


def test_unpacked_kmnist_beside_its_packed_files_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(tmp_path, monkeypatch, "kmnist")
    published.write(tmp_path)
    assert len(full_digits(tmp_path, dataset="kmnist")) == 30


def test_unpacked_kmnist_alone_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Published(tmp_path / "published", monkeypatch, "kmnist").write(tmp_path / "mine")
    message = refusal(lambda: full_digits(tmp_path / "mine", dataset="kmnist"))
    assert f"looked for {NAMES[0]}.gz and {NAMES[1]}.gz, in " in message
    assert "The unpacked files cannot be checked" in message


def test_what_is_not_there_at_all_is_told_without_unpacked_files(tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path, dataset="kmnist"))
    assert f"{tmp_path} does not hold KMNIST" in message
    assert "unpacked" not in message
    assert str(tmp_path / "KMNIST" / "raw") in message


def test_one_set_is_never_read_as_another(other: Published, tmp_path: Path) -> None:
    other.write(tmp_path / "mine", ".gz")
    assert "another file" in refusal(lambda: full_digits(tmp_path / "mine"))


@pytest.mark.parametrize("dataset", ["fashion-mnist", "kmnist"])
def test_a_missing_folder_is_told_with_the_set_s_own_files(dataset: str, tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path / "none", dataset=dataset))
    assert f"{datasets.CATALOGUE[dataset].torchvision}/raw" in message
    assert ("(plain or .gz)" in message) == (dataset == "fashion-mnist")


# ---- the pins ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", datasets.CATALOGUE.values(), ids=datasets.CATALOGUE)
def test_every_file_has_a_digest_and_every_set_a_licence_and_a_citation(files: datasets.Files) -> None:
    for file in files.every:
        assert (len(file.sha256), len(file.md5)) in [(64, 0), (0, 32)]
    assert len({file.sha256 or file.md5 for file in files.every}) == 4
    assert files.licence and files.citation


def test_the_digests_of_kmnist_are_torchvision_s() -> None:
    theirs = pytest.importorskip("torchvision.datasets").KMNIST.resources
    assert [(file.name, file.md5) for file in datasets.KMNIST.every] == theirs


@pytest.mark.parametrize("files", datasets.CATALOGUE.values(), ids=datasets.CATALOGUE)
def test_torchvision_has_the_set_and_keeps_it_in_this_folder(files: datasets.Files, tmp_path: Path) -> None:
    theirs = getattr(pytest.importorskip("torchvision.datasets"), files.torchvision)
    stand_in = theirs.__new__(theirs)
    stand_in.root = str(tmp_path)
    assert Path(stand_in.raw_folder) == files.raw(tmp_path)
    assert [name.removesuffix(".gz") for name, _ in theirs.resources] == NAMES


@pytest.mark.skipif(not FASHION.is_dir(), reason=f"no Fashion-MNIST: {FASHION} does not exist")
def test_fashion_mnist_itself_is_read() -> None:
    training, test = (full_digits(FASHION, dataset="fashion-mnist", train=train) for train in (True, False))
    assert (len(training), len(test)) == (60000, 10000)
    assert np.array_equal(np.bincount(training.labels), [6000] * 10)
    assert training.labels[:5].tolist() == [9, 0, 0, 3, 0]  # an ankle boot, two T-shirts, a dress, a T-shirt
