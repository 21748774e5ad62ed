"""Faults the run store meets: single flipped bits, cut files, full disks, two processes, and the same arm named twice."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.arms import LENET5, NORMAL
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from training import Descent, NetworkTraining, Recipe, store
from training.machine import Machine
from training.store import Store, _key, read_block
from training.trainer import Trainer

ROOT = Path(__file__).parents[2]
ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
ARRAYS = {"times": np.arange(3.0), "error": np.ones((1, 2))}


@pytest.fixture
def block(tmp_path):
    path = tmp_path / "block.npz"
    np.savez(path, **ARRAYS)
    return path


def is_sound(found):
    """Tell whether a damaged block was refused, or has lost nothing by the damage."""
    return found is None or found.keys() == ARRAYS.keys() and all(np.array_equal(found[k], ARRAYS[k]) for k in ARRAYS)


def flipped(path):
    """Write the block again and again, each time with another bit flipped."""
    whole = path.read_bytes()
    for place in range(8 * len(whole)):
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
        yield place // 8


# ---- damage -----------------------------------------------------------------------------------------------------


def test_a_block_cut_anywhere_is_refused(block):
    whole = block.read_bytes()
    for size in range(len(whole)):
        block.write_bytes(whole[:size])
        assert read_block(block) is None, size


def test_no_flipped_bit_raises_or_gives_other_arrays(block):
    for place in flipped(block):
        found = read_block(block)
        assert is_sound(found), f"byte {place}: {sorted(found)}"


def test_a_full_disk_leaves_no_part_of_a_file(tmp_path, monkeypatch):
    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        Store(tmp_path).obtain(ARM, [0], Machine(), lambda: ARRAYS)
    assert not list(tmp_path.glob("*.part"))


# ---- keys -------------------------------------------------------------------------------------------------------


def test_keys_differ_by_seeds_device_and_every_part_of_the_description():
    others = [
        Descent(LpRegression(p=6), PLAIN, BesideTarget(), StepSize(), 10, 5),
        Descent(LpRegression(p=4), PLAIN, BesideTarget(low=0.5), StepSize(), 10, 5),
        Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(layers=2), 10, 5),
        Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10),
    ]
    keys = [_key(arm, [0, 1], Machine()) for arm in (ARM, *others)]
    keys += [_key(ARM, [0], Machine()), _key(ARM, [1, 0], Machine()), _key(ARM, [0, 1], Machine(device="cuda"))]
    assert len(set(keys)) == len(keys)


def test_keys_differ_by_the_versions_of_packages(monkeypatch):
    before = _key(ARM, [0], Machine())
    monkeypatch.setattr(store, "_version", lambda name: "0.0")
    assert _key(ARM, [0], Machine()) != before


def test_keys_do_not_depend_on_threads_or_on_the_kind_of_sequence():
    assert _key(ARM, range(3), Machine(threads=8)) == _key(ARM, [0, 1, 2], Machine())


def test_keys_of_network_trainings_name_the_recipe():
    arms = [NetworkTraining(architecture=LENET5, network=NORMAL, recipe=Recipe(batch=b), digits="embedded") for b in (32, 64)]
    assert _key(arms[0], [0], Machine()) != _key(arms[1], [0], Machine())


@pytest.mark.parametrize("arm", [ARM, NetworkTraining], ids=["descent", "network"])
def test_the_code_an_arm_names_is_there(arm):
    assert [name for name in arm.code if not (ROOT / name).is_file()] == []


# ---- two at once ------------------------------------------------------------------------------------------------

PROCESS = """
import sys, time
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[2])
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from training import Descent
from training.machine import Machine
from training.store import Store

def train():
    print("trained")
    time.sleep(0.5)
    return {"error": np.ones(3)}

arm = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
assert Store(Path(sys.argv[1])).obtain(arm, [0], Machine(), train)["error"].tolist() == [1, 1, 1]
"""


def test_two_processes_train_a_block_once(tmp_path):
    command = [sys.executable, "-c", PROCESS, str(tmp_path), str(ROOT)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(out.strip() for out, _ in said) == ["", "trained"]


def test_the_same_arm_twice_gives_each_its_seeds_once(tmp_path):
    first, second = Trainer(Store(tmp_path), Machine())(ARM, ARM, seeds=range(3))
    assert first.residual.shape == second.residual.shape == (3, 2, 3)
