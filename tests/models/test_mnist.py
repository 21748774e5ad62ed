"""The embedded digits are the MNIST digits they are said to be, and nothing else is ever read as MNIST.

Tests against the original files look for them in the folder named by DEPTH_ON_TRIAL_MNIST, or else in
``../shared/mnist`` beside the repository, and are skipped where neither is. No test needs a network.
"""

import bz2
import doctest
import functools
import gzip
import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from numpy.typing import NDArray

from models import mnist
from models.data import make_subset
from models.mnist import DataError, Digits, embedded_digits, full_digits, read_idx

ROOT = Path(__file__).parents[2]
DATA = ROOT / "models" / "data"
ORIGINALS = Path(os.environ.get("DEPTH_ON_TRIAL_MNIST") or ROOT.parent / "shared" / "mnist")
NAMES = [file.name for file in (*mnist.TRAIN, *mnist.TEST)]

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


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    message = str(caught.value)
    assert message.endswith((".", ").")), f"no full sentence: {message}"
    return message


def sha256(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()


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
    for file in (*mnist.EMBEDDED, *mnist.TRAIN):
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


# ---- the script --------------------------------------------------------------------------------------------------


def test_the_script_refuses_a_wrong_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0" * mnist.TRAIN.images.size)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0" * mnist.TRAIN.labels.size)
    with pytest.raises(SystemExit) as exit_:
        make_subset.main(["--source", str(tmp_path), "--target", str(tmp_path / "out")])
    error = capsys.readouterr().err
    assert exit_.value.code == 2
    assert mnist.TRAIN.images.sha256 in error
    assert sha256(b"\0" * mnist.TRAIN.images.size) in error
    assert not (tmp_path / "out").exists()


