"""The whole suite at smoke budget, killed 25 times and resumed; it takes a quarter of an hour: pytest -m endurance tests."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from tests.survival.projects import ROOT, TIMES, check_store, without

KILLS = 25
LEAST, SHARE = 3.0, 0.12
"""A session is killed after so many seconds at least, since it starts to train after two or three, and after this share of what
the whole takes at most: half a minute of four, where some blocks take twenty seconds."""
LEAST_HALFWAY = 6
"""So many of the killed sessions must have stored a block, or the test has tried little."""


class Suite:
    """Sessions of the suite with a store of their own."""

    def __init__(self, folder):
        self.folder, self.store = folder, folder / "store"
        options = [f"--claims-store={self.store}", f"--claims-report={folder / 'report'}", "-p", "no:cacheprovider"]
        self.command = [sys.executable, "-m", "pytest", "claims", "-q", "--claims-budget=smoke", *options]

    def start(self):
        output = (self.folder / "said.txt").open("w")
        return subprocess.Popen(self.command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)

    def blocks(self):
        """The blocks there are: each with its inode, which another writing would change."""
        return {path.name: path.stat().st_ino for path in self.store.glob("*.npz")}

    def record(self):
        found = json.loads((self.folder / "report" / "evidence.json").read_text())
        found["run"].pop("command")
        for claim in found["claims"]:
            claim.pop("command")
        return without(found, TIMES)


def test_the_suite_killed_at_25_random_moments_gives_the_record_of_one_left_alone(tmp_path_factory):
    killed, alone = Suite(tmp_path_factory.mktemp("killed")), Suite(tmp_path_factory.mktemp("alone"))
    start = time.perf_counter()
    assert alone.start().wait() == 0, (alone.folder / "said.txt").read_text()
    most = LEAST + SHARE * (time.perf_counter() - start)
    print(f"left alone: {len(alone.blocks())} blocks; killed after {LEAST:.0f} to {most:.0f} s")
    moments = random.Random(25)
    kills = halfway = 0
    while kills < KILLS:
        before = killed.blocks()
        if died(killed, moments.uniform(LEAST, most)):
            kills += 1
            halfway += len(killed.blocks()) > len(before)
            check_blocks(killed, before)
        else:
            check_end(killed, alone, before)
            shutil.rmtree(killed.store)
    print(f"{kills} kills, {halfway} of them after a block was stored; {len(killed.blocks())} blocks")
    assert halfway >= LEAST_HALFWAY
    before = killed.blocks()
    assert not died(killed)
    check_end(killed, alone, before)


def died(suite, after=None):
    """Run a session, killed after so many seconds if it still runs; tell whether it was. It must end well if not."""
    session = suite.start()
    try:
        assert session.wait(after) == 0, (suite.folder / "said.txt").read_text()
        return False
    except subprocess.TimeoutExpired:
        os.killpg(session.pid, signal.SIGKILL)
        session.wait()
        return True


def check_blocks(suite, before):
    """Check that no block was lost, written again or left half written, and that all locks are free."""
    after = suite.blocks()
    assert {name: after.get(name) for name in before} == before
    check_store(suite.store)


def check_end(suite, alone, before):
    """Check that a session that was left to its end has the record of one that was never killed."""
    check_blocks(suite, before)
    assert suite.blocks().keys() == alone.blocks().keys()
    assert suite.record() == alone.record()
