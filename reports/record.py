"""The evidence record as this room sees it: its types, and one sentence on what is wrong with a damaged one.

The contract is ``evidence/record.schema.json``; the types below repeat it for the type checker and decide nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from reports.calibration import Referee, troubles
from reports.versions import READABLE, upgraded

if TYPE_CHECKING:
    from typing_extensions import NotRequired  # in typing from Python 3.11 on; annotations are not evaluated here

__all__ = [
    "FAMILIES",
    "ORIGINS",
    "VERDICTS",
    "Bounds",
    "Claim",
    "Control",
    "Curve",
    "Exploration",
    "Factor",
    "Interval",
    "Line",
    "Map",
    "Part",
    "Pilot",
    "Record",
    "RecordError",
    "Specification",
    "check",
    "read",
]

SCHEMA_PATH = Path(__file__).resolve().parent.parent / "evidence" / "record.schema.json"

Verdict = Literal["supported", "refuted", "inconclusive", "invalid"]
Origin = Literal["report", "reading", "ours"]
ORIGINS: tuple[Origin, ...] = ("report", "reading", "ours")
Family = Literal["theory", "network", "cited", "extension"]
VERDICTS: tuple[Verdict, ...] = ("supported", "refuted", "inconclusive", "invalid")
FAMILIES: tuple[Family, ...] = ("theory", "network", "cited", "extension")

Number = float | None
Bounds = list[Number]
Interval = TypedDict("Interval", {"90": Bounds, "95": Bounds})


class RecordError(ValueError):
    """The evidence record cannot be shown; the message is one sentence that names the file or the field."""


class Margin(TypedDict):
    """How far from the target a finding may be and still count as true."""

    value: float
    words: str


class Shorter(TypedDict):
    """A part's estimate, had the runs been cut at a share of their time."""

    share: float
    estimate: Number
    interval: Interval


class Part(TypedDict):
    """One judged number of a claim."""

    name: str
    kind: Literal["equivalence", "non-superiority", "superiority", "exact"]
    estimand: str
    unit: str
    estimate: Number
    interval: NotRequired[Interval]
    tolerance: NotRequired[float]
    target: Number
    region: Bounds
    margin: Margin
    bias: NotRequired[Number]
    n: int
    verdict: Verdict
    reason: str
    p_raw: Number
    p_refute: Number
    p_permutation: Number
    detectable: NotRequired[Number]
    seeds_to_settle: NotRequired[int | None]
    seconds_to_settle: NotRequired[Number]
    seeds: list[int]
    per_seed: list[Number]
    shorter: NotRequired[list[Shorter]]


class Exploration(TypedDict):
    """A number that nothing was declared about: it has no margin and no verdict."""

    name: str
    estimand: str
    unit: str
    n: int
    estimate: Number
    interval: Interval
    note: str
    seeds: list[int]
    per_seed: list[Number]


class Control(TypedDict):
    """A planted effect, a planted agreement or identical arms, and what the referee made of it."""

    part: str
    name: str
    planted: str
    must_be: str
    outcome: str
    estimate: Number
    verdict: Verdict | None
    passed: bool | None


class Curve(TypedDict):
    """A band over seeds for one arm and one quantity of a figure."""

    figure: str
    arm: str
    quantity: str
    x: list[float]
    median: list[Number]
    low: list[Number]
    high: list[Number]
    n: int
    window: NotRequired[Bounds]
    along: NotRequired[str]


class Line(TypedDict):
    """What theory predicts for one arm and one quantity of a figure."""

    figure: str
    arm: str
    quantity: str
    x: list[float]
    values: list[Number]


class Factor(TypedDict):
    """What varies along one side of a map."""

    label: str
    values: list[float]


class Map(TypedDict):
    """One panel of a figure: an estimate and its 90 % interval for every pair of two factors' values."""

    figure: str
    panel: str
    rows: Factor
    columns: Factor
    quantity: str
    n: int
    estimate: list[list[Number]]
    low: list[list[Number]]
    high: list[list[Number]]


class Specification(TypedDict):
    """One way of running an experiment and what it gave: a column of the curve of its figure and outcome."""

    figure: str
    outcome: str
    estimand: str
    unit: str
    region: Bounds
    choices: dict[str, str]
    base: bool
    n: int
    estimate: Number
    interval: Interval
    note: str


class Pilot(TypedDict):
    """The seeds that a number of seeds was planned with."""

    seeds: list[int]
    planned: int
    reason: str
    seconds: float


class Outcome(TypedDict):
    """One test of a claim and how it ended."""

    nodeid: str
    verdict: Verdict
    expect: Verdict
    outcome: Literal["passed", "failed"]
    seconds: float
    trained: Number
    pilot: Pilot | None


class Claim(TypedDict):
    """A finding of the report with the verdict on it."""

    id: str
    statement: str
    source: str
    origin: Origin | None
    scope: str
    family: Family
    expect: Verdict
    expect_reason: NotRequired[str]
    verdict: Verdict
    reason: str
    finding: str
    holds: str
    rewording: str
    protocol: str
    command: str
    file: str
    line: int | None
    seconds: float
    complete: bool
    p_raw: Number
    p_holm: Number
    controls: list[Control]
    tests: list[Outcome]
    parts: list[Part]
    curves: list[Curve]
    lines: list[Line]
    maps: list[Map]
    specifications: list[Specification]
    explorations: list[Exploration]


