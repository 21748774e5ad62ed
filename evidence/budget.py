"""Budgets: how many seeds and steps a claim may use. A budget never changes the code, the margin or the rule."""

from dataclasses import dataclass
from typing import TypeVar

__all__ = ["BUDGETS", "FIRST_SEED", "Budget"]

BUDGETS = ("smoke", "standard", "paper")
FIRST_SEED = 1000
"""Seeds below were used to try out protocols and estimators; verdicts come from fresh ones."""

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Budget:
    """The budget of a session; `count` is the number of seeds asked for on the command line, if any."""

    name: str = "standard"
    count: int | None = None

    def __call__(self, *, smoke: Choice, standard: Choice, paper: Choice) -> Choice:
        """Return this budget's choice.

        >>> Budget("smoke")(smoke=10, standard=100, paper=1000)
        10
        """
        return {"smoke": smoke, "standard": standard, "paper": paper}[self.name]

    def seeds(self, *, smoke: int, standard: int, paper: int) -> range:
        """Return the seeds to use: this budget's number of them, or the number asked for.

        >>> Budget("standard", count=4).seeds(smoke=3, standard=10, paper=30)
        range(1000, 1004)
        """
        count = self(smoke=smoke, standard=standard, paper=paper) if self.count is None else self.count
        return range(FIRST_SEED, FIRST_SEED + count)
