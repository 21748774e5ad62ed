"""What may be concluded: numbers read off trajectories, tests of effect, verdicts, and the evidence record."""

from evidence.burn_in import BurnInExponent, burn_in_times
from evidence.claim import claim
from evidence.contrasts import Contrast, gain_slope
from evidence.drift import GapDrift, GapTrend, exponent_between, largest_gap
from evidence.estimators import Curves, Difference, Measured, MeasurementError, Unpaired, one_arm, two_arms, unreadable
from evidence.falls import FallTime, LeftWhen
from evidence.ratios import EARLY, END, LATE, MIDDLE, START, ChangeRatio, LevelRatio, TimeRatio
from evidence.region import Margin
from evidence.regression import slope
from evidence.slopes import LateConstant, LateExponent, late_window
from evidence.times import HalfTime, HalfTimeSlope, crossing_time
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict
from evidence.windows import WindowExponent, decade_exponents

__all__ = [
    "LateExponent",
    "crossing_time",
    "Difference",
    "one_arm",
    "MIDDLE",
    "exponent_between",
    "slope",
    "HalfTimeSlope",
    "late_window",
    "two_arms",
    "INVALID",
    "Measured",
    "Verdict",
    "EARLY",
    "Unpaired",
    "GapDrift",
    "GapTrend",
    "ChangeRatio",
    "LATE",
    "INCONCLUSIVE",
    "START",
    "TimeRatio",
    "MeasurementError",
    "Margin",
    "unreadable",
    "largest_gap",
    "burn_in_times",
    "LeftWhen",
    "HalfTime",
    "decade_exponents",
    "WindowExponent",
    "gain_slope",
    "REFUTED",
    "SUPPORTED",
    "BurnInExponent",
    "Contrast",
    "LevelRatio",
    "LateConstant",
    "Curves",
    "claim",
    "END",
    "FallTime",
]
