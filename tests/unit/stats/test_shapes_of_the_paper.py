"""The three datasets of arXiv 2408.14842 by their numbers of pictures: race is confounded with the label.

Numbers of pictures by race and label are those from which the paper's percentages follow. Numbers of people are
published for RADIATE. For the other two they are assumed here, so that pictures per person are plausible: in
Chicago Face everybody has one neutral picture and about 80 people have the other expressions; in Tarr's
Face-Place people have about three neutral pictures, and the other expressions about two of each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.predictions import Column, Predictions
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import count
from fer_audit.stats.measures import Measure, accuracy, recall
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap

SEVEN = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
RACE = Slicing("race")
TOLERANCE = 0.10
# How well a model reads each expression, whoever shows it: neutral and happiness are easy everywhere.
RATES = {
    "anger": 0.65, "disgust": 0.6, "fear": 0.55, "happiness": 0.97, "neutral": 0.98, "sadness": 0.6,
    "surprise": 0.8,
}  # fmt: skip
ALIKE = 0.1  # correlation between pictures of one person and label, beyond the label's rate


@dataclass(frozen=True)
class Group:
    """People of one race: all of them have the label ``neutral``, ``others`` of them the other labels."""

    race: str
    people: int
    others: int
    pictures: dict[str, int]


def group(race: str, people: int, others: int, *pictures: int, labels: tuple[str, ...] = SEVEN) -> Group:
    return Group(race, people, others, dict(zip(labels, pictures, strict=True)))


FOUR = ("anger", "fear", "happiness", "neutral")
RADIATE = (
    group("asian", 22, 22, 44, 44, 44, 65, 44, 43, 22),
    group("black", 38, 38, 76, 76, 74, 110, 76, 73, 38),
    group("hispanic", 20, 20, 40, 38, 40, 57, 40, 39, 19),
    group("white", 28, 28, 55, 56, 56, 81, 56, 56, 26),
)
TARR = (
    group("asian", 40, 8, 1, 14, 5, 16, 116, 15, 10),
    group("black", 24, 9, 5, 18, 3, 16, 68, 9, 9),
    group("hispanic", 15, 1, 0, 0, 0, 1, 43, 0, 0),
    group("white", 80, 56, 30, 111, 54, 110, 238, 108, 53),
)
CHICAGO = (
    group("asian", 109, 0, 0, 0, 0, 109, labels=FOUR),
    group("black", 197, 83, 82, 83, 164, 197, labels=FOUR),
    group("latino", 108, 0, 0, 0, 0, 108, labels=FOUR),
    group("white", 183, 72, 72, 66, 143, 183, labels=FOUR),
)
DATASETS = {"radiate": RADIATE, "tarr": TARR, "chicago": CHICAGO}


def shape(groups: tuple[Group, ...]) -> Predictions:
    """The pictures of a dataset, all read correctly; pictures of a label go round among those who have it."""
    rows = []
    for one in groups:
        for label, pictures in one.pictures.items():
            people = one.people if label == "neutral" else one.others
            for number in range(pictures):
                who = f"{one.race}{number % people:03}"
                rows.append(Row(who, label, label, f"{who}-{label}-{number}", {"race": one.race}))
    return predictions_of(rows, tuple(groups[0].pictures))


def read(table: Predictions, rates: dict[str, float], seed: int, *, black: float = 0.0) -> Predictions:
    """Answers of a model that reads labels at these rates, and those of black people worse by ``black``."""
    generator = np.random.default_rng(seed)
    labels, races = table.true.levels, table.attributes["race"]
    rate = np.array([rates[label] for label in labels])[table.true.codes]
    rate = rate - black * (races.codes == races.levels.index("black"))
    # Beta-distributed rates of each person and label; their variance is ALIKE * rate * (1 - rate).
    key = table.identity.codes * len(labels) + table.true.codes
    first = np.unique(key, return_index=True, return_inverse=True)
    weight = 1 / ALIKE - 1
    own = generator.beta(weight * rate[first[1]], weight * (1 - rate[first[1]]))
    right = generator.random(len(table)) < own[first[2].ravel()]
    wrong = (table.true.codes + generator.integers(1, len(labels), len(table))) % len(labels)
    codes = np.where(right, table.true.codes, wrong).astype(np.int32)
    return replace(table, predicted=Column(codes, labels))


def judge(table: Predictions, measure: Measure = accuracy) -> Verdict:
    return judge_gap(count(table, RACE), measure, TOLERANCE, Settings(), criterion="", plan=False)


def crude_gap(table: Predictions) -> float:
    """The largest difference of plain accuracy by race: what one counts who does not look at labels."""
    races = table.attributes["race"]
    right = table.predicted.codes == table.true.codes
    shares = [float(right[races.codes == code].mean()) for code in range(len(races.levels))]
    return max(shares) - min(shares)


@pytest.mark.parametrize(("name", "total"), [("radiate", 1488), ("tarr", 1053), ("chicago", 1207)])
def test_the_tables_have_the_pictures_of_the_paper(name: str, total: int) -> None:
    table = shape(DATASETS[name])
    assert len(table) == len(table.image.levels) == total
    races = table.attributes["race"]
    found = Counter(zip(races.codes.tolist(), table.true.codes.tolist(), strict=True))
    for one in DATASETS[name]:
        for label, pictures in one.pictures.items():
            cell = races.levels.index(one.race), table.true.levels.index(label)
            assert found[cell] == pictures, (one.race, label)
    assert max(Counter(zip(table.identity.codes, table.true.codes, strict=True)).values()) <= 3


@pytest.mark.parametrize("name", DATASETS)
def test_a_fair_model_is_not_called_biased_by_race(name: str) -> None:
    table = shape(DATASETS[name])
    outcomes = Counter(judge(read(table, RATES, seed)).outcome for seed in range(200))
    assert outcomes[Outcome.FAIL] <= 10, outcomes


@pytest.mark.parametrize(("name", "least"), [("tarr", 0.1), ("chicago", 0.1)])
def test_plain_accuracy_by_race_would_call_the_fair_model_biased(name: str, least: float) -> None:
    table = shape(DATASETS[name])
    gaps = np.array([crude_gap(read(table, RATES, seed)) for seed in range(200)])
    assert np.quantile(gaps, 0.05) > least


# A model that reads every expression alike has room below it for a gap at every label.
EVEN = dict.fromkeys(SEVEN, 0.9)


@pytest.mark.parametrize(("name", "found"), [("radiate", 0.5), ("tarr", 0.0), ("chicago", 0.9)])
def test_a_true_gap_between_black_and_white_is_not_hidden(name: str, found: float) -> None:
    table = shape(DATASETS[name])
    verdicts = [judge(read(table, EVEN, seed, black=0.25)) for seed in range(200)]
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    assert outcomes[Outcome.PASS] == 0, outcomes
    assert outcomes[Outcome.FAIL] >= found * len(verdicts), outcomes
    for verdict in verdicts:
        if verdict.outcome is Outcome.FAIL:
            worst = max(verdict.comparisons, key=lambda pair: pair.lower)
            assert worst.b == "black"


def test_what_plain_accuracy_hides_is_found() -> None:
    """Black people are read worse at every expression, and have the easier ones: on the whole nothing shows."""
    labels = ("anger", "neutral")
    mixed = (group("black", 60, 60, 60, 300, labels=labels), group("white", 60, 60, 300, 180, labels=labels))
    rates = {"anger": 0.5, "neutral": 0.95}
    table = shape(mixed)
    crude = np.median([crude_gap(read(table, rates, seed, black=0.25)) for seed in range(50)])
    assert crude < 0.10
    outcomes = Counter(judge(read(table, rates, seed, black=0.25)).outcome for seed in range(50))
    assert outcomes[Outcome.PASS] == 0
    assert outcomes[Outcome.FAIL] >= 25, outcomes


def test_slices_that_share_one_label_are_compared_over_that_label_alone() -> None:
    verdict = judge(read(shape(CHICAGO), RATES, seed=1))
    over = {frozenset((pair.a, pair.b)): pair.labels for pair in verdict.comparisons}
    assert len(over) == 6
    assert over.pop(frozenset(("black", "white"))) == FOUR
    assert set(over.values()) == {("neutral",)}
    assert verdict.labels_left_out == ()
    (remark,) = [note for note in verdict.notes if "in 1 of 6" in note]
    for label in ("anger", "fear", "happiness"):
        assert f"{label} in 1 of 6" in remark


def test_slices_without_a_label_are_named_where_the_label_is_judged() -> None:
    verdict = judge(shape(CHICAGO), recall("anger"))
    assert {item.name: item.people for item in verdict.not_assessable} == {"asian": 0, "latino": 0}
    assert [{pair.a, pair.b} for pair in verdict.comparisons] == [{"black", "white"}]
    assert verdict.comparisons[0].upper <= TOLERANCE
    assert verdict.outcome is Outcome.INCONCLUSIVE, "what nobody looked at is not passed"


def test_labels_that_too_few_people_have_are_left_out_by_name() -> None:
    verdict = judge(read(shape(TARR), RATES, seed=1))
    assert verdict.labels_left_out == ("anger", "fear")
    over = {frozenset((pair.a, pair.b)): pair.labels for pair in verdict.comparisons}
    shared = ("disgust", "happiness", "neutral", "sadness", "surprise")
    for pair, labels in over.items():
        assert labels == (("neutral",) if "hispanic" in pair else shared)
    assert len(over) == 6
