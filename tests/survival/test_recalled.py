"""Judgements that are kept, as users meet them: a second session judges nothing, unless something has changed."""

import json
import re

import pytest

from tests.training.small_project import SmallProject

RECALLED = "The test was judged before"


@pytest.fixture
def project(tmp_path):
    return SmallProject(tmp_path)


def judged(project, *options):
    """Whether a session judged the test itself; it must pass, with a verdict on record."""
    done = project.run(*options, only="two_kernels")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout and "supported" in done.stdout
    return RECALLED not in done.stdout


def record(project):
    return json.loads((project.folder / "reports" / "out" / "evidence.json").read_text())


def test_a_second_session_judges_nothing_and_has_the_same_claims_on_record(project):
    assert judged(project)
    first = record(project)
    assert not judged(project)
    second = record(project)
    assert second["claims"] == first["claims"]
    assert second["run"]["digest"] == first["run"]["digest"]


def test_rejudge_judges_anew_and_trains_nothing(project):
    assert judged(project)
    project.trained()
    assert judged(project, "--claims-rejudge")
    assert project.trained() == []
    assert not judged(project)


def test_an_edited_margin_is_judged_anew_without_training(project):
    assert judged(project)
    project.trained()
    project.edit('Margin(20.0, "twenty")', 'Margin(30.0, "thirty")')
    assert judged(project)
    assert project.trained() == []
    assert record(project)["claims"][0]["parts"][0]["margin"]["value"] == 30.0


def test_an_edited_kernel_is_trained_and_judged_anew(project):
    assert judged(project)
    project.trained()
    project.kernel("triple", 3.001)
    assert judged(project)
    assert project.trained() == ["triple", "triple"]


def test_a_damaged_and_a_missing_block_are_trained_and_judged_anew(project):
    assert judged(project)
    first, second, *_ = sorted((project.folder / ".claims-store").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:-9] + b"damaged..")
    second.unlink()
    project.trained()
    assert judged(project)
    assert len(project.trained()) == 2
    assert not judged(project)


def test_other_seeds_are_judged_anew_and_the_first_are_still_known(project):
    assert judged(project)
    assert judged(project, "--claims-seeds=12")
    assert not judged(project)
    assert not judged(project, "--claims-seeds=12")


def test_rerun_trains_and_judges_anew(project):
    assert judged(project)
    project.trained()
    assert judged(project, "--claims-rerun")
    assert len(project.trained()) == 4


def test_what_a_rerun_judged_is_not_judged_again(project):
    assert judged(project)
    assert judged(project, "--claims-rerun")
    assert not judged(project)


def test_a_rerun_is_foretold_as_to_train_all_that_is_stored(project):
    told = "1 s of trainings"
    slow(project)
    assert judged(project)
    assert told not in project.run("--claims-rejudge", only="two_kernels").stdout
    assert told in project.run("--claims-rerun", only="two_kernels").stdout


def test_trainings_that_an_edited_kernel_has_done_already_are_not_foretold(project):
    """The test was stopped after its trainings, so that its last judgement is of other blocks."""
    slow(project)
    assert judged(project)
    slow(project, "float(seed) * 3")
    edited = "s of trainings"
    assert edited in project.run("--claims-explain", only="two_kernels").stdout
    project.edit(
        "    judge.equivalent", "    import os\n    if os.environ.get('STOP'): raise KeyboardInterrupt\n    judge.equivalent"
    )
    stopped = project.run(only="two_kernels", STOP="1")
    assert "Interrupted." in stopped.stdout and edited in stopped.stdout
    assert edited not in project.run("--claims-explain", only="two_kernels").stdout


def slow(project, value="3 * seed"):
    """Have blocks of one kernel take half a second each."""
    text = f"import time\n\n\ndef triple(seeds):\n    time.sleep(0.6)\n    return [{value} for seed in seeds]\n"
    (project.folder / "triple.py").write_text(text)


def test_a_test_that_fails_is_always_run(project):
    project.edit("expect=SUPPORTED", 'expect="refuted"')
    for _ in range(2):
        done = project.run(only="two_kernels")
        assert done.returncode == 1 and "1 failed" in done.stdout and RECALLED not in done.stdout


def test_a_claim_that_is_edited_while_it_runs_is_not_taken_for_the_edited_one(project):
    project.edit(
        "    first = train", "    import pathlib\n    pathlib.Path(__file__).open('a').write('# edited')\n    first = train"
    )
    assert judged(project)
    assert judged(project)


def test_a_kernel_that_is_edited_while_it_trains_is_not_stored_as_the_edited_one(project):
    path = project.folder / "triple.py"
    path.write_text("def triple(seeds):\n    open(__file__, 'a').write('# edited')\n    return [3 * seed for seed in seeds]\n")
    done = project.run(only="two_kernels")
    assert "1 passed" in done.stdout and "triple.py was edited while this session ran" in done.stdout
    assert len(list((project.folder / ".claims-store").glob("*.npz"))) == 2, "the blocks of the other kernel"


def test_a_test_that_will_fail_again_is_not_foretold_as_judged(project):
    assert judged(project)
    project.edit("expect=SUPPORTED", 'expect="refuted"')
    for _ in range(2):
        done = project.run(only="two_kernels")
        assert done.returncode == 1 and "1 failed" in done.stdout and "judged before" not in done.stdout


def test_a_block_that_was_overwritten_is_foretold_as_to_be_judged(project):
    assert judged(project)
    block = min((project.folder / ".claims-store").glob("*.npz"))
    block.write_bytes(block.read_bytes()[:-9] + b"damaged..")
    done = project.run(only="two_kernels")
    assert done.returncode == 0 and "judged before" not in done.stdout


def test_judgements_are_recalled_by_the_workers_of_a_parallel_session(project):
    assert judged(project)
    assert not judged(project, "-n", "2")


def test_a_recalled_judgement_counts_its_blocks_as_used(project):
    assert judged(project)
    blocks = {path.name for path in (project.folder / ".claims-store").glob("*.npz")}
    assert not judged(project, "--claims-store-size=1")
    assert {path.name for path in (project.folder / ".claims-store").glob("*.npz")} == blocks


def test_planned_seeds_are_recalled_with_their_pilot(project):
    assert judged(project, "--claims-seeds=auto")
    first = record(project)
    assert not judged(project, "--claims-seeds=auto")
    assert record(project)["claims"] == first["claims"]
    assert first["claims"][0]["tests"][0]["pilot"] is not None


def test_a_session_says_beforehand_how_long_it_will_take(project):
    unknown = project.run(only="two_kernels").stdout
    assert "1 test (1 never timed): how long it takes is unknown." in unknown
    assert "1 test, judged before." in project.run(only="two_kernels").stdout
    again = project.run("--claims-rejudge", only="two_kernels").stdout
    assert re.search(r"About \d s for 1 test: \d s of judging\.", again), again
    parallel = project.run("-n", "2", only="two_kernels").stdout
    assert parallel.count("1 test, judged before.") == 1


def test_nothing_is_foretold_where_nothing_is_run(project):
    for option in ("--collect-only", "--claims-list"):
        assert "how long" not in project.run(option, only="two_kernels").stdout
