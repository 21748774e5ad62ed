"""Which claims are asked for, and what is said of names that are none."""

from types import SimpleNamespace

import pytest

from evidence.selection import selected, unknown

KNOWN = ["gd-rate", "gd-constant", "capacity"]


def config(given, ini=""):
    return SimpleNamespace(getoption=lambda name: given, getini=lambda name: ini)


@pytest.mark.parametrize(
    ("given", "ids"), [(None, []), ("capacity", ["capacity"]), (" gd-rate , capacity,", ["gd-rate", "capacity"])]
)
def test_ids_are_separated_by_commas(given, ids):
    assert selected(config(given)) == ids


def test_the_ini_file_may_name_them():
    assert selected(config(None, "capacity")) == ["capacity"]


@pytest.mark.parametrize(("given", "ini"), [("", ""), (",", ""), ("  ", "capacity"), (None, ",")])
def test_no_name_at_all_is_not_all_of_them(given, ini):
    with pytest.raises(pytest.UsageError, match="which names no claim; --claims-list lists their ids"):
        selected(config(given, ini))


def test_known_ids_are_no_trouble():
    assert unknown(KNOWN, KNOWN) == ""


@pytest.mark.parametrize("near", ["gd-rates", "GD-RATE", "gd_rate", "gd rate"])
def test_the_nearest_id_is_offered(near):
    assert f"names '{near}', which is no claim. Did you mean gd-rate" in unknown([near], KNOWN)


def test_every_unknown_id_is_named_and_nothing_is_offered_that_is_far():
    told = unknown(["gd-rates", "capacity", "elsewhere"], KNOWN)
    assert told.startswith("--claims-only names 'gd-rates', 'elsewhere', which are no claims. Did you mean gd-rate")
    assert "Did you mean" not in unknown(["elsewhere"], KNOWN)
