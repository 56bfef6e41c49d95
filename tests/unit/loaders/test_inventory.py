from __future__ import annotations

import pytest

from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.errors import DatasetError

ORIGIN = Origin("SET", "Somebody, A set (2020)", "for research", "its authors")


def test_an_entry_that_nobody_accounts_for_is_an_error() -> None:
    with pytest.raises(
        DatasetError,
        match=r"1,001 files are there, but 1,000 are accounted for "
        r"\(998 read, 1 annotations, 1 skipped\); this is a fault of the loader, please report it",
    ):
        Inventory(1001, 998, ("labels.txt",), (Skipped("x", "no picture"),))


def test_a_report_says_how_much_was_read_on_what_terms_and_what_was_not() -> None:
    skipped = [Skipped("Thumbs.db", "no picture"), Skipped("a.jpg", "odd"), Skipped("b.jpg", "odd")]
    inventory = Inventory(1003, 1000, skipped=tuple(skipped))
    assert inventory.reasons() == {"odd": 2, "no picture": 1}
    assert inventory.describe(ORIGIN) == {
        "image set read": "1,000 of 1,003 files of SET",
        "licence": "for research",
        "cite": "Somebody, A set (2020)",
        "skipped": "2 odd; 1 no picture",
    }
    assert "skipped" not in Inventory(2, 2).describe(ORIGIN)


def test_many_reasons_are_counted_and_a_few_are_shown() -> None:
    skipped = tuple(Skipped(str(number), f"reason {number}") for number in range(7))
    assert Inventory(7, 0, skipped=skipped).describe(ORIGIN)["skipped"] == (
        "1 reason 0; 1 reason 1; 1 reason 2; 1 reason 3; 1 reason 4; and 2 more reasons"
    )


def test_a_folder_without_a_face_says_what_is_there_instead() -> None:
    expected = "pictures named such as A1.bmp"
    skipped = (Skipped("b.jpg", "odd"), Skipped("notes.txt", "no picture"), Skipped("x.txt", "no picture"))
    assert str(NoFacesError("SET", expected, Inventory(3, 0, skipped=skipped))) == (
        "SET: none of the 3 files there gives a face (mostly no picture, such as 'notes.txt'); "
        "a copy holds pictures named such as A1.bmp"
    )
    assert str(NoFacesError("SET", expected, Inventory(1, 0, skipped=skipped[:1]))) == (
        "SET: the only file there, 'b.jpg', gives no face (odd); a copy holds pictures named such as A1.bmp"
    )
    assert str(NoFacesError("SET", expected, Inventory(2, 0, ("a.txt", "b.txt")))) == (
        "SET: none of the 2 files there gives a face; a copy holds pictures named such as A1.bmp"
    )
    assert str(NoFacesError("SET", expected, Inventory(0, 0, entry="row"))) == (
        "SET: no row is there at all; a copy holds pictures named such as A1.bmp"
    )


def test_of_a_very_long_name_the_end_is_shown_and_nothing_in_it_reaches_a_terminal_raw() -> None:
    long = Skipped("deep/" * 100 + "picture.jpg", "odd")
    assert str(NoFacesError("SET", "x", Inventory(1, 0, skipped=(long,)))) == (
        f"SET: the only file there, '...eep/{'deep/' * 13}picture.jpg', gives no face (odd); a copy holds x"
    )
    hostile = Skipped("\x1b[2J\n.jpg", "odd")
    assert "there, '\\x1b[2J\\n.jpg', gives no face" in str(
        NoFacesError("SET", "x", Inventory(1, 0, skipped=(hostile,)))
    )
