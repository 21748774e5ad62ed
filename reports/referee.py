"""How the referee itself was checked, as tables with a sentence each: rates of error, digits, published examples.

Each table marks the rows that are not as they should be; a reader should not have to look for them.

>>> kinds = ("errors", "detection", "family", "controls", "bias", "nist", "tost")
>>> [table.id for table in tables({kind: [] for kind in kinds})] == list(kinds)
True
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.calibration import Bias, Control, Coverage, Detection, ErrorRate, LongTimes, Nist, Referee
from reports.coverage import Plot, by_noise, coverage_plot, outside, series
from reports.numerals import finite, number
from reports.rates import above, below, percent, share

__all__ = ["Row", "Table", "View", "exceptions", "experiments", "tables", "view"]

WORST = 5
DETECTED = 0.9
FAMILYWISE = 0.05
CONTROL_COLUMNS = ("Control", "n", "Experiments", "Rate [95 %]")
# An error of an exponent below this is rounding.
ROUNDING = 1e-12
# Largest relative difference between times that were reached without steps and with them.
TOLERATED = 1e-8


@dataclass(frozen=True)
class Row:
    """The cells of a row, the first of which names it; `alarm` says what is wrong with it, `note` what else is known of it."""

    cells: Sequence[str]
    alarm: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its heading and the sentences that say what its numbers mean; `folded` rows are shown on demand."""

    id: str
    title: str
    meaning: str
    columns: Sequence[str]
    rows: Sequence[Row]
    folded: Sequence[Row] = field(default=())
    summary: str = ""


@dataclass(frozen=True)
class View:
    """All that the section shows: the drawing of the coverage with its numbers, what lies outside its band, the tables."""

    referee: Referee
    plot: Plot | None
    coverage: Table
    single: Table
    exceptions: Sequence[Row]
    tables: Sequence[Table]


def view(referee: Referee | None) -> View | None:
    """The section's content; None where the calibration is missing.

    >>> view(None) is None
    True
    """
    if referee is None:
        return None
    rows = referee["coverage"]
    return View(referee, coverage_plot(rows), _coverage(rows), _single(rows), exceptions(rows), tables(referee))


def tables(referee: Referee) -> list[Table]:
    """The tables in the order of the page: ``tables(record["run"]["referee"])``."""
    caught = _caught(referee["controls"])
    return [
        _errors(referee["errors"]),
        _detection(referee["detection"]),
        _family(referee),
        _controls(referee["controls"]),
        *([caught] if caught.rows else []),  # older calibrations tried no such comparisons
        _bias(referee["bias"]),
        _nist(referee["nist"]),
        _tost(referee),
        *([_long_times(referee["long_times"])] if referee.get("long_times") else []),  # older calibrations measured none
    ]


def experiments(counts: Sequence[int]) -> str:
    """How many experiments stand behind each rate of a table.

    >>> experiments([20000, 20000]), experiments([400, 2000]), experiments([])
    ('20000 experiments', '400 to 2000 experiments', 'no experiments')
    """
    low, high = min(counts, default=0), max(counts, default=0)
    if not high:
        return "no experiments"
    return f"{low} experiments" if low == high else f"{low} to {high} experiments"


# ---- coverage ------------------------------------------------------------------------------------------------


def _coverage(rows: Sequence[Coverage]) -> Table:
    found = by_noise(series(rows))
    sizes = sorted({n for at in found.values() for n in at})
    return Table(
        id="coverage",
        title="Coverage of the 95 % interval",
        meaning="How often a 95 % interval held the true value, by the noise of the seeds’ numbers and by how many seeds there "
        "were. It should be 95 %; from 93 to 97 % is accepted. "
        f"Each rate is of {experiments([row['experiments'] for row in rows])}.",
        columns=["Noise", *(f"n = {n}" for n in sizes)],
        rows=[Row([noise, *(percent(at[n]["rate"]) if n in at else "" for n in sizes)]) for noise, at in found.items()],
    )


def _single(rows: Sequence[Coverage]) -> Table:
    """What was tried with one number of seeds only, and would be a lone point in the drawing."""
    drawn = {row["noise"] for row in series(rows)}
    lone = [row for row in rows if row["noise"] not in drawn]
    return Table(
        id="single",
        title="Coverage elsewhere",
        meaning="",
        columns=["Not in the drawing", "n", "Experiments", "Rate [95 %]"],
        rows=[
            Row([row["noise"], str(row["n"]), str(row["experiments"]), share(row["rate"], row["experiments"])]) for row in lone
        ],
    )


