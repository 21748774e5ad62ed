"""Downloads through torchvision are kept, shared and whole, and a failure says what to do. No test needs a network."""

import functools
import hashlib
import http.server
import sys
import threading
import time
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from urllib.error import URLError

import pytest

from models import mnist
from models.datasets import CATALOGUE
from models.mnist import full_digits
from tests.models.published import NAMES, Published, refusal


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(tmp_path / "published", monkeypatch)


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.SimpleNamespace]:
    """Put a stand-in for torchvision in place, whose MNIST does what the test gives it to do."""
    package, datasets = types.ModuleType("torchvision"), types.ModuleType("torchvision.datasets")
    stand_in = types.SimpleNamespace(roots=[], act=lambda root: None)

    def download(*, root: str, download: bool) -> None:
        assert download
        stand_in.roots.append(Path(root))
        stand_in.act(Path(root))

    datasets.MNIST = datasets.FashionMNIST = datasets.KMNIST = download  # type: ignore[attr-defined]
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


@pytest.mark.parametrize(("dataset", "folder"), [("fashion-mnist", "FashionMNIST"), ("kmnist", "KMNIST")])
def test_other_sets_are_kept_in_the_same_cache(
    dataset: str, folder: str, torchvision: types.SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Published(tmp_path / "published", monkeypatch, dataset)

    def act(root: Path) -> None:  # torchvision unpacks files and leaves the packed ones beside them
        published.write(root / folder / "raw")
        published.write(root / folder / "raw", ".gz")

    torchvision.act = act
    read = [full_digits(cache=tmp_path / "cache", dataset=dataset) for _ in range(2)]
    assert [(len(digits), digits.name, digits.source) for digits in read] == [(30, f"{dataset}-train", "torchvision")] * 2
    assert len(torchvision.roots) == 1
    kept = sorted(path.name for path in (tmp_path / "cache" / folder / "raw").iterdir())
    assert kept == sorted(f"{name}.gz" if dataset == "kmnist" else name for name in NAMES)


@pytest.mark.parametrize(("dataset", "title"), [("fashion-mnist", "Fashion-MNIST"), ("kmnist", "KMNIST")])
def test_without_a_network_the_set_and_the_option_are_named(
    dataset: str, title: str, torchvision: types.SimpleNamespace, tmp_path: Path
) -> None:
    def fail(root: Path) -> None:
        raise URLError("Name or service not known")

    torchvision.act = fail
    message = refusal(lambda: full_digits(cache=tmp_path, dataset=dataset))
    assert message.startswith(f"{title} could not be downloaded to {tmp_path}: ")
    assert "no network" in message and "--claims-data DIR" in message


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
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the folder ``mirror`` from this machine, and give the address."""
    monkeypatch.setenv("no_proxy", "*")
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "mirror"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("dataset", CATALOGUE)
def test_torchvision_itself_downloads_them(dataset: str, mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(tmp_path / "published", monkeypatch, dataset)
    published.write(tmp_path / "mirror", ".gz")
    theirs = getattr(pytest.importorskip("torchvision.datasets"), CATALOGUE[dataset].torchvision)
    packed = [tmp_path / "mirror" / f"{name}.gz" for name in NAMES]
    sums = [(path.name, hashlib.md5(path.read_bytes()).hexdigest()) for path in packed]
    monkeypatch.setattr(theirs, "mirrors", [mirror])
    monkeypatch.setattr(theirs, "resources", sums)
    assert len(full_digits(cache=tmp_path / "cache", dataset=dataset)) == 30

    packed[0].write_bytes(b"an error page")
    message = refusal(lambda: full_digits(cache=tmp_path / "another cache", dataset=dataset))
    which = "" if version("torchvision").startswith("0.19.") else f"Error downloading {packed[0].name}: Tried {mirror}, got: "
    assert f"{which}File not found or corrupted" in message


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
    assert CATALOGUE["mnist"].train.images.sha256 in message
    assert "Delete it to have it downloaded again" in message


def test_a_cache_that_cannot_be_made_is_named(torchvision: types.SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert str(tmp_path / "file" / "cache") in refusal(lambda: full_digits(cache=tmp_path / "file" / "cache"))


def test_the_default_cache_follows_the_desktop_convention(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert mnist.default_cache() == tmp_path / "depth-on-trial"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert mnist.default_cache() == Path.home() / ".cache" / "depth-on-trial"
