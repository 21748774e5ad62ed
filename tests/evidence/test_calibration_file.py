"""The committed trial of the referee belongs to the referee that is committed."""

import json
from pathlib import Path

import jsonschema

from evidence import calibration as module
from evidence.calibration import CALIBRATION, JUDGING, calibration, judging_code

SCHEMA = json.loads((Path(module.__file__).with_name("record.schema.json")).read_text(encoding="utf-8"))


def test_committed_calibration_is_of_the_code_that_judges():
    found = calibration()
    assert found is not None and found["current"], "run: tox run -e calibration"
    jsonschema.validate(found, SCHEMA["$defs"]["referee"] | {"$defs": SCHEMA["$defs"]})


def test_calibration_of_other_code_is_not_current(tmp_path):
    other = tmp_path / "calibration.json"
    other.write_text(json.dumps(json.loads(CALIBRATION.read_text(encoding="utf-8")) | {"code": "0" * 64}), encoding="utf-8")
    assert calibration(other)["current"] is False


def test_missing_or_damaged_calibration_is_none(tmp_path):
    (tmp_path / "damaged.json").write_text("{", encoding="utf-8")
    assert calibration(tmp_path / "damaged.json") is None and calibration(tmp_path / "missing.json") is None


def test_digest_covers_the_modules_that_decide():
    assert len(judging_code()) == 64
    assert {"inference", "judge", "controls", "samples", "slopes"} <= set(JUDGING)
    assert all((CALIBRATION.parent / f"{name}.py").is_file() for name in JUDGING)
