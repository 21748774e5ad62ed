"""Keeping the store small: what is removed, and what must not be."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from training import Descent, store
from training.__main__ import main
from training.eviction import Removed, evict, prune, size_in_bytes
from training.machine import Machine
from training.reruns import RERUNS, Rerun
from training.store import Store, Uses

ROOT = Path(__file__).parents[2]
ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)


@pytest.fixture
def filled(tmp_path):
    """Return a store of four blocks, last used four, three, two and one hour ago, and their paths in that order."""
    paths = []
    for seed in range(4):
        before = set(tmp_path.glob("*.npz"))
        Store(tmp_path).obtain(ARM, [seed], Machine(), lambda: {"error": np.zeros(100)})
        (path,) = set(tmp_path.glob("*.npz")) - before
        used(path, hours_ago=4 - seed)
        paths.append(path)
    return tmp_path, paths


def used(path, hours_ago):
    then = time.time() - 3600 * hours_ago
    os.utime(path, (then, then))


def there(paths):
    return [path.exists() for path in paths]


def weight(paths):
    return sum(path.stat().st_size + path.with_suffix(".json").stat().st_size for path in paths)


# ---- the cap ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "size"), [("0", 0), ("1000", 1000), ("2G", 2 * 2**30), ("1.5m", 1572864), (" 3 T"[:3], 3)])
def test_sizes_are_read_in_the_usual_units(words, size):
    assert size_in_bytes(words) == size


@pytest.mark.parametrize("words", ["", "much", "-1", "2GB", "2 G", "1e3"])
def test_other_sizes_are_refused_with_the_valid_ones(words):
    with pytest.raises(ValueError, match="is no size: it must be a number of bytes, or one with K, M, G or T"):
        size_in_bytes(words)


def test_the_least_recently_used_go_until_the_store_fits(filled):
    folder, paths = filled
    removed = evict(folder, weight(paths[2:]), used=())
    assert there(paths) == [False, False, True, True]
    assert removed.blocks == 2 and removed.size > 0
    assert len(list(folder.glob("*.json"))) == len(list(folder.glob("*.lock"))) == 2


def test_reading_a_block_makes_it_recently_used(filled):
    folder, paths = filled
    Store(folder).obtain(ARM, [0], Machine(), lambda: pytest.fail("it was stored"))
    evict(folder, weight([paths[0]]), used=())
    assert there(paths) == [True, False, False, False]


def test_a_block_of_this_session_stays_even_if_the_store_then_stays_too_large(filled):
    folder, paths = filled
    evict(folder, 1, used={paths[0].stem})
    assert there(paths) == [True, False, False, False]


@pytest.mark.parametrize("most", [0, 10**9])
def test_nothing_goes_without_a_cap_or_below_it(filled, most):
    folder, paths = filled
    assert evict(folder, most, used=()) == Removed()
    assert all(there(paths))


def test_a_block_that_is_locked_is_left_and_the_next_goes(filled):
    folder, paths = filled
    with FileLock(paths[0].with_suffix(".lock")):
        evict(folder, weight(paths[1:]), used=())
    assert there(paths) == [True, False, True, True]


def test_after_the_clock_was_set_back_times_in_the_future_count_as_oldest(filled):
    folder, paths = filled
    used(paths[3], hours_ago=-1000)
    evict(folder, weight(paths[:3]), used=())
    assert there(paths) == [True, True, True, False]


def test_after_the_clock_was_set_back_a_block_is_found_and_its_time_set_right(filled):
    folder, paths = filled
    used(paths[0], hours_ago=-1000)
    Store(folder).obtain(ARM, [0], Machine(), lambda: pytest.fail("it was stored"))
    assert paths[0].stat().st_mtime <= time.time() + 1


# ---- pruning ----------------------------------------------------------------------------------------------------


def test_current_blocks_stay(filled):
    folder, paths = filled
    removed = prune(folder)
    assert all(there(paths)) and (removed.blocks, removed.size) == (0, 0)


def test_blocks_of_other_code_go_with_their_notes(filled, monkeypatch):
    folder, paths = filled
    size = weight(paths)
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")
    assert prune(folder) == Removed(blocks=4, size=size)
    assert list(folder.iterdir()) == []


def test_blocks_of_other_versions_go(filled, monkeypatch):
    folder, paths = filled
    monkeypatch.setattr(store, "_version", lambda name: "0.0")
    assert prune(folder).blocks == 4


def test_blocks_whose_file_or_package_is_gone_are_stale(filled, monkeypatch):
    def gone(name):
        return None

    folder, paths = filled
    monkeypatch.setattr(store, "_version", gone)
    assert prune(folder, dry_run=True).blocks == 4
    monkeypatch.undo()
    monkeypatch.setattr(store, "file_hash", lambda name: None)
    assert prune(folder, dry_run=True).blocks == 4


@pytest.mark.parametrize("note", ["{", "[]", "{}", '{"code": 1}', None])
def test_blocks_without_a_readable_note_are_counted_and_go_only_if_asked(filled, note):
    folder, paths = filled
    paths[0].with_suffix(".json").unlink()
    if note is not None:
        paths[0].with_suffix(".json").write_text(note)
    assert prune(folder).unknown == 1 and all(there(paths))
    assert prune(folder, unknown=True).blocks == 1
    assert there(paths) == [False, True, True, True]


def test_a_note_that_is_another_blocks_is_not_believed(filled, monkeypatch):
    folder, paths = filled
    paths[0].with_suffix(".json").write_text(paths[1].with_suffix(".json").read_text())
    assert prune(folder).unknown == 1


def test_parts_go_when_they_are_older_than_an_hour_and_notes_without_a_block(filled):
    folder, paths = filled
    old, young = folder / "old.part", folder / "young.part"
    for part in (old, young):
        part.write_bytes(b"12345678")
    used(old, hours_ago=2)
    (folder / "lost.json").write_text("{}")
    removed = prune(folder)
    assert there([old, young, folder / "lost.json"]) == [False, True, False]
    assert (removed.parts, removed.size) == (1, 10)


def test_free_locks_go_and_held_ones_stay(filled):
    folder, paths = filled
    with FileLock(paths[0].with_suffix(".lock")):
        assert prune(folder).locks == 3
        assert [path.stem for path in folder.glob("*.lock")] == [paths[0].stem]


def test_a_stale_block_that_is_locked_is_left(filled, monkeypatch):
    folder, paths = filled
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")
    with FileLock(paths[2].with_suffix(".lock")):
        assert prune(folder).blocks == 3
    assert there(paths) == [False, False, True, False]


def test_a_dry_run_counts_the_same_and_changes_nothing(filled, monkeypatch):
    folder, paths = filled
    paths[1].with_suffix(".lock").unlink()
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")
    before = sorted(folder.iterdir())
    told = prune(folder, dry_run=True)
    assert sorted(folder.iterdir()) == before
    assert prune(folder) == told


# ---- the command ------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_removed(filled, capsys, monkeypatch):
    folder, paths = filled
    paths[0].with_suffix(".json").unlink()
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")
    assert main(["prune", "--store", str(folder), "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("Would remove 3 stale blocks, 0 parts of files, 1 free lock: ")
    assert main(["prune", "--store", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Removed 3 stale blocks, 0 parts of files, 1 free lock: ")
    assert said[1] == "Left 1 block whose dependencies are unknown; --unknown removes them."


def test_the_command_names_a_store_that_is_not_there(tmp_path, capsys):
    assert main(["prune", "--store", str(tmp_path / "none")]) == 2
    assert "There is no store at" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["tidy"]])
def test_the_command_names_its_verbs(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "prune" in capsys.readouterr().err or not arguments


# ---- trained again ----------------------------------------------------------------------------------------------


def obtained(folder, uses, value):
    return Store(folder, uses).obtain(ARM, [0, 1], Machine(), lambda: {"error": np.full(3, value), "seconds": np.array(value)})


def test_a_rerun_trains_each_block_once_more_and_keeps_the_new_one(tmp_path):
    obtained(tmp_path, Uses(), 1.0)
    uses = Uses(rerun=Rerun(tmp_path / RERUNS / "one"))
    assert [obtained(tmp_path, uses, value)["error"][0] for value in (2.0, 3.0)] == [2.0, 2.0]
    assert obtained(tmp_path, Uses(), 4.0)["error"][0] == 2.0


def test_processes_of_one_session_train_a_block_anew_once_and_a_later_session_does_again(tmp_path):
    obtained(tmp_path, Uses(), 1.0)
    shared = tmp_path / RERUNS / "one"
    assert [obtained(tmp_path, Uses(rerun=Rerun(shared)), value)["error"][0] for value in (2.0, 3.0)] == [2.0, 2.0]
    Rerun(shared).end()
    assert not (tmp_path / RERUNS).exists()
    assert obtained(tmp_path, Uses(rerun=Rerun(shared)), 4.0)["error"][0] == 4.0


def test_a_session_that_ends_leaves_the_notes_of_another(tmp_path):
    one, other = (Rerun(tmp_path / RERUNS / name) for name in ("one", "other"))
    one.add("1f")
    other.add("1f")
    one.end()
    assert Rerun(other.folder).has("1f") and not Rerun(one.folder).has("1f")


def test_notes_that_cannot_be_written_are_known_to_their_own_process(tmp_path):
    (tmp_path / "file").touch()
    rerun = Rerun(tmp_path / "file" / "one")
    rerun.add("1f")
    assert rerun.has("1f") and not Rerun(rerun.folder).has("1f")


def test_prune_ends_the_reruns_of_killed_sessions_after_an_hour(tmp_path):
    killed, running = (Rerun(tmp_path / RERUNS / name) for name in ("killed", "running"))
    for rerun in (killed, running):
        rerun.add("1f")
    used(killed.folder, hours_ago=2)
    prune(tmp_path, dry_run=True)
    assert killed.folder.exists()
    prune(tmp_path)
    assert not killed.folder.exists() and Rerun(running.folder).has("1f")


def test_a_rerun_tells_which_arrays_came_out_otherwise_bit_for_bit(tmp_path):
    obtained(tmp_path, Uses(), 0.0)
    uses = Uses(rerun=Rerun(tmp_path / RERUNS / "one"))
    obtained(tmp_path, uses, -0.0)
    (told,) = uses.different
    assert (told.arm, told.seeds, told.device, told.arrays) == ("plain", (0, 1), "cpu", ("error",))


def test_a_rerun_that_only_took_longer_tells_nothing(tmp_path):
    uses = Uses(rerun=Rerun(tmp_path / RERUNS / "one"))
    Store(tmp_path).obtain(ARM, [0], Machine(), lambda: {"error": np.full(3, np.nan), "seconds": np.array(1.0)})
    Store(tmp_path, uses).obtain(ARM, [0], Machine(), lambda: {"error": np.full(3, np.nan), "seconds": np.array(2.0)})
    assert uses.different == [] and len(uses.used) == 1


def test_a_failed_rerun_keeps_what_was_stored(tmp_path):
    def breaks():
        raise RuntimeError("it broke")

    obtained(tmp_path, Uses(), 1.0)
    with pytest.raises(RuntimeError, match="it broke"):
        Store(tmp_path, Uses(rerun=Rerun(tmp_path / RERUNS / "one"))).obtain(ARM, [0, 1], Machine(), breaks)
    assert obtained(tmp_path, Uses(), 2.0)["error"][0] == 1.0


def test_a_store_that_cannot_be_written_is_read_all_the_same(tmp_path, monkeypatch):
    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    obtained(tmp_path, Uses(), 1.0)
    monkeypatch.setattr(store.os, "utime", refused)
    assert obtained(tmp_path, Uses(), 2.0)["error"][0] == 1.0


def test_a_block_of_before_there_were_notes_gets_one_when_it_is_used(tmp_path):
    obtained(tmp_path, Uses(), 1.0)
    (note,) = tmp_path.glob("*.json")
    before = note.read_text()
    note.unlink()
    obtained(tmp_path, Uses(), 2.0)
    assert note.read_text() == before


# ---- processes --------------------------------------------------------------------------------------------------

SESSION = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[2])
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from training import Descent
from training.machine import Machine
from training.reruns import RERUNS, Rerun
from training.store import Store

arm = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
store = Store(Path(sys.argv[1]))
for round in range(8):
    for seed in range(12):
        found = store.obtain(arm, [seed], Machine(), lambda: {"error": np.full(3, float(seed))})
        assert found["error"].tolist() == [seed] * 3, found
print("sound")
"""


