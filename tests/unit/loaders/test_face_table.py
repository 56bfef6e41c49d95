from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from fer_audit.datasets.face_table import FaceColumns
from fer_audit.records import Face

NAMES = st.text("abcdé ", min_size=1, max_size=3)
ROWS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        NAMES,
        st.none() | NAMES,
        st.floats(allow_nan=True, allow_infinity=False),
    ),
    max_size=20,
)


@given(ROWS)
def test_what_was_added_comes_back_in_order(rows: list[tuple[str, str, str, str | None, float]]) -> None:
    columns = FaceColumns(["race"], ["yaw"])
    for image, identity, label, race, yaw in rows:
        columns.add(image, identity, label, [race], [yaw])
    table = columns.table()
    assert len(table) == len(columns) == len(rows)
    assert list(table) == [
        Face(
            image,
            identity,
            label,
            {} if race is None else {"race": race},
            {} if np.isnan(yaw) else {"yaw": yaw},
        )
        for image, identity, label, race, yaw in rows
    ]
    assert list(table.label.levels) == sorted({row[2] for row in rows})


def test_nobody_knows_who_is_in_a_picture_that_stands_for_itself() -> None:
    columns = FaceColumns(["gender"], identified=False)
    columns.add("a.jpg", None, "fear", ["female"])
    assert columns.table()[0] == Face("a.jpg", "a.jpg", "fear", {"gender": "female"})
    with pytest.raises(ValueError, match=r"b\.jpg: identity 'p' does not fit a set of this kind"):
        columns.add("b.jpg", "p", "fear", [None])


def test_an_identity_is_wanted_where_people_are_known() -> None:
    columns = FaceColumns([])
    with pytest.raises(ValueError, match=r"a\.jpg: identity None does not fit"):
        columns.add("a.jpg", None, "fear", [])


def test_as_many_values_as_names_are_wanted() -> None:
    with pytest.raises(ValueError, match=r"a\.jpg: 1 values for 2 attributes"):
        FaceColumns(["race", "gender"]).add("a.jpg", "p", "fear", ["asian"])


def test_a_part_keeps_the_levels_of_the_whole() -> None:
    columns = FaceColumns(["race"], ["yaw"])
    for number, race in enumerate(["asian", "black", "white"]):
        columns.add(f"{number}.jpg", f"p{number}", "fear", [race], [float(number)])
    table = columns.table()
    part = table.take(np.array([True, False, True]))
    assert [face.attributes["race"] for face in part] == ["asian", "white"]
    assert part.attributes["race"].levels == ("asian", "black", "white")
    assert [face.image for face in table[1:]] == ["1.jpg", "2.jpg"]
    assert table[-1] == table.take(np.array([2]))[0]
    assert not len(table.take(np.array([], dtype=np.int64)))
