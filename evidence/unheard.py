"""What takes the place of a judge where nothing is to be judged."""

from typing import Any

__all__ = ["Unheard"]


class Unheard:
    """Takes whatever a judge is told, and makes nothing of it.

    >>> Unheard().lower("faster", [1.0], effect=0.1) is not None
    True
    """

    def __getattr__(self, name: str) -> "Unheard":
        """Return itself, to be called."""
        return self

    def __call__(self, *told: Any, **named: Any) -> "Unheard":
        """Return itself."""
        return self
