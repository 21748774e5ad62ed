"""The source files that a description depends on: those of its own class and of whatever it holds.

The run store names a block by their contents among other things, so that a changed rule trains anew.
"""

import dataclasses
from typing import Any

__all__ = ["STEPPING", "sources"]

STEPPING = (
    *(f"models/lp/{name}.py" for name in ("network", "problem", "starts")),
    "models/streams.py",
    *(f"training/{name}.py" for name in ("gpu", "kernels", "lanes", "steps", "trace")),
)
"""Files that every descent in steps depends on."""


def sources(described: Any) -> tuple[str, ...]:
    """Return the files, relative to the project, of a dataclass and of the dataclasses within it, sorted.

    >>> from models.lp import SCALAR_DEPTH, NearZero, ProductOf
    >>> sources(ProductOf(network=SCALAR_DEPTH, start=NearZero(scale=0.1)))
    ('models/lp/network.py', 'models/lp/starts.py')
    """
    return tuple(sorted({f"{module.replace('.', '/')}.py" for module in _modules(described)}))


def _modules(value: Any) -> set[str]:
    if not dataclasses.is_dataclass(value):
        return set()
    inner = (_modules(getattr(value, field.name)) for field in dataclasses.fields(value))
    return {type(value).__module__}.union(*inner)
