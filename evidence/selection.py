"""Which claims a session is asked for: all, or those that ``--claims-only`` names."""

from collections.abc import Iterable
from difflib import get_close_matches

import pytest

from evidence.options import option

__all__ = ["selected", "unknown"]


def selected(config: pytest.Config) -> list[str]:
    """Return the ids that were asked for; none where all claims are. Raises ``pytest.UsageError`` where no id is given."""
    given = option(config, "only")
    ids = [id.strip() for id in given.split(",") if id.strip()]
    if not ids and (given or config.getoption("claims_only") is not None):
        raise pytest.UsageError(f"--claims-only is {given!r}, which names no claim; --claims-list lists their ids.")
    return ids


def unknown(ids: Iterable[str], known: Iterable[str]) -> str:
    """Return a sentence on the ids that are no claim's; empty where all are.

    >>> unknown(["gd-rate", "GD_Rates"], ["gd-rate", "capacity"])
    "--claims-only names 'GD_Rates', which is no claim. Did you mean gd-rate? The claims are: gd-rate, capacity."
    """
    known = list(known)
    wrong = [id for id in ids if id not in known]
    if not wrong:
        return ""
    close = dict.fromkeys(near for id in wrong for near in get_close_matches(id.lower().replace("_", "-"), known, n=3))
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    which = "which is no claim" if len(wrong) == 1 else "which are no claims"
    return f"--claims-only names {', '.join(map(repr, wrong))}, {which}.{meant} The claims are: {', '.join(known)}."
