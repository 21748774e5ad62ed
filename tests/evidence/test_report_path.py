"""Where the page goes, by what a user writes."""

from types import SimpleNamespace

import pytest

from evidence.report_path import check_report, page_path


def config(tmp_path, given):
    return SimpleNamespace(rootpath=tmp_path, getoption=lambda name: given, getini=lambda name: "reports/out")


@pytest.mark.parametrize(
    ("given", "page"),
    [
        (None, "reports/out/index.html"),
        ("out", "out/index.html"),
        ("out/c.html", "out/c.html"),
        ("c.HTML", "c.HTML"),
        ("c.htm", "c.htm"),
        ("v1.2", "v1.2/index.html"),
    ],
)
def test_what_ends_in_html_is_a_file_and_all_else_a_folder(tmp_path, given, page):
    assert page_path(config(tmp_path, given)) == tmp_path / page


def test_a_folder_may_have_any_name(tmp_path):
    (tmp_path / "c.html").mkdir()
    assert page_path(config(tmp_path, "c.html")) == tmp_path / "c.html" / "index.html"


def test_an_absolute_path_stays_one(tmp_path):
    assert page_path(config(tmp_path / "elsewhere", str(tmp_path / "out"))) == tmp_path / "out" / "index.html"


def test_a_place_that_can_be_written_is_made(tmp_path):
    check_report(config(tmp_path, "a/b"))
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("README.md", "which is a file"),
        ("README.md/c.html", "but '.*/README.md' is a file"),
        ("README.md/below", r"which cannot be written \(Not a directory\)"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path, given, words):
    (tmp_path / "README.md").touch()
    with pytest.raises(pytest.UsageError, match=f"--claims-report is '{given}', {words}; name a folder, or a file that ends"):
        check_report(config(tmp_path, given))
