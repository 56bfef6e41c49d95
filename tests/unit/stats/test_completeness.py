from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.audit import Audit
from fer_audit.errors import IncompleteError
from fer_audit.records import Slicing
from fer_audit.stats.completeness import refuse_gaps, refuse_incomplete
from fer_audit.vocabulary import AnswerKind

KINDS = list(AnswerKind)
TONE = Slicing("tone")


def table(tones: dict[str, list[int]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """By slice, in order: answered, error, absent; rows of no slice first."""
    kinds = np.zeros((len(tones), len(KINDS)), dtype=np.int64)
    for place, (answered, error, absent) in enumerate(tones.values()):
        kinds[place, [0, KINDS.index(AnswerKind.ERROR), KINDS.index(AnswerKind.ABSENT)]] = (
            answered,
            error,
            absent,
        )
    return kinds


def test_shares_at_the_limit_are_borne() -> None:
    refuse_gaps(table({"none": [0, 0, 0], "a": [98, 0, 2], "b": [99, 1, 0]}), TONE, ("a", "b"))


def test_a_slice_of_which_too_much_is_absent_is_named() -> None:
    with pytest.raises(IncompleteError) as raised:
        refuse_gaps(
            table({"none": [0, 0, 0], "a": [1000, 0, 0], "b": [97, 0, 3]}), TONE, ("a", "b"), ("torn",)
        )
    assert str(raised.value) == (
        "3 of 100 images have no answer in tone = b (at least 98% must be there); first: torn. Nothing follows "
        "from the rest: complete the data and run again"
    )


def test_errors_of_rows_in_no_slice_count_overall() -> None:
    with pytest.raises(IncompleteError) as raised:
        refuse_gaps(table({"none": [0, 3, 0], "a": [100, 0, 0]}), TONE, ("a",))
    assert str(raised.value) == (
        "3 of 103 answers are errors overall (at most 1% may be). A crash is no evidence of bias: mend the "
        "model and run again"
    )


def test_predictions_are_held_to_the_same_shares() -> None:
    rows = [Row(f"p{i}", "anger", "anger", str(i), {"tone": "ab"[i % 2]}) for i in range(200)]
    broken = [Row("q", "anger", None, f"x{i}", {"tone": "b"}, AnswerKind.ERROR) for i in range(2)]
    refuse_incomplete(predictions_of([*rows, broken[0]]), TONE)
    with pytest.raises(IncompleteError, match="2 of 102 answers are errors in tone = b"):
        Audit(predictions_of([*rows, *broken]), "tone")
