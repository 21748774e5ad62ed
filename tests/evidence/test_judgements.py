"""Judgements that are kept: found while all that they depend on is as it was, and not a moment longer."""

import pytest

from evidence import judgements
from evidence.judgements import Judgements, code_digest

RESULT = {"claim": "rate", "verdict": "supported", "parts": [{"estimate": 0.1 + 0.2, "interval": None}]}
STATE = {"blocks": {"1f": "ab"}, "code": {"kernel.py": "cd"}, "packages": {}, "seconds": {"1f": 2.0}}


def forget():
    code_digest.cache_clear()
    judgements._first_digest.cache_clear()


@pytest.fixture(autouse=True)
def _forgetful():
    forget()
    yield
    forget()


@pytest.fixture
def claim_file(tmp_path):
    folder = tmp_path / "project" / "claims"
    folder.mkdir(parents=True)
    (folder / "numbers.py").write_text("SEEDS = 8\n")
    (folder.parent / "conftest.py").write_text("")
    (folder / "test_rate.py").write_text("def test_rate(): ...\n")
    (folder / "test_other.py").write_text("def test_other(): ...\n")
    return folder / "test_rate.py"


@pytest.fixture
def kept(tmp_path):
    return Judgements(tmp_path / "judgements", {"budget": "smoke"})


def found(kept, claim_file, state=STATE, nodeid="claims/test_rate.py::test_rate"):
    forget()
    return kept.find(nodeid, claim_file, state.__eq__)


@pytest.fixture
def one(kept, claim_file):
    kept.keep("claims/test_rate.py::test_rate", claim_file, STATE, RESULT, 1.5)
    return kept


def test_a_result_comes_back_as_it_was_kept(one, claim_file):
    assert found(one, claim_file) == RESULT


def test_nothing_is_found_where_nothing_was_kept(kept, claim_file):
    assert found(kept, claim_file) is None


@pytest.mark.parametrize("name", ["test_rate.py", "numbers.py", "../conftest.py"])
def test_a_result_is_not_found_once_its_code_has_changed(one, claim_file, name):
    path = claim_file.parent / name
    path.write_text(path.read_text() + "# other\n")
    assert found(one, claim_file) is None


def test_a_helper_in_a_folder_below_counts(kept, claim_file):
    (claim_file.parent / "shared").mkdir()
    helper = claim_file.parent / "shared" / "numbers.py"
    helper.write_text("TO = -0.5\n")
    kept.keep("claims/test_rate.py::test_rate", claim_file, STATE, RESULT, 1.5)
    assert found(kept, claim_file) == RESULT
    helper.write_text("TO = -0.9\n")
    assert found(kept, claim_file) is None


def test_what_was_edited_since_the_session_began_is_not_kept(kept, claim_file):
    code_digest(claim_file)
    claim_file.write_text("def test_rate(): assert False\n")
    kept.keep("claims/test_rate.py::test_rate", claim_file, STATE, RESULT, 1.5)
    assert kept.last("claims/test_rate.py::test_rate") is None


def test_an_editors_link_beside_the_claims_is_no_code(one, claim_file):
    (claim_file.parent / ".#numbers.py").symlink_to("me@host.4242:1700000000")
    assert found(one, claim_file) == RESULT


def test_code_that_cannot_be_read_is_not_current_and_keeps_nothing(one, claim_file):
    (claim_file.parent / "gone.py").symlink_to("nowhere.py")
    assert found(one, claim_file) is None
    one.keep("claims/test_other.py::test_other", claim_file, STATE, RESULT, 1.5)
    assert one.last("claims/test_other.py::test_other") is None


def test_another_test_file_changes_nothing(one, claim_file):
    (claim_file.parent / "test_other.py").write_text("def test_other(): raise ValueError\n")
    assert found(one, claim_file) == RESULT


@pytest.mark.parametrize("room", judgements.ROOMS)
def test_a_result_depends_on_every_room_that_makes_numbers(one, claim_file, room, monkeypatch, tmp_path):
    for name in judgements.ROOMS:
        (tmp_path / "root" / name).mkdir(parents=True)
        (tmp_path / "root" / name / "module.py").write_text("")
    monkeypatch.setattr(judgements, "ROOT", tmp_path / "root")
    assert found(one, claim_file) is None, "other rooms"
    one.keep("claims/test_rate.py::test_rate", claim_file, STATE, RESULT, 1.5)
    assert found(one, claim_file) == RESULT
    (tmp_path / "root" / room / "module.py").write_text("changed = True")
    assert found(one, claim_file) is None


def test_a_result_is_not_found_with_other_options_versions_or_test_names(one, claim_file, monkeypatch):
    assert found(Judgements(one.folder, {"budget": "paper"}), claim_file) is None
    assert found(one, claim_file, nodeid="claims/test_rate.py::test_rate[p4]") is None
    monkeypatch.setattr(judgements.facts, "versions", lambda: {"python": "2.7"})
    assert found(one, claim_file) is None


def test_a_result_is_not_found_where_its_trainings_are_others(one, claim_file):
    assert found(one, claim_file, state=STATE | {"blocks": {}}) is None


def test_options_do_not_push_each_other_out(one, claim_file):
    paper = Judgements(one.folder, {"budget": "paper"})
    paper.keep("claims/test_rate.py::test_rate", claim_file, STATE, RESULT | {"verdict": "refuted"}, 1.5)
    assert found(one, claim_file) == RESULT
    assert found(paper, claim_file)["verdict"] == "refuted"


def damaged(text):
    return [
        text[: len(text) // 2],
        text.replace("supported", "refuted"),
        "[]",
        "{}",
        "null",
        text.replace("kernel.py", "other.py"),
    ]


@pytest.mark.parametrize("way", range(6))
def test_a_damaged_file_is_not_believed(one, claim_file, way):
    (path,) = one.folder.glob("*.json")
    path.write_text(damaged(path.read_text())[way])
    assert found(one, claim_file) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_raises_nothing(claim_file, tmp_path):
    (tmp_path / "file").write_text("")
    kept = Judgements(tmp_path / "file" / "judgements", {})
    kept.keep("test", claim_file, STATE, RESULT, 1.5)
    assert found(kept, claim_file, nodeid="test") is None


def test_the_last_judgement_is_known_also_when_it_no_longer_holds(one, claim_file):
    claim_file.write_text("changed = True\n")
    assert found(one, claim_file) is None
    last = one.last("claims/test_rate.py::test_rate")
    assert (last["own"], last["trainings"]) == (1.5, STATE)
    assert one.last("claims/test_other.py::test_other") is None
