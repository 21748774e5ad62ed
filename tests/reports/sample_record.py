"""A made-up evidence record with all that a page must be able to show: every verdict, kind and mishap.

The numbers are drawn, not trained; they only have to look like the real ones.

>>> sorted({claim["verdict"] for claim in sample()["claims"]})
['inconclusive', 'invalid', 'refuted', 'supported']
"""

from __future__ import annotations

import copy
import math
import random
import statistics
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

# Plain JSON: whether it obeys the schema is what the tests ask, so the type checker is not asked.
Json: TypeAlias = Any

NASTY = "<script>alert('x')</script> & \"quotes\" p < 3"
# Student's t for 90 % and 95 % at 29 degrees of freedom; other n get them too, which is near enough for a picture.
T90, T95 = 1.699, 2.045
SHA = "3f1c0de5a9b84762"
NO_NUMBER = {"estimate": None, "interval": {"90": [None, None], "95": [None, None]}}


def number(value: float) -> float | None:
    """What JSON can hold of `value`: null where it is not finite."""
    return value if math.isfinite(value) else None


def interval(values: Sequence[float], t: float) -> list[float | None]:
    """Student interval over `values`."""
    middle, reach = statistics.fmean(values), t * statistics.stdev(values) / math.sqrt(len(values))
    return [number(middle - reach), number(middle + reach)]


def part(
    name: str,
    mean: float,
    spread: float,
    region: list[float | None],
    target: float | None,
    verdict: str,
    *,
    kind: str = "equivalence",
    unit: str = "",
    n: int = 30,
    margin: str = "5 % of the exponent",
    estimand: str = "late exponent of the parameter error",
    **more: Any,
) -> Json:
    """One statistical part with `n` seeds drawn around `mean`."""
    draw = random.Random(f"{name} {mean}")
    values = [draw.gauss(mean, spread) for _ in range(n)]
    return {
        "name": name,
        "kind": kind,
        "estimand": estimand,
        "unit": unit,
        "estimate": statistics.fmean(values),
        "interval": {"90": interval(values, T90), "95": interval(values, T95)},
        "target": target,
        "region": region,
        "margin": {"value": 0.025, "words": margin},
        "n": n,
        "verdict": verdict,
        "reason": f"The evidence leaves {name} {verdict}.",
        "p_raw": 0.0123,
        "p_refute": 0.0045 if verdict == "refuted" else 0.99,
        "p_permutation": 3e-6,
        "seeds": list(range(n)),
        "per_seed": values,
        "shorter": [shorter(share, mean, spread, n) for share in (0.5, 0.1)],
    } | more


def shorter(share: float, mean: float, spread: float, n: int) -> Json:
    """The same estimate from shorter runs, a little farther off and less sure."""
    draw = random.Random(f"{share} {mean}")
    values = [draw.gauss(mean + 0.1 * spread / share, spread) for _ in range(n)]
    return {
        "share": share,
        "estimate": statistics.fmean(values),
        "interval": {"90": interval(values, T90), "95": interval(values, T95)},
    }


def exact(name: str, deviation: float, tolerance: float, verdict: str, **more: Any) -> Json:
    """One deterministic part: a deviation from 1 against a tolerance."""
    return {
        "name": name,
        "kind": "exact",
        "estimand": "limit of the scaled error",
        "unit": "",
        "estimate": 1 + deviation,
        "tolerance": tolerance,
        "target": 1.0,
        "region": [1 - tolerance, 1 + tolerance],
        "margin": {"value": tolerance, "words": f"{tolerance:g} of the limit"},
        "n": 3,
        "verdict": verdict,
        "reason": f"The largest deviation is {abs(deviation):.2g}.",
        "p_raw": None,
        "p_refute": None,
        "p_permutation": None,
        "seeds": [0, 1, 2],
        "per_seed": [1 + deviation, 1 - deviation / 3, 1.0],
    } | more


def as_deviation(largest: float) -> Json:
    """An exact part that is stored as the largest deviation itself, with a region that only its upper end bounds."""
    return exact(
        "p = 6",
        0.0,
        1e-4,
        "supported",
        estimate=largest,
        target=0.0,
        region=[-1.0, 1e-4],
        per_seed=[-largest, 0.5 * largest, 0.0],
    )


