"""Packages that a session needs and that are not installed: told before anything is trained, in one sentence."""

from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["NEEDED", "lacking"]

NEEDED = ("filelock", "jinja2", "jsonschema", "jsonschema_rs", "matplotlib", "numba", "numpy", "scipy", "statsmodels")
"""Modules of the group `run` in pyproject.toml, but for torch, which only networks need."""
INSTALL = "python -m pip install --group run (pip 25.1 or newer)"


def lacking(more: Sequence[str] = ()) -> str:
    """Return a sentence that names what is not installed of `NEEDED` and of more modules; empty where all is.

    >>> lacking(["json"])
    ''
    >>> lacking(["no_such_package"])
    'The claims need no_such_package, which is not installed: python -m pip install --group run (pip 25.1 or newer).'
    """
    missing = [name for name in (*NEEDED, *more) if find_spec(name) is None]
    if not missing:
        return ""
    named = f"{', '.join(missing[:-1])} and {missing[-1]}" if missing[1:] else missing[0]
    return f"The claims need {named}, which {'are' if missing[1:] else 'is'} not installed: {INSTALL}."
