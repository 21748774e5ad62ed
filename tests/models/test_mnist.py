"""The embedded digits are the MNIST digits they are said to be, and nothing else is ever read as MNIST.

Tests against the original files look for them in the folder named by DEPTH_ON_TRIAL_MNIST, or else in
``../shared/mnist`` beside the repository, and are skipped where neither is. No test needs a network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models import mnist
from models.data import make_subset
from models.datasets import MNIST, File
from models.mnist import Digits, embedded_digits, full_digits, reduced_digits
from tests.models.published import Published, refusal, sha256

ROOT = Path(__file__).parents[2]
DATA = ROOT / "models" / "data"
ORIGINALS = Path(os.environ.get("DEPTH_ON_TRIAL_MNIST") or ROOT.parent / "shared" / "mnist")

needs_originals = pytest.mark.skipif(
    "DEPTH_ON_TRIAL_MNIST" not in os.environ and not ORIGINALS.is_dir(),
    reason=f"no original MNIST files: DEPTH_ON_TRIAL_MNIST is not set and {ORIGINALS} does not exist",
)


@pytest.fixture(scope="module")
def digits() -> Digits:
    return embedded_digits()


@pytest.fixture(scope="module")
def original() -> Digits:
    return full_digits(ORIGINALS)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(tmp_path / "published", monkeypatch)


def counts(labels: NDArray[np.uint8]) -> list[int]:
    return [int(n) for n in np.bincount(labels, minlength=10)]


# ---- the embedded digits are what they are said to be ------------------------------------------------------------


def test_there_are_1200_digits_of_each_class(digits: Digits) -> None:
    assert digits.images.shape == (12000, 28, 28)
    assert digits.labels.shape == (12000,)
    assert digits.images.dtype == digits.labels.dtype == np.uint8
    assert counts(digits.labels) == [1200] * 10


def test_held_out_and_training_parts_are_balanced(digits: Digits) -> None:
    training, validation = digits.split(1000)
    assert counts(validation.labels) == [100] * 10
    assert counts(training.labels) == [1100] * 10


def test_every_ten_in_a_row_hold_each_class_once(digits: Digits) -> None:
    assert np.array_equal(np.sort(digits.labels.reshape(-1, 10), axis=1), np.tile(np.arange(10), (1200, 1)))


@pytest.mark.parametrize("n", [1, 7, 64, 999, 2000, 4321, 11999])
def test_prefixes_are_balanced_to_within_one(digits: Digits, n: int) -> None:
    assert np.ptp(counts(digits.head(n).labels)) <= 1


@pytest.mark.parametrize("phase", range(10))
def test_classes_do_not_repeat_with_a_period_of_ten(digits: Digits, phase: int) -> None:
    assert min(counts(digits.labels[phase::10])) > 80  # 120 expected, standard deviation 10.4


def test_images_are_drawings_and_no_two_are_equal(digits: Digits) -> None:
    assert digits.images.min() == 0
    assert digits.images.max() == 255
    assert 30 < digits.images.mean() < 37  # MNIST's training mean is 33.3
    assert len({image.tobytes() for image in digits.images}) == 12000


def test_a_zero_is_hollow_and_a_one_is_not(digits: Digits) -> None:
    centre = digits.images[:, 12:16, 12:16].mean(axis=(1, 2))
    assert centre[digits.labels == 0].mean() < 40 < 150 < centre[digits.labels == 1].mean()


def test_files_are_small() -> None:
    assert sum((DATA / file.name).stat().st_size for file in mnist.EMBEDDED) <= 2_500_000


def test_sha256sums_and_the_code_and_the_readme_agree() -> None:
    listed = [line.split("  ") for line in (DATA / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    assert listed == [[file.sha256, file.name] for file in mnist.EMBEDDED]
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for file in (*mnist.EMBEDDED, *MNIST.train):
        assert f"{file.sha256}  {file.name}" in readme
    for file in mnist.EMBEDDED:
        assert f"{file.size:,}" in readme


def test_the_licence_is_named_with_its_address() -> None:
    text = (DATA / "LICENSE-CC-BY-SA-3.0.md").read_text(encoding="utf-8")
    assert "https://creativecommons.org/licenses/by-sa/3.0/legalcode" in text
    assert all(name in text for name in ("LeCun", "Cortes", "Burges"))


def test_provenance_is_told(digits: Digits) -> None:
    assert (digits.name, digits.source) == ("mnist-12000", "embedded")
    assert digits.sha256 == {file.name: sha256((DATA / file.name).read_bytes()) for file in mnist.EMBEDDED}


def test_every_call_gives_arrays_of_its_own(digits: Digits) -> None:
    other = embedded_digits()
    other.images[:] = 0
    assert digits.images.any()


# ---- against the original files ----------------------------------------------------------------------------------


@needs_originals
def test_the_digits_are_the_first_1200_of_each_class_unaltered(digits: Digits, original: Digits) -> None:
    for digit in range(10):
        expected = original.images[original.labels == digit][:1200]
        assert np.array_equal(digits.images[digits.labels == digit], expected)


@needs_originals
def test_the_script_rebuilds_the_files_byte_for_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_subset.main(["--source", str(ORIGINALS), "--target", str(tmp_path)]) == 0
    for name in ("SHA256SUMS", *(file.name for file in mnist.EMBEDDED)):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
    assert capsys.readouterr().out == (DATA / "SHA256SUMS").read_text(encoding="utf-8")


@needs_originals
@pytest.mark.parametrize(("train", "n", "name"), [(True, 60000, "mnist-train"), (False, 10000, "mnist-test")])
def test_all_of_mnist_is_read_from_a_folder(train: bool, n: int, name: str) -> None:
    digits = full_digits(ORIGINALS, train=train)
    assert digits.images.shape == (n, 28, 28)
    assert (len(digits), digits.name, digits.source) == (n, name, "directory")
    assert digits.labels[:3].tolist() == ([5, 0, 4] if train else [7, 2, 1])


@needs_originals
def test_another_data_set_in_the_same_form_is_refused(tmp_path: Path) -> None:
    for theirs, name in zip(MNIST.test, MNIST.train, strict=True):
        shutil.copy(ORIGINALS / "MNIST" / "raw" / theirs.name, tmp_path / name.name)
    assert "expected 47040016 bytes, found 7840016" in refusal(lambda: full_digits(tmp_path))


# ---- the script --------------------------------------------------------------------------------------------------


def test_the_script_refuses_a_wrong_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0" * MNIST.train.images.size)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0" * MNIST.train.labels.size)
    with pytest.raises(SystemExit) as exit_:
        make_subset.main(["--source", str(tmp_path), "--target", str(tmp_path / "out")])
    error = capsys.readouterr().err
    assert exit_.value.code == 2
    assert MNIST.train.images.sha256 in error
    assert sha256(b"\0" * MNIST.train.images.size) in error
    assert not (tmp_path / "out").exists()


def test_the_script_runs_from_the_root_and_asks_for_a_source() -> None:
    command = [sys.executable, "-m", "models.data.make_subset"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--source" in done.stderr


def test_the_script_says_when_it_made_other_files(
    published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_subset.main(["--source", str(published.folder), "--target", str(tmp_path / "out")]) == 1
    assert "not those that models/mnist.py expects" in capsys.readouterr().err


def test_choosing_takes_the_first_of_each_class_in_turn() -> None:
    labels = np.array([1, 1, 0, 1, 0, 0], dtype=np.uint8)
    images = np.arange(6 * 784, dtype=np.uint8).reshape(6, 28, 28)
    chosen = make_subset.choose(images, labels, per_class=2)
    assert set(chosen[:2]) == {0, 2}
    assert set(chosen[2:]) == {1, 4}


# ---- damaged embedded files --------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for file in mnist.EMBEDDED:
        shutil.copy(DATA / file.name, tmp_path)
    monkeypatch.setattr(mnist, "DATA", tmp_path)
    return tmp_path


def test_a_sound_copy_is_read(copy: Path) -> None:
    assert len(embedded_digits()) == 12000


@pytest.mark.parametrize("file", mnist.EMBEDDED, ids=lambda file: file.name)
def test_a_missing_embedded_file_is_refused(copy: Path, file: File) -> None:
    (copy / file.name).unlink()
    message = refusal(embedded_digits)
    assert f"{copy / file.name} is missing" in message
    assert "git checkout" in message


@pytest.mark.parametrize("file", mnist.EMBEDDED, ids=lambda file: file.name)
def test_a_truncated_embedded_file_is_refused(copy: Path, file: File) -> None:
    os.truncate(copy / file.name, 4000)
    assert f"expected {file.size} bytes, found 4000" in refusal(embedded_digits)


@pytest.mark.parametrize("file", mnist.EMBEDDED, ids=lambda file: file.name)
@pytest.mark.parametrize("place", [0, 2000, -1])
def test_one_flipped_bit_is_refused(copy: Path, file: File, place: int) -> None:
    content = bytearray((copy / file.name).read_bytes())
    content[place] ^= 1
    (copy / file.name).write_bytes(content)
    assert f"expected sha256 {file.sha256}, found {sha256(content)}" in refusal(embedded_digits)


# ---- fewer digits ------------------------------------------------------------------------------------------------


def test_the_reduced_digits_of_mnist_are_the_embedded_ones(digits: Digits, tmp_path: Path) -> None:
    reduced = reduced_digits(tmp_path / "no such folder")
    assert np.array_equal(reduced.images, digits.images)
    assert (reduced.name, reduced.source) == ("mnist-12000", "embedded")


@pytest.mark.parametrize("dataset", ["fashion-mnist", "kmnist"])
def test_those_of_another_set_are_its_first(dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(tmp_path, monkeypatch, dataset)
    monkeypatch.setattr(mnist, "REDUCED", 12)
    whole, reduced = full_digits(published.folder, dataset=dataset), reduced_digits(published.folder, dataset=dataset)
    assert (len(whole), len(reduced)) == (30, 12)
    assert np.array_equal(reduced.images, whole.images[:12])
    assert (reduced.name, reduced.sha256) == (f"{dataset}-train", whole.sha256)


def test_there_are_as_many_as_are_embedded(digits: Digits) -> None:
    assert len(digits) == mnist.REDUCED


# ---- Digits ------------------------------------------------------------------------------------------------------


def make(n: int) -> Digits:
    images = (np.arange(n * 784) % 256).astype(np.uint8).reshape(n, 28, 28)
    return Digits(images, np.arange(n, dtype=np.uint8) % 10, "mnist-test", "directory", {"file": "sum"})


def test_pixels_are_scaled_as_in_the_tutorial() -> None:
    pixels = make(1).pixels()
    assert pixels.dtype == np.float32
    assert pixels.shape == (1, 28, 28)
    exact = (np.arange(256) - 127.5) / 255
    assert np.abs(pixels.ravel()[:256] - exact).max() <= 2**-25  # half a float32 unit at 0.5
    assert pixels.ravel()[[0, 255]].tolist() == [-0.5, 0.5]


def test_pixels_leave_the_images_alone() -> None:
    digits = make(2)
    digits.pixels()[:] = 9
    assert np.array_equal(digits.images, make(2).images)


def test_head_keeps_the_first_and_the_provenance() -> None:
    head = make(30).head(12)
    assert np.array_equal(head.images, make(30).images[:12])
    assert head.labels.tolist() == [*range(10), 0, 1]
    assert (head.name, head.source, head.sha256) == ("mnist-test", "directory", {"file": "sum"})


def test_split_holds_out_the_first() -> None:
    training, validation = make(30).split(10)
    assert np.array_equal(validation.images, make(30).images[:10])
    assert np.array_equal(training.images, make(30).images[10:])
    assert np.array_equal(training.labels, make(30).labels[10:])


@pytest.mark.parametrize("n", [-1, 0, 31])
def test_an_impossible_head_is_refused(n: int) -> None:
    assert f"has 30 digits here, so its head can have 1 to 30, not {n}" in refusal(lambda: make(30).head(n))


@pytest.mark.parametrize("n", [-1, 0, 30])
def test_an_impossible_split_is_refused(n: int) -> None:
    assert f"has 30 digits here, so 1 to 29 can be held out, not {n}" in refusal(lambda: make(30).split(n))


def test_digits_cannot_be_reassigned() -> None:
    with pytest.raises(AttributeError):
        make(1).name = "other"  # type: ignore[misc]


def test_arrays_that_are_no_digits_are_refused() -> None:
    images, labels = make(3).images, make(3).labels
    short = refusal(lambda: Digits(images, labels[:2], "mnist-test", "directory", {}))
    assert "found (3, 28, 28) and (2,)" in short
    wide = refusal(lambda: Digits(images, labels.astype(np.int64), "mnist-test", "directory", {}))
    assert "found uint8 and int64" in wide


# ---- the module itself -------------------------------------------------------------------------------------------


def test_importing_and_reading_brings_in_no_torch() -> None:
    program = (
        "import sys; from models import mnist; mnist.embedded_digits(); "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'torchvision', 'scipy', 'filelock'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
