"""The numbers of the README's tables are those of the record that is kept with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from evidence.decisive import decisive
from tests.reports.sample_record import Json

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8").replace("−", "-")
RECORD: Json = json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text(encoding="utf-8"))
CLAIMS: dict[str, Json] = {found["id"]: found for found in RECORD["claims"]}
NUMBER = r"(-?\d+\.?\d*)"
ESTIMATE = re.compile(rf"{NUMBER} \[{NUMBER}, {NUMBER}\], n = (\d+)")
EXACT = re.compile(rf"{NUMBER}, tolerance [^,]+, n = (\d+)")
ROWS = [row for row in README.splitlines() if row.startswith("|") and (ESTIMATE.search(row) or EXACT.search(row))]


def rounds_to(value: float | None, text: str) -> bool:
    digits = len(text.partition(".")[2])
    return value is not None and abs(value - float(text)) <= 0.5001 * 10**-digits


def claims(row: str) -> list[Json]:
    """The claims that a row names; it may abbreviate the ids of a family, as in `-l4`."""
    named = [id for id in CLAIMS if f"`{id}`" in row]
    family = {id.rpartition("-l")[0] for id in named if re.fullmatch(r".*-l\d", id)}
    return [found for id, found in CLAIMS.items() if id in named or id.rpartition("-l")[0] in family]


def parts(row: str) -> list[Json]:
    """The parts of the claims that a row names."""
    return [part for found in claims(row) for part in found["parts"]]


@pytest.mark.parametrize("row", ROWS, ids=[", ".join(re.findall(r"`([a-z0-9-]+)`", row)[:1]) for row in ROWS])
def test_intervals_are_those_of_the_record(row: str) -> None:
    for middle, low, high, n in ESTIMATE.findall(row):
        assert any(
            all(map(rounds_to, (part["estimate"], *part["interval"]["90"]), (middle, low, high))) and part["n"] == int(n)
            for part in parts(row)
            if "interval" in part
        ), f"{middle} [{low}, {high}], n = {n}"
    for value, n in EXACT.findall(row):
        assert any(rounds_to(part["estimate"], value) and part["n"] == int(n) for part in parts(row)), value


@pytest.mark.parametrize("row", ROWS, ids=[", ".join(re.findall(r"`([a-z0-9-]+)`", row)[:1]) for row in ROWS])
def test_the_part_that_is_shown_is_the_one_that_decided(row: str) -> None:
    deciding = [part for claim in claims(row) if (part := decisive(claim["parts"])) and "interval" in part]
    for middle, *_, n in ESTIMATE.findall(row.rpartition(" | ")[2]):
        assert any(rounds_to(part["estimate"], middle) and part["n"] == int(n) for part in deciding), middle


def test_there_are_rows_with_numbers() -> None:
    assert len(ROWS) > 20


def test_verdicts_are_counted_as_in_the_record() -> None:
    counts = Counter((found["origin"], found["verdict"]) for found in RECORD["claims"])
    text = " ".join(README.split())
    told = re.search(
        r"Of (\d+) claims on sentences of the report (\d+) are supported \(.*?\) and (\d+) refuted, "
        r"of (\d+) readings of ours (\d+) and (\d+), of (\d+) questions of our own (\d+) and (\d+)\.",
        text,
    )
    assert told is not None
    expected = [
        number
        for origin in ("report", "reading", "ours")
        for both in [(counts[origin, "supported"], counts[origin, "refuted"])]
        for number in (sum(both), *both)
    ]
    assert [int(number) for number in told.groups()] == expected and sum(counts.values()) == len(CLAIMS) == 46


def test_numbers_of_the_paper_budget_are_those_of_its_record() -> None:
    record: Json = json.loads((ROOT / "reports" / "reference" / "paper" / "evidence.json").read_text(encoding="utf-8"))
    found = [part for claim in record["claims"] for part in claim["parts"] + claim["explorations"]]
    (told,) = [" ".join(part.split()) for part in README.split("\n\n") if part.startswith("**The tutorial's network")]
    intervals = re.findall(rf"{NUMBER} \[{NUMBER}, {NUMBER}\]", told)
    assert len(intervals) == 5
    for numbers in intervals:
        assert any(all(map(rounds_to, (part["estimate"], *part["interval"]["90"]), numbers)) for part in found), numbers
    for id, verdict in {claim["id"]: claim["verdict"] for claim in record["claims"]}.items():
        assert f"`{id}`" in told and verdict in told


def test_numbers_on_fashion_mnist_are_those_of_its_record() -> None:
    record: Json = json.loads((ROOT / "reports" / "reference" / "fashion-mnist" / "evidence.json").read_text(encoding="utf-8"))
    (told,) = [" ".join(part.split()) for part in README.split("\n\n") if part.startswith("**On Fashion-MNIST")]
    found = [part for claim in record["claims"] for part in claim["parts"] + claim["specifications"]]
    intervals = re.findall(rf"{NUMBER} \[{NUMBER}, {NUMBER}\]", told)
    assert len(intervals) == 7
    for numbers in intervals:
        assert any(all(map(rounds_to, (part["estimate"], *part["interval"]["90"]), numbers)) for part in found), numbers
    others = {claim["id"]: claim["verdict"] for claim in record["claims"] if claim["verdict"] != claim["expect"]}
    assert all(f"`{id}` is {verdict}" in told for id, verdict in others.items()) and len(others) == 3
    parts = [
        [part["verdict"] for found in records for part in found["parts"]]
        for records in (record["claims"], [CLAIMS[claim["id"]] for claim in record["claims"]])
    ]
    same = sum(here == there for here, there in zip(*parts, strict=True))
    assert f"those of {same} of the {len(parts[0])} parts" in told
    assert f"{len(record['claims']) - 3} of the {len(record['claims'])} verdicts" in told and record["run"]["complete"]


def test_every_claim_is_told() -> None:
    told = {id for id in CLAIMS if f"`{id}`" in README} | {f"lower-norm-l{power}" for power in (2, 3)}
    assert CLAIMS.keys() - told <= {"lower-norm-l4"} and "`-l4`" in README
