"""The judge of one claim: measures each part's arms, applies the rules, and tries itself on controls.

Ratios are judged on the scale of log10, with the lower arm in the numerator winning.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence import controls
from evidence.controls import VIOLATION, Json, Question
from evidence.decisive import decisive
from evidence.estimators import Curves, Estimator, Measured, MeasurementError
from evidence.inference import Examination, examine, intervals
from evidence.maps import noted_map
from evidence.region import Margin, Region
from evidence.sensitivity import shorter
from evidence.specifications import Ends, declared
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED, Verdict, worst

__all__ = ["Judge"]

Floats: TypeAlias = NDArray[np.float64]
UNREADABLE = Measured(np.full(0, np.nan))


@dataclass
class Judge:
    """Collects what one claim judges and what it only notes; the verdict is its worst part."""

    with_controls: bool = True
    parts: list[Json] = field(default_factory=list)
    controls: list[Json] = field(default_factory=list)
    explorations: list[Json] = field(default_factory=list)
    curves: list[Json] = field(default_factory=list)
    lines: list[Json] = field(default_factory=list)
    maps: list[Json] = field(default_factory=list)
    specifications: list[Json] = field(default_factory=list)

    # ---- what a claim may ask ----------------------------------------------------------------------------------

    def equivalent(
        self, name: str, estimator: Estimator, *arms: Curves, seeds: Sequence[int], estimand: str, to: float, margin: Margin,
        unit: str = "",
    ) -> Verdict:  # fmt: skip
        """Judge "is the same": true where the mean lies within a margin of a target (TOST)."""
        region = Region(to - margin.value, to + margin.value)
        asked = Question(name, "equivalence", estimand, unit, to, margin, region, violations=(VIOLATION, -VIOLATION))
        return self._judge(asked, estimator, arms, seeds)

    def not_lower(
        self, name: str, estimator: Estimator, *arms: Curves, seeds: Sequence[int], estimand: str, margin: Margin,
        unit: str = "log10 ratio",
    ) -> Verdict:  # fmt: skip
        """Judge "is not accelerated": true where the mean is not below zero by the margin or more (non-superiority)."""
        region = Region(-margin.value, math.inf)
        asked = Question(name, "non-superiority", estimand, unit, 0.0, margin, region, violations=(-VIOLATION,))
        return self._judge(asked, estimator, arms, seeds)

    def lower(
        self, name: str, estimator: Estimator, *arms: Curves, seeds: Sequence[int], estimand: str, margin: Margin,
        by: float = 0.0, unit: str = "log10 ratio",
    ) -> Verdict:  # fmt: skip
        """Judge "is reduced": true where the mean is below -by (superiority); the margin is the scale of planted effects."""
        region = Region(-math.inf, 0.0 - by)
        asked = Question(name, "superiority", estimand, unit, 0.0 - by, margin, region, (VIOLATION,), -VIOLATION)
        return self._judge(asked, estimator, arms, seeds)

    def exact(
        self, name: str, deviations: Floats, seeds: Sequence[int], *, estimand: str, tolerance: float, planted: Floats,
        again: Floats, unit: str = "",
    ) -> Verdict:  # fmt: skip
        """Judge agreement with a closed form: true where no seed deviates by more than the tolerance.

        `planted` holds the deviations that a planted violation gives; the smallest of them must exceed the tolerance. `again`
        holds the deviations of the same computation done a second time, seeds in the opposite order and then put back in order:
        they must agree.
        """
        region = Region(-1.0, tolerance)
        asked = Question(name, "exact", estimand, unit, 0.0, Margin(tolerance, f"at most {tolerance:g}"), region)
        found, tried = _exactly(deviations, seeds, tolerance), []
        if self.with_controls and found.verdict is not INVALID:
            tried = [_planted_deviation(asked, planted), _same_again(asked, deviations, again)]
            found = _humbled(found, tried)
        self.controls += tried
        self._add(asked, found, Measured(deviations), seeds)
        self.parts[-1]["tolerance"] = tolerance
        return found.verdict

    def explore(
        self, name: str, estimator: Estimator, *arms: Curves, seeds: Sequence[int], estimand: str, unit: str = "log10 ratio"
    ) -> None:
        """Note a number that nothing was declared about: estimate and intervals, no margin, no p-value, no verdict."""
        numbers, measured = _explored(estimator, arms, seeds)
        named = {"name": name, "estimand": estimand, "unit": unit}
        by_seed = {"seeds": [int(seed) for seed in seeds], "per_seed": [float(value) for value in measured.values]}
        self.explorations.append(named | numbers | by_seed)

    def curve(
        self, figure: str, arm: str, quantity: str, x: Floats, values: Floats, *,
        window: tuple[float, float] | None = None, along: str = "",
    ) -> None:  # fmt: skip
        """Give a figure the median and the 10th and 90th percentiles over seeds of `values` (seeds, records).

        `x` is the number of steps, or else what `along` says.
        """
        low, median, high = np.quantile(values, [0.1, 0.5, 0.9], axis=0)
        band = {"figure": figure, "arm": arm, "quantity": quantity, "n": len(values), "x": x.tolist()}
        band |= {"median": median.tolist(), "low": low.tolist(), "high": high.tolist()}
        self.curves.append(band | ({"window": list(window)} if window else {}) | ({"along": along} if along else {}))

    def theory(self, figure: str, arm: str, quantity: str, x: ArrayLike, values: ArrayLike) -> None:
        """Give a figure the line that theory predicts for an arm: x and values (records,), without seeds.

        Raises ``MeasurementError`` where the two do not fit each other.

        >>> judge = Judge()
        >>> judge.theory("figure-1", "plain", "error", [1, 4], [1, 0.5])
        >>> judge.lines[0]["values"]
        [1.0, 0.5]
        """
        places, line = np.asarray(x, dtype=np.float64), np.asarray(values, dtype=np.float64)
        if line.ndim != 1 or line.shape != places.shape:
            raise MeasurementError(f"the theory line {arm!r} of {figure!r} has {line.size} values for {places.size} places")
        named = {"figure": figure, "arm": arm, "quantity": quantity}
        self.lines.append(named | {"x": places.tolist(), "values": line.tolist()})

    def map(
        self, figure: str, panel: str, *, rows: tuple[str, Sequence[float]], columns: tuple[str, Sequence[float]],
        quantity: str, values: ArrayLike,
    ) -> None:  # fmt: skip
        """Note a map of estimates over two factors that nothing was declared about: no margin, no verdict.

        `rows` and `columns` are each a label and its values, `values` the numbers (rows, columns, seeds). Every cell gets its
        mean and its 90 % interval over seeds. Raises ``MeasurementError`` where the shapes do not fit each other.

        >>> judge = Judge()
        >>> factors = {"rows": ("scale", [1.0]), "columns": ("condition", [1.0, 10.0])}
        >>> judge.map("where", "shared step", **factors, quantity="gain", values=np.array([[[1, 2, 3], [0, 2, 4]]]))
        >>> judge.maps[0]["estimate"]
        [[2.0, 2.0]]
        """
        self.maps.append(noted_map(figure, panel, rows, columns, quantity, values))

    def specification(
        self, figure: str, estimator: Estimator, *arms: Curves, outcome: str, choices: Mapping[str, object], seeds: Sequence[int],
        estimand: str, region: Ends, unit: str = "log10 ratio", base: bool = False,
    ) -> None:  # fmt: skip
        """Note what one way of running an experiment gives for a specification curve: explored, no margin, no verdict.

        `figure` and `outcome` name the curve, `choices` are {dimension: value}, the same dimensions for all specifications of a
        figure; `region`, (low, high) with None for an open end, is where the finding would be true. `base` marks the published
        protocol. Raises ``MeasurementError`` where a specification does not fit those noted before; where it cannot be measured,
        that is noted in its place.

        >>> from evidence import LateExponent
        >>> curves = Curves(np.geomspace(1, 1e6, 241), np.geomspace(1, 1e6, 241) ** -np.array([[0.49], [0.5], [0.52]]))
        >>> asked = {"seeds": range(3), "estimand": "late exponent", "unit": "", "region": (-0.6, -0.4)}
        >>> judge = Judge()
        >>> judge.specification("rules", LateExponent(), curves, outcome="rate", choices={"step": "tuned"}, **asked)
        >>> judge.specifications[0]["choices"], round(judge.specifications[0]["estimate"], 2)
        ({'step': 'tuned'}, -0.5)
        """
        before = self.specifications
        found = declared(figure, outcome, choices, estimand=estimand, unit=unit, region=region, base=base, before=before)
        self.specifications.append(found | _explored(estimator, arms, seeds)[0])

    # ---- the verdict ---------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of all parts together: the worst; invalid where nothing was judged."""
        return worst(Verdict(part["verdict"]) for part in self.parts) if self.parts else INVALID

    @property
    def reason(self) -> str:
        """Return one sentence on what decided."""
        part = decisive(self.parts)
        if part is None:
            return "the claim judged nothing"
        return f"{part['name']}: {part['reason']}" if len(self.parts) > 1 else str(part["reason"])

    # ---- how -----------------------------------------------------------------------------------------------------

    def _judge(self, asked: Question, estimator: Estimator, arms: tuple[Curves, ...], seeds: Sequence[int]) -> Verdict:
        _check_use(estimator, arms, seeds)
        measured, unmeasurable = _measured(estimator, arms)
        found = examine(measured, seeds, asked.region, margin=asked.margin.value)
        if unmeasurable:
            found = Examination(INVALID, unmeasurable)
        if self.with_controls and found.verdict is not INVALID:
            tried = controls.planted(asked, estimator, arms, measured, list(seeds))
            tried.append(controls.identical_arms(asked, estimator, arms, measured))
            self.controls += tried
            found = _humbled(found, tried)
        self._add(asked, found, measured, seeds)
        self.parts[-1]["shorter"] = [] if found.verdict is INVALID else shorter(estimator, arms, seeds)
        return found.verdict

    def _add(self, asked: Question, found: Examination, measured: Measured, seeds: Sequence[int]) -> None:
        values = measured.values - (0.0 if measured.reference is None else measured.reference.mean())
        record: Json = {
            "name": asked.name, "kind": asked.kind, "estimand": asked.estimand, "unit": asked.unit, "target": asked.target,
            "margin": {"value": asked.margin.value, "words": asked.margin.words}, "region": [asked.region.low, asked.region.high],
            "bias": measured.bias if len(measured.values) else math.nan, "n": len(seeds), "estimate": found.estimate,
            "standard_error": found.standard_error,
            "verdict": str(found.verdict), "reason": found.reason, "p_raw": found.p_support, "p_refute": found.p_refute,
            "p_permutation": found.p_permutation, "detectable": asked.region.room(asked.target) + found.detectable,
            "seeds_to_settle": found.seeds_to_settle, "seeds": [int(seed) for seed in seeds[: len(values)]],
            "per_seed": [float(value) for value in values],
        }  # fmt: skip
        if asked.kind != "exact":
            record["interval"] = {"90": list(found.interval90), "95": list(found.interval95)}
        self.parts.append(record)