def test_the_script_runs_from_the_root_and_asks_for_a_source() -> None:
    command = [sys.executable, "-m", "models.data.make_subset"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--source" in done.stderr


def test_the_script_says_when_it_made_other_files(
    published: "Published", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_subset.main(["--source", str(published.folder), "--target", str(tmp_path / "out")]) == 1
    assert "not those that models/mnist.py expects" in capsys.readouterr().err


def test_choosing_takes_the_first_of_each_class_in_turn() -> None:
    labels = np.array([1, 1, 0, 1, 0, 0], dtype=np.uint8)
    images = np.arange(6 * 784, dtype=np.uint8).reshape(6, 28, 28)
    chosen = make_subset.choose(images, labels, per_class=2)
    assert set(chosen[:2]) == {0, 2}
    assert set(chosen[2:]) == {1, 4}


# ---- a stand-in for the published files --------------------------------------------------------------------------


class Published:
    """Four small files, pinned in place of the published ones, in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.content = dict(zip(NAMES, (*self._pair(30, 1), *self._pair(20, 2)), strict=True))
        files = [mnist._File(name, len(content), sha256(content)) for name, content in self.content.items()]
        monkeypatch.setattr(mnist, "TRAIN", mnist._Pair(*files[:2]))
        monkeypatch.setattr(mnist, "TEST", mnist._Pair(*files[2:]))
        self.write(folder)

    @staticmethod
    def _pair(n: int, seed: int) -> tuple[bytes, bytes]:
        rng = np.random.default_rng(seed)
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        return make_subset.idx_bytes(images), make_subset.idx_bytes(np.arange(n, dtype=np.uint8) % 10)

    def write(self, folder: Path, suffix: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.content.items():
            packed = gzip.compress(content) if suffix == ".gz" else content
            (folder / f"{name}{suffix}").write_bytes(packed)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(tmp_path / "published", monkeypatch)


# ---- reading a folder --------------------------------------------------------------------------------------------


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


@needs_originals
def test_another_data_set_in_the_same_form_is_refused(tmp_path: Path) -> None:
    for theirs, name in zip(mnist.TEST, mnist.TRAIN, strict=True):
        shutil.copy(ORIGINALS / "MNIST" / "raw" / theirs.name, tmp_path / name.name)
    assert "expected 47040016 bytes, found 7840016" in refusal(lambda: full_digits(tmp_path))


def test_an_unknown_data_set_is_refused_with_the_known_one(tmp_path: Path) -> None:
    message = refusal(lambda: full_digits(tmp_path, dataset="fashion-mnist"))
    assert "'fashion-mnist'" in message
    assert "'mnist'" in message


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
def test_a_missing_embedded_file_is_refused(copy: Path, file: mnist._File) -> None:
    (copy / file.name).unlink()
    message = refusal(embedded_digits)
    assert f"{copy / file.name} is missing" in message
    assert "git checkout" in message


@pytest.mark.parametrize("file", mnist.EMBEDDED, ids=lambda file: file.name)
def test_a_truncated_embedded_file_is_refused(copy: Path, file: mnist._File) -> None:
    os.truncate(copy / file.name, 4000)
    assert f"expected {file.size} bytes, found 4000" in refusal(embedded_digits)


@pytest.mark.parametrize("file", mnist.EMBEDDED, ids=lambda file: file.name)
@pytest.mark.parametrize("place", [0, 2000, -1])
def test_one_flipped_bit_is_refused(copy: Path, file: mnist._File, place: int) -> None:
    content = bytearray((copy / file.name).read_bytes())
    content[place] ^= 1
    (copy / file.name).write_bytes(content)
    assert f"expected sha256 {file.sha256}, found {sha256(content)}" in refusal(embedded_digits)


# ---- IDX ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0,), (1,), (17,), (3, 5), (2, 28, 28), (0, 28, 28)])
@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
def test_idx_files_round_trip(tmp_path: Path, shape: tuple[int, ...], suffix: str) -> None:
    array = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    content = make_subset.idx_bytes(array)
    path = tmp_path / f"array{suffix}"
    path.write_bytes({"": content, ".gz": gzip.compress(content), ".bz2": bz2.compress(content)}[suffix])
    assert np.array_equal(read_idx(path), array)
    assert read_idx(path).shape == shape
    assert read_idx(path).flags.writeable


HEAD = "expected it to start with 00 00 08"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", f"{HEAD} and 01, 02 or 03 for the number of dimensions, found nothing"),
        (b"\0\0", HEAD),
        (b"PK\3\4 and more", "found 50 4b 03 04"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", "found 00 00 0d 01"),  # floats
        (b"\0\0\x08\0", "found 00 00 08 00"),  # no dimensions
        (b"\0\0\x08\xff", "found 00 00 08 ff"),
        (b"\0\0\x08\3\0\0\0\1", "expected 16, found 8 bytes"),  # the header itself is cut
        (b"\0\0\x08\1\0\0\0\5abcd", "expected 13, found 12 bytes"),
        (b"\0\0\x08\1\0\0\0\5abcdef", "expected 13, found 14 bytes"),
        (b"\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", f"expected {(2**32 - 1) ** 3 + 16}, found 16"),
    ],
)
def test_malformed_idx_files_are_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    message = refusal(lambda: read_idx(path))
    assert str(path) in message
    assert complaint in message


@pytest.mark.parametrize("suffix", [".gz", ".bz2"])
def test_unsound_packing_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"labels{suffix}"
    path.write_bytes(b"no packing at all")
    assert f"no sound {suffix} file" in refusal(lambda: read_idx(path))


def test_a_missing_idx_file_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none'} does not exist" in refusal(lambda: read_idx(tmp_path / "none"))


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


# ---- downloading, without a network ------------------------------------------------------------------------------


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.SimpleNamespace]:
    """Put a stand-in for torchvision in place, whose MNIST does what the test gives it to do."""
    package, datasets = types.ModuleType("torchvision"), types.ModuleType("torchvision.datasets")
    stand_in = types.SimpleNamespace(roots=[], act=lambda root: None)

    def download(*, root: str, download: bool) -> None:
        assert download
        stand_in.roots.append(Path(root))
        stand_in.act(Path(root))

    datasets.MNIST = download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", package)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)
    yield stand_in


def test_a_download_is_kept_and_reused(published: Published, torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    torchvision.act = lambda root: published.write(root / "MNIST" / "raw")
    first = full_digits(cache=tmp_path / "cache")
    second = full_digits(cache=tmp_path / "cache", train=False)
    assert (len(first), len(second)) == (30, 20)
    assert first.source == second.source == "torchvision"
    assert len(torchvision.roots) == 1
    assert sorted(path.name for path in (tmp_path / "cache" / "MNIST" / "raw").iterdir()) == sorted(NAMES)


def test_readers_at_the_same_time_download_once(published: Published, torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    def slowly(root: Path) -> None:
        time.sleep(0.1)
        published.write(root / "MNIST" / "raw")

    torchvision.act = slowly
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: full_digits(cache=tmp_path), range(4)))
    assert [len(digits) for digits in read] == [30] * 4
    assert len(torchvision.roots) == 1


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the stand-in files, packed, from this machine, and give the address."""
    published.write(tmp_path / "mirror", ".gz")
    monkeypatch.setenv("no_proxy", "*")
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "mirror"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_torchvision_itself_downloads_them(mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = pytest.importorskip("torchvision.datasets").MNIST
    packed = [tmp_path / "mirror" / f"{name}.gz" for name in NAMES]
    sums = [(path.name, hashlib.md5(path.read_bytes()).hexdigest()) for path in packed]
    monkeypatch.setattr(theirs, "mirrors", [mirror])
    monkeypatch.setattr(theirs, "resources", sums)
    assert len(full_digits(cache=tmp_path / "cache")) == 30

    packed[0].write_bytes(b"an error page")
    message = refusal(lambda: full_digits(cache=tmp_path / "another cache"))
    assert f"Error downloading {packed[0].name}: Tried {mirror}, got: File not found or corrupted" in message


def test_a_full_cache_needs_no_torchvision(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published.write(tmp_path / "MNIST" / "raw")
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    assert len(full_digits(cache=tmp_path)) == 30


def test_a_folder_needs_no_torchvision(published: Published, torchvision: types.SimpleNamespace) -> None:
    assert full_digits(published.folder).source == "directory"
    assert torchvision.roots == []


def test_missing_torchvision_is_refused_with_both_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    message = refusal(lambda: full_digits(cache=tmp_path))
    assert "torchvision" in message
    assert "pip install torchvision" in message
    assert "--claims-data DIR" in message


NO_NETWORK = "Error downloading train-images-idx3-ubyte.gz:\nTried https://mirror/, got:\n<urlopen error timed out>\n"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError(NO_NETWORK), "Tried https://mirror/, got: <urlopen error timed out>"),
        (URLError("Name or service not known"), "Name or service not known"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (EOFError(), "EOFError"),
    ],
)
def test_a_failed_download_is_refused_with_reason_and_way_out(
    torchvision: types.SimpleNamespace, tmp_path: Path, error: Exception, reason: str
) -> None:
    def fail(root: Path) -> None:
        (root / "half a file").write_bytes(b"half")
        raise error

    torchvision.act = fail
    message = refusal(lambda: full_digits(cache=tmp_path / "cache"))
    assert all(part in message for part in (str(tmp_path / "cache"), reason, "no network", "--claims-data DIR"))
    assert not torchvision.roots[0].exists(), "half a download was left behind"


def test_a_download_that_leaves_files_out_is_refused(torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    assert "could not be downloaded" in refusal(lambda: full_digits(cache=tmp_path))


def test_a_download_of_other_files_is_refused(published: Published, torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    published.content[NAMES[0]] = bytes(len(published.content[NAMES[0]]))
    torchvision.act = lambda root: published.write(root / "MNIST" / "raw")
    message = refusal(lambda: full_digits(cache=tmp_path))
    assert mnist.TRAIN.images.sha256 in message
    assert "Delete it to have it downloaded again" in message


def test_a_cache_that_cannot_be_made_is_named(torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert str(tmp_path / "file" / "cache") in refusal(lambda: full_digits(cache=tmp_path / "file" / "cache"))


def test_the_default_cache_follows_the_desktop_convention(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert mnist.default_cache() == tmp_path / "depth-on-trial"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert mnist.default_cache() == Path.home() / ".cache" / "depth-on-trial"


# ---- the module itself -------------------------------------------------------------------------------------------


def test_importing_and_reading_brings_in_no_torch() -> None:
    program = (
        "import sys; from models import mnist; mnist.embedded_digits(); "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'torchvision', 'scipy', 'filelock'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", [mnist, make_subset], ids=lambda module: module.__name__)
def test_examples_in_the_docstrings_are_true(module: types.ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0