def control(part: str, *, passed: bool = True) -> Json:
    """A planted violation."""
    return {
        "part": part,
        "name": "planted violation",
        "planted": "an exponent 20 % too steep",
        "must_be": "refuted",
        "outcome": "refuted" if passed else "inconclusive",
        "estimate": -0.6,
        "verdict": "refuted" if passed else "inconclusive",
        "passed": passed,
    }


def identical(part: str, *, n: int = 30) -> Json:
    """Identical arms, or why they could not be compared."""
    plain = {"part": part, "name": "A/A", "must_be": "refuted in at most 5%", "estimate": None, "verdict": None}
    if n < 6:
        words = f"not run: {n} seeds cannot be split into two arms of three"
        return plain | {"planted": "nothing", "outcome": words, "passed": None}
    return plain | {
        "planted": "nothing: the reference arm compared with itself, pairs of its own seeds, 400 times at random",
        "outcome": "supported in 93.5 %, refuted in 0.2 %",
        "estimate": 2e-7,
        "passed": True,
    }


def exploration(name: str, mean: float, **more: Any) -> Json:
    """A number that nothing was declared about."""
    drawn = part(name, mean, 0.05, [0, 1], None, "supported", n=12)
    kept = {key: drawn[key] for key in ("name", "n", "estimate", "interval", "seeds", "per_seed")}
    return kept | {"estimand": "total loss, overparameterized to normal", "unit": "log10 ratio", "note": ""} | more


def pilot(planned: int = 14, reason: str = "p = 4 needs 14") -> Json:
    """How a pilot planned the number of seeds."""
    return {"seeds": [900, 901, 902, 903], "planned": planned, "reason": reason, "seconds": 3.5}


def curve(figure: str, arm: str, quantity: str, y: Callable[[float], float], x: Sequence[float], **more: Any) -> Json:
    """A band of 20 % around `y`."""
    middle = [y(place) for place in x]
    return {
        "figure": figure,
        "arm": arm,
        "quantity": quantity,
        "x": list(x),
        "median": [number(v) for v in middle],
        "low": [number(0.85 * v) for v in middle],
        "high": [number(1.2 * v) for v in middle],
        "n": 30,
    } | more


def theory(figure: str, arm: str, quantity: str, y: Callable[[float], float], x: Sequence[float]) -> Json:
    """A line of the theory."""
    named = {"figure": figure, "arm": arm, "quantity": quantity}
    return named | {"x": list(x), "values": [number(y(place)) for place in x]}


def table(figure: str, panel: str, gain: Callable[[float, float], float], **more: Any) -> Json:
    """A map of `gain` over scale and condition number, with intervals of 0.1 to each side."""
    scales, conditions = [0.3, 0.7, 1.0, 1.5, 3.0], [1.0, 3.0, 10.0, 30.0, 100.0]
    ends = {"estimate": 0.0, "low": -0.1, "high": 0.1}
    cells = {name: [[number(gain(s, c) + by) for c in conditions] for s in scales] for name, by in ends.items()}
    return {
        "figure": figure,
        "panel": panel,
        "rows": {"label": "scale of the targets ‖y‖", "values": scales},
        "columns": {"label": "condition number y₁/y₂", "values": conditions},
        "quantity": "log10 of the time to an error of 10⁻³ without depth over that with it",
        "n": 12,
        **cells,
    } | more


def specification(choices: dict[str, str], mean: float, spread: float = 0.08, **more: Any) -> Json:
    """One way of running an experiment, with a log ratio of a loss."""
    drawn = part(str(choices), mean, spread, [0, 1], None, "supported", n=28)
    named = {
        "figure": "multiverse",
        "outcome": "total loss, late",
        "estimand": "total loss in the last fifth of the steps, over-parameterised relative to normal",
        "unit": "log10 ratio",
        "region": [None, 0.0],
        "choices": choices,
        "base": False,
        "note": "",
    }
    return named | {key: drawn[key] for key in ("n", "estimate", "interval")} | more


