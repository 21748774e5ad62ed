"""Regression against the certified values of NIST's eleven linear sets; data and source in `nist/`."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from evidence import slope
from evidence.regression import least_squares

pytestmark = pytest.mark.fast

FOLDER = Path(__file__).parent / "nist"
CERTIFIED = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
DEGREES = {"norris": 1, "pontius": 2, "noint1": 1, "noint2": 1, "filip": 10} | {f"wampler{k}": 5 for k in range(1, 6)}
SETS = [*DEGREES, "longley"]
REQUIRED = {"filip": 7}
EXACT_TO_ROUNDING = 15.0


def load(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    response = np.array([row["y"] for row in rows])
    if name == "longley":
        return np.array([[1.0] + [row[f"x{i}"] for i in range(1, 7)] for row in rows]), response
    x = np.array([row.get("x", row.get("x1")) for row in rows])
    first = 1 if name.startswith("noint") else 0
    return np.stack([x**power for power in range(first, DEGREES[name] + 1)], axis=1), response


def digits(found, certified):
    """Agreeing significant digits (log relative error); for a value certified as zero, digits after the point."""
    found, certified = float(found), float(certified)
    if not math.isfinite(found):
        return -math.inf
    off = abs(found - certified) / (abs(certified) or 1.0)
    return EXACT_TO_ROUNDING if off == 0 else min(EXACT_TO_ROUNDING, -math.log10(off))


def fewest(name):
    fit, certified = least_squares(*load(name)), CERTIFIED[name]
    pairs = [*zip(fit.coefficients, certified["estimates"], strict=True)]
    pairs += [*zip(fit.standard_errors, certified["standard_errors"], strict=True)]
    pairs += [(fit.residual_sd, certified["residual_sd"]), (fit.r_squared, certified["r_squared"])]
    return min(digits(*pair) for pair in pairs)


@pytest.mark.parametrize("name", SETS)
def test_every_certified_value_is_reproduced(name, found):
    got, required = fewest(name), REQUIRED.get(name, 9)
    found["nist"].append({"set": name.capitalize().replace("Noi", "NoI"), "digits": round(got, 1), "required": required})
    assert got >= required


@pytest.mark.parametrize("name", ["norris", "noint1", "noint2"])
def test_tables_have_the_certified_number_of_rows(name):
    assert len(load(name)[1]) == CERTIFIED[name]["observations"]


def test_straight_line_that_reads_exponents_is_the_certified_one():
    design, response = load("norris")
    assert digits(slope(design[:, 1], response[None])[0], CERTIFIED["norris"]["estimates"][1]) >= 9
