"""--claims-explain, --claims-rerun and --claims-store-size as their users meet them, and the words for what is stale."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.arms import LENET5, NORMAL
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from tests.training.small_project import SmallProject
from training import Descent, NetworkTraining, Recipe, explain
from training.explain import Asked, Shelf, why
from training.explain_words import Looked, lines
from training.machine import Machine
from training.store import Store, basis

ARM = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), 10, 5)
BLOCK = basis(ARM, range(4), Machine())
NETWORK = NetworkTraining(architecture=LENET5, network=NORMAL, recipe=Recipe(), digits="embedded")


# ---- why --------------------------------------------------------------------------------------------------------


def changed(**changes):
    return BLOCK | changes


def test_a_changed_file_is_named():
    code = BLOCK["code"] | {"training/kernels.py": "other"}
    assert why(BLOCK, [changed(code=code)]) == "training/kernels.py has changed"


def test_files_that_came_and_went_are_named():
    code = {name: hash for name, hash in BLOCK["code"].items() if name != "training/lanes.py"} | {"training/old.py": "1"}
    assert why(BLOCK, [changed(code=code)]) == "training/lanes.py is new; training/old.py is no longer used"


def test_another_version_of_a_package_is_named():
    now = BLOCK["packages"]["numpy"]
    assert why(BLOCK, [changed(packages=BLOCK["packages"] | {"numpy": "1.0"})]) == f"numpy was 1.0, now {now}"


def test_another_device_and_other_digits_are_named():
    assert why(BLOCK, [changed(device="cuda")]) == "trained on cuda, now on cpu"
    assert why(BLOCK, [changed(digits="1f")]) == "the digits are others"


def test_new_seeds_are_named_and_known_ones_are_not():
    assert why(changed(seeds=[2, 3, 4, 5, 9]), [BLOCK]) == "new seeds: 4 to 5, 9"
    assert why(changed(seeds=[0, 1]), [BLOCK]) == "its seeds are stored in blocks that are cut otherwise"


def test_another_description_is_told_by_its_values():
    longer = basis(Descent(LpRegression(p=6), PLAIN, BesideTarget(), StepSize(), 20, 5), range(4), Machine())
    told = why(longer, [BLOCK])
    assert told == "never trained as described; the nearest stored one differs in problem.p: 4, now 6; steps: 10, now 20"


def test_a_network_is_compared_with_its_note_as_it_is_read_back():
    noted, wanted = json.loads(json.dumps(basis(NETWORK, [0], Machine()))), basis(NETWORK, [0], Machine())
    assert why(wanted, [noted | {"code": wanted["code"] | {"models/arms.py": "other"}}]) == "models/arms.py has changed"
    faster = basis(replace(NETWORK, recipe=Recipe(learning_rate=0.5)), [0], Machine())
    assert why(faster, [noted]).endswith("differs in recipe.learning_rate: 0.01, now 0.5")


def test_the_nearest_of_several_blocks_is_compared():
    far = changed(packages={"numpy": "1.0"}, device="cuda")
    assert why(BLOCK, [far, changed(device="cuda")]) == "trained on cuda, now on cpu"


@pytest.mark.parametrize("stored", [[], [BLOCK | {"what": {"class": "Sweep"}}], [BLOCK | {"what": ["odd"]}]])
def test_what_resembles_nothing_is_unknown(stored):
    assert why(BLOCK, stored) == "never trained here, or unknown"


# ---- looking ----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    Store(tmp_path).obtain(ARM, [0, 1], Machine(), lambda: {"error": np.ones(2)})
    return tmp_path


def contents(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_looking_changes_nothing_in_the_store(folder):
    before = contents(folder)
    shelf = Shelf(folder, explain.notes(folder))
    assert [shelf.look(ARM, seeds, Machine()).state for seeds in ([0, 1], [2])] == ["stored", "new seeds: 2"]
    assert contents(folder) == before


def test_what_was_found_is_given_and_nothing_else(folder):
    shelf = Shelf(folder, [])
    shelf.look(ARM, [0, 1], Machine())
    assert shelf.obtain(ARM, [0, 1], Machine(), None)["error"].tolist() == [1, 1]
    with pytest.raises(KeyError):
        shelf.obtain(ARM, [2], Machine(), None)


def test_a_damaged_block_is_told(folder):
    (block,) = folder.glob("*.npz")
    block.write_bytes(b"damaged")
    assert Shelf(folder, []).look(ARM, [0, 1], Machine()).state == "the stored block is damaged"


def test_a_block_without_a_note_is_stored_all_the_same_and_unknown_to_others(folder):
    for note in folder.glob("*.json"):
        note.unlink()
    shelf = Shelf(folder, explain.notes(folder))
    states = [shelf.look(ARM, seeds, Machine()).state for seeds in ([0, 1], [2])]
    assert states == ["stored", "never trained here, or unknown"]


def test_a_block_that_two_claims_ask_for_counts_once_in_the_sum():
    block = Asked("plain", (0, 1), "stored", "1f")
    assert list(lines([Looked("one", True, (block,)), Looked("two", True, (block,)), Looked("two", False, (block,))])) == [
        "one: 1 block stored, judged before",
        "two: 1 block stored, 1 of 2 tests judged before",
        "Of 3 tests 2 are judged before, 1 would be judged.",
        "Of 1 block 1 is stored, 0 would be trained.",
    ]


def test_a_reason_is_given_once_with_its_arms_and_seeds():
    arms = [Asked(f"arm {i}", (i, i + 1), "a.py has changed" if i < 5 else "new seeds: 6", f"{i}") for i in range(6)]
    first, second, third, *_ = lines([Looked("one", False, tuple(arms))])
    assert first == "one: 0 of 6 blocks stored, to be judged"
    assert second == "  a.py has changed: 5 blocks (arm 0; arm 1; arm 2; 2 more, seeds 0 to 5)"
    assert third == "  new seeds: 6: 1 block (arm 5, seeds 5 to 6)"


def test_what_trains_nothing_is_listed_too():
    assert next(lines([Looked("capacity", False, ())])) == "capacity: trains nothing, to be judged"


def test_what_could_not_be_looked_at_is_not_said_to_train_nothing():
    first, second, *_ = lines([Looked("one", False, (), "there are no digits")])
    assert (first, second) == ("one: what it trains is not known, to be judged", "  there are no digits")


def test_a_test_that_is_no_claim_is_never_judged():
    first, second, *_ = lines([Looked("test_alone", None, ())])
    assert (first, second) == ("test_alone: trains nothing", "Of 0 tests 0 are judged before, 0 would be judged.")


# ---- in a session -----------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    return SmallProject(tmp_path)


def test_explaining_trains_nothing_writes_nothing_and_ends_well(project):
    ended = project.run("--claims-explain", only="kernels or alone or nothing or no_training")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (
        "two-kernels: 0 of 2 blocks stored, to be judged\n  never trained here, or unknown: 2 blocks (double, seeds 5000 to 5007)"
        in ended.stdout
    )
    assert "triple" not in ended.stdout  # asked for later, and not known before double is trained
    assert project.trained() == [] and not list(project.folder.rglob("evidence.json"))
    assert not (project.folder / ".claims-store").exists() and not (project.folder / "reports").exists()


def test_editing_a_margin_judges_anew_and_trains_nothing(project):
    assert project.run(only="two_kernels").returncode == 0
    assert project.trained() == ["double", "double", "triple", "triple"]
    project.edit('Margin(20.0, "twenty")', 'Margin(21.0, "twenty-one")')
    assert project.run(only="two_kernels").returncode == 0
    assert project.trained() == []
    assert '"twenty-one"' in (project.folder / "reports" / "out" / "evidence.json").read_text()


def test_editing_a_kernel_trains_what_depends_on_it_alone(project):
    project.run()
    project.trained()
    project.kernel("triple", "3.0")
    explained = project.run("--claims-explain").stdout
    assert "test_training_alone: 2 of 4 blocks stored\n" in explained
    assert f"  {project.folder / 'triple.py'} has changed: 2 blocks (triple, seeds 0 to 7)\n" in explained
    assert project.run().returncode == 0
    assert project.trained() == ["triple", "triple"]


NOTES_THAT_IT_RAN = "    import pathlib\n    pathlib.Path(__file__).with_suffix('.ran').touch()\n    first = train"


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["", "xdist"])
def test_a_test_that_was_judged_is_not_run_to_know_its_blocks(project, options):
    project.edit("    first = train", NOTES_THAT_IT_RAN)
    project.run(only="two_kernels")
    ran = project.folder / "claims" / "test_two_kernels.ran"
    ran.unlink()
    explained = project.run("--claims-explain", *options, only="two_kernels")
    assert explained.returncode == 0 and not ran.exists(), explained.stdout + explained.stderr
    assert "two-kernels: 4 blocks stored, judged before\nOf 1 test 1 is judged before, 0 would be judged.\n" in explained.stdout
    assert "Of 4 blocks 4 are stored, 0 would be trained.\n" in explained.stdout and not list(project.folder.rglob("*.ran"))


@pytest.mark.parametrize("option", ["--claims-rejudge", "--trace", "refuted"])
def test_a_test_that_would_be_run_all_the_same_is_not_said_to_be_judged_before(project, option):
    if option == "refuted":
        project.edit("expect=SUPPORTED", 'expect="refuted"')
    project.run(only="two_kernels")
    explained = project.run("--claims-explain", *([option] if option != "refuted" else []), only="two_kernels")
    assert "two-kernels: 4 blocks stored, to be judged\nOf 1 test 0 are judged before, 1 would be judged." in explained.stdout


def test_a_renamed_file_changes_nothing(project):
    project.run(only="two_kernels")
    trained, old = project.folder / "trained.py", project.folder / "double.py"
    renamed = old.rename(project.folder / "twice.py")
    text = trained.read_text().replace("import double, triple", "import twice as double, triple")
    trained.write_text(
        text.replace(
            '(str(HERE / f"{self.kernel}.py"),)', "(str(HERE / f\"{dict(double='twice').get(self.kernel, self.kernel)}.py\"),)"
        )
    )
    project.trained()
    assert renamed.exists() and project.run(only="two_kernels").returncode == 0 and project.trained() == []
    assert "1 test, judged before." in project.run(only="two_kernels").stdout


def test_a_rerun_leaves_what_came_out_the_same_as_it_was(project):
    project.run(only="two_kernels")
    project.run()
    blocks = {path: path.stat().st_mtime_ns for path in (project.folder / ".claims-store").glob("*.npz")}
    before = {path: path.read_bytes() for path in blocks}
    project.trained()
    project.run("--claims-rerun")
    assert len(project.trained()) == 4 and before == {path: path.read_bytes() for path in blocks}
    assert "1 test, judged before." in project.run(only="two_kernels").stdout


def test_a_rerun_that_cannot_be_stored_is_refused(project):
    ended = project.run("--claims-rerun", "--claims-store=pytest.ini/store", only="two_kernels")
    told = "--claims-rerun trains anew what is stored and stores it again, but the folder of --claims-store, "
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR and told in ended.stderr and not project.trained()


def test_a_test_of_which_a_block_is_gone_is_run_to_know_its_blocks(project):
    project.edit("    first = train", NOTES_THAT_IT_RAN)
    project.run(only="two_kernels")
    min((project.folder / ".claims-store").glob("*.npz")).unlink()
    explained = project.run("--claims-explain", only="two_kernels")
    assert "Of 4 blocks 3 are stored, 1 would be trained." in explained.stdout or "Of 2 blocks 1 is stored" in explained.stdout


def test_processes_of_a_rerun_train_each_block_once(project):
    pytest.importorskip("xdist")
    project.run()
    project.trained()
    ended = project.run("--claims-rerun", "-n", "2", "--dist", "each")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert project.trained() == ["double", "double", "triple", "triple"]
    assert not (project.folder / ".claims-store" / "reruns").exists()


def test_a_rerun_tells_in_one_sentence_for_each_arm_what_came_out_otherwise(project):
    project.run()
    same = project.run("--claims-rerun")
    assert "trained again" not in same.stdout and "Trained again: 4 blocks, all bit for bit as stored." in same.stdout
    (project.folder / "noise").write_text("1e-9")
    other = project.run("--claims-rerun")
    said = [line for line in other.stdout.splitlines() if "trained again" in line]
    words = "trained again, seeds 0 to 7 came out other than stored (value): these numbers are not repeatable bit for bit."
    assert said == [f"double: {words}", f"triple: {words}"]
    assert "Trained again: 4 blocks, 0 of them bit for bit as stored." in other.stdout
    assert len(project.trained()) == 12


def test_workers_of_xdist_tell_the_same(project):
    pytest.importorskip("xdist")
    project.run()
    (project.folder / "noise").write_text("1e-9")
    ended = project.run("--claims-rerun", "-n", "1", "--claims-store-size", "1")
    assert ended.stdout.count("trained again, seeds 0 to 7 came out other than stored") == 2
    assert ended.stdout.count("Trained again: 4 blocks, 0 of them bit for bit as stored.") == 1
    assert len(list((project.folder / ".claims-store").glob("*.npz"))) == 4  # used by a worker, so they stay
    explained = project.run("--claims-explain", "-n", "1")
    assert explained.returncode == 0 and "Of 4 blocks 4 are stored, 0 would be trained." in explained.stdout


def test_the_store_is_kept_within_its_size(project):
    project.run()
    project.kernel("triple", "3.0")
    ended = project.run("--claims-store-size", "1")
    assert "The store outgrew 1: 2 blocks that were not used for longest are gone" in ended.stdout
    assert len(list((project.folder / ".claims-store").glob("*.npz"))) == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--claims-store-size", "much"], "--claims-store-size: 'much' is no size: it must be a number of bytes"),
        (["--claims-explain", "--claims-rerun"], "--claims-explain trains nothing, and --claims-rerun trains all"),
    ],
)
def test_what_makes_no_sense_is_refused(project, options, words):
    ended = project.run(*options)
    assert ended.returncode == 4 and words in ended.stderr
