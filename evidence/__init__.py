"""What may be concluded: numbers read off trajectories, tests of effect, verdicts, and the evidence record."""

from evidence.claim import claim
from evidence.estimators import Curves, Difference, Measured, MeasurementError, Unpaired, one_arm, two_arms, unreadable
from evidence.ratios import EARLY, END, LATE, MIDDLE, START, ChangeRatio, LevelRatio, TimeRatio
from evidence.region import Margin
from evidence.regression import slope
from evidence.slopes import LateConstant, LateExponent, late_window
from evidence.times import HalfTime, HalfTimeSlope, crossing_time
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict

__all__ = [
    "EARLY",
    "END",
    "INCONCLUSIVE",
    "INVALID",
    "LATE",
    "MIDDLE",
    "REFUTED",
    "START",
    "SUPPORTED",
    "ChangeRatio",
    "Curves",
    "Difference",
    "HalfTime",
    "HalfTimeSlope",
    "LateConstant",
    "LateExponent",
    "LevelRatio",
    "Margin",
    "Measured",
    "MeasurementError",
    "TimeRatio",
    "Unpaired",
    "Verdict",
    "claim",
    "crossing_time",
    "late_window",
    "one_arm",
    "slope",
    "two_arms",
    "unreadable",
]
