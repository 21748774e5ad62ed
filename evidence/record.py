"""The evidence record: everything a session found, as plain JSON values of the schema in `record.schema.json`."""

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from evidence.claim import Claim
from evidence.decisive import decisive
from evidence.digest import digest
from evidence.holm import claim_p, holm
from evidence.other_data import other_data
from evidence.verdict import INVALID, SUPPORTED, Verdict, worst

__all__ = ["SCHEMA", "build_record", "plain", "write_record"]

SCHEMA = "depth-on-trial/evidence/5"
Json: TypeAlias = dict[str, Any]
WORDS = ("finding", "holds", "rewording")
"""What a claim says of the verdict on record, and of no other."""
TESTS = ("nodeid", "verdict", "expect", "outcome", "seconds", "trained", "pilot")
STATIC = ("id", "statement", "source", "origin", "family", "command")


def build_record(run: Json, catalogue: Sequence[Claim], results: Iterable[Json]) -> Json:
    """Return the record of a session.

    `results` holds, for each test that ran, what the plugin saw of it: claim id, verdict, parts and so on. Claims come in the
    catalogue's order; those without results are listed as not run.
    """
    by_claim: dict[str, list[Json]] = {}
    for result in sorted(results, key=lambda result: result["place"]):  # parallel tests come in any order
        by_claim.setdefault(result["claim"], []).append(result)
    judged = [_claim(claim, by_claim[claim.id]) for claim in catalogue if claim.id in by_claim]
    adjusted = holm({claim["id"]: claim["p_raw"] for claim in judged}, family=len(catalogue))
    for claim in judged:
        claim["p_holm"] = adjusted[claim["id"]]
        claim["command"] += _settings(run)
    not_run = [_static(claim) for claim in catalogue if claim.id not in by_claim]
    return {"schema": SCHEMA, "run": run | {"digest": digest(judged)}, "claims": judged, "not_run": not_run}


def plain(value: Any) -> Any:
    """Return a value with every number that is not finite replaced by None, as JSON has none.

    >>> plain({"a": [1.0, math.inf]})
    {'a': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):  # NumPy's floats are floats too, but travel between processes only as plain ones
        return float(value) if math.isfinite(value) else None
    return value


def write_record(record: Json, path: Path) -> None:
    """Write the record, whole or not at all."""
    text = json.dumps(plain(record), indent=1, allow_nan=False)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
        try:
            file.write(text + "\n")
            file.flush()
        except OSError:
            os.unlink(file.name)
            raise
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _settings(run: Json) -> str:
    """Return the options that make a rerun spend the same."""
    budget = "" if run["budget"] == "standard" else f" --claims-budget={run['budget']}"
    controls = "" if run["controls"] is (run["budget"] != "smoke") else f" --claims-controls={'on' if run['controls'] else 'off'}"
    dataset = "" if run.get("dataset", "mnist") == "mnist" else f" --claims-dataset={run['dataset']}"
    return budget + controls + dataset + ("" if run["seeds"] is None else f" --claims-seeds={run['seeds']}")


def _static(claim: Claim) -> Json:
    return {name: getattr(claim, name) for name in STATIC} | {"expect": str(claim.expect)}


def _claim(claim: Claim, results: list[Json]) -> Json:
    verdict = worst(Verdict(result["verdict"]) for result in results)
    parts = _joined(results, "parts")
    other = next((found for result in results if (found := other_data(result.get("datasets", [])))), "")
    as_recorded, complete = verdict is claim.expect and not other, len(results) == results[0]["of"]
    return _static(claim) | {
        "scope": claim.scope,
        "protocol": claim.protocol,
        "file": claim.file,
        "line": claim.line,
        "expect_reason": claim.because,
        "verdict": str(verdict),
        "reason": _reason(results, verdict) + (f"; the verdict on record is for MNIST, this one for {other}" if other else ""),
        **({name: getattr(claim, name) if as_recorded else "" for name in WORDS}),
        "seconds": sum(result["seconds"] for result in results),
        "complete": complete,
        "p_raw": _p_value(parts) if complete and verdict is not INVALID else math.nan,
        "p_holm": math.nan,
        "controls": _joined(results, "controls"),
        "explorations": _joined(results, "explorations"),
        "tests": [{name: result[name] for name in TESTS} for result in results],
        "parts": parts,
        "curves": _joined(results, "curves"),
        "lines": _joined(results, "lines"),
        "maps": _joined(results, "maps"),
        "specifications": [each for result in results for each in result.get("specifications", [])],
    }


def _p_value(parts: list[Json]) -> float:
    """Return the p-value to support the whole claim: its largest; none where an exact part, which has none, does not support."""
    if any(part["kind"] == "exact" and part["verdict"] != SUPPORTED for part in parts):
        return math.nan
    return claim_p([math.nan if part["p_raw"] is None else part["p_raw"] for part in parts if part["kind"] != "exact"])


def _reason(results: list[Json], verdict: Verdict) -> str:
    """Return the reason of the test that decided: one that stopped, or the one with the decisive part."""
    worst_ones = [result for result in results if result["verdict"] == verdict]
    broken = [result for result in worst_ones if all(part["verdict"] != verdict for part in result["parts"])]
    part = decisive([part for result in worst_ones for part in result["parts"]])
    chosen = broken or [result for result in worst_ones if part in result["parts"]]
    return str(chosen[0]["reason"])


def _joined(results: list[Json], name: str) -> list[Json]:
    return [item for result in results for item in result[name]]
