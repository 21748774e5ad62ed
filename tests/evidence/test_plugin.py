"""The plugin as its users meet it: make a claims folder, run pytest, read the lines, the exit code and the record."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((ROOT / "evidence" / "record.schema.json").read_text(encoding="utf-8"))
CONFTEST = 'pytest_plugins = ["evidence.plugin", "training.plugin"{page}]\n'
INI = f"""
[pytest]
pythonpath = . {ROOT}
addopts = --import-mode=importlib --strict-markers
"""
CLAIM = '''
import numpy as np
import pytest

from evidence import REFUTED, SUPPORTED, Curves, Margin, Measured, claim


class Last:
    paired = False

    def measure(self, arm):
        return Measured(arm.values[:, -1])

    def plant(self, shift, arm):
        return (Curves(arm.times, arm.values + shift),)


@claim("{id}", "Section 1", position={position}, family="theory", expect={expect}, because="so it is", finding="What holds.")
@pytest.mark.parametrize("shift", {shifts})
def test_{name}(shift, judge, budget):
    """The mean of {id} is zero.

    Scope: made-up numbers.

    Each seed gives one number.
    """
    {body}
    seeds = budget.seeds(smoke=4, standard=12, paper=20)
    values = shift + 0.1 * np.sin(np.arange(len(seeds)) + 1.0)
    judge.equivalent("shift " + str(shift), Last(), Curves(np.ones(1), values[:, None]), seeds=seeds, estimand="mean", to=0,
                     margin=Margin(0.5, "half a unit"))
    judge.curve("means", "only", "value", np.array([0.0, 1.0]), np.stack([values, values], axis=1) + 10)
    judge.theory("means", "only", "value", [0.0, 1.0], [10.0, float("inf")])
    judge.map("where", "only", rows=("shift", [shift]), columns=("sign", [1, -1]), quantity="mean", values=[[values, -values]])
    judge.specification("ways", Last(), Curves(np.ones(1), values[:, None]), outcome="mean", choices={{"shift": str(shift)}},
                        seeds=seeds, estimand="mean", unit="", region=(-1, 1), base=shift == 0)
'''


class Project:
    """A folder with its own claims that uses this repository's rooms."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "claims").mkdir()
        (folder / "conftest.py").write_text(CONFTEST.format(page=""))
        (folder / "pytest.ini").write_text(INI)

    def claim(self, id, shifts, *, expect="SUPPORTED", position=1, body=""):
        name = id.replace("-", "_")
        text = CLAIM.format(id=id, name=name, shifts=shifts, expect=expect, position=position, body=body)
        (self.folder / "claims" / f"test_{name}.py").write_text(text)
        return self

    def with_page(self):
        """Drawing a page takes longer than all else in these small projects: only where it is looked at."""
        (self.folder / "conftest.py").write_text(CONFTEST.format(page=', "reports.plugin"'))
        return self

    def run(self, *options):
        command = [sys.executable, "-m", "pytest", "claims", "-p", "no:cacheprovider", *options]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)

    def record(self):
        record = json.loads((self.folder / "reports" / "out" / "evidence.json").read_text())
        jsonschema.validate(record, SCHEMA)
        return {claim["id"]: claim for claim in record["claims"]} | {"run": record["run"], "not_run": record["not_run"]}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.mark.fast
def test_a_supported_claim_passes_and_the_last_line_is_the_page(project):
    result = project.with_page().claim("a-mean", [0.0, 0.1]).run("-v")
    assert result.returncode == 0
    assert "test_a_mean[0.0] SUPPORTED" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("index.html")
    assert (project.folder / "reports" / "out" / "index.html").stat().st_size > 1000
    claim = project.record()["a-mean"]
    assert (claim["verdict"], claim["complete"], len(claim["parts"])) == ("supported", True, 2)
    assert claim["finding"] == "What holds."


def test_what_a_claim_notes_besides_arrives_in_the_record(project):
    assert project.claim("a-mean", [0.0, 0.1]).run().returncode == 0
    record = project.record()
    found = record["a-mean"]
    assert [each["choices"] for each in found["specifications"]] == [{"shift": "0.0"}, {"shift": "0.1"}]
    assert [each["base"] for each in found["specifications"]] == [True, False]
    assert [len(found[name]) for name in ("curves", "lines", "maps")] == [2, 2, 2]
    assert (found["origin"], found["line"], len(record["run"]["digest"])) == ("report", 18, 64)
    assert [test["trained"] for test in found["tests"]] == [0.0, 0.0]