def claim(id: str, parts: list[Json], verdict: str, *, family: str = "theory", **more: Any) -> Json:
    """A claim around its parts."""
    test = f"claims/test_{id.replace('-', '_')}.py"
    return {
        "id": id,
        "statement": f"Depth does what {id} says.",
        "source": "Lemma 2.1",
        "origin": "report",
        "family": family,
        "scope": "p in {3, 4, 6, 8}, two coordinates, step sizes from 0.001 to 0.1, random starts.",
        "expect": verdict,
        "verdict": verdict,
        "reason": f"{len(parts)} parts were judged; the worst is {verdict}.",
        "finding": "",
        "holds": "",
        "rewording": "",
        "protocol": "Gradient descent in float64,\nthe residual is part of the state.\n\nThe slope is "
        "taken over the last 1.5 decades of each run, one number for each seed.",
        "command": f"pytest {test} --claims-budget standard",
        "file": test,
        "line": 12,
        "seconds": 12.3,
        "complete": True,
        "p_raw": 0.0012,
        "p_holm": 0.0144,
        "controls": [control(p["name"]) for p in parts[:2]],
        "tests": [one_test(f"{test}::test_it", verdict)],
        "parts": parts,
        "curves": [],
        "lines": [],
        "maps": [],
        "specifications": [],
        "explorations": [],
    } | more


def one_test(nodeid: str, verdict: str, **more: Any) -> Json:
    """One test of a claim."""
    return {
        "nodeid": nodeid,
        "verdict": verdict,
        "expect": verdict,
        "outcome": "passed",
        "seconds": 12.3,
        "trained": 20.0,
        "pilot": None,
    } | more


def left_out(id: str, family: str) -> Json:
    """A claim of the catalogue that was not run."""
    return {
        "id": id,
        "statement": f"What {id} says, with p > 2 & p < 8.",
        "source": "Section 3",
        "origin": "report",
        "family": family,
        "expect": "supported",
        "command": f"pytest claims/test_{id.replace('-', '_')}.py",
    }


def run(**more: Any) -> Json:
    """The facts of a run."""
    return {
        "budget": "standard",
        "device": "cpu",
        "device_name": "AMD EPYC <9354>",
        "cores": 2,
        "threads": 1,
        "workers": 0,
        "seeds": None,
        "git": {"sha": SHA * 2 + SHA[:8], "dirty": True},
        "versions": {"python": "3.11.7", "torch": "2.9.1", "numpy": "2.4.6"},
        "determinism": {"deterministic_algorithms": True, "cublas": ":4096:8"},
        "datasets": [
            {
                "name": "mnist-12000",
                "source": "embedded",
                "images": 12000,
                "sha256": {"images.bin": SHA * 4, "labels.bin": SHA[::-1] * 4},
            }
        ],
        "command": "pytest claims/ --claims-budget standard",
        "started": "2026-01-02T03:04:05Z",
        "finished": "2026-01-02T03:19:35Z",
        "seconds": 930.0,
        "digest": SHA * 4,
        "complete": True,
        "exit_status": 0,
        "controls": True,
        "referee": referee(),
    } | more


# ---- the referee's own trial ---------------------------------------------------------------------------------


def coverage(noise: str, n: int, rate: float, known: str = "") -> Json:
    """One rate of coverage."""
    return {"noise": noise, "n": n, "rate": rate, "experiments": 20000, "known": known}


def wrong(question: str, outcome: str, n: int, rate: float) -> Json:
    """One rate of wrong verdicts on the edge of the region."""
    return {
        "question": question,
        "truth": "on the edge of the region",
        "outcome": outcome,
        "n": n,
        "rate": rate,
        "limit": 0.05 if outcome == "supported" else 0.025,
        "experiments": 20000,
    }


