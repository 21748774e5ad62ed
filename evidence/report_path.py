"""Where a session's page and record go: ``--claims-report``, a folder or a file that ends in .html."""

import tempfile
from pathlib import Path

import pytest

from evidence.options import option

__all__ = ["check_report", "page_path"]

SUFFIXES = (".html", ".htm")


def page_path(config: pytest.Config) -> Path:
    """Return where the page goes, from the root if the option is relative."""
    given = config.rootpath / option(config, "report")
    return given if given.suffix.lower() in SUFFIXES and not given.is_dir() else given / "index.html"


def check_report(config: pytest.Config) -> None:
    """Refuse a place that cannot be written (raises ``pytest.UsageError``)."""
    given, page = option(config, "report"), page_path(config)
    if page.parent.is_file():
        which = "which is a file" if page.name not in given else f"but {str(page.parent)!r} is a file"
        raise pytest.UsageError(f"--claims-report is {given!r}, {which}; name a folder, or a file that ends in .html.")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=page.parent).close()
    except OSError as error:
        why = f"--claims-report is {given!r}, which cannot be written ({error.strerror})"
        raise pytest.UsageError(f"{why}; name a folder, or a file that ends in .html.") from error