@pytest.mark.slow
def test_numbers_by_seed_have_the_same_digest_in_one_process_and_in_two(project):
    project.claim("a-mean", [0.0, 0.1]).claim("b-mean", [0.2], position=2)
    digests = []
    for options in ([], ["-n", "2"]):
        assert project.run(*options).returncode == 0
        digests.append(project.record()["run"]["digest"])
    assert digests[0] == digests[1]


@pytest.mark.fast
def test_a_verdict_that_is_not_on_record_fails_in_a_sentence(project):
    result = project.claim("a-mean", [2.0]).run()
    assert result.returncode == 1
    assert "a-mean: refuted, while 'supported' is on record" in result.stdout
    assert "margin half a unit, n = 12" in result.stdout
    assert project.record()["a-mean"]["finding"] == ""


@pytest.mark.fast
def test_a_refutation_on_record_passes_and_is_shown_as_one(project):
    result = project.claim("a-mean", [2.0], expect="REFUTED").run("-v")
    assert result.returncode == 0 and "REFUTED" in result.stdout
    assert project.record()["a-mean"]["verdict"] == "refuted"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--claims-budget=smoke",), 0),
        (("--claims-inconclusive=pass",), 0),
        (("--claims-budget=smoke", "--claims-inconclusive=fail"), 1),
    ],
)
def test_an_inconclusive_test_passes_when_asked_or_at_smoke(project, options, code):
    result = project.claim("a-mean", [0.5]).run(*options)
    assert result.returncode == code
    assert project.record()["a-mean"]["verdict"] == "inconclusive"


@pytest.mark.fast
def test_a_test_that_stops_is_invalid_and_the_others_are_not_lost(project):
    project.claim("a-mean", [0.0]).claim("broken", [0.0], position=2, body='raise ValueError("no data today")')
    assert project.run().returncode == 1
    record = project.record()
    assert record["a-mean"]["verdict"] == "supported"
    assert record["broken"]["verdict"] == "invalid" and "no data today" in record["broken"]["reason"]


def test_a_selection_marks_what_is_judged_in_part_and_what_was_not_run(project):
    project.claim("a-mean", [0.0, 0.1]).claim("other", [0.0], position=2).run("-k", "a_mean and 0.1")
    record = project.record()
    assert not record["a-mean"]["complete"]
    assert [claim["id"] for claim in record["not_run"]] == ["other"]


@pytest.mark.slow
def test_claims_can_be_chosen_by_id_and_by_family(project):
    project.claim("a-mean", [0.0]).claim("other", [0.0], position=2)
    assert "1 passed, 1 deselected" in project.run("--claims-only=other").stdout
    assert "2 passed" in project.run("-m", "theory").stdout
    assert project.run("-m", "network").returncode == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.slow
def test_workers_give_the_record_of_one_process(project):
    project.claim("a-mean", [0.0, 0.1, 0.2]).claim("other", [0.0], position=2)
    records = []
    for options in ((), ("-n", "2")):
        assert project.run(*options).returncode == 0
        record = project.record()
        records.append(
            [
                (id, record[id]["parts"], record[id]["controls"], record[id]["curves"], record[id]["maps"])
                for id in ("a-mean", "other")
            ]
        )
    assert records[0] == records[1]
    assert record["run"]["workers"] == 2


def test_theory_lines_and_maps_reach_the_record(project):
    assert project.claim("a-mean", [0.0, 0.2]).run().returncode == 0
    claim = project.record()["a-mean"]
    assert [line["values"] for line in claim["lines"]] == [[10.0, None]] * 2
    first, second = claim["maps"]
    assert (first["rows"]["values"], second["rows"]["values"], first["n"]) == ([0.0], [0.2], 12)
    assert second["estimate"][0] == [pytest.approx(claim["parts"][1]["estimate"]), pytest.approx(-claim["parts"][1]["estimate"])]
    assert [second["low"][0][0], second["high"][0][0]] == pytest.approx(claim["parts"][1]["interval"]["90"])