def referee(**more: Any) -> Json:
    """A made-up calibration: one rate outside the band with a reason and one without, one rate above its limit."""
    skewed = "three numbers of a skewed distribution do not show its tail; claims with so few seeds say so"
    rates = {
        "normal": 0.0,
        "uniform": -0.006,
        "Laplace": 0.004,
        "Student t, 3 degrees": 0.008,
        "two groups": -0.011,
        "skewed": -0.017,
    }
    rows = [
        coverage(noise, n, 0.95 + shift * 3 / n**0.5 + 0.0004 * n**0.5, skewed if noise == "skewed" and n < 10 else "")
        for noise, shift in rates.items()
        for n in (3, 5, 10, 30)
    ]
    return {
        "code": SHA * 4,
        "current": True,
        "seconds": 412.0,
        "versions": {"numpy": "2.4.6", "scipy": "1.17.1"},
        "coverage": [*rows, coverage("normal, two arms (5 and 10 seeds)", 15, 0.9516), coverage("one wild seed", 3, 0.921)],
        "errors": [
            *(
                wrong(question, outcome, n, (0.049 if outcome == "supported" else 0.0247) - 0.01 / n)
                for question in ("equivalence", "non-superiority", "superiority")
                for outcome in ("supported", "refuted")
                for n in (3, 12, 30)
            ),
            wrong("equivalence, skewed", "refuted", 3, 0.0391),
        ],
        "detection": [
            {"claim": claim, "part": f"p = {p}", "n": 32, "rate": rate, "experiments": 2000}
            for claim, rate in (("gd-rate", 1.0), ("scalar-depth-same-rate", 0.9995), ("small-p", 0.842))
            for p in (3, 4, 6, 8)
        ],
        "family": [
            {"case": "all claims false, each by one part", "rate": 0.048, "claims": 9, "experiments": 4000},
            {"case": "all claims false, in every part", "rate": 0.0, "claims": 9, "experiments": 4000},
        ],
        "controls": [
            {"control": "A/A, paired arms", "n": 12, "rate": 0.0, "experiments": 500},
            {"control": "A/A, two samples", "n": 12, "rate": 0.014, "experiments": 500},
            {
                "control": "A/A catches a comparison off by half a margin",
                "n": 28,
                "rate": 0.83,
                "experiments": 500,
                "good": "high",
                "known": "known: half a margin is as large as the noise here",
            },
        ],
        "bias": [
            {"curve": "plain descent", "p": 4, "late": 0.0008, "true": 2e-7, "estimated": 6e-6},
            {"curve": "plain descent", "p": 8, "late": 0.0031, "true": 1e-4, "estimated": 1.1e-4},
            {"curve": "three layers", "p": 8, "late": 0.0412, "true": -0.0052, "estimated": 0.0040},
        ],
        "nist": [
            {"set": "Norris", "digits": 12.7, "required": 9},
            {"set": "Longley", "digits": 8.2, "required": 9},
            {"set": "Wampler5", "digits": 9.94, "required": 6},
        ],
        "tost": [
            {
                "example": "Two tablets, area under the curve",
                "source": "Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657–680, table II",
                "published": "90 % interval 0.862 to 1.034; equivalent",
                "found": "90 % interval 0.862 to 1.034; supported",
            },
            {"example": "<b>Escaped</b> & quoted", "source": "nobody", "published": "p = 0.031", "found": "p = 0.031"},
        ],
        "long_times": [
            {"network": "plain descent", "p": 4, "n": 8, "at_1e6": 2e-13, "at_1e7": 3e-13, "at_1e8": 4e-13},
            {"network": "scalar depth", "p": 2.5, "n": 8, "at_1e6": 2e-10, "at_1e7": 3e-9, "at_1e8": 4e-8},
        ],
    } | more


# ---- the sample ----------------------------------------------------------------------------------------------


def exponents(spread: float, verdict: str = "supported", shift: float = 0.0, n: int = 30) -> list[Json]:
    """The exponent -1/(p - 2) at several p."""
    found = []
    for p in (3, 4, 6, 8):
        true = -1 / (p - 2)
        region: list[float | None] = [1.05 * true, 0.95 * true]
        found.append(part(f"p = {p}", true * (1 + shift), abs(true) * spread, region, true, verdict, n=n))
    return found


