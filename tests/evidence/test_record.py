"""The evidence record."""

import copy
import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import evidence.record as module
from evidence.claim import Claim
from evidence.judge import Judge
from evidence.record import build_record, plain, write_record
from evidence.region import Margin
from evidence.verdict import REFUTED, SUPPORTED
from tests.evidence.numbers import Last, arm

SCHEMA = json.loads(Path(module.__file__).with_name("record.schema.json").read_text(encoding="utf-8"))
RUN = {
    "budget": "smoke", "device": "cpu", "device_name": "x86_64", "cores": 2, "threads": 1, "workers": 0, "seeds": None,
    "controls": True, "referee": None,
    "git": {"sha": None, "dirty": None}, "versions": {"python": "3.11"}, "determinism": {}, "datasets": [], "command": "pytest",
    "started": "2026-01-31T12:00:00Z", "finished": "2026-01-31T12:00:01Z", "seconds": 1.0, "complete": True, "exit_status": 0,
}  # fmt: skip
NOISE = np.array([-0.03, 0.02, 0.01, -0.01])


def claim(id, expect=SUPPORTED):
    return Claim(
        id=id, source="Section 0", position=1, family="theory", statement="S.", scope="s", protocol="P.", file="f.py",
        expect=expect, because="why", finding="It holds elsewhere.", holds="Elsewhere.", rewording="S., elsewhere.",
        origin="reading",
    )  # fmt: skip


def result(id, mean=0.0, of=1, exact=False, values=None):
    judge, values = Judge(), NOISE + mean if values is None else values
    if exact:
        judge.exact("exact", values, [1, 2, 3, 4], estimand="e", tolerance=0.5, planted=np.ones(4), again=values)
    else:
        judge.equivalent("part", Last(), arm(values), seeds=[1, 2, 3, 4], estimand="e", to=0.0, margin=Margin(0.1, "m"))
        judge.explore("more", Last(), arm(values), seeds=[1, 2, 3, 4], estimand="e")
    judge.curve("figure-1", "plain", "error", np.array([0.0, 1.0]), np.ones((4, 2)))
    judge.theory("figure-1", "plain", "error", np.array([0.0, 1.0]), np.array([math.inf, 1.0]))
    judge.map("where", "p", rows=("r", [1]), columns=("c", [1, 2]), quantity="gain", values=[[values, values + math.nan]])
    asked = {"outcome": "o", "choices": {"start": f"{mean:g}"}, "seeds": [1, 2, 3, 4], "estimand": "e", "region": (None, 1.0)}
    judge.specification("multiverse", Last(), arm(values), **asked)
    return {
        "claim": id, "nodeid": f"{id}[{mean}]", "place": 0, "of": of, "expect": "supported",
        "verdict": str(judge.verdict), "outcome": "passed",
        "reason": judge.reason, "seconds": 0.5, "trained": 2.0,
        "parts": judge.parts, "controls": judge.controls, "curves": judge.curves,
        "explorations": judge.explorations, "pilot": None, "lines": judge.lines, "maps": judge.maps,
        "specifications": judge.specifications,
    }  # fmt: skip


def built(catalogue, results):
    record = plain(build_record(copy.deepcopy(RUN), catalogue, results))
    jsonschema.validate(record, SCHEMA)
    return record


def test_record_of_all_kinds_of_results_obeys_the_schema():
    broken = result("c", values=np.array([math.nan, 0, 1, 2]))
    record = built([claim(id) for id in "abcd"], [result("a"), result("b", exact=True), broken])
    assert [found["verdict"] for found in record["claims"]] == ["supported", "supported", "invalid"]


def test_claims_come_in_catalogue_order_and_the_rest_are_listed_as_not_run():
    record = built([claim(id) for id in "abcd"], [result("d"), result("b")])
    assert [found["id"] for found in record["claims"]] == ["b", "d"]
    assert [found["id"] for found in record["not_run"]] == ["a", "c"]
    assert record["not_run"][0]["expect"] == "supported"


def test_claim_with_tests_missing_is_incomplete():
    whole, half = (built([claim("a")], [result("a", of=2, mean=m) for m in means]) for means in ([0, 0.01], [0]))
    assert (whole["claims"][0]["complete"], half["claims"][0]["complete"]) == (True, False)


def test_worst_test_decides_for_the_claim():
    (found,) = built([claim("a")], [result("a", of=2), result("a", 0.5, of=2)])["claims"]
    assert found["verdict"] == "refuted" and "outside" in found["reason"]
    assert found["seconds"] == 1.0 and len(found["parts"]) == len(found["tests"]) == len(found["curves"]) == 2