def test_map_that_does_not_fit_stops_the_test_in_a_sentence(project):
    body = 'judge.map("m", "p", rows=("r", [1]), columns=("c", [1]), quantity="q", values=np.ones((2, 1, 3)))'
    result = project.claim("a-mean", [0.0], body=body).run()
    assert result.returncode == 1 and "a-mean: values of shape 2 x 1 x 3 do not fit the map 'p' of 1 x 1 cells" in result.stdout
    assert project.record()["a-mean"]["verdict"] == "invalid"


def test_junit_carries_verdicts_and_estimates(project):
    project.claim("a-mean", [0.0]).run("--junitxml=junit.xml")
    text = (project.folder / "junit.xml").read_text()
    assert '<property name="verdict" value="supported"' in text and 'name="part" value="shift 0.0:' in text


def test_the_catalogue_is_listed_in_the_reports_order(project):
    result = project.claim("later", [0.0], position=9).claim("sooner", [0.0], position=1).run("--claims-list")
    assert result.returncode == 0
    assert result.stdout.index("sooner") < result.stdout.index("later")


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--claims-budget=huge", "--claims-budget is 'huge'; it must be one of: smoke, standard, paper."),
        ("--claims-device=tpu", "--claims-device is 'tpu'; it must be one of: auto, cpu, cuda."),
        ("--claims-seeds=-3", "--claims-seeds is '-3'; it must be a whole number of at least 1"),
        (
            "--claims-seeds=many",
            "--claims-seeds is 'many'; it must be a whole number of at least 1 (3 for a verdict), or 'auto'.",
        ),
        ("--claims-controls=maybe", "--claims-controls is 'maybe'; it must be one of: on, off."),
        ("--claims-inconclusive=maybe", "--claims-inconclusive is 'maybe'; it must be one of: pass, fail."),
        ("--claims-only=nothing", "--claims-only names 'nothing', which is no claim. The claims are: a-mean."),
        ("--claims-data=/no/such/folder", "--claims-data is '/no/such/folder', which is no folder"),
        ("--claims-report=pytest.ini/below", "which cannot be written"),
        ("--claims-report=pytest.ini", "--claims-report is 'pytest.ini', which is a file; name a folder"),
        ("--claims-only=", "--claims-only is '', which names no claim"),
    ],
)
def test_bad_input_gets_a_sentence_and_pytests_usage_code(project, option, sentence):
    result = project.claim("a-mean", [0.0]).run(option)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stdout + result.stderr and "how long" not in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--claims-report=pytest.ini", "--claims-report is 'pytest.ini', which is a file"),
        ("--claims-only=,", "--claims-only is ',', which names no claim"),
    ],
)
def test_workers_give_the_sentence_of_one_process(project, option, sentence):
    result = project.claim("a-mean", [0.0]).run(option, "-n", "1")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR and sentence in result.stdout + result.stderr
    assert "INTERNALERROR" not in result.stdout + result.stderr


@pytest.mark.slow
def test_workers_of_other_tests_need_no_claim_that_can_be_imported(project):
    (project.folder / "claims" / "test_broken.py").write_text("import nothing_here")
    (project.folder / "test_other.py").write_text("def test_other():\n    pass")
    command = [sys.executable, "-m", "pytest", "test_other.py", "-p", "no:cacheprovider", "-n", "1"]
    result = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("options", "tried"),
    [((), True), (("--claims-controls=off",), False), (("--claims-budget=smoke",), False),
     (("--claims-budget=smoke", "--claims-controls=on"), True)],
)  # fmt: skip
def test_controls_are_on_above_smoke_and_as_asked(project, options, tried):
    assert project.claim("a-mean", [0.0]).run(*options).returncode == 0
    record = project.record()
    assert record["run"]["controls"] is tried and bool(record["a-mean"]["controls"]) is tried
    asked = [option for option in options if "controls" in option]
    assert all(option in record["a-mean"]["command"] for option in asked)


