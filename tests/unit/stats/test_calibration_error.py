from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_audit.audit import Audit
from fer_audit.criteria import Gap
from fer_audit.predictions import Predictions
from fer_audit.stats.measures import Measure, accuracy, brier, overconfidence
from fer_audit.stats.scores.calibration import Calibration, calibration_error

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def raw_error(sure: Array, right: Array, bins: int = 10) -> float:
    """The usual expected calibration error, over bins of equal mass."""
    parts = np.array_split(np.argsort(sure), bins)
    return sum(abs(float((sure[part] - right[part]).sum())) for part in parts) / len(sure)


def perfect(
    people: int, images: int, generator: np.random.Generator, *, swing: float = 0.0
) -> tuple[Array, Array]:
    """A calibrated model; of half the people it is right ``swing`` more often than it says, of half less."""
    sure = generator.uniform(0.75 - swing, 1 - swing, people * images)
    shift = np.repeat(generator.choice([-swing, swing], people), images)
    return sure, (generator.random(len(sure)) < sure - shift).astype(np.float64)


def found_in(sure: Array, right: Array, images: int) -> Calibration:
    person = np.arange(len(sure)) // images
    found = calibration_error(sure, right, person, np.ones(len(sure)))
    assert found is not None
    return found


@pytest.mark.parametrize(("people", "images", "raw"), [(20, 8, 0.065), (500, 10, 0.012)])
def test_a_perfect_model_has_a_raw_error_by_chance_and_none_where_chance_is_taken_away(
    people: int, images: int, raw: float
) -> None:
    generator = np.random.default_rng(1)
    tables = [perfect(people, images, generator) for _ in range(400)]
    assert np.mean([raw_error(*table) for table in tables]) == pytest.approx(raw, abs=0.005)
    squared = np.array([found_in(*table, images).squared for table in tables])
    assert abs(squared.mean()) < 3 * squared.std() / np.sqrt(len(squared))


def test_people_whose_images_are_alike_do_not_look_like_miscalibration() -> None:
    generator = np.random.default_rng(2)
    tables = [perfect(40, 8, generator, swing=0.2) for _ in range(400)]
    squared = np.array([found_in(*table, 8).squared for table in tables])
    standard_error = squared.std() / np.sqrt(len(squared))
    assert abs(squared.mean()) < 3 * standard_error
    # Taking every image for a person of its own would find a miscalibration that is none.
    naive = np.array([found_in(*table, 1).squared for table in tables])
    assert naive.mean() > 4 * standard_error


def test_a_real_miscalibration_is_found_at_its_size() -> None:
    generator = np.random.default_rng(3)
    sure = generator.uniform(0.6, 1.0, 60_000)
    found = found_in(sure, (generator.random(60_000) < sure - 0.1).astype(np.float64), 10)
    assert found.error == pytest.approx(0.1, abs=0.005)
    assert found.confidence - found.accuracy == pytest.approx(0.1, abs=0.005)
    assert (found.people, found.images, found.bins) == (6_000, 60_000, 10)


def test_the_formula_person_by_person() -> None:
    generator = np.random.default_rng(4)
    sure = np.repeat([0.55, 0.7, 0.95], 20)
    right, person = generator.integers(0, 2, 60).astype(np.float64), generator.integers(0, 48, 60)
    weight = generator.choice([0.5, 1.0], 60)
    found = calibration_error(sure, right, person, weight, inflation=1.6)
    total = 0.0
    for value in (0.55, 0.7, 0.95):
        here = sure == value
        mass = weight[here].sum()
        gap = (weight[here] * (value - right[here])).sum() / mass
        people = set(person[here].tolist())
        squares = sum(
            float((weight * (value - right - gap))[here & (person == who)].sum()) ** 2 for who in people
        )
        total += mass * (gap**2 - 1.6 * len(people) / (len(people) - 1) * squares / mass**2)
    assert found is not None
    assert found.bins == 3
    assert found.squared == pytest.approx(total / weight.sum())


def test_equal_confidences_share_a_bin_and_one_person_says_nothing() -> None:
    generator = np.random.default_rng(5)
    right = generator.integers(0, 2, 80).astype(np.float64)
    assert found_in(np.full(80, 0.8), right, 1).bins == 1
    assert calibration_error(np.full(5, 0.8), right[:5], np.zeros(5, dtype=np.int64), np.ones(5)) is None
    nothing = np.zeros(0)
    assert calibration_error(nothing, nothing, nothing.astype(np.int64), nothing) is None
    perfect_answers = found_in(np.ones(30), np.ones(30), 2)
    assert (perfect_answers.squared, perfect_answers.error) == (0.0, 0.0)


def frame_of(people: int = 16, images: int = 6, seed: int = 6) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = []
    for group, over in (("a", 0.0), ("b", 0.2)):
        for person in range(people):
            for image in range(images):
                sure = round(float(generator.uniform(0.4, 0.8)), 3)
                said = "anger" if generator.random() < sure - over else "fear"
                rows.append((f"{group}{person}", f"{group}{person}-{image}", "anger", said, sure, group))
    names = ["identity", "image", "expression", "predicted", "confidence", "group"]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize("measure", [overconfidence, brier])
def test_verdicts_about_confidence_carry_the_error_of_every_group_beside_them(measure: Measure) -> None:
    audit = Audit(Predictions.from_pandas(frame_of()), by="group")
    verdict = audit.judge(Gap(measure, at_most=0.05))
    (aside,) = verdict.asides
    assert aside.title == "Calibration error, debiased"
    assert [row[:3] for row in aside.rows] == [("a", "16", "96"), ("b", "16", "96")]
    table = frame_of()
    for row in aside.rows:
        part = table[table.group == row[0]]
        right = np.asarray(part.predicted == part.expression, dtype=np.float64)
        found = calibration_error(
            part.confidence.to_numpy(), right, part.identity.factorize()[0], np.ones(len(part))
        )
        assert found is not None
        assert row[3:] == (
            f"{found.confidence:.3f}",
            f"{found.accuracy:.3f}",
            f"{found.error:.3f}",
            f"{found.squared:.4f}",
        )
    assert audit.judge(Gap(accuracy, at_most=0.1)).asides == ()


def test_images_entered_again_and_asked_in_another_wording_change_no_calibration_error() -> None:
    table = frame_of()
    wordings = [table.assign(prompt=prompt) for prompt in ("p", "p", "q")]
    shown = [
        Audit(Predictions.from_pandas(rows), by="group").judge(Gap(brier, at_most=0.05)).asides
        for rows in (table, pd.concat([table, table]), pd.concat(wordings))
    ]
    assert shown[1] == shown[0]
    assert shown[2] == shown[0]


def test_a_group_of_too_few_people_is_named_without_an_error() -> None:
    table = frame_of(people=9)
    table = table[(table.group == "a") | table.identity.isin(["b0", "b1"])]
    verdict = Audit(Predictions.from_pandas(table), by="group").judge(Gap(brier, at_most=0.05))
    assert verdict.asides[0].rows[1] == ("b", "2", "12", "", "", "too few people", "")
