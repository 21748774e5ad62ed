"""What may be concluded: numbers read off trajectories, tests of effect, verdicts, and the evidence record."""

from evidence.claim import claim
from evidence.ratios import EARLY, LATE, MIDDLE, level_ratio, time_ratio
from evidence.region import Margin
from evidence.slopes import crossing_time, late_exponent, late_window, slope
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict

__all__ = [
    "EARLY",
    "INCONCLUSIVE",
    "INVALID",
    "LATE",
    "MIDDLE",
    "REFUTED",
    "SUPPORTED",
    "Margin",
    "Verdict",
    "claim",
    "crossing_time",
    "late_exponent",
    "late_window",
    "level_ratio",
    "slope",
    "time_ratio",
]