def test_automatic_seeds_are_planned_on_other_seeds_than_they_are_judged_on(project):
    assert project.claim("a-mean", [0.0]).run("--claims-seeds=auto").returncode == 0
    record = project.record()
    (test,), (part,) = record["a-mean"]["tests"], record["a-mean"]["parts"]
    assert test["pilot"]["seeds"] == list(range(500, 505)) and test["pilot"]["planned"] == part["n"] == 6
    assert part["seeds"] == list(range(5000, 5006)) and record["run"]["seeds"] == "auto"
    assert "--claims-seeds=auto" in record["a-mean"]["command"]


def test_pilot_that_fails_stops_the_test_in_a_sentence(project):
    body = 'if budget.pilot: raise ValueError("no pilot today")'
    assert project.claim("a-mean", [0.0], body=body).run("--claims-seeds=auto").returncode == 1
    assert "no pilot today" in project.record()["a-mean"]["reason"]


def test_two_seeds_are_too_few_for_a_verdict(project):
    result = project.claim("a-mean", [0.0]).run("--claims-seeds=2")
    assert result.returncode == 1 and "2 seeds are too few" in result.stdout


def test_options_have_ini_twins(project):
    (project.folder / "pytest.ini").write_text(INI + "claims_budget = smoke\n")
    project.claim("a-mean", [0.0]).run()
    assert project.record()["run"]["budget"] == "smoke"


def test_a_page_that_cannot_be_drawn_loses_no_evidence(project):
    (project.folder / "reports" / "out" / "index.html").mkdir(parents=True)
    result = project.with_page().claim("a-mean", [0.0]).run()
    assert "The page could not be made" in result.stdout and project.record()["a-mean"]["verdict"] == "supported"


