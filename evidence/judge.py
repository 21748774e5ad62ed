"""The judge of one claim: takes one number per seed for each part, applies the rules, and plants violations to test itself.

Ratios are judged on the scale of log10, with the lower arm in the numerator winning.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.inference import Examination, examine
from evidence.region import Margin, Region
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict, worst

__all__ = ["Judge", "Plant"]

Floats: TypeAlias = NDArray[np.float64]
Plant: TypeAlias = Callable[[float], Floats]
"""Given a shift, the per-seed numbers as they would come out of trajectories in which that much has been planted."""

VIOLATION = 1.5
"""A planted violation lies this many margins from the target."""
ARRIVED = 0.25
"""A planted effect must arrive in the estimate to within this many margins."""


@dataclass
class Judge:
    """Collects parts, controls and curves of one claim; the verdict is its worst part."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    controls: list[dict[str, Any]] = field(default_factory=list)
    curves: list[dict[str, Any]] = field(default_factory=list)

    # ---- what a claim may ask ----------------------------------------------------------------------------------

    def equivalent(
        self, name: str, values: Floats, seeds: Sequence[int], *, estimand: str, to: float, margin: Margin, planted: Plant,
        unit: str = "", bias: float = 0.0,
    ) -> Verdict:  # fmt: skip
        """Judge "is the same": true where the mean lies within a margin of a target (TOST)."""
        region = Region(to - margin.value, to + margin.value)
        part = _Part(name, "equivalence", estimand, unit, to, margin, region, bias)
        wrong = {"violation upwards": VIOLATION, "violation downwards": -VIOLATION}
        return self._judge(part, values, seeds, planted, wrong, right=0.0)

    def not_lower(
        self, name: str, values: Floats, seeds: Sequence[int], *, estimand: str, margin: Margin, planted: Plant,
        unit: str = "log10 ratio",
    ) -> Verdict:  # fmt: skip
        """Judge "is not accelerated": true where the mean is not below zero by the margin or more (non-superiority)."""
        part = _Part(name, "non-superiority", estimand, unit, 0.0, margin, Region(-margin.value, math.inf))
        return self._judge(part, values, seeds, planted, {"violation": -VIOLATION}, right=0.0)

    def lower(
        self, name: str, values: Floats, seeds: Sequence[int], *, estimand: str, margin: Margin, planted: Plant, by: float = 0.0,
        unit: str = "log10 ratio",
    ) -> Verdict:  # fmt: skip
        """Judge "is reduced": true where the mean is below -by (superiority); the margin is the scale of planted effects."""
        part = _Part(name, "superiority", estimand, unit, 0.0 - by, margin, Region(-math.inf, 0.0 - by))
        return self._judge(part, values, seeds, planted, {"violation": VIOLATION}, right=-VIOLATION)

    def exact(
        self, name: str, deviations: Floats, seeds: Sequence[int], *, estimand: str, tolerance: float, planted: Floats,
        unit: str = "",
    ) -> Verdict:  # fmt: skip
        """Judge agreement with a closed form: true where no seed deviates by more than the tolerance.

        `planted` holds the deviations that a planted violation gives; the smallest of them must exceed the tolerance.
        """
        part = _Part(name, "exact", estimand, unit, 0.0, Margin(tolerance, f"at most {tolerance:g}"), Region(-1.0, tolerance))
        nearest = float(np.min(np.abs(planted)))
        outcome = _within(np.array([nearest]), tolerance)
        control = self._control(part, "planted violation", f"deviations of at least {nearest:.2g}", outcome, REFUTED)
        found = _humbled(_within(deviations, tolerance), [control])
        self._add(part, found, deviations, seeds)
        self.parts[-1]["tolerance"] = tolerance
        return found.verdict

    def curve(
        self, figure: str, arm: str, quantity: str, x: Floats, values: Floats, *, window: tuple[float, float] | None = None
    ) -> None:
        """Give a figure the median and the 10th and 90th percentiles over seeds of `values` (seeds, records)."""
        low, median, high = np.quantile(values, [0.1, 0.5, 0.9], axis=0)
        band = {"figure": figure, "arm": arm, "quantity": quantity, "n": len(values), "x": x.tolist()}
        band |= {"median": median.tolist(), "low": low.tolist(), "high": high.tolist()}
        self.curves.append(band | ({"window": list(window)} if window else {}))

    # ---- the verdict ---------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of all parts together: the worst; invalid where nothing was judged."""
        return worst(Verdict(part["verdict"]) for part in self.parts) if self.parts else INVALID

    @property
    def reason(self) -> str:
        """Return one sentence on what decided."""
        if not self.parts:
            return "the claim judged nothing"
        decisive = next(part for part in self.parts if part["verdict"] == self.verdict)
        which = f"{decisive['name']}: " if len(self.parts) > 1 else ""
        return f"{which}{decisive['reason']}"

    # ---- how -----------------------------------------------------------------------------------------------------

    def _judge(
        self, part: "_Part", values: Floats, seeds: Sequence[int], planted: Plant, wrong: dict[str, float], right: float
    ) -> Verdict:
        found = examine(values, seeds, part.region, bias=part.bias)
        if found.verdict is not INVALID:
            effects = [(name, margins, REFUTED) for name, margins in wrong.items()] + [("agreement", right, SUPPORTED)]
            unchanged = float(np.mean(planted(0.0)))
            controls = [self._plant(part, planted, unchanged, seeds, *effect) for effect in effects]
            found = _same_data(_humbled(found, controls), part, unchanged)
        self._add(part, found, values, seeds)
        return found.verdict

    def _plant(
        self, part: "_Part", planted: Plant, unchanged: float, seeds: Sequence[int], name: str, margins: float, must: Verdict
    ) -> dict[str, Any]:
        goal = part.target + margins * part.margin.value
        values = planted(goal - unchanged)
        outcome = examine(values, seeds, part.region, bias=part.bias)
        if not abs(outcome.estimate - goal) <= ARRIVED * part.margin.value:
            outcome = Examination(INVALID, "the planted effect did not arrive in the estimate", outcome.estimate)
        words = f"{name}: the trajectories changed so that the estimate becomes {goal:.4g}"
        return self._control(part, f"planted {name}", words, outcome, must)

    def _control(self, part: "_Part", name: str, planted: str, outcome: Examination, must: Verdict) -> dict[str, Any]:
        self.controls.append(
            {
                "part": part.name,
                "name": name,
                "planted": planted,
                "estimate": outcome.estimate,
                "verdict": str(outcome.verdict),
                "must_be": str(must),
                "passed": outcome.verdict is must,
            }  # fmt: skip
        )
        return self.controls[-1]

    def _add(self, part: "_Part", found: Examination, values: Floats, seeds: Sequence[int]) -> None:
        record: dict[str, Any] = {
            "name": part.name, "kind": part.kind, "estimand": part.estimand, "unit": part.unit, "target": part.target,
            "margin": {"value": part.margin.value, "words": part.margin.words}, "region": [part.region.low, part.region.high],
            "bias": part.bias, "n": len(values), "estimate": found.estimate, "verdict": str(found.verdict),
            "reason": found.reason, "p_raw": found.p_raw, "p_permutation": found.p_permutation,
            "detectable": part.region.room(part.target) + found.detectable, "seeds_to_settle": found.seeds_to_settle,
            "seeds": [int(seed) for seed in seeds], "per_seed": [float(value) for value in values],
        }  # fmt: skip
        if part.kind != "exact":
            record["interval"] = {"90": list(found.interval90), "95": list(found.interval95)}
        self.parts.append(record)


