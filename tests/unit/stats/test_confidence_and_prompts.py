from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from fer_audit.errors import ConfigurationError, TableError
from fer_audit.predictions import Predictions
from fer_audit.records import Slicing
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.merging import merge_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

RACE = Slicing("race")


def table(rows: Sequence[tuple[str, str, str, str, float | None]]) -> Predictions:
    """Rows of (person, image, prompt, predicted, confidence); everybody shows anger."""
    names = ["identity", "image", "prompt", "predicted", "confidence"]
    frame = pd.DataFrame(rows, columns=names).assign(expression="anger", race="x")
    return Predictions.from_pandas(frame)


def share(counts: Counts, label: str) -> float:
    return float(counts.cells[0, 0, counts.predicted.index(label)])


def test_repeats_are_averaged_within_prompts_and_prompts_within_images() -> None:
    counts = count(
        table(
            [
                ("a", "1", "short", "anger", None),
                ("a", "1", "short", "anger", None),
                ("a", "1", "short", "anger", None),
                ("a", "1", "long", "fear", None),
            ]
        ),
        RACE,
    )
    assert (share(counts, "anger"), share(counts, "fear")) == pytest.approx((0.5, 0.5))
    assert counts.repeats == 3
    assert counts.cells.sum() == pytest.approx(1.0)


def test_without_prompts_every_row_of_an_image_weighs_the_same() -> None:
    rows = [("a", "1", "one", "anger", None)] * 3 + [("a", "1", "one", "fear", None)]
    assert share(count(table(rows), RACE), "anger") == pytest.approx(0.75)


def test_answered_rows_are_averaged_within_prompts_too() -> None:
    """Three answers in one wording and one in another: where all are answered, leaving out changes nothing."""
    rows = [("a", "1", "short", "anger", None)] * 3 + [("a", "1", "long", "fear", None)]
    counts = count(table(rows), RACE)
    np.testing.assert_array_equal(counts.answers, counts.cells[..., : len(counts.predicted)])


def test_confidence_is_summed_over_answered_images_that_have_one() -> None:
    counts = count(
        table(
            [
                ("a", "1", "p", "anger", 0.9),
                ("a", "2", "p", "fear", 0.6),
                ("a", "3", "p", "anger", None),
                ("a", "4", "p", "anger", 1.0),
                ("a", "4", "p", "anger", 0.5),
            ]
        ),
        RACE,
    )
    found = counts.scores
    assert found is not None
    assert float(found.images[0, 0]) == pytest.approx(3.0)
    assert float(found.confidence[0, 0]) == pytest.approx(0.9 + 0.6 + 0.75)
    assert float(found.correct[0, 0]) == pytest.approx(2.0)
    assert float(found.squared[0, 0]) == pytest.approx(0.01 + 0.36 + 0.125)


def test_no_confidence_is_no_score() -> None:
    assert count(table([("a", "1", "p", "anger", None)]), RACE).scores is None


def test_merged_shards_hold_the_scores_of_one_table() -> None:
    rows = [(f"p{i % 4}", str(i), "p", "anger" if i % 3 else "fear", (i % 7) / 7) for i in range(40)]
    whole = table([*rows])
    half = np.arange(len(whole)) < 23
    merged = merge_counts([count(whole.take(half), RACE), count(whole.take(~half), RACE)])
    plain = count(whole, RACE)
    assert merged.scores is not None
    assert plain.scores is not None
    for name in ("images", "confidence", "correct", "squared"):
        assert getattr(merged.scores, name) == pytest.approx(getattr(plain.scores, name))


def test_shards_with_and_without_known_people_are_not_added() -> None:
    known = table([("a", "1", "p", "anger", 0.5)])
    unknown = Predictions.from_pandas(
        pd.DataFrame({"identity": [None], "expression": "anger", "predicted": "anger", "race": "x"})
    )
    with pytest.raises(ConfigurationError, match=r"^counts with and without known people"):
        merge_counts([count(known, RACE), count(unknown, RACE)])


@pytest.mark.parametrize("value", [-0.1, 1.5, 87.0])
def test_a_confidence_is_a_probability(value: float) -> None:
    with pytest.raises(
        TableError, match=r"is no probability; give the probability of the answer from 0 to 1"
    ):
        table([("a", "1", "p", "anger", value)])


def test_columns_of_floats_are_covariates() -> None:
    frame = pd.DataFrame(
        {
            "identity": ["a", "b"],
            "expression": "anger",
            "predicted": "anger",
            "race": "x",
            "brightness": [0.5, np.nan],
        }
    )
    found = Predictions.from_pandas(frame)
    assert tuple(found.attributes) == ("race",)
    np.testing.assert_array_equal(found.covariates["brightness"], [0.5, np.nan])


def test_a_covariate_without_end_is_refused() -> None:
    frame = pd.DataFrame(
        {
            "identity": ["a"],
            "expression": "anger",
            "predicted": "anger",
            "race": "x",
            "brightness": [np.inf],
        }
    )
    with pytest.raises(TableError, match=r"inf in column 'brightness', row 1, is no finite number"):
        Predictions.from_pandas(frame)
