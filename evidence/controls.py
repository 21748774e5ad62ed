"""The controls of a part: the judge is tried on planted effects and on identical arms, with the claim's own data and rule.

A planted violation, one and a half margins from the target, must be refuted, and a planted agreement supported. Identical arms
(A/A) must not raise a false alarm: the arm that the claim compares with is compared with itself, its seeds paired at random, many
times over, and the false alarms are counted.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Estimator, Measured
from evidence.inference import decide, examine, sample_of
from evidence.region import Margin, Region
from evidence.samples import OneSample, Sample, TwoSamples
from evidence.verdict import INVALID, REFUTED, SUPPORTED, Verdict

__all__ = ["FEWEST_FOR_IDENTICAL", "Question", "failed", "identical_arms", "planted"]

Floats: TypeAlias = NDArray[np.float64]
Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["equivalence", "non-superiority", "superiority", "exact"]

VIOLATION = 1.5
"""A planted violation lies this many margins from the target."""
ARRIVED = 0.25
"""A planted effect must arrive in the estimate to within this many margins."""
DRAWS = 400
"""Comparisons of an arm with itself."""
FEWEST_FOR_IDENTICAL = 6
"""Seeds that A/A needs at least: two arms of three."""
MOST_FOR_IDENTICAL = 16
"""Seeds that A/A uses at most: all pairs of them are measured."""
ALARMS = {"refuted": 0.05, "supported": 0.10}
"""Largest shares of false alarms: twice the nominal level, since draws share seeds and scatter more than independent ones."""


class Effect(NamedTuple):
    """What is planted: its name, the estimate it must give, and the verdict it must get."""

    name: str
    goal: float
    must: Verdict


@dataclass(frozen=True)
class Question:
    """What a part asks: a region around or beside a target, and how far planted effects lie from it, in margins."""

    name: str
    kind: Kind
    estimand: str
    unit: str
    target: float
    margin: Margin
    region: Region
    violations: tuple[float, ...] = ()
    agreement: float = 0.0

    def effects(self) -> list[Effect]:
        """Return the effects to plant: one violation, or one upwards and one downwards, and an agreement."""
        names = ["violation"] if len(self.violations) < 2 else ["violation upwards", "violation downwards"]
        planned = [(name, margins, REFUTED) for name, margins in zip(names, self.violations, strict=False)]
        planned += [("agreement", self.agreement, SUPPORTED)]
        return [Effect(name, self.target + margins * self.margin.value, must) for name, margins, must in planned]


def planted(
    question: Question, estimator: Estimator, arms: tuple[Curves, ...], measured: Measured, seeds: list[int]
) -> list[Json]:
    """Return the controls with planted effects: the arms' curves are changed, measured and judged anew."""
    unchanged = float(sample_of(measured).estimate)
    return [_plant(question, effect, estimator, arms, unchanged, seeds) for effect in question.effects()]


def identical_arms(question: Question, estimator: Estimator, arms: tuple[Curves, ...], measured: Measured) -> Json:
    """Return the A/A control: how often the judge raises a false alarm where nothing differs."""
    alarm: Literal["refuted", "supported"] = "supported" if question.kind == "superiority" else "refuted"
    limit, n = ALARMS[alarm], min(len(arms[-1]), MOST_FOR_IDENTICAL)
    control: Json = {
        "part": question.name, "name": "A/A", "must_be": f"{alarm} in at most {limit:.0%}", "estimate": None, "verdict": None,
    }  # fmt: skip
    if n < FEWEST_FOR_IDENTICAL:
        words = f"not run: {n} seeds cannot be split into two arms of three"
        return control | {"planted": "nothing", "outcome": words, "passed": None}
    sample = _paired(estimator, arms[-1], n) if estimator.paired else _halves(measured.values[:n])
    supported, refuted = decide(sample, _identical_region(question, paired=estimator.paired), measured.bias)
    share = {"supported": float(supported.mean()), "refuted": float(refuted.mean())}
    how = "pairs of its own seeds" if estimator.paired else "one half of the seeds with the other"
    return control | {
        "planted": f"nothing: the reference arm compared with itself, {how}, {DRAWS} times at random",
        "outcome": f"supported in {share['supported']:.1%}, refuted in {share['refuted']:.1%}".replace("%", " %"),
        "estimate": float(sample.estimate.mean()),
        "passed": share[alarm] <= limit,
    }


def failed(controls: list[Json]) -> list[Json]:
    """Return the controls that failed; those that could not be run did not."""
    return [control for control in controls if control["passed"] is False]


# ---- planted effects -------------------------------------------------------------------------------------------


def _plant(
    question: Question, effect: Effect, estimator: Estimator, arms: tuple[Curves, ...], unchanged: float, seeds: list[int]
) -> Json:
    changed = estimator.measure(*estimator.plant(effect.goal - unchanged, *arms))
    outcome = examine(changed, seeds, question.region, margin=question.margin.value, permute=False)
    arrived = abs(outcome.estimate - effect.goal) <= ARRIVED * question.margin.value
    verdict = outcome.verdict if arrived else INVALID
    return {
        "part": question.name,
        "name": f"planted {effect.name}",
        "planted": f"the trajectories changed so that the estimate becomes {effect.goal:.4g}",
        "must_be": str(effect.must),
        "outcome": str(verdict) if arrived else f"the estimate became {outcome.estimate:.4g}: the effect did not arrive",
        "estimate": outcome.estimate,
        "verdict": str(verdict),
        "passed": verdict is effect.must,
    }


# ---- identical arms --------------------------------------------------------------------------------------------


def _identical_region(question: Question, *, paired: bool) -> Region:
    """Return where "the same" lies for identical arms, whose difference is zero."""
    centred = paired and question.kind == "superiority"  # identical arms are not lower by anything: the region as it is
    return question.region if centred else question.region.moved(-question.target)


def _paired(estimator: Estimator, reference: Curves, n: int) -> Sample:
    """Return DRAWS samples of n // 2 differences between different seeds of one arm."""
    first, second = np.nonzero(~np.eye(n, dtype=bool))
    values = np.zeros((n, n))
    values[first, second] = estimator.measure(reference.rows(first), reference.rows(second)).values
    order = _orders(n)
    return OneSample(values[order[:, : n // 2], order[:, n // 2 : 2 * (n // 2)]])


def _halves(values: Floats) -> Sample:
    """Return DRAWS comparisons of one half of the numbers with the other."""
    order = _orders(len(values))
    return TwoSamples(values[order[:, : len(values) // 2]], values[order[:, len(values) // 2 :]])


def _orders(n: int) -> NDArray[np.intp]:
    return np.random.default_rng(n).permuted(np.tile(np.arange(n), (DRAWS, 1)), axis=1)
