r"""Shares of experiments as a reader wants them: in per cent, with the interval that their number leaves open.

>>> share(0.049, 20000)
'4.9\xa0% [4.6,\xa05.2]'
"""

from __future__ import annotations

import math

from reports.numerals import FIXED_SPACE, NOT_FINITE, finite

__all__ = ["above", "below", "percent", "share", "wilson"]

# The standard normal's 97.5 % point.
Z95 = 1.959963984540054
# Among some hundred rates a few leave their 95 % interval by chance; at four standard errors none should.
Z_ALARM = 4.0


def wilson(rate: float, experiments: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval of a rate, of 95 % unless `z` says otherwise.

    Unlike the plain one it stays within 0 and 1, and has a length even where the rate is 0.

    >>> [round(end, 4) for end in wilson(0.0, 400)]
    [0.0, 0.0095]
    """
    loss = z**2 / experiments
    middle = (rate + loss / 2) / (1 + loss)
    reach = math.sqrt(loss * rate * (1 - rate) + loss**2 / 4) / (1 + loss)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def percent(rate: float | None) -> str:
    r"""A rate in per cent; only what is exactly all, or nothing, is rounded to that.

    >>> percent(0.95), percent(0.99999), percent(1.0), percent(0.0001), percent(None)
    ('95.0\xa0%', 'over 99.9\xa0%', '100.0\xa0%', 'under 0.1\xa0%', 'not finite')
    """
    if not finite(rate):
        return NOT_FINITE
    if 0 < rate < 0.0005:
        return f"under 0.1{FIXED_SPACE}%"
    return f"over 99.9{FIXED_SPACE}%" if 0.9995 <= rate < 1 else f"{100 * rate:.1f}{FIXED_SPACE}%"


def share(rate: float | None, experiments: int) -> str:
    r"""A rate with its interval in brackets; without experiments there is none.

    >>> share(1.0, 2000), share(0.5, 0)
    ('100.0\xa0% [99.8,\xa0100.0]', '50.0\xa0%')
    """
    if not _counted(rate, experiments):
        return percent(rate)
    low, high = (100 * end for end in wilson(rate or 0.0, experiments))
    return f"{percent(rate)} [{low:.1f},{FIXED_SPACE}{high:.1f}]"


def above(rate: float | None, limit: float | None, experiments: int) -> bool:
    """Whether a rate is above its limit by more than chance gives among hundreds of rates.

    >>> above(0.0540, 0.05, 20000), above(0.06, 0.05, 20000)
    (False, True)
    """
    return finite(limit) and _counted(rate, experiments) and wilson(rate or 0.0, experiments, Z_ALARM)[0] > limit


def below(rate: float | None, least: float, experiments: int) -> bool:
    """Whether a rate is below what is asked for, by more than chance gives among hundreds of rates.

    >>> below(0.9295, 0.93, 20000), below(0.92, 0.93, 20000)
    (False, True)
    """
    return _counted(rate, experiments) and wilson(rate or 0.0, experiments, Z_ALARM)[1] < least


def _counted(rate: float | None, experiments: int) -> bool:
    return finite(rate) and 0 <= rate <= 1 and experiments > 0
