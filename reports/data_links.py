"""A claim's data as links that a browser saves: its numbers by seed as CSV, what was made of them as JSON.

Both are data: URIs, so that the page stays one file, and compressed with gzip, which leaves room for every claim on a page of
a megabyte. There is no time stamp in them, so that the same record gives the same bytes.
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from reports.numerals import finite
from reports.record import Claim, Exploration, Part
from reports.wording import digits_of

__all__ = ["as_csv", "compressed_csv_link", "csv_link", "json_link"]

MOST_DIGITS = 7
CLAIM = ("id", "verdict", "expect", "p_raw", "p_holm", "file", "command")
PART = (
    *("name", "kind", "unit", "target", "region", "estimate", "interval", "tolerance", "bias", "n", "verdict"),
    *("p_raw", "p_refute", "p_permutation", "detectable", "shorter"),
)
CONTROL = ("part", "name", "estimate", "passed")
EXPLORED = ("name", "unit", "estimate", "interval", "n", "note")


def csv_link(text: str) -> str:
    """Text as a link to a CSV file.

    >>> csv_link("a,b")
    'data:text/csv;charset=utf-8,a,b'
    """
    return "data:text/csv;charset=utf-8," + quote(text, safe=" ,.-+:;/()=|").replace(" ", "%20")


def compressed_csv_link(text: str) -> str:
    """Text as a link to a compressed CSV file, which pandas and R read as it is."""
    return _compressed(text)


def as_csv(claim: Claim) -> str:
    """The claim's numbers by seed: a row for each part, judged or explored, and a column for each seed.

    They have digits enough to tell them apart. A part whose seeds are not known by name has them as numbers from 1. An empty
    field is a number that is not finite.

    >>> part = {"name": "late", "seeds": [7, 8], "per_seed": [0.125, None]}
    >>> print(as_csv({"parts": [part], "explorations": []}))
    part,judged,7,8
    late,yes,0.125,
    <BLANKLINE>
    """
    named = [(part["name"], "yes", _by_seed(part)) for part in claim["parts"]]
    named += [(each["name"], "no", _by_seed(each)) for each in claim["explorations"]]
    seeds = list(dict.fromkeys(seed for _, _, values in named for seed in values))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", "judged", *seeds])
    for name, judged, values in named:
        writer.writerow([name, judged, *(values.get(seed, "") for seed in seeds)])
    return text.getvalue()


def json_link(claim: Claim) -> str:
    """The claim's numbers, with the names that the record gives them, as a link to a compressed JSON file.

    Left to the record are words, numbers by seed, and what figures draw.
    """
    kept = _only(CLAIM, claim) | {
        "parts": [_only(PART, part) for part in claim["parts"]],
        "explorations": [_only(EXPLORED, each) for each in claim["explorations"]],
        "controls": [_only(CONTROL, each) for each in claim["controls"]],
    }
    return _compressed(json.dumps(kept, separators=(",", ":"), ensure_ascii=False))


def _only(names: Iterable[str], found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _rounded(found[name]) for name in names if name in found}


def _rounded(value: Any) -> Any:
    """A value whose numbers have seven digits, which is more than any of them is sure of."""
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.{MOST_DIGITS}g}") if isinstance(value, float) else value


def _compressed(text: str) -> str:
    return f"data:application/gzip;base64,{base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()}"


def _by_seed(found: Part | Exploration) -> dict[int, str]:
    count = len(found["per_seed"])
    seeds: Iterable[int] = found["seeds"] if len(found["seeds"]) == count else range(1, count + 1)
    digits = min(digits_of([value for value in found["per_seed"] if finite(value)]), MOST_DIGITS)
    return {seed: f"{value:.{digits}g}" if finite(value) else "" for seed, value in zip(seeds, found["per_seed"], strict=True)}