def _check_use(estimator: Estimator, arms: tuple[Curves, ...], seeds: Sequence[int]) -> None:
    """Tell the author of a claim what was put in the wrong place; raises ``TypeError``."""
    name = getattr(estimator, "__name__", type(estimator).__name__)
    lacking = [part for part in ("measure", "plant", "paired") if not hasattr(estimator, part)]
    if isinstance(estimator, type):
        raise TypeError(f"{name} is a class: give the judge an estimator made with it, such as {name}().")
    if lacking:
        raise TypeError(f"{name} is no estimator: it lacks {', '.join(lacking)}; one has measure, plant and paired.")
    for arm in arms:
        if not isinstance(arm, Curves):
            raise TypeError(f"An arm is Curves(times, values), not {type(arm).__name__}.")
    if not isinstance(seeds, Sequence | np.ndarray):
        raise TypeError(f"The seeds are {seeds!r}; they must be a sequence, such as range(1000, 1032).")


def _measured(estimator: Estimator, arms: tuple[Curves, ...]) -> tuple[Measured, str]:
    """Return the measurement, or the sentence of why there is none."""
    try:
        found = estimator.measure(*arms)
        if not isinstance(found, Measured):
            raise TypeError(f"{type(estimator).__name__}.measure gave {type(found).__name__}; it must give Measured(values).")
        return found, ""
    except (MeasurementError, np.linalg.LinAlgError) as error:
        return UNREADABLE, str(error)