def ratios(mean: float, region: list[float | None], verdict: str, kind: str, n: int = 30) -> list[Json]:
    """A log10 ratio early, in the middle and late."""
    return [
        part(
            f"at step {step}",
            mean,
            0.08,
            region,
            0.0,
            verdict,
            kind=kind,
            unit="log10 ratio",
            n=n,
            margin="a factor 1.25",
            estimand="paired ratio of the training loss, overparameterized to normal",
        )
        for step in (100, 1000, 8000)
    ]


def rate_curves() -> list[Json]:
    """Curves for the report's Figure 1 and for the appendix."""
    x = [10 ** (6 * i / 239) for i in range(240)]
    window = {"window": [10**4.5, 10**6]}
    arms = {"plain": 1.0, "scalar-depth": 0.45, "deep-3": 0.3}
    errors = [
        curve(figure, arm, "error", lambda t, k=k: k * (1 + t / 30) ** -0.5, x, **window)  # type: ignore[misc]
        for figure in ("figure-1", "figure-appendix")
        for arm, k in arms.items()
        if figure == "figure-1" or arm != "deep-3"
    ]
    return [*errors, curve("figure-appendix", "scalar-depth", "s", lambda t: 1.6 - 1.4 / (1 + t / 40), x)]


def rate_lines() -> list[Json]:
    """What theory predicts for the appendix’s figure."""
    x = [10 ** (8 * i / 79) for i in range(80)]
    line = theory("figure-appendix", "plain", "error", lambda t: (1 + t / 30) ** -0.5, x)
    return [line, theory("figure-appendix", "scalar-depth", "s", lambda t: 1.6, [1, 10**6])]


def where() -> list[Json]:
    """Three panels of where depth helps: by scale, nowhere, and by condition with a number lost."""

    def by_scale(scale: float, condition: float) -> float:
        return 0.9 * math.log10(scale) + 0.03 * math.log10(condition)

    def nowhere(scale: float, condition: float) -> float:
        return 0.04 * math.log10(condition) - 0.02

    def by_condition(scale: float, condition: float) -> float:
        return math.nan if condition > 50 and scale > 2 else 0.3 * math.log10(condition) - 0.2

    panels = {"shared step size": by_scale, "step size tuned for each arm": nowhere, "half of the largest step": by_condition}
    return [table("where-depth-helps", panel, gain) for panel, gain in panels.items()]


PUBLISHED = {
    "start": "published",
    "factors": "2",
    "layers that are products": "dense",
    "penalty on": "product",
    "step size": "shared",
}
WAYS: list[tuple[dict[str, str], float, float]] = [
    ({}, -0.12, -0.06),
    ({"start": "matched"}, 0.06, 0.01),
    ({"start": "balanced"}, 0.03, 0.02),
    ({"start": "orthogonal"}, 0.07, 0.04),
    ({"factors": "3"}, -0.22, -0.09),
    ({"factors": "3", "start": "balanced"}, 0.09, 0.12),
    ({"layers that are products": "all"}, -0.15, -0.11),
    ({"penalty on": "factors"}, 0.002, -0.02),
    ({"penalty on": "no layer"}, -0.01, -0.01),
    ({"step size": "tuned for each arm"}, -0.05, 0.004),
    ({"step size": "matched effective step"}, 0.015, 0.0),
    ({"step size": "tuned for each arm", "start": "balanced"}, -0.04, -0.015),
    ({"layers that are products": "all", "factors": "3"}, -0.31, -0.18),
    ({"penalty on": "factors", "start": "matched"}, 0.11, 0.08),
]


def ways() -> list[Json]:
    """Two outcomes of fourteen specifications: the published one and others, one of which gave no number."""
    total = [specification(PUBLISHED | way, mean, base=not way) for way, mean, _ in WAYS]
    alone: Json = {"outcome": "cross-entropy, late", "region": [-0.1, None], "estimand": "cross-entropy, the same"}
    others = [specification(PUBLISHED | way, mean, base=not way, **alone) for way, _, mean in WAYS]
    others[8] |= NO_NUMBER | {"note": "seed 3007: the loss is not finite"}
    return [*total, *others]


