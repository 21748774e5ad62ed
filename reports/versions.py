"""Older evidence records, read as if they had been written today.

Each version has one step to the next; what an old record could not know is left empty, never guessed.

>>> upgraded({"schema": "depth-on-trial/evidence/1", "run": {}, "claims": []})
{'schema': 'depth-on-trial/evidence/5', 'run': {'controls': True, 'referee': None, 'digest': None}, 'claims': []}
"""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["READABLE", "upgraded"]

# Records whose shape is not yet known to be right: the schema looks at them afterwards.
Json: TypeAlias = Any

FIRST, SECOND, THIRD, FOURTH, FIFTH = READABLE = tuple(f"depth-on-trial/evidence/{number}" for number in (1, 2, 3, 4, 5))


def upgraded(record: Json) -> Json:
    """The record in the newest version; one that is new, or damaged, comes back as it was, for the schema to judge.

    >>> upgraded({"schema": "depth-on-trial/evidence/5"})
    {'schema': 'depth-on-trial/evidence/5'}
    """
    if isinstance(record, dict):
        record = _from_first(record) if record.get("schema") == FIRST else record
        record = _from_second(record) if record.get("schema") == SECOND else record
        record = _from_third(record) if record.get("schema") == THIRD else record
        record = _from_fourth(record) if record.get("schema") == FOURTH else record
    return record


def _from_first(record: Json) -> Json:
    # Every session of the first version ran controls, and none knew of a calibration.
    run = _with(record.get("run"), controls=True, referee=None)
    return record | {"schema": SECOND, "run": run, "claims": _each(record.get("claims"), _claim)}


def _from_second(record: Json) -> Json:
    # The second version had neither theory lines nor maps.
    return record | {"schema": THIRD, "claims": _each(record.get("claims"), lambda claim: _with(claim, lines=[], maps=[]))}


def _from_third(record: Json) -> Json:
    # The third version had no specification curves.
    return record | {"schema": FOURTH, "claims": _each(record.get("claims"), lambda claim: _with(claim, specifications=[]))}


def _from_fourth(record: Json) -> Json:
    # The fourth version did not say whose sentence a claim is, where a refuted one holds, where its test stands, or what
    # its trainings took.
    found = record | {
        "schema": FIFTH,
        "run": _with(record.get("run"), digest=None),
        "claims": _each(record.get("claims"), _unworded),
    }
    return found | ({"not_run": _each(record["not_run"], lambda each: _with(each, origin=None))} if "not_run" in record else {})


def _unworded(claim: Json) -> Json:
    if not isinstance(claim, dict):
        return claim
    tests = {"tests": _each(claim["tests"], lambda test: _with(test, trained=None))} if "tests" in claim else {}
    return claim | tests | {"origin": None, "holds": "", "rewording": "", "line": None}


def _claim(claim: Json) -> Json:
    if not isinstance(claim, dict):
        return claim
    lists = {
        "controls": _each(claim.get("controls"), _control),
        "parts": _each(claim.get("parts"), lambda part: _with(part, p_refute=None)),
        "tests": _each(claim.get("tests"), lambda test: _with(test, pilot=None)),
    }
    return claim | {name: items for name, items in lists.items() if name in claim} | {"explorations": []}


def _control(control: Json) -> Json:
    # The first version told the outcome by its verdict alone.
    return _with(control, outcome=control["verdict"]) if isinstance(control, dict) and "verdict" in control else control


def _with(item: Json, **more: Any) -> Json:
    return item | more if isinstance(item, dict) else item


def _each(items: Json, change: Any) -> Json:
    return [change(item) for item in items] if isinstance(items, list) else items