def _explored(estimator: Estimator, arms: tuple[Curves, ...], seeds: Sequence[int]) -> tuple[Json, Measured]:
    """Return estimate and intervals without a verdict, or the note of why there are none, and the measurement."""
    _check_use(estimator, arms, seeds)
    measured, note = _measured(estimator, arms)
    found, note = intervals(measured, seeds) if not note else (Examination(INVALID, note), note)
    ends = {"90": list(found.interval90), "95": list(found.interval95)}
    return {"n": len(seeds), "estimate": found.estimate, "interval": ends, "note": note}, measured


def _humbled(found: Examination, tried: list[Json]) -> Examination:
    """Take the controls into account: a judge that errs on them decides nothing.

    A sample too small to see a planted violation fails its control too; where the claim itself is inconclusive for that reason,
    it stays so, with the seeds that would settle it.
    """
    wrong = controls.failed(tried)
    if not wrong or (found.verdict is INCONCLUSIVE and all(each["verdict"] == str(INCONCLUSIVE) for each in wrong)):
        return found
    first = wrong[0]
    sentence = f"a control failed: {first['name']} ({first['planted']}) was to be {first['must_be']}: {first['outcome']}"
    return replace(found, verdict=INVALID, reason=sentence, seeds_to_settle=None)


# ---- exact parts -----------------------------------------------------------------------------------------------