def loss_curves() -> list[Json]:
    """Curves for the report's Figure 2."""
    x = [20.0 * i for i in range(400)]
    shapes = {
        ("normal", "total loss"): 3.1,
        ("overparameterized", "total loss"): 12.3,
        ("normal", "cross-entropy"): 2.1,
        ("overparameterized", "cross-entropy"): 2.0,
    }
    return [
        curve("figure-2", arm, quantity, lambda t, k=k: k * math.exp(-t / (400 + 500 / k)) + 0.02 * k**0.2, x)  # type: ignore[misc]
        for (arm, quantity), k in shapes.items()
    ]


def sample() -> Json:
    """Ten claims with all verdicts and kinds, all figures, a curve, a map and specifications of a claim's own, none left out.

    It is made once; each call gives a copy, to be changed.
    """
    return copy.deepcopy(_sample())


@cache
def _sample() -> Json:
    own = curve("depth-<and>-width", "deep-3", "time to error", lambda t: 3 * t, [1, 2, 3, 4])
    no_p = {"p_raw": None, "p_refute": None, "p_permutation": None}
    lost = part("p = 2.5", 0.0, 1.0, [-2.1, -1.9], -2.0, "invalid", bias=0.0004) | NO_NUMBER | no_p
    lost["per_seed"] = [None, *lost["per_seed"][1:]]
    small = {"seeds_to_settle": 240, "seconds_to_settle": 720.0, "detectable": 0.031}
    wide = [p | small for p in exponents(0.3, "inconclusive", 0.02)]
    return {
        "schema": "depth-on-trial/evidence/5",
        "run": run(),
        "not_run": [],
        "claims": [
            claim(
                "gd-rate",
                exponents(0.01),
                "supported",
                curves=rate_curves(),
                lines=rate_lines(),
                tests=[one_test(f"claims/test_gd_rate.py::test_it[p{p}]", "supported", pilot=pilot()) for p in (3, 4)],
                statement="Gradient descent with learning rate η converges to error ε at the rate Θ((ηt)^(−1/(p−2))).",
            ),
            claim(
                "gd-constant",
                [exact("p = 4", 3e-7, 1e-4, "supported"), as_deviation(3e-6), exact("p = 8", -2e-3, 1e-4, "refuted")],
                "refuted",
                p_raw=None,
                p_holm=None,
                expect_reason="The constant holds only in the limit.",
                finding="It holds for p < 8 & large t.",
                holds="p below 8 & t above 10⁶.",
                rewording="The constant tends to 1 for p < 8.",
            ),
            claim(
                "step-size-edge",
                exponents(0.02),
                "supported",
                statement=NASTY,
                expect="inconclusive",
                expect_reason=NASTY,
                reason=NASTY,
                finding=NASTY,
                holds=NASTY,
                rewording=NASTY,
                origin="reading",
                protocol=NASTY,
            ),
            claim("figure-1", exponents(0.4, "inconclusive") + wide[:1], "inconclusive", complete=False, curves=[own]),
            claim("saddle-at-zero", [], "invalid", reason="No run came to an end.", controls=[], tests=[]),
            claim(
                "small-p",
                [lost, *exponents(0.01)],
                "invalid",
                finding="Runs diverge below p = 3.",
                maps=[table("<b>own</b>", "", lambda *_: 0.0)],
            ),
            claim(
                "total-loss-accelerated",
                ratios(-0.25, [None, -0.1], "supported", "superiority"),
                "supported",
                family="network",
                curves=loss_curves(),
                specifications=ways(),
                statement="Depth on the MNIST example does accelerate training.",
            ),
            claim(
                "cross-entropy-not-accelerated",
                ratios(-0.3, [-0.1, None], "refuted", "non-superiority"),
                "refuted",
                family="network",
                controls=[control("at step 100", passed=False)],
                specifications=[
                    specification({"<b>rule</b>": rule}, mean, figure="<b>rules</b>", base=rule == "$\\eta$ shared")
                    for rule, mean in (("$\\eta$ shared", -0.2), ("tuned", 0.1), ("half & half", -0.01))
                ],
            ),
            claim(
                "width-free",
                exponents(0.02) + exponents(0.03, "supported", 0.01),
                "supported",
                family="cited",
                p_holm=0.0738,
                explorations=[
                    exploration("total loss, early", 0.33),
                    exploration("widest net", 0.0, note="one seed diverged") | NO_NUMBER,
                ],
            ),
            claim(
                "effective-rank",
                exponents(0.02) + exponents(0.03),
                "supported",
                family="extension",
                origin="ours",
                controls=[control("p = 3"), identical("p = 3"), identical("p = 4", n=5)],
                maps=where(),
            ),
        ],
    }


