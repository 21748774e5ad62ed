"""The templates' environment, one for every page: escaped, strict about what is missing, without lines of the blocks."""

from __future__ import annotations

from pathlib import Path

import jinja2

__all__ = ["environment"]

HERE = Path(__file__).resolve().parent


def environment() -> jinja2.Environment:
    """A new environment, to which a page adds its filters.

    >>> environment().from_string("{{ text }}").render(text="p < 3")
    'p &lt; 3'
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