def test_two_sessions_read_right_numbers_while_all_blocks_are_pruned_and_evicted(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")  # to this process every block is stale
    command = [sys.executable, "-c", SESSION, str(tmp_path), str(ROOT)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    gone = 0
    while any(process.poll() is None for process in both):
        gone += prune(tmp_path).blocks + evict(tmp_path, 1, used=()).blocks
        time.sleep(0.005)
    said = [process.communicate(timeout=60) for process in both]
    assert [out.strip() for out, _ in said] == ["sound", "sound"], said
    assert gone > 12 and not list(tmp_path.glob("*.part"))


# ---- judgements -------------------------------------------------------------------------------------------------


def judgement(folder, name, *keys):
    path = folder / "judgements" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"trainings": {"blocks": dict.fromkeys(keys, "digest")}}))
    return path


def test_judgements_go_with_their_blocks(filled, monkeypatch):
    folder, (first, second, *_) = filled
    none, both = judgement(folder, "a"), judgement(folder, "b", first.stem, second.stem)
    gone, damaged = judgement(folder, "c", first.stem, "1f"), judgement(folder, "d")
    damaged.write_text("{")
    prune(folder, dry_run=True)
    assert there([none, both, gone, damaged]) == [True, True, True, True]
    prune(folder)
    assert there([none, both, gone, damaged]) == [True, True, False, False]
    monkeypatch.setattr(store, "file_hash", lambda name: "changed")
    prune(folder)
    assert there([none, both]) == [True, False]
