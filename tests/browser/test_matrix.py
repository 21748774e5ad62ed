"""The matrix of several records in a browser: it fits, asks for nothing, and axe has nothing to say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.test_axe import violations
from tests.browser.test_silence import elsewhere
from tests.browser.test_width import WIDTHS, too_wide


@pytest.fixture(scope="module")
def matrix_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The matrix of three runs, one of them interrupted, one with other verdicts."""
    from reports.merge import render
    from reports.record import check
    from tests.reports.sample_record import interrupted, sample

    other = sample()
    other["claims"][0]["verdict"] = "inconclusive"
    other["run"]["versions"]["torch"] = "2.4.0"
    file = tmp_path_factory.mktemp("matrix") / "matrix.html"
    file.write_text(render([check(sample()), check(other), check(interrupted())]), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_matrix_fits_in_silence(scheme: str, matrix_file: Path, opened: Opener) -> None:
    visit = opened(matrix_file, scheme=scheme)
    assert {width: too_wide(visit, width) for width in WIDTHS} == {width: [] for width in WIDTHS}
    assert (elsewhere(visit, matrix_file), visit.said) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say_of_the_matrix(scheme: str, matrix_file: Path, opened: Opener) -> None:
    assert violations(opened(matrix_file, scheme=scheme)) == []
