"""Gathers what the trial of the referee finds; `--claims-calibration FILE` writes it for the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.calibration import judging_code
from evidence.facts import versions

Found = dict[str, list[dict[str, Any]]]
SECTIONS = ("coverage", "errors", "detection", "family", "controls", "bias", "nist", "tost", "long_times")


@pytest.fixture(scope="session")
def found(request: pytest.FixtureRequest) -> Iterator[Found]:
    """Rows of each section; written when the session ends, if every section has some."""
    start, rows = time.perf_counter(), {section: [] for section in SECTIONS}
    yield rows
    path = request.config.getoption("claims_calibration")
    if path is None or hasattr(request.config, "workerinput"):  # a worker of pytest-xdist sees a part only
        return
    missing = [section for section in SECTIONS if not rows[section]]
    if missing or request.session.testsfailed:
        why = f"nothing was found for {', '.join(missing)}" if missing else f"{request.session.testsfailed} tests failed"
        print(f"\n{path} was not written: {why}.")
        return
    kept = {name: version for name, version in versions().items() if name in ("python", "numpy", "scipy", "statsmodels")}
    facts = {"code": judging_code(), "seconds": round(time.perf_counter() - start, 1), "versions": kept}
    Path(path).write_text(json.dumps(facts | rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