def exceptions(rows: Sequence[Coverage]) -> list[Row]:
    """The noises with rates outside the band, each with the reason that is known for it or an alarm.

    >>> exceptions([{"noise": "skewed", "n": 3, "rate": 0.88, "experiments": 900, "known": ""}])[0].alarm
    'no reason is known'
    """
    found: dict[tuple[str, str], list[str]] = {}
    for row in filter(outside, rows):
        found.setdefault((row["noise"], row["known"]), []).append(f"{percent(row['rate'])} at n = {row['n']}")
    return [
        Row([noise, ", ".join(rates), known], "" if known else "no reason is known") for (noise, known), rates in found.items()
    ]


# ---- rates of error ------------------------------------------------------------------------------------------


def _errors(rows: Sequence[ErrorRate]) -> Table:
    shown = _telling(rows)
    rest = [row for i, row in enumerate(rows) if i not in shown]
    return Table(
        id="errors",
        title="Wrong verdicts",
        meaning="How often the verdict on a part was wrong where the truth was known; a claim of several parts is wrongly "
        "refuted more often. False support is “supported” where the truth lies on the edge of the region or beyond it; at most "
        "5 % are accepted. False refutation is “refuted” where it lies on the edge or inside; at most 2.5 %. On the edge it is "
        "hardest to be right. Each question is shown at the number of seeds with the highest rate.",
        columns=["Question", "Truth", "Wrong verdict", "n", "Experiments", "Limit", "Rate [95 %]"],
        rows=[_error(rows[i]) for i in shown],
        folded=[_error(row) for row in rest],
        summary=f"The other {len(rest)} of {len(rows)} rates, none of them above its limit by more than chance",
    )


def _telling(rows: Sequence[ErrorRate]) -> list[int]:
    """Places of the rows that no reader may miss: the highest rate of each question, and all that are above their limit."""
    highest: dict[tuple[str, str, str], int] = {}
    for i, row in enumerate(rows):
        group = row["question"], row["truth"], row["outcome"]
        if group not in highest or _size(row["rate"]) > _size(rows[highest[group]]["rate"]):
            highest[group] = i
    return [i for i, row in enumerate(rows) if i in highest.values() or _error(row).alarm]


def _size(rate: float | None) -> float:
    # A rate that is not finite is the worst there is.
    return rate if finite(rate) else math.inf


def _error(row: ErrorRate) -> Row:
    limit = percent(row["limit"]) if finite(row["limit"]) else "none"
    told = [row["question"], row["truth"], row["outcome"], str(row["n"]), str(row["experiments"]), limit]
    alarm = _excess(row["rate"], row["limit"], row["experiments"])
    return Row([*told, share(row["rate"], row["experiments"])], alarm, _known(row) if _over(row) else "")


def _over(row: ErrorRate) -> bool:
    """Whether a rate is above its limit at all, be it by chance; the reasons for that mean nothing below it."""
    rate, limit = row["rate"], row["limit"]
    return not finite(rate) or (finite(limit) and rate > limit)


def _excess(rate: float | None, limit: float | None, experiments: int) -> str:
    return "above the limit" if above(rate, limit, experiments) else ""


def _detection(rows: Sequence[Detection]) -> Table:
    ranked = sorted(rows, key=lambda row: row["rate"] if finite(row["rate"]) else -1.0)
    missed = sum(bool(_missed(row)) for row in rows)
    first = max(WORST, missed)
    reach = f"{missed} of the {len(rows)} parts stay below that." if missed else f"All {len(rows)} parts reach that."
    return Table(
        id="detection",
        title="Planted violations that are found",
        meaning="A power calculation at the spread that was observed in each part of the reference record, on MNIST: how often a "
        "violation of one and a half margins was refuted, with the part’s own number of seeds. A part is accepted from 90 % on, "
        "since one below would often miss what it looks for. "
        f"{reach if rows else ''}",
        columns=["Claim", "Part", "n", "Experiments", "Rate [95 %]"],
        rows=[_detected(row) for row in ranked[:first]],
        folded=[_detected(row) for row in ranked[first:]],
        summary=f"The other {len(ranked) - first} of {len(ranked)} parts; those above are the lowest",
    )


def _detected(row: Detection) -> Row:
    told = [row["claim"], row["part"], str(row["n"]), str(row["experiments"]), share(row["rate"], row["experiments"])]
    return Row(told, _missed(row), _known(row))


def _missed(row: Detection) -> str:
    lost = not finite(row["rate"]) or below(row["rate"], DETECTED, row["experiments"])
    return "below 90 %" if lost else ""


def _family(referee: Referee) -> Table:
    return Table(
        id="family",
        title="Wrong support anywhere in a catalogue",
        meaning="How often at least one false claim of a whole catalogue was supported after Holm’s correction. One error in "
        "many tests is easily made; with the correction it should be made in at most 5 % of the catalogues. The simulated "
        "claims are independent; several network claims share trainings, for which Holm’s correction holds too, but the rate "
        "differs.",
        columns=["Case", "Claims", "Catalogues", "Rate [95 %]"],
        rows=[
            Row(
                [row["case"], str(row["claims"]), str(row["experiments"]), share(row["rate"], row["experiments"])],
                _excess(row["rate"], FAMILYWISE, row["experiments"]),
                _known(row),
            )
            for row in referee["family"]
        ],
    )


