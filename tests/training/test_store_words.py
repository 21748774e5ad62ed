"""What a session says of its store."""

import pytest

from training.store_words import repeated, unwritable


@pytest.mark.parametrize(
    ("blocks", "different", "told"),
    [
        (1, 0, "Trained again: 1 block, bit for bit as stored."),
        (1, 1, "Trained again: 1 block, not bit for bit as stored."),
        (9, 0, "Trained again: 9 blocks, all bit for bit as stored."),
        (9, 2, "Trained again: 9 blocks, 7 of them bit for bit as stored."),
    ],
)
def test_what_was_trained_again_is_counted(blocks, different, told):
    assert repeated(blocks, different) == [told]


def test_nothing_is_said_where_nothing_was_trained_again():
    assert repeated(0, 0) == []


def test_a_folder_that_can_be_written_is_made_and_no_trouble(tmp_path):
    assert unwritable(tmp_path / "a" / "b") == "" and list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_with_the_reason(tmp_path):
    (tmp_path / "file").touch()
    store = tmp_path / "file" / "store"
    assert unwritable(store) == f"the folder of --claims-store, {str(store)!r}, cannot be written (Not a directory)."
