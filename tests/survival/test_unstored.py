"""Stores that cannot be written or read: what is trained is judged all the same, with one sentence."""

import json
import os
import time
import warnings

import numpy as np
import pytest

from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from tests.survival.projects import BLOCKS, Project, check_store
from training import Descent
from training.machine import Machine
from training.store import Store
from training.trainer import Trainer
from training.unstored import Unstored

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
SEEDS = range(3)


def trained(folder, arm=ARM):
    return Trainer(Store(folder), Machine())(arm, seeds=SEEDS)


def same(first, second):
    return np.array_equal(first.residual, second.residual)


# ---- what cannot be written -------------------------------------------------------------------------------------


@pytest.fixture
def expected(tmp_path):
    return trained(tmp_path / "sound")


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_in_the_folders_place_is_told_and_the_runs_are_there(tmp_path, expected, below):
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / below if below else tmp_path / "file"
    with pytest.warns(UserWarning, match="could not be stored in .*file.*they are judged, and trained again next time") as told:
        assert same(trained(folder), expected)
    assert len(told) == 1


def test_a_full_disk_is_told_and_the_runs_are_there(tmp_path, expected, monkeypatch):
    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        assert same(trained(tmp_path / "full"), expected)
    assert not list((tmp_path / "full").glob("*.part"))
    check_store(tmp_path / "full")


def test_a_folder_that_is_only_for_reading_is_read(tmp_path, expected, monkeypatch):
    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("training.store.FileLock", refused)
    monkeypatch.setattr(Descent, "train", lambda *arguments: pytest.fail("trained again"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(trained(tmp_path / "sound"), expected)


def test_what_the_training_raises_is_raised_also_where_it_is_an_os_error(tmp_path):
    def broken():
        raise OSError("no digits")

    with pytest.raises(OSError, match="no digits"):
        Unstored(Store(tmp_path)).obtain(ARM, [0], Machine(), broken)


def test_a_training_is_not_run_twice_where_it_cannot_be_stored(tmp_path):
    (tmp_path / "file").write_text("")
    runs = []
    unstored = Unstored(Store(tmp_path / "file"))
    unstored.obtain(ARM, [0], Machine(), lambda: runs.append(1) or {"error": np.ones(1)})
    assert runs == [1] and "'" + str(tmp_path / "file") + "'" in unstored.reason


def test_a_session_whose_files_may_not_grow_is_judged_with_one_sentence(tmp_path):
    project = Project(tmp_path / "project", 2, steps=10)
    assert project.run("-q")[0] == 0
    expected = project.record()
    project.forget()
    # So small that no block fits, while the log of trainings does.
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, -1))"
    project = Project(tmp_path / "limited", 2, steps=10, before=before)
    (project.folder / "claims" / "conftest.py").write_text(
        "import pytest, resource\n\n\n"
        "@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
    )
    code, said = project.run("-q")
    assert code == 0, said
    assert said.count("Trainings could not be stored in") == 1 and "File too large" in said
    assert project.blocks() == {} and not list(project.store.glob("*.part"))
    assert [claim["parts"] for claim in project.record()["claims"]] == [claim["parts"] for claim in expected["claims"]]


@pytest.mark.parametrize("again", ["", "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))"])
def test_a_disk_that_fills_up_before_the_record_loses_no_training_and_is_told(tmp_path, again):
    """With `again` there is room once the first try has failed, as where a temporary folder is on another disk."""
    project = Project(tmp_path / "project", 2, steps=10)
    (project.folder / "claims" / "conftest.py").write_text(
        "import pytest, resource, tempfile\n\nfolder = tempfile.mkdtemp\n\n\n"
        f"def mkdtemp(**options):\n    {again or 'pass'}\n    return folder(dir={str(tmp_path)!r}, **options)\n\n\n"
        "tempfile.mkdtemp = mkdtemp\n\n\n"
        "@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n    resource.setrlimit(resource.RLIMIT_FSIZE, (100, -1))\n"
    )
    code, said = project.run("-q")
    report, blocks = project.folder / "reports" / "out", project.blocks()
    assert code == 0 and "supported" in said, said
    assert not list(report.iterdir()) and len(blocks) == 2 * BLOCKS
    check_store(project.store)
    if again:
        (rescue,) = tmp_path.glob("claims-*")
        assert f"the evidence is in {rescue} instead" in said and json.loads((rescue / "evidence.json").read_text())
    else:
        assert "there is no record of this session but the table above" in said and "File too large" in said
    (project.folder / "claims" / "conftest.py").unlink()
    assert project.run("-q")[0] == 0
    assert project.blocks() == blocks and project.record()["run"]["complete"]


# ---- what is damaged, and clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: whole[:-9] + bytes(9)]
)
def test_damaged_blocks_are_trained_again_and_no_other(tmp_path, expected, damage):
    (block,) = (tmp_path / "sound").glob("*.npz")
    whole = block.read_bytes()
    block.write_bytes(damage(whole))
    assert same(trained(tmp_path / "sound"), expected)
    check_store(tmp_path / "sound")


def test_times_in_the_future_change_nothing(tmp_path, expected, monkeypatch):
    for path in (tmp_path / "sound").iterdir():
        os.utime(path, (time.time() + 10**8,) * 2)
    monkeypatch.setattr(Descent, "train", lambda *arguments: pytest.fail("trained again"))
    assert same(trained(tmp_path / "sound"), expected)
