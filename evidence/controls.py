"""The controls of a part: the judge is tried on planted effects and on identical arms, with the claim's own data and rule.

A planted violation, one and a half margins from the target, must be refuted, and a planted agreement supported. Identical arms
(A/A) must not raise a false alarm: the arm that the claim compares with is compared with itself, its seeds paired at random, many
times over; the false alarms are counted, and the mean difference must be near zero. Where one arm is compared with a theory, its
seeds are read again in another order, which must change nothing, and halves of them are compared.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Estimator, Measured, MeasurementError
from evidence.inference import decide, examine, sample_of
from evidence.region import Margin, Region
from evidence.samples import OneSample, Sample, TwoSamples
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict

__all__ = ["FEWEST_FOR_IDENTICAL", "Question", "failed", "identical_arms", "planted"]

Floats: TypeAlias = NDArray[np.float64]
Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["equivalence", "non-superiority", "superiority", "exact"]

VIOLATION = 1.5
"""A planted violation lies this many margins from the target."""
ARRIVED = 0.25
"""A planted effect must arrive in the estimate to within this many margins."""
PROPORTIONAL = 0.1
"""A plant that lands within this share of its shift is taken to be nearly proportional."""
DRAWS = 400
"""Comparisons of an arm with itself."""
FEWEST_FOR_IDENTICAL = 6
"""Seeds that A/A needs at least: two arms of three."""
MOST_FOR_IDENTICAL = 16
"""Seeds that A/A uses at most: all pairs of them are measured."""
READABLE = 0.9
"""Share of A/A draws that must be readable."""
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
    """Return the A/A control: how often the judge raises a false alarm where nothing differs, and how far off zero it reads."""
    alarm: Literal["refuted", "supported"] = "supported" if question.kind == "superiority" else "refuted"
    limit, most = ALARMS[alarm], ARRIVED * question.margin.value + measured.bias
    words = f"off zero by at most {most:.2g}, {alarm} in at most {limit:.0%}".replace("%", " %")
    control: Json = {"part": question.name, "name": "A/A", "must_be": words, "estimate": None, "verdict": None}
    try:
        twins = _paired(estimator, arms[-1]) if estimator.paired else _halves(estimator, arms, measured)
    except (_NotRunError, MeasurementError, np.linalg.LinAlgError) as reason:
        return control | {"planted": "nothing", "outcome": f"not run: {reason}", "passed": None}
    supported, refuted = decide(twins.sample, _identical_region(question, paired=estimator.paired), measured.bias)
    share = {"supported": float(supported.mean()), "refuted": float(refuted.mean())}
    rates = f"supported in {share['supported']:.1%}, refuted in {share['refuted']:.1%}".replace("%", " %")
    return control | {
        "planted": f"nothing: {twins.words}, {DRAWS} times at random",
        "outcome": f"off zero by {abs(twins.offset):.2g}, {rates}",
        "estimate": twins.offset,
        "passed": bool(abs(twins.offset) <= most and share[alarm] <= limit),
    }


def failed(controls: list[Json]) -> list[Json]:
    """Return the controls that failed; those that could not be run did not."""
    return [control for control in controls if control["passed"] is False]


# ---- planted effects -------------------------------------------------------------------------------------------


def _plant(
    question: Question, effect: Effect, estimator: Estimator, arms: tuple[Curves, ...], unchanged: float, seeds: list[int]
) -> Json:
    control: Json = {
        "part": question.name,
        "name": f"planted {effect.name}",
        "planted": f"the trajectories changed so that the estimate becomes {effect.goal:.4g}",
        "must_be": str(effect.must),
    }
    try:
        changed = _arrived(estimator, arms, unchanged, effect.goal, question.margin.value)
    except (MeasurementError, np.linalg.LinAlgError) as error:
        return control | {"outcome": f"not measured: {error}", "estimate": None, "verdict": str(INVALID), "passed": False}
    outcome = examine(changed, seeds, question.region, margin=question.margin.value, permute=False)
    arrived = abs(outcome.estimate - effect.goal) <= ARRIVED * question.margin.value
    verdict = outcome.verdict if arrived else INVALID
    missed = outcome.reason if outcome.verdict is INVALID else f"the estimate became {outcome.estimate:.4g}: it did not arrive"
    told = f"{verdict}: {outcome.reason}" if verdict is INCONCLUSIVE else str(verdict)  # names the seeds that would settle it
    words = told if arrived else missed
    return control | {"outcome": words, "estimate": outcome.estimate, "verdict": str(verdict), "passed": verdict is effect.must}


def _arrived(estimator: Estimator, arms: tuple[Curves, ...], unchanged: float, goal: float, margin: float) -> Measured:
    """Return what is measured after planting; a plant that is nearly proportional is repeated once in proportion.

    Far shifts bend: multiplying a curve by a power of time also moves the errors at which its exponent is read. An estimator that
    passes on much less or much more of an effect than it says is not helped.
    """
    shift = goal - unchanged
    planted_arms = estimator.plant(shift, *arms)
    if not isinstance(planted_arms, tuple):
        name, gave = type(estimator).__name__, type(planted_arms).__name__
        raise TypeError(f"{name}.plant gave {gave}; it must give a tuple of as many Curves as there are arms.")
    changed = estimator.measure(*planted_arms)
    moved = float(sample_of(changed).estimate) - unchanged
    if abs(moved - shift) <= 0.1 * ARRIVED * margin or not abs(moved - shift) <= PROPORTIONAL * abs(shift):
        return changed
    return estimator.measure(*estimator.plant(shift * shift / moved, *arms))


# ---- identical arms --------------------------------------------------------------------------------------------


def _identical_region(question: Question, *, paired: bool) -> Region:
    """Return where "the same" lies for identical arms, whose difference is zero."""
    centred = paired and question.kind == "superiority"  # identical arms are not lower by anything: the region as it is
    return question.region if centred else question.region.moved(-question.target)


class _NotRunError(Exception):
    """A/A cannot be run; the message says why."""


class _Twins(NamedTuple):
    """Draws of identical arms, how far off zero the estimator reads them, and what was compared, in words."""

    sample: Sample
    offset: float
    words: str


def _paired(estimator: Estimator, reference: Curves) -> _Twins:
    """Compare different seeds of one arm, each pair both ways round, and draw samples of n // 2 pairs."""
    n = _enough(len(reference))
    first, second = np.nonzero(~np.eye(n, dtype=bool))
    found = estimator.measure(reference.rows(first), reference.rows(second)).values
    values = np.full((n, n), np.nan)
    values[first, second] = found
    order = _orders(n)
    drawn = values[order[:, : n // 2], order[:, n // 2 : 2 * (n // 2)]]
    good = np.isfinite(drawn).all(axis=1)
    if good.mean() < READABLE:
        lost = int((~np.isfinite(found)).sum())
        raise _NotRunError(f"{lost} of {len(found)} pairs of different seeds cannot be compared")
    return _Twins(
        OneSample(drawn[good]), float(np.nanmean(found)), "the reference arm compared with itself, its own seeds in pairs"
    )


def _halves(estimator: Estimator, arms: tuple[Curves, ...], measured: Measured) -> _Twins:
    """Compare halves of one arm's numbers, and read its seeds again in the opposite order."""
    again = estimator.measure(*(arm.rows(np.arange(len(arm))[::-1]) for arm in arms))
    offset = float(np.max(np.abs(again.values[::-1] - measured.values)))
    numbers = measured.values
    if measured.reference is not None and again.reference is not None:
        numbers = measured.reference
        offset = max(offset, float(np.max(np.abs(again.reference[::-1] - numbers))))
    n = _enough(len(numbers))
    order = _orders(n)
    sample = TwoSamples(numbers[:n][order[:, : n // 2]], numbers[:n][order[:, n // 2 :]])
    return _Twins(sample, offset, "seeds read again in the opposite order, and one half of them compared with the other")


def _enough(n: int) -> int:
    if n < FEWEST_FOR_IDENTICAL:
        raise _NotRunError(f"{n} seeds cannot be split into two arms of three")
    return min(n, MOST_FOR_IDENTICAL)


def _orders(n: int) -> NDArray[np.intp]:
    return np.random.default_rng(n).permuted(np.tile(np.arange(n), (DRAWS, 1)), axis=1)