class NotRun(TypedDict):
    """A claim of the catalogue that this run left out."""

    id: str
    statement: str
    source: str
    origin: Origin | None
    family: Family
    expect: Verdict
    command: str


class Git(TypedDict):
    """The commit, where there was one."""

    sha: str | None
    dirty: bool | None
    url: NotRequired[str | None]


class Dataset(TypedDict):
    """A data set and the files it came from."""

    name: str
    source: str
    images: int
    sha256: dict[str, str]
    licence: NotRequired[str]
    citation: NotRequired[str]


class Run(TypedDict):
    """Where, when and how the evidence was made."""

    budget: str
    device: str
    device_name: str
    cores: int
    threads: int
    workers: int
    seeds: int | Literal["auto"] | None
    git: Git
    versions: dict[str, str]
    determinism: dict[str, Any]
    datasets: list[Dataset]
    dataset: NotRequired[str]
    command: str
    started: str
    finished: str
    seconds: float
    digest: str | None
    complete: bool
    exit_status: int
    controls: bool
    referee: Referee | None


class Record(TypedDict):
    """The whole evidence record."""

    schema: str
    run: Run
    claims: list[Claim]
    not_run: list[NotRun]


def read(path: Path) -> Record:
    """The checked record in the file `path`.

    >>> read(Path("no/such/file.json"))
    Traceback (most recent call last):
        ...
    reports.record.RecordError: There is no evidence record at no/such/file.json.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"There is no evidence record at {path}.") from None
    except OSError as error:
        raise RecordError(f"The evidence record {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} is not JSON: it is not UTF-8 text.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise RecordError(f"{path} is not JSON: {_json_trouble(error)}.") from error
    return check(found)


def check(record: Mapping[str, Any]) -> Record:
    """A plain copy of `record` in the newest version, after it was found to obey the schema.

    >>> check({"schema": "depth-on-trial/evidence/0"})
    Traceback (most recent call last):
        ...
    reports.record.RecordError: This page reads records of schema 'depth-on-trial/evidence/1', \
'depth-on-trial/evidence/2', 'depth-on-trial/evidence/3', 'depth-on-trial/evidence/4' or 'depth-on-trial/evidence/5'; \
this one says 'depth-on-trial/evidence/0'.
    """
    plain = _plain(record)
    _check_version(plain)
    plain = upgraded(plain)
    # The one tells a sound record in milliseconds, the other finds the words for a damaged one in seconds.
    error = None if _fast_validator().is_valid(plain) else best_match(_validator().iter_errors(plain))
    if error is not None:
        raise RecordError(_sentence(_field(error), error.message))
    for field, problem in _contradictions(cast(Record, plain)):
        raise RecordError(_sentence(field, problem))
    return cast(Record, plain)


def _plain(record: Mapping[str, Any]) -> Any:
    # One trip through JSON makes tuples lists, and what is not finite null, and leaves the caller's object alone.
    try:
        return json.loads(json.dumps(record), parse_constant=lambda _: None)
    except (TypeError, ValueError) as error:
        raise RecordError(f"The evidence record cannot be written as JSON: {error}.") from error


def _check_version(record: Any) -> None:
    if not isinstance(record, dict):
        raise RecordError("The evidence record is damaged: its top level is not an object.")
    says = record.get("schema")
    if says not in READABLE:
        *older, newest = map(repr, READABLE)
        reads = f"{', '.join(older)} or {newest}"
        raise RecordError(f"This page reads records of schema {reads}; this one says {_shortened(repr(says))}.")


def _json_trouble(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply"


def _sentence(field: str, problem: str) -> str:
    return f"The evidence record is damaged at {field}: {_shortened(problem).rstrip('.')}."


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} ... {text[-70:]}"


def _field(error: ValidationError) -> str:
    return error.json_path.removeprefix("$").removeprefix(".") or "its top level"


def _contradictions(record: Record) -> Iterator[tuple[str, str]]:
    """What the schema does not say: the calibration's numbers, unique ids, and one shape for arrays that belong together."""
    yield from troubles(record["run"]["referee"] or {})
    seen: set[str] = set()
    for i, claim in enumerate(record["claims"]):
        if claim["id"] in seen:
            yield f"claims[{i}].id", f"{claim['id']!r} appears twice"
        seen.add(claim["id"])
        for j, curve in enumerate(claim["curves"]):
            yield from _uneven(f"claims[{i}].curves[{j}]", curve, ("median", "low", "high"))
        for j, line in enumerate(claim["lines"]):
            yield from _uneven(f"claims[{i}].lines[{j}]", line, ("values",))
        for j, each in enumerate(claim["maps"]):
            yield from _misshapen(f"claims[{i}].maps[{j}]", each)


def _uneven(field: str, drawn: Mapping[str, Any], keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    for key in keys:
        if len(drawn[key]) != len(drawn["x"]):
            yield f"{field}.{key}", f"it has {len(drawn[key])} values where x has {len(drawn['x'])}"


def _misshapen(field: str, drawn: Map) -> Iterator[tuple[str, str]]:
    rows, columns = len(drawn["rows"]["values"]), len(drawn["columns"]["values"])
    for key, table in (("estimate", drawn["estimate"]), ("low", drawn["low"]), ("high", drawn["high"])):
        if [len(row) for row in table] != [columns] * rows:
            yield f"{field}.{key}", f"it is no table of {rows} rows of {columns} numbers"


@cache
def _schema() -> Any:
    return json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


@cache
def _fast_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema())


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_schema())