@dataclass(frozen=True)
class _Part:
    name: str
    kind: str
    estimand: str
    unit: str
    target: float
    margin: Margin
    region: Region
    bias: float = 0.0


def _humbled(found: Examination, controls: list[dict[str, Any]]) -> Examination:
    """Take the controls into account: a judge that cannot refute cannot support, and one that errs decides nothing."""
    failed = [control for control in controls if not control["passed"]]
    wrong = [control for control in failed if control["verdict"] != str(INCONCLUSIVE)]
    if wrong:
        outcome = f"{wrong[0]['name']} ({wrong[0]['planted']}) was judged {wrong[0]['verdict']}"
        return _with(found, INVALID, f"a control failed: {outcome}, not {wrong[0]['must_be']}")
    if found.verdict is SUPPORTED and failed:
        return _with(found, INCONCLUSIVE, f"{failed[0]['name']} was not recognised: too few seeds to have refuted the claim")
    return found


def _same_data(found: Examination, part: _Part, nothing_planted: float) -> Examination:
    """Refuse to support a claim whose controls were planted in other data than it judged."""
    if found.verdict is SUPPORTED and not abs(nothing_planted - found.estimate) <= ARRIVED * part.margin.value:
        return _with(found, INVALID, f"planting nothing moves the estimate from {found.estimate:.4g} to {nothing_planted:.4g}")
    return found


def _with(found: Examination, verdict: Verdict, reason: str) -> Examination:
    return replace(found, verdict=verdict, reason=reason)


def _within(deviations: Floats, tolerance: float) -> Examination:
    """Judge the largest of some deviations."""
    largest = float(np.max(np.abs(deviations)))
    if not math.isfinite(largest):
        return Examination(INVALID, "a deviation is not finite", largest)
    if largest <= tolerance:
        return Examination(
            SUPPORTED, f"the largest of {len(deviations)} deviations, {largest:.2g}, is within {tolerance:g}", largest
        )
    return Examination(REFUTED, f"the largest of {len(deviations)} deviations, {largest:.2g}, exceeds {tolerance:g}", largest)
