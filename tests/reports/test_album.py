"""Drawings kept from page to page: the same bytes, and nothing is drawn that is there."""

import os
import time
from contextvars import Context

import pytest

from reports import album as module
from reports import svg
from reports.album import Album, album, keeping, key_of
from reports.page import ALLOWANCES, _fitting, render
from tests.reports.sample_record import sample


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "drawings"


def drawn(folder, text="<path/>", key="1f"):
    """Return what an album gives, and what was drawn for it."""
    calls = []

    def draw():
        calls.append(text)
        return text

    return Album(folder).drawn(key, draw), calls


def refused(*arguments):
    raise AssertionError("drawn again")


# ---- the album --------------------------------------------------------------------------------------------------


def test_what_is_kept_is_not_drawn_again(folder):
    assert drawn(folder) == ("<path/>", ["<path/>"])
    assert drawn(folder, "<g/>") == ("<path/>", [])


def test_other_keys_are_other_drawings(folder):
    drawn(folder)
    assert drawn(folder, "<g/>", key="2e") == ("<g/>", ["<g/>"])


def test_without_a_folder_everything_is_drawn():
    assert drawn(None) == drawn(None) == ("<path/>", ["<path/>"])


@pytest.mark.parametrize("damage", [b"", b"<path/>", b"0000\n<path/>", b"\xff\xfe", "digest"])
def test_a_damaged_drawing_is_drawn_again(folder, damage):
    drawn(folder)
    path = folder / "1f.svg"
    path.write_bytes(path.read_bytes()[:-1] if damage == "digest" else damage)
    assert drawn(folder, "<g/>") == ("<g/>", ["<g/>"])
    assert drawn(folder) == ("<g/>", [])


def test_where_nothing_can_be_kept_it_is_drawn_all_the_same(folder):
    folder.write_text("a file")
    assert drawn(folder) == drawn(folder) == ("<path/>", ["<path/>"])


def test_what_no_page_has_shown_for_long_is_removed(folder):
    drawn(folder, key="old")
    drawn(folder, key="shown")
    past = time.time() - (module.DAYS + 1) * 86_400
    for key in ("old", "shown"):
        os.utime(folder / f"{key}.svg", (past, past))
    with keeping(folder):
        drawn(folder, key="shown")
    assert [path.stem for path in folder.iterdir()] == ["shown"]


def test_an_album_is_open_while_a_page_is_made(folder):
    before = album()
    with pytest.raises(KeyError), keeping(folder) as opened:
        assert album() is opened is not before
        raise KeyError
    assert album() is before


def test_outside_an_album_everything_is_drawn():
    assert Context().run(album).folder is None


# ---- keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [("b", [1.0]), ("a", [1.5]), ("a", [1.0], 2), ("a", [None]), ("a", [{"y": 1, "x": 2}])])
def test_keys_tell_what_is_shown(other):
    assert key_of("a", [1.0]) == key_of("a", [1.0]) != key_of(*other)


def test_keys_tell_the_order_in_which_curves_come():
    assert key_of({"y": 1, "x": 2}) != key_of({"x": 2, "y": 1})


@pytest.mark.parametrize("changed", [["other code", "3.10", "2.4"], ["code", "3.11", "2.4"]])
def test_keys_tell_what_draws(monkeypatch, changed):
    monkeypatch.setattr(module, "_code", lambda: ["code", "3.10", "2.4"])
    before = key_of("a")
    monkeypatch.setattr(module, "_code", lambda: changed)
    assert key_of("a") != before


# ---- pages ------------------------------------------------------------------------------------------------------


def test_a_page_of_kept_drawings_is_the_same_page(record, folder, monkeypatch):
    alone = render(record)
    with keeping(folder):
        first = render(record)
    monkeypatch.setattr(svg, "inline", refused)
    with keeping(folder):
        again = render(record)
    assert first == again == alone and list(folder.iterdir())


def test_a_changed_curve_is_drawn_anew(folder):
    record = sample()
    with keeping(folder):
        render(record)
        before = {path.name for path in folder.iterdir()}
        curve = next(curve for claim in record["claims"] for curve in claim["curves"])
        curve["median"] = [2 * value for value in curve["median"]]
        render(record)
    assert len({path.name for path in folder.iterdir()} - before) >= 1


# ---- where the last page fitted ---------------------------------------------------------------------------------


def fitting(fits):
    """Return how many pages are made until one fits whose allowance is `fits`, and its length."""
    made = []

    def make(allowed):
        made.append(ALLOWANCES.index(allowed))
        return "x" * (allowed.size + (1 if made[-1] < fits else -made[-1]))

    page = _fitting(make)
    return len(made), len(page) - ALLOWANCES[fits].size


@pytest.mark.parametrize("fits", range(len(ALLOWANCES)))
@pytest.mark.parametrize("told", ["", "-3", "0", "4", "8", "99", "four", None])
def test_wherever_the_last_page_fitted_the_same_page_is_made(folder, fits, told):
    folder.mkdir()
    if told is not None:
        (folder / "place.txt").write_text(told)
    with keeping(folder):
        assert fitting(fits)[1] == -fits
    assert (folder / "place.txt").read_text() == str(fits)


@pytest.mark.parametrize("fits", range(len(ALLOWANCES)))
def test_where_it_fits_as_before_two_pages_tell(folder, fits):
    with keeping(folder):
        fitting(fits)
        made, _ = fitting(fits)
    assert made == min(fits + 1, 2)


def test_a_folder_that_cannot_be_written_tells_no_place(folder):
    folder.write_text("a file")
    opened = Album(folder)
    opened.place = 3
    assert opened.place is None