def _within(deviations: Floats, tolerance: float) -> Examination:
    """Judge the largest of some deviations."""
    if not len(deviations):
        return Examination(INVALID, "nothing was compared")
    largest = float(np.max(np.abs(deviations)))
    if not math.isfinite(largest):
        return Examination(INVALID, "a deviation is not finite", largest)
    if largest <= tolerance:
        return Examination(
            SUPPORTED, f"the largest of {len(deviations)} deviations, {largest:.2g}, is within {tolerance:g}", largest
        )
    return Examination(REFUTED, f"the largest of {len(deviations)} deviations, {largest:.2g}, exceeds {tolerance:g}", largest)


def _exactly(deviations: Floats, seeds: Sequence[int], tolerance: float) -> Examination:
    """Judge deviations that belong to seeds, one each."""
    if len(deviations) != len(seeds):
        return Examination(INVALID, f"{len(deviations)} deviations came for {len(seeds)} seeds")
    if len(set(seeds)) < len(seeds):
        return Examination(INVALID, "some seeds occur twice")
    return _within(deviations, tolerance)


def _planted_deviation(asked: Question, planted: Floats) -> Json:
    nearest = float(np.min(np.abs(planted), initial=math.inf)) if len(planted) else math.nan
    outcome = _within(np.array([nearest]), asked.margin.value).verdict
    return {
        "part": asked.name, "name": "planted violation", "planted": f"deviations of at least {nearest:.2g}", "estimate": nearest,
        "must_be": str(REFUTED), "verdict": str(outcome), "outcome": str(outcome), "passed": outcome is REFUTED,
    }  # fmt: skip


def _same_again(asked: Question, deviations: Floats, again: Floats) -> Json:
    same = len(again) == len(deviations)
    apart = float(np.max(np.abs(again - deviations))) if same else math.nan
    words = f"{apart:.2g} apart" if same else f"{len(again)} deviations came the second time, {len(deviations)} the first"
    return {
        "part": asked.name, "name": "A/A", "planted": "nothing: computed a second time, seeds in the opposite order",
        "must_be": f"apart by at most {asked.margin.value:g}", "verdict": None, "outcome": words, "estimate": apart,
        "passed": bool(apart <= asked.margin.value),
    }  # fmt: skip
