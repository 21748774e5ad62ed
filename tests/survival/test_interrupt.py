"""Ctrl-C in the middle of a training: it stops soon, and record and page say what is missing."""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from tests.survival.projects import BLOCKS, Project, check_store
from training.machine import Machine
from training.store import Store
from training.trainer import Trainer

SOON = 5.0
"""Seconds, on a busy machine, page included; without other work it is below two."""


def waited_for(what, seconds=60):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_ctrl_c_in_a_training_gives_a_page_that_says_what_is_missing(tmp_path):
    project = Project(tmp_path / "project", 2, page=True, before="import time; self.steps % 2 and time.sleep(0.5)")
    process = project.start("-q")
    waited_for(lambda: list(project.store.glob("judgements/*")))
    time.sleep(0.5)  # until its report is gathered; then the second claim trains, which is slow
    os.kill(process.pid, signal.SIGINT)
    start = time.monotonic()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, said
    assert time.monotonic() - start < 2 * SOON
    record = project.record()
    assert [claim["id"] for claim in record["claims"]] == ["a"] and not record["run"]["complete"]
    assert [claim["id"] for claim in record["not_run"]] == ["b"]
    page = (project.folder / "reports" / "out" / "index.html").read_text()
    assert "not run" in page.lower() and said.splitlines()[-1].endswith("index.html")
    check_store(project.store)


def test_after_ctrl_c_the_same_command_goes_on(tmp_path):
    project = Project(tmp_path / "project", 1, before="import time; time.sleep(0.1)")
    process = project.start()
    waited_for(lambda: len(project.blocks()) > 1)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    stored = len(project.blocks())
    assert 1 < stored < BLOCKS and project.run()[0] == 0
    assert len(project.trained()) == BLOCKS and json.dumps(project.record())


@dataclass(frozen=True)
class Endless:
    """An arm that tells its progress in small steps, as networks do, for much longer than anyone waits."""

    code: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()
    arm: ClassVar[str] = "endless"

    def block(self, device):
        return 1

    def train(self, seeds, machine, progress):
        for step in range(6000):
            time.sleep(0.01)
            progress(step / 6000)
        return {"error": np.zeros((1, 1))}


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_that_tell_their_progress_stop_at_once(tmp_path, threads):
    def interrupt(share, seconds):
        raise KeyboardInterrupt

    start, before = time.monotonic(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Trainer(Store(tmp_path), Machine(threads=threads), report=interrupt)(Endless(), seeds=range(4))
    assert time.monotonic() - start < SOON and threading.active_count() == before
    assert not list(tmp_path.glob("*.npz")) and not list(tmp_path.glob("*.part"))
    check_store(tmp_path)


def test_an_error_lets_what_has_begun_finish(tmp_path):
    done = []

    @dataclass(frozen=True)
    class Short(Endless):
        def train(self, seeds, machine, progress):
            if seeds == (0,):
                raise ValueError("seed 0 broke")
            for step in range(20):
                time.sleep(0.01)
                progress(step / 20)
            done.append(seeds)
            return {"error": np.zeros((1, 1))}

    with pytest.raises(ValueError, match="seed 0 broke"):
        Trainer(Store(tmp_path), Machine(threads=2))(Short(), seeds=range(2))
    assert done == [(1,)]