def test_collecting_the_claims_imports_nothing_heavy():
    script = (
        "import sys, pytest; pytest.main(['claims', '--collect-only', '-q', '-p', 'no:cacheprovider']);"
        "print('HEAVY', [m for m in ('torch', 'numba', 'scipy', 'statsmodels', 'matplotlib') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "HEAVY []" in result.stdout, result.stdout + result.stderr


def test_a_skip_is_a_skip_and_no_verdict(project):
    result = project.claim("a-mean", [0.0]).claim("away", [0.0], position=2, body='pytest.skip("no GPU here")').run()
    assert result.returncode == 0 and "1 passed, 1 skipped" in result.stdout
    assert [claim["id"] for claim in project.record()["not_run"]] == ["away"]


@pytest.mark.fast
def test_an_interrupted_session_writes_what_it_has_and_says_that_it_is_incomplete(project):
    project.claim("a-mean", [0.0]).claim("stopped", [0.0], position=2, body="raise KeyboardInterrupt").claim(
        "z", [0.0], position=3
    )
    assert project.run().returncode == pytest.ExitCode.INTERRUPTED
    record = project.record()
    assert record["a-mean"]["verdict"] == "supported" and not record["run"]["complete"]
    assert {claim["id"] for claim in record["not_run"]} == {"stopped", "z"}


def test_an_interrupted_session_says_that_the_same_command_goes_on(project):
    said = project.claim("stopped", [0.0], body="raise KeyboardInterrupt").run().stdout
    assert "Interrupted. What was trained and judged so far is in the store: the same command goes on from there." in said


def test_an_interruption_before_any_verdict_leaves_the_last_page_and_says_so(project):
    stopped = project.claim("stopped", [0.0], body="raise KeyboardInterrupt")
    assert "No claim was judged, so that there is no page of this session.\n" in stopped.run().stdout
    page = project.folder / "reports" / "out" / "index.html"
    page.write_text("an earlier one")
    assert f"there is no page of this session. {page} is of an earlier one.\n" in stopped.run().stdout
    assert page.read_text() == "an earlier one"


def test_an_interrupted_rerun_says_that_it_would_begin_anew(project):
    said = project.claim("stopped", [0.0], body="raise KeyboardInterrupt").run("--claims-rerun").stdout
    assert "--claims-rerun trains all of it again each time; without it the same command takes the rest as" in said


def test_a_store_that_cannot_be_written_is_told_before_the_first_test(project):
    said = project.claim("a-mean", [0.0]).run("--claims-store=pytest.ini/store").stdout
    assert said.index("cannot be written (Not a directory). What this session trains") < said.index("test_a_mean.py")


def test_the_list_has_the_claims_that_are_asked_for(project):
    project.claim("a-mean", [0.0]).claim("other", [0.0], position=2)
    listed = project.run("--claims-list", "--claims-only=other")
    assert listed.returncode == 0 and "other" in listed.stdout and "a-mean" not in listed.stdout
    refused = project.run("--claims-list", "--claims-only=others")
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR and "Did you mean other?" in refused.stderr


def test_what_is_no_interruption_is_not_told_as_one(project):
    (project.claim("a-mean", [0.0]).folder / "claims" / "test_broken.py").write_text("import nothing_here")
    result = project.run()
    assert result.returncode == pytest.ExitCode.INTERRUPTED and "Interrupted. What" not in result.stdout


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_a_claim_that_is_misspelt_is_guessed_and_nothing_else_is_told(project, options):
    result = project.claim("a-mean", [0.0]).claim("other", [0.0], position=2).run("--claims-only=a-means", *options)
    told = "--claims-only names 'a-means', which is no claim. Did you mean a-mean? The claims are: a-mean, other."
    assert told in result.stdout + result.stderr and result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "About" not in result.stdout and "INTERNALERROR" not in result.stdout


TELLS = """
import sys

def pytest_unconfigure(config):
    print("Hypothesis:", "hypothesis" in sys.modules, config.pluginmanager.has_plugin("hypothesispytest"))
"""


@pytest.mark.parametrize("uses", [False, True], ids=["not used", "used"])
def test_hypothesis_is_imported_where_a_test_uses_it_alone(project, uses):
    """Its plugin would import it for the summary of every session, which takes seconds."""
    conftest = project.claim("a-mean", [0.0]).folder / "conftest.py"
    conftest.write_text(("import hypothesis\n" if uses else "") + conftest.read_text() + TELLS)
    assert f"Hypothesis: {uses} {uses}" in project.run().stdout


HIDES_NUMBA = """
import importlib.util
whole = importlib.util.find_spec
import evidence.packages
evidence.packages.find_spec = lambda name: None if name == "numba" else whole(name)
"""


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_a_missing_package_is_told_before_anything_is_run(project, options):
    conftest = project.claim("a-mean", [0.0]).folder / "conftest.py"
    conftest.write_text(HIDES_NUMBA + conftest.read_text())
    result = project.run(*options)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR and "ERROR" not in result.stdout, result.stdout
    assert "The claims need numba, which is not installed: python -m pip install --group run" in result.stdout + result.stderr
    assert project.run("--collect-only").returncode == 0


def test_failed_claims_can_be_run_again_alone(project):
    project.claim("a-mean", [2.0]).claim("other", [0.0], position=2)
    command = [sys.executable, "-m", "pytest", "claims"]
    subprocess.run(command, cwd=project.folder, capture_output=True, check=False)
    again = subprocess.run([*command, "--lf"], cwd=project.folder, capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "1 failed" in again.stdout and "1 passed" not in again.stdout


TWO_PARTS = """
import numpy as np
from evidence import REFUTED, claim


@claim("two-parts", "Section 1", position=1, family="theory", expect=REFUTED, because="so", refuted_in=("as printed",))
def test_two_parts(judge, budget):
    \"\"\"Both are zero.

    Scope: made-up numbers.
    \"\"\"
    seeds = budget.seeds(smoke=4, standard=12, paper=20)
    for name, value in {parts}.items():
        found = np.full(len(seeds), value)
        judge.exact(name, found, seeds, again=found, estimand="value", tolerance=0.1, planted=np.ones(1))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "code"),
    [({"as printed": 1.0, "right": 0.0}, 0), ({"as printed": 1.0, "right": 1.0}, 1), ({"as printed": 0.0, "right": 1.0}, 1)],
    ids=["as on record", "the right version fell too", "the wrong part fell"],
)
def test_a_refuted_claim_must_be_so_in_the_parts_on_record_alone(tmp_path, parts, code):
    project = Project(tmp_path)
    (tmp_path / "claims" / "test_two_parts.py").write_text(TWO_PARTS.replace("{parts}", repr(parts)))
    result = project.run()
    assert result.returncode == code, result.stdout
    assert ("two-parts: refuted, as on record, but not in the parts on record." in result.stdout) == bool(code)
    assert ("right is refuted -- right: largest deviation 1, tolerance 0.1, n = 12" in result.stdout) == bool(code)