def test_lines_and_maps_of_all_tests_are_kept_in_order():
    (found,) = built([claim("a")], [result("a", mean, of=2) | {"place": i} for i, mean in ((1, 0.01), (0, 0.0))])["claims"]
    assert [len(found["lines"]), len(found["maps"])] == [2, 2]
    assert [each["estimate"][0] for each in found["maps"]] == [[pytest.approx(mean - 0.0025), None] for mean in (0.0, 0.01)]
    assert found["lines"][0]["values"] == [None, 1.0]


def test_specifications_of_all_tests_are_kept_in_order():
    (found,) = built([claim("a")], [result("a", mean, of=2) | {"place": i} for i, mean in ((1, 0.01), (0, 0.0))])["claims"]
    assert [each["choices"] for each in found["specifications"]] == [{"start": "0"}, {"start": "0.01"}]
    assert {str(each["region"]) for each in found["specifications"]} == {"[None, 1.0]"}


def test_result_that_knows_of_no_specifications_has_none():
    bare = {key: value for key, value in result("a").items() if key != "specifications"}
    assert built([claim("a")], [bare])["claims"][0]["specifications"] == []


@pytest.mark.parametrize("mean, expect, shown", [(0, SUPPORTED, True), (0.5, SUPPORTED, False), (0.5, REFUTED, True)])
def test_finding_is_told_only_where_the_verdict_is_the_one_on_record(mean, expect, shown):
    (found,) = built([claim("a", expect)], [result("a", mean)])["claims"]
    assert found["finding"] == ("It holds elsewhere." if shown else "")
    assert (found["holds"], found["rewording"]) == (("Elsewhere.", "S., elsewhere.") if shown else ("", ""))


def test_place_of_the_test_is_told():
    assert [built([claim("a")], [result("a")])["claims"][0][name] for name in ("file", "line")] == ["f.py", 1]


def test_origin_is_told_of_claims_that_ran_and_that_did_not():
    record = built([claim("a"), claim("b")], [result("a")])
    assert [each["origin"] for each in (*record["claims"], *record["not_run"])] == ["reading", "reading"]


def test_digest_is_that_of_the_numbers_by_seed_whatever_their_order_and_times():
    one, two = result("a"), result("b", 0.01)
    same = built([claim("a"), claim("b")], [one, two])["run"]["digest"]
    assert built([claim("b"), claim("a")], [two | {"seconds": 9.0}, one | {"trained": 0.0}])["run"]["digest"] == same
    other = copy.deepcopy(one)
    other["parts"][0]["per_seed"][0] = np.nextafter(other["parts"][0]["per_seed"][0], 1)
    assert built([claim("a"), claim("b")], [other, two])["run"]["digest"] != same


def test_adjusted_p_counts_the_claims_that_did_not_run():
    (found,) = built([claim(id) for id in "abcd"], [result("a")])["claims"]
    assert found["p_holm"] == pytest.approx(min(1, 4 * found["p_raw"]))


def test_claim_of_exact_parts_alone_has_no_p():
    (found,) = built([claim("a")], [result("a", exact=True)])["claims"]
    assert found["p_raw"] is None and found["p_holm"] is None


def test_result_that_judged_nothing_is_recorded():
    nothing = result("a") | {
        "verdict": "invalid",
        "parts": [],
        "controls": [],
        "curves": [],
        "lines": [],
        "maps": [],
        "reason": "it broke",
    }
    assert built([claim("a")], [nothing])["claims"][0]["reason"] == "it broke"


def test_numbers_that_are_not_finite_become_null():
    assert plain({"a": [1.0, math.nan, (math.inf, -math.inf)], "b": "nan"}) == {"a": [1.0, None, [None, None]], "b": "nan"}


def test_written_record_reads_back_and_leaves_nothing_beside(tmp_path):
    write_record({"a": math.nan, "b": "\u00e9"}, tmp_path / "evidence.json")
    assert json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8")) == {"a": None, "b": "\u00e9"}
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.json"]


@pytest.mark.parametrize("broken", [{"a": object()}, {"a": {1, 2}}])
def test_record_that_cannot_be_written_leaves_the_old_one(tmp_path, broken):
    path = tmp_path / "evidence.json"
    write_record({"a": 1}, path)
    with pytest.raises(TypeError):
        write_record(broken, path)
    assert json.loads(path.read_text()) == {"a": 1} and len(list(tmp_path.iterdir())) == 1
