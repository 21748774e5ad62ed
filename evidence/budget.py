"""Budgets: how many seeds and steps a claim may use. A budget never changes the code, the margin or the rule."""

from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["BUDGETS", "FIRST_PILOT_SEED", "FIRST_SEED", "PILOT_SEEDS", "Budget"]

BUDGETS = ("smoke", "standard", "paper")
FIRST_SEED = 5000
"""Seeds below were used to try out protocols, estimators, readings and numbers of seeds; verdicts come from fresh ones."""

FIRST_PILOT_SEED = 500
PILOT_SEEDS = 5
"""A pilot has as many seeds as a smoke run, but at least this many."""

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Budget:
    """The budget of a session.

    Attributes
    ----------
    name : smoke, standard or paper
    count : the number of seeds asked for, if any, instead of each claim's own
    pilot : use the pilot's few seeds, apart from those of verdicts, but this budget's steps
    asked : receives the claim's own numbers of seeds at this budget, for who plans the next run
    """

    name: str = "standard"
    count: int | None = None
    pilot: bool = False
    asked: list[int] = field(default_factory=list, compare=False, repr=False)

    def __call__(self, *, smoke: Choice, standard: Choice, paper: Choice) -> Choice:
        """Return this budget's choice.

        >>> Budget("smoke")(smoke=10, standard=100, paper=1000)
        10
        """
        return {"smoke": smoke, "standard": standard, "paper": paper}[self.name]

    def seeds(self, *, smoke: int, standard: int, paper: int) -> range:
        """Return the seeds to use: this budget's number of them, or the number asked for.

        >>> Budget("standard", count=4).seeds(smoke=3, standard=10, paper=30)
        range(5000, 5004)
        """
        own = self(smoke=smoke, standard=standard, paper=paper)
        self.asked.append(own)
        if self.pilot:
            return range(FIRST_PILOT_SEED, FIRST_PILOT_SEED + max(PILOT_SEEDS, smoke))
        return range(FIRST_SEED, FIRST_SEED + (own if self.count is None else self.count))
