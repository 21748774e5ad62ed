"""On another data set than MNIST no verdict is on record: only an invalid one fails, and every line says so."""

import pytest

from evidence.other_data import on_record, other_data
from evidence.terminal import table, word
from tests.evidence.test_plugin import Project
from tests.evidence.test_record import built, claim, result

FASHION = [{"name": "fashion-mnist-train", "source": "directory", "images": 12000, "sha256": {"train-images-idx3-ubyte": "c59f"}}]
EMBEDDED = [{"name": "mnist-12000", "source": "embedded", "images": 12000, "sha256": {"subset": "fae4"}}]
TRAINED_ON = "train.datasets = [{'name': %r, 'source': 'directory', 'images': 9, 'sha256': {}, 'licence': 'MIT'}]"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.mark.parametrize("name", ["mnist-12000", "mnist-train", "mnist-test"])
def test_mnist_and_its_parts_are_what_verdicts_are_on_record_for(name):
    assert other_data([{"name": name}]) == ""
    assert on_record({"datasets": [{"name": name}]}) == on_record({}) == "on record"


def test_every_other_set_is_named():
    assert other_data([{"name": "fashion-mnist-train"}, *EMBEDDED, {"name": "kmnist-test"}]) == "fashion-mnist-train, kmnist-test"
    assert other_data([]) == ""


def test_the_word_of_a_test_says_what_the_verdict_on_record_is_for():
    seen = {"verdict": "refuted", "expect": "supported"}
    assert word(seen | {"datasets": EMBEDDED}) == "REFUTED (on record: supported)"
    assert word(seen | {"datasets": FASHION}) == "REFUTED (on record for MNIST: supported)"
    assert word({"verdict": "supported", "expect": "supported", "datasets": FASHION}) == "SUPPORTED"


def test_the_record_gives_the_reason_and_leaves_the_finding_on_mnist_out():
    there, here = (built([claim("a")], [result("a") | {"datasets": datasets}])["claims"][0] for datasets in (FASHION, EMBEDDED))
    assert there["verdict"] == here["verdict"] == "supported"
    assert there["reason"] == here["reason"] + "; the verdict on record is for MNIST, this one for fashion-mnist-train"
    assert (there["finding"], here["finding"]) == ("", "It holds elsewhere.")


@pytest.mark.parametrize(("dataset", "words"), [("kmnist", " --claims-dataset=kmnist"), ("mnist", "")])
def test_the_command_of_a_claim_repeats_the_data_set(dataset, words, monkeypatch):
    from tests.evidence import test_record

    monkeypatch.setitem(test_record.RUN, "dataset", dataset)
    command = built([claim("a")], [result("a")])["claims"][0]["command"]
    assert command == f"pytest f.py --claims-budget=smoke --claims-controls=on{words}"


def test_the_table_ends_with_what_was_trained_on():
    record = built([claim("a")], [result("a") | {"datasets": FASHION}])
    assert not any("MNIST" in line for line in table(record))
    record["run"]["datasets"] = FASHION
    assert table(record)[-1] == "Networks were trained on fashion-mnist-train; the verdicts on record are for MNIST."


# ---- whole sessions ------------------------------------------------------------------------------------------------


def session(project, shift, name, *options):
    """Run one claim as if networks had been trained for it on the data set of this name."""
    project.claim("a-mean", [shift], body=TRAINED_ON % name)
    path = project.folder / "claims" / "test_a_mean.py"
    path.write_text(path.read_text().replace("(shift, judge, budget)", "(shift, judge, budget, train)"))
    return project.run("-v", *options)


def test_a_verdict_that_differs_passes_on_another_set_and_says_so(project):
    done = session(project, 2.0, "fashion-mnist-train")
    assert done.returncode == 0, done.stdout
    assert "REFUTED (on record for MNIST: supported)" in done.stdout
    assert "Networks were trained on fashion-mnist-train; the verdicts on record are for MNIST." in done.stdout
    found = project.record()
    assert found["a-mean"]["verdict"] == "refuted"
    assert found["a-mean"]["reason"].endswith("the verdict on record is for MNIST, this one for fashion-mnist-train")
    assert found["run"]["datasets"][0]["licence"] == "MIT"


def test_the_same_verdict_on_mnist_fails(project):
    done = session(project, 2.0, "mnist-train")
    assert done.returncode == 1
    assert "a-mean: refuted, while 'supported' is on record;" in done.stdout


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--claims-inconclusive=fail",), 1)])
def test_an_inconclusive_verdict_passes_unless_it_was_asked_to_fail(project, options, code):
    done = session(project, 0.5, "kmnist-train", *options)
    assert done.returncode == code, done.stdout
    assert "INCONCLUSIVE (on record for MNIST: supported)" in done.stdout


def test_an_invalid_verdict_fails_on_every_set(project):
    done = session(project, 0.0, "kmnist-train", "--claims-seeds=2")
    assert done.returncode == 1
    assert "a-mean: invalid, while 'supported' is on record for MNIST;" in done.stdout


def test_an_unknown_set_is_refused_before_anything_runs(project):
    done = project.claim("a-mean", [0.0]).run("--claims-dataset=cifar")
    assert done.returncode == 4
    assert "--claims-dataset is 'cifar'; it must be one of: mnist, fashion-mnist, kmnist." in done.stderr


def test_the_ini_file_names_the_set_too(project):
    ini = project.folder / "pytest.ini"
    ini.write_text(ini.read_text() + "claims_dataset = kmnist\n")
    assert project.claim("a-mean", [0.0]).run().returncode == 0
    found = project.record()
    assert found["run"]["dataset"] == "kmnist"
    assert found["a-mean"]["command"].endswith("--claims-dataset=kmnist")
