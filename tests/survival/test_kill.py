"""SIGKILL at random moments, and the same command again: nothing stored is lost, and the record is the same in the end."""

import json
import random
import signal
import time

import pytest

from tests.survival.projects import BLOCKS, Nursery, Project, check_store

KILLS = 25
THREADS = 2


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("killed") / "project", steps=300_000)


@pytest.fixture(scope="module")
def nursery(project):
    nursery = Nursery(project)
    yield nursery
    nursery.close()


def test_a_session_killed_at_25_random_moments_gives_the_record_of_one_left_alone(project, nursery):
    nursery.session()  # what is imported late is cached on the disk
    project.forget()
    start = time.perf_counter()
    assert nursery.session() == 0, (project.folder / "said.txt").read_text()
    longest = time.perf_counter() - start
    alone, whole = project.record(), len(project.blocks())
    assert whole == project.claims * BLOCKS
    project.forget()
    moments = random.Random(6)
    kills = halfway = rounds = 0
    while kills < KILLS:
        before = project.blocks()
        code = nursery.session(moments.uniform(0.1, 0.7) * longest)
        after = project.blocks()
        assert all(after[name] == content for name, content in before.items())
        check_store(project.store)
        check_record(project)
        if code == -signal.SIGKILL:
            kills, halfway = kills + 1, halfway + (0 < len(after) < whole)
        else:
            rounds += 1
            check_end(project, code, alone)
    check_end(project, nursery.session(), alone)
    # How many kills find the store half filled hangs on the machine's load; one at least must, or the test has tried little.
    assert halfway >= 1, (halfway, rounds, longest)


def check_record(project):
    """Check that the record is whole where there is one."""
    record = project.folder / "reports" / "out" / "evidence.json"
    assert not record.exists() or json.loads(record.read_text())["schema"]


def check_end(project, code, alone):
    """Check the record and what was trained on the way to it, and begin anew."""
    assert code == 0, (project.folder / "said.txt").read_text()
    assert project.record() == alone
    assert len(set(project.trained())) == project.claims * BLOCKS
    project.forget()


def test_what_was_stored_before_a_kill_is_not_trained_again(project, nursery):
    project.forget()
    for place in range(20):
        if nursery.session(0.2 + 0.05 * place) == -signal.SIGKILL and 0 < len(project.blocks()) < project.claims * BLOCKS:
            break
        project.forget()
    stored, before = len(project.blocks()), len(project.trained())
    assert 0 <= before - stored <= THREADS
    assert nursery.session() == 0
    assert len(project.trained()) - before == project.claims * BLOCKS - stored
