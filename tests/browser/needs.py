"""What these tests need beyond the project's other tests: Chromium and four packages; what is missing, in a sentence.

Where something is missing, tests are skipped. Where DEPTH_ON_TRIAL_BROWSER is "required", as in ``tox run -e page``, they fail:
a continuous integration that lost its browser would otherwise stay green without looking at the page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

import pytest

VARIABLE = "DEPTH_ON_TRIAL_BROWSER"
# Debian's name, Ubuntu's, and that of Google's own package.
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of the first of the known browsers that is on PATH, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def lacking(modules: Iterable[str], browser: str | None) -> str:
    """What is missing of the modules and the browser, as a sentence; '' where nothing is.

    >>> lacking(["json"], "/usr/bin/chromium")
    ''
    >>> lacking(["json"], None)
    'No Chromium is on PATH under any of the names chromium, chromium-browser, google-chrome.'
    """
    absent = [module for module in modules if find_spec(module) is None]
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        return f"{', '.join(absent)} {verb} not installed; `tox run -e page` installs what the page's tests need."
    if browser is None:
        return f"No Chromium is on PATH under any of the names {', '.join(NAMES)}."
    return ""


def insist(sentence: str, environ: Mapping[str, str] = os.environ) -> None:
    """Skip the test with a sentence on what is missing, or fail it where a browser is required; nothing for ''."""
    asked = environ.get(VARIABLE, "")
    if asked not in ("", "required"):
        raise pytest.UsageError(f'{VARIABLE} is "{asked}"; it may be "required", or not be set.')
    if sentence and asked:
        pytest.fail(f"{sentence} {VARIABLE} is set to required, so that this is a failure.", pytrace=False)
    if sentence:
        pytest.skip(sentence)
