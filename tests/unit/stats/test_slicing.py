from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.errors import ConfigurationError, UnknownNameError
from fer_audit.records import Slicing
from fer_audit.stats.slicing import cut, sort_levels

if TYPE_CHECKING:
    from fer_audit.predictions import Predictions


def people(*groups: tuple[str, str | None]) -> Predictions:
    rows = [
        Row(str(i), "anger", "anger", str(i), {"race": race} | ({} if tone is None else {"tone": tone}))
        for i, (race, tone) in enumerate(groups)
    ]
    return predictions_of(rows)


TABLE = people(("white", "10"), ("black", "9"), ("white", "9"), ("asian", "2"))


def test_one_attribute_gives_its_levels_by_name() -> None:
    found = cut(TABLE, Slicing(("race",)))
    assert found.levels == ("asian", "black", "white")
    assert [found.levels[code] for code in found.codes] == ["white", "black", "white", "asian"]
    assert found.empty == ()


def test_levels_that_are_numbers_are_ordered_as_numbers() -> None:
    assert cut(TABLE, Slicing(("tone",))).levels == ("2", "9", "10")
    assert sort_levels(["1e1", "nan", "9"]) == ("1e1", "9", "nan")


def test_intersections_exist_where_somebody_is_and_are_listed_where_nobody_is() -> None:
    found = cut(TABLE, Slicing(("race", "tone")))
    assert found.levels == ("asian*2", "black*9", "white*9", "white*10")
    assert found.empty == ("asian*9", "asian*10", "black*2", "black*10", "white*2")
    assert [found.levels[code] for code in found.codes] == ["white*10", "black*9", "white*9", "asian*2"]


def test_a_level_left_out_by_name_is_no_slice() -> None:
    found = cut(TABLE, Slicing("race", without={"asian": "one person"}))
    assert found.levels == ("black", "white")
    assert found.codes[3] == -1
    assert found.empty == ()


def test_of_an_intersection_a_combination_or_a_whole_level_can_be_left_out() -> None:
    assert cut(TABLE, Slicing("race*tone", without={"white*9": "x"})).levels == (
        "asian*2",
        "black*9",
        "white*10",
    )
    assert cut(TABLE, Slicing("race*tone", without={"9": "x"})).levels == ("asian*2", "white*10")


def test_a_level_that_does_not_exist_cannot_be_left_out() -> None:
    message = "slicing 'race' leaves out 'asain', which is no level of it; did you mean 'asian'?"
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        cut(TABLE, Slicing("race", without={"asain": "typo"}))


def test_an_unknown_attribute_suggests_the_nearest() -> None:
    message = "unknown attribute 'rice' in slicing 'rice'; did you mean 'race'? Known: race, tone"
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        cut(TABLE, Slicing(("rice",)))


def test_rows_without_a_value_belong_to_no_slice() -> None:
    found = cut(people(("white", "1"), ("black", None)), Slicing(("tone",)))
    np.testing.assert_array_equal(found.codes, [0, -1])
    assert found.missing == 1
