"""What the referee's own trial found, and whether it was this referee that was tried.

`tox run -e calibration` simulates experiments with known truth and writes their rates here; each session's record carries
them, with a digest of the code that judges, so that a page never shows another referee's rates as its own.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["CALIBRATION", "JUDGING", "calibration", "judging_code"]

Json: TypeAlias = dict[str, Any]
HERE = Path(__file__).resolve().parent
CALIBRATION = HERE / "calibration.json"
JUDGING = (
    "burn_in", "contrasts", "controls", "drift", "estimators", "falls", "holm", "inference", "judge", "maps", "power", "ratios",
    "region", "regression", "samples", "slopes", "specifications", "times", "verdict", "windows",
)  # fmt: skip
"""Modules whose code decides a verdict."""


@cache
def judging_code() -> str:
    """Return the SHA-256 digest of the modules that judge, line endings aside."""
    texts = [(HERE / f"{name}.py").read_text(encoding="utf-8") for name in JUDGING]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def calibration(path: Path = CALIBRATION) -> Json | None:
    """Return what the calibration found, and whether the judging code has stayed the same since; None where there is none.

    >>> calibration(Path("no/such/file.json")) is None
    True
    """
    try:
        found: Json = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found | {"current": found.get("code") == judging_code()}
