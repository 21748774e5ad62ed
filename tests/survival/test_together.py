"""Sessions and workers side by side: each block is trained once, the record is the same, and a lost worker loses no block."""

import pytest

from tests.survival.projects import BLOCKS, Project, check_store

BY_WORKERS = ("workers", "threads", "command")
"""What a record says of its workers."""


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project", 2, steps=1000)


@pytest.mark.parametrize("workers", ["2", "auto"])
def test_workers_give_the_record_of_one_process_but_for_times_and_workers(project, workers):
    assert project.run()[0] == 0
    serial, trained = project.record(*BY_WORKERS), project.trained()
    project.forget()
    code, said = project.run("-n", workers)
    assert code == 0, said
    assert project.record(*BY_WORKERS) == serial and sorted(project.trained()) == sorted(trained)
    check_store(project.store)


def test_two_sessions_on_one_store_both_end_right_and_train_each_block_once(project, tmp_path):
    pages = [f"--claims-report={tmp_path / name}" for name in ("first", "second")]
    both = [project.start(page) for page in pages]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(project.trained()) == len(set(project.trained())) == len(project.blocks()) == 2 * BLOCKS
    check_store(project.store)


def test_a_worker_killed_by_the_kernel_loses_no_block_and_the_next_session_goes_on(tmp_path):
    once = "import pathlib, signal; flag = pathlib.Path('killed'); self.steps % 2 and seeds[0] == 5006 and not flag.exists() and "
    once += "(flag.touch(), os.kill(os.getpid(), signal.SIGKILL))"
    project = Project(tmp_path / "project", 2, steps=1000, before=once)
    code, said = project.run("-n", "2")
    assert code == pytest.ExitCode.TESTS_FAILED and "crashed while running 'claims/test_1.py::test_b'" in said
    assert [claim["id"] for claim in project.record()["not_run"]] == ["b"]
    check_store(project.store)
    stored = project.blocks()
    assert len(stored) >= BLOCKS
    assert project.run("-n", "2")[0] == 0
    assert all(project.blocks()[name] == content for name, content in stored.items())
    assert len(project.blocks()) == 2 * BLOCKS and project.record()["not_run"] == []