def interrupted() -> Json:
    """A run that was stopped: few claims, no curves, much left out."""
    record = sample()
    record["claims"] = [claim("gd-rate", exponents(0.01), "supported")]
    record["not_run"] = [
        left_out("loss-rate", "theory"),
        left_out("scalar-depth-same-rate", "theory"),
        left_out("dose", "network"),
    ]
    record["run"] = run(
        complete=False,
        exit_status=2,
        seeds=30,
        git={"sha": None, "dirty": None},
        datasets=[],
        controls=False,
        referee=None,
    )
    record["claims"][0]["controls"] = []
    return record


def of_fourth_version(record: Json) -> Json:
    """The record as the fourth version of the schema would have told it: what is new since is taken away."""
    old = copy.deepcopy(record)
    old["schema"] = "depth-on-trial/evidence/4"
    del old["run"]["digest"]
    for each in old["claims"]:
        del each["origin"], each["holds"], each["rewording"], each["line"]
        for test in each["tests"]:
            del test["trained"]
        for judged in each["parts"]:
            judged.pop("shorter", None)
    for each in old["not_run"]:
        del each["origin"]
    return old


def of_third_version(record: Json) -> Json:
    """The record as the third version would have told it."""
    old = of_fourth_version(record)
    old["schema"] = "depth-on-trial/evidence/3"
    for each in old["claims"]:
        del each["specifications"]
    return old


def of_second_version(record: Json) -> Json:
    """The record as the second version would have told it."""
    old = of_third_version(record)
    old["schema"] = "depth-on-trial/evidence/2"
    for each in old["claims"]:
        del each["lines"], each["maps"]
    return old


def of_first_version(record: Json) -> Json:
    """The record as the first version would have told it."""
    old = of_second_version(record)
    old["schema"] = "depth-on-trial/evidence/1"
    del old["run"]["controls"], old["run"]["referee"]
    for each in old["claims"]:
        del each["explorations"]
        each["controls"] = [tried for tried in each["controls"] if tried["name"] != "A/A"]
        news = [(each["parts"], "p_refute"), (each["tests"], "pilot"), (each["controls"], "outcome")]
        for item, name in ((item, name) for items, name in news for item in items):
            del item[name]
    return old


def large(claims: int = 62, parts: int = 5, n: int = 30, drawn: int = 0) -> Json:
    """A whole catalogue at a given number of seeds; the first `drawn` of its fillers have curves of their own."""
    ratio = ratios(-0.25, [None, -0.1], "supported", "superiority", n=n)
    every = (exponents(0.01, n=n) + ratio) * (parts // 7 + 1)
    record = sample()
    missing = claims - len(record["claims"])
    record["claims"] += [
        claim(f"filler-{i}", every[:parts], "supported", **(own_curves() if i < drawn else {})) for i in range(missing)
    ]
    return record


def own_curves() -> Json:
    """Curves and a theory line of a claim's own figure, over twelve decades."""
    x = [10 ** (i / 40) for i in range(481)]
    arms = {"plain": 1.0, "scalar-depth": 0.4}
    curves = [curve("errors", arm, "error", lambda t, k=k: k * (1 + t / 30) ** -0.5, x) for arm, k in arms.items()]  # type: ignore[misc]
    return {"curves": curves, "lines": [theory("errors", "plain", "error", lambda t: (1 + t / 30) ** -0.5, x)]}