def _controls(rows: Sequence[Control]) -> Table:
    return Table(
        id="controls",
        title="False alarms of the controls",
        meaning="How often a control failed by chance although nothing was wrong, which makes a sound claim invalid. Such an "
        "alarm costs a verdict; it never supports or refutes anything.",
        columns=CONTROL_COLUMNS,
        rows=[_control(row) for row in rows if not _wanted_high(row)],
    )


def _caught(rows: Sequence[Control]) -> Table:
    return Table(
        id="caught",
        title="Unsound comparisons that the control caught",
        meaning="How often a control failed where the comparison was unsound on purpose. Here a high rate is good: it is the "
        "share of such comparisons that would have been stopped. What is missing to 100 % would have been judged.",
        columns=CONTROL_COLUMNS,
        rows=[_control(row) for row in rows if _wanted_high(row)],
    )


def _wanted_high(row: Control) -> bool:
    return row.get("good") == "high"


def _control(row: Control) -> Row:
    told = [row["control"], str(row["n"]), str(row["experiments"]), share(row["rate"], row["experiments"])]
    return Row(told, note=_known(row))


def _known(row: Mapping[str, Any]) -> str:
    """The reason that the calibration gives for a rate, without the word that only says it is one."""
    return str(row.get("known") or "").removeprefix("known: ")


# ---- known answers -------------------------------------------------------------------------------------------


def _bias(rows: Sequence[Bias]) -> Table:
    return Table(
        id="bias",
        title="Bias of the exponents",
        meaning="How far a fitted exponent is from the one that is known for the curve, because curves end before their limit. "
        "First a plain fit of the last decade, then what is left after the referee’s extrapolation, then what the referee "
        "believes to be left and adds to both ends of its intervals. On these curves the last must be at least as large as the "
        "one before; it is an estimate and no bound.",
        columns=["Curve", "p", "Plain fit", "Left", "Believed to be left"],
        rows=[
            Row(
                [row["curve"], number(row["p"]), *(_error_size(row.get(key)) for key in ("late", "true", "estimated"))],
                _unseen(row),
            )
            for row in rows
        ],
    )


def _error_size(value: object) -> str:
    return number(value, digits=2) if isinstance(value, int | float) else "not known"


def _unseen(row: Bias) -> str:
    true, estimated = row["true"], row["estimated"]
    if not finite(true) or not finite(estimated):
        return "not finite"
    return "" if abs(true) <= abs(estimated) + ROUNDING else "more is left than believed"


def _nist(rows: Sequence[Nist]) -> Table:
    return Table(
        id="nist",
        title="Regression on certified data",
        meaning="The regression behind the exponents was run on reference data sets of NIST, the American institute of "
        "standards, whose coefficients are certified. Of their digits so many are required, and so many were found.",
        columns=["Data set", "Required", "Digits found"],
        rows=[Row([row["set"], number(row["required"], digits=3), number(row["digits"], digits=3)], _short(row)) for row in rows],
    )


def _short(row: Nist) -> str:
    found, required = row["digits"], row["required"]
    return "" if finite(found) and finite(required) and found >= required else "fewer than required"


def _tost(referee: Referee) -> Table:
    return Table(
        id="tost",
        title="Published equivalence tests, done again",
        meaning="Examples of two one-sided tests whose result others have published, computed by this judge.",
        columns=["Example", "Source", "Published", "Found"],
        rows=[
            Row([str(row["example"]), str(row["source"]), str(row["published"]), str(row["found"])]) for row in referee["tost"]
        ],
    )


def _long_times(rows: Sequence[LongTimes]) -> Table:
    return Table(
        id="long-times",
        title="Times that no steps reach",
        meaning="Trillions of steps are not taken: after the first ones, plain descent jumps by a closed form, and descent with "
        "depth follows the modified equation in log time. Here both go on from 10⁵ steps, beside every single step to 10⁸: the "
        "largest relative difference of the error ‖Δ‖ over the seeds. A hundred-millionth is tolerated.",
        columns=["Network", "p", "n", "At t = 10⁶", "At 10⁷", "At 10⁸"],
        rows=[
            Row([row["network"], number(row["p"]), str(row["n"]), *map(_error_size, _off(row))], _far_off(row)) for row in rows
        ],
    )


def _off(row: LongTimes) -> list[object]:
    return [row["at_1e6"], row["at_1e7"], row["at_1e8"]]


def _far_off(row: LongTimes) -> str:
    good = all(finite(off) and off <= TOLERATED for off in (row["at_1e6"], row["at_1e7"], row["at_1e8"]))
    return "" if good else "more than is tolerated"
