"""Records of older versions: read as if written today, with what they could not know left empty."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from reports.page import render
from reports.record import RecordError, check
from reports.versions import READABLE, upgraded
from tests.reports.dom import parse, select
from tests.reports.sample_record import (
    Json,
    interrupted,
    of_first_version,
    of_fourth_version,
    of_second_version,
    of_third_version,
    sample,
)

REFERENCE = Path(__file__).resolve().parents[2] / "reports" / "reference" / "evidence.json"
NEWEST = json.loads((REFERENCE.parents[2] / "evidence" / "record.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def old() -> Json:
    return of_first_version(sample())


def worded_as_of_old(record: Json) -> Json:
    """The record without what the fifth version brought, as far as it can be left empty."""
    record["run"]["digest"] = None
    for each in record["claims"]:
        each |= {"origin": None, "holds": "", "rewording": "", "line": None}
        for test in each["tests"]:
            test["trained"] = None
        for judged in each["parts"]:
            judged.pop("shorter", None)
    return record


def test_fourth_version_is_the_newest_without_origins_and_rewordings() -> None:
    assert upgraded(of_fourth_version(sample())) == worded_as_of_old(sample())
    assert check(of_fourth_version(interrupted()))["not_run"][0]["origin"] is None


def test_newest_readable_version_is_that_of_the_schema() -> None:
    assert READABLE[-1] == NEWEST["properties"]["schema"]["const"]


def test_old_record_obeys_the_newest_schema_once_upgraded(old: Json) -> None:
    assert check(old)["schema"] == READABLE[-1]


def test_what_the_first_version_could_not_know_is_left_empty(old: Json) -> None:
    found = check(old)
    assert (found["run"]["controls"], found["run"]["referee"]) == (True, None)
    assert {len(claim["explorations"]) for claim in found["claims"]} == {0}
    assert {part["p_refute"] for claim in found["claims"] for part in claim["parts"]} == {None}
    assert {str(test["pilot"]) for claim in found["claims"] for test in claim["tests"]} == {"None"}


@pytest.mark.parametrize("aged", [of_first_version, of_second_version, of_third_version])
def test_older_versions_had_no_specifications(aged: Any) -> None:
    found = check(aged(sample()))
    assert found["schema"] == READABLE[-1]
    assert {len(claim["specifications"]) for claim in found["claims"]} == {0}


def test_third_version_is_the_newest_without_specifications() -> None:
    bare = worded_as_of_old(sample())
    for each in bare["claims"]:
        each["specifications"] = []
    assert upgraded(of_third_version(sample())) == bare


@pytest.mark.parametrize("aged", [of_first_version, of_second_version])
def test_older_versions_had_neither_theory_lines_nor_maps(aged: Any) -> None:
    found = check(aged(sample()))
    assert found["schema"] == READABLE[-1]
    assert {len(claim[name]) for claim in found["claims"] for name in ("lines", "maps")} == {0}  # type: ignore[literal-required]


def test_second_version_is_the_newest_without_lines_maps_and_specifications() -> None:
    bare = worded_as_of_old(sample())
    for each in bare["claims"]:
        each |= {"lines": [], "maps": [], "specifications": []}
    assert upgraded(of_second_version(sample())) == bare


def test_outcome_of_an_old_control_is_its_verdict(old: Json) -> None:
    controls = [control for claim in check(old)["claims"] for control in claim["controls"]]
    assert controls and all(control["outcome"] == control["verdict"] for control in controls if control["verdict"])


def test_all_else_of_an_old_record_is_kept(old: Json) -> None:
    assert of_first_version(upgraded(old)) == old


def test_old_record_is_not_changed(old: Json) -> None:
    before = copy.deepcopy(old)
    upgraded(old)
    assert old == before


def test_new_record_is_left_as_it_is() -> None:
    record = sample()
    assert upgraded(record) is record


def test_page_of_an_old_record_shows_what_it_knows(old: Json) -> None:
    elements = parse(render(old))
    text = next(select(elements, id="claim-cross-entropy-not-accelerated")).text
    assert "to support0.012" in text and "to refute" not in text, "an old record has no p value to refute"
    assert "The calibration of the judge was missing" in next(select(elements, id="referee")).text


@pytest.mark.parametrize("says", ["depth-on-trial/evidence/0", "depth-on-trial/evidence/6", "", None, 1, ["a"], "x" * 999])
def test_unknown_version_gets_a_sentence_with_those_that_can_be_read(says: Any) -> None:
    with pytest.raises(RecordError) as caught:
        check(interrupted() | {"schema": says})
    message = str(caught.value)
    assert all(repr(version) in message for version in READABLE)
    assert message.endswith(".") and "\n" not in message and len(message) < 400


@pytest.mark.parametrize(
    "damage, field",
    [
        (lambda r: r.update(run=3), "run: 3 is not of type 'object'"),
        (lambda r: r.update(claims={}), "claims: {} is not of type 'array'"),
        (lambda r: r.update(claims=[1]), "claims[0]: 1 is not of type 'object'"),
        (lambda r: r["claims"][0].pop("parts"), "claims[0]: 'parts' is a required property"),
        (lambda r: r["claims"][0].update(tests=[None]), "claims[0].tests[0]: None is not of type 'object'"),
        (lambda r: r["claims"][0]["controls"][0].pop("verdict"), "claims[0].controls[0]"),
    ],
)
def test_damaged_old_record_names_the_field_too(damage: Any, field: str, old: Json) -> None:
    record = copy.deepcopy(old)
    damage(record)
    with pytest.raises(RecordError) as caught:
        check(record)
    assert f"damaged at {field}" in str(caught.value)


def test_reference_record_can_be_read_whatever_its_version() -> None:
    assert check(json.loads(REFERENCE.read_text(encoding="utf-8")))["claims"]
