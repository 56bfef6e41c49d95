from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import tally_of

from fer_audit.results import Outcome
from fer_audit.stats.differences.moments import correlation, moments
from fer_audit.stats.planning.control import Control, control_association, control_power, plant
from fer_audit.stats.planning.power import Claim, rate_beyond, simulate_power
from fer_audit.stats.planning.study import Study
from fer_audit.stats.planning.worlds import draw
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally

SETTINGS = Settings()
RATIO = RatioClaim(1.25, 0.05)


def tables(study: Study, people: int, number: int) -> list[Tally]:
    """Answers of a fair model on a study, many times over."""
    layout = study.layout([people] * study.slices)
    drawn = draw(layout, study.world(), number, np.random.default_rng(5))
    return [replace(layout, hits=drawn.hits[run]) for run in range(number)]


def test_in_a_large_table_what_is_planted_is_noticed() -> None:
    (table,) = tables(Study(0.1, 0.85, 0.0, images=8), 200, 1)
    control = control_power(table, 0.1, SETTINGS)
    assert control.power is not None
    assert control.power > 0.97
    assert not control.blind
    assert control.note == (
        "positive control: a gap of 20 points, planted in one slice at a time, FAILs in 100 % of 200 plantings"
    )


def test_twelve_people_notice_hardly_anything_and_the_report_would_say_so() -> None:
    (table,) = tables(Study(0.1, 0.85, 0.0, images=4), 12, 1)
    control = control_power(table, 0.1, SETTINGS)
    assert control.power is not None
    assert control.power < 0.2
    assert control.blind
    assert control.note.endswith(
        "of 200 plantings; this criterion would probably not notice it in these data"
    )


def test_where_nothing_is_compared_nothing_is_noticed() -> None:
    (table,) = tables(Study(0.1, 0.85, 0.0), 6, 1)
    control = control_power(table, 0.1, SETTINGS)
    assert (control.power, control.plantings, control.blind) == (0.0, 0, True)
    assert control.note == (
        "positive control: nothing is compared, so that a gap of 20 points would not be noticed"
    )


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_all_right_and_all_wrong_can_be_planted_one_way(rate: float) -> None:
    images = np.full((40, 1), 4.0)
    table = tally_of(range(40), [0] * 20 + [1] * 20, images * rate, images)
    control = control_power(table, 0.1, SETTINGS)
    assert control.plantings == 200
    assert control.power is not None
    assert 0.1 < control.power < 0.95


def test_a_tolerance_beyond_all_rates_cannot_be_planted() -> None:
    (table,) = tables(Study(0.3, 0.5, 0.0), 30, 1)
    control = control_power(table, 0.45, SETTINGS)
    assert control == Control("a gap of 90 points", None, 0)
    assert control.blind
    assert control.note == ("positive control: no slice has room for a gap of 90 points, so none was planted")


@pytest.mark.parametrize(
    ("study", "people"),
    [
        (Study(0.1, 0.85, 0.0, slices=4, images=8), 25),
        (Study(0.1, 0.15, 0.0, slices=2, images=8), 30),
        (Study(0.1, 0.6, 0.0, slices=4, images=7, paired=True), 30),
        (Study(RATIO, 0.2, 1.0, images=4), 100),
        (Study(RATIO, 0.2, 1.0, images=4, paired=True), 40),
    ],
    ids=["four slices", "planted upwards", "twins", "ratio", "twins' ratio"],
)
def test_plantings_are_noticed_as_often_as_new_people_would_be(study: Study, people: int) -> None:
    """On average over tables of a fair model the control is the power in a world with that difference."""
    controls = [
        control_power(table, study.claim, SETTINGS).power or 0.0 for table in tables(study, people, 20)
    ]
    other = rate_beyond(study.rate, study.claim)
    assert other is not None
    power = simulate_power(
        study.layout([people] * study.slices),
        study.world(other),
        study.claim,
        Outcome.FAIL,
        settings=SETTINGS,
        generator=np.random.default_rng(6),
        runs=1000,
    )
    assert float(np.mean(controls)) == pytest.approx(power, abs=0.12)


def test_an_association_is_noticed_sooner_than_a_gap_beyond_its_tolerance() -> None:
    (table,) = tables(Study(0.1, 0.85, 0.0, images=8), 25, 1)
    detected, failed = control_association(table, 0.05, 0.1, SETTINGS), control_power(table, 0.1, SETTINGS)
    assert detected.power is not None
    assert failed.power is not None
    assert detected.power > failed.power + 0.15
    stricter = control_association(table, 0.0001, 0.1, SETTINGS)
    assert stricter.power is not None
    assert stricter.power < detected.power


def test_the_control_is_a_function_of_the_table_not_of_its_order() -> None:
    (table,) = tables(Study(0.1, 0.85, 0.0, images=4), 20, 1)
    order = np.random.default_rng(2).permutation(len(table.person))
    shuffled = replace(
        table,
        person=table.person[order],
        level=table.level[order],
        hits=table.hits[order],
        images=table.images[order],
    )
    assert control_power(shuffled, 0.1, SETTINGS) == control_power(table, 0.1, SETTINGS)


@pytest.mark.parametrize("other", [0.5, 0.95])
def test_planting_moves_the_rate_of_one_slice_and_leaves_the_rest(other: float) -> None:
    study = Study(0.1, 0.8, 0.0, images=6, correlation=0.3)
    (table,) = tables(study, 200, 1)
    here = table.level == 0
    rate = float(table.hits[here].mean() / 6)
    moved = plant(table, 0, rate=rate, other=other, runs=300, generator=np.random.default_rng(3))
    assert float(moved.hits[:, here].mean() / 6) == pytest.approx(other, abs=0.005)
    np.testing.assert_array_equal(moved.hits[:, ~here], np.broadcast_to(table.hits[~here], (300, 200, 1)))
    assert moved.hits.min() >= 0
    assert moved.hits.max() <= 6
    found = correlation(moments(moved, np.array([0]), np.array([0])))
    assert float(found.mean()) > 0.03


def test_a_part_of_a_hit_is_changed_as_one() -> None:
    images = np.full((16, 1), 1.0)
    table = tally_of(range(16), [0] * 8 + [1] * 8, images / 3, images)
    moved = plant(table, 0, rate=1 / 3, other=1 / 6, runs=2000, generator=np.random.default_rng(4))
    found = moved.hits[:, :8]
    np.testing.assert_allclose(np.unique(np.round(found, 9)), [0, 1 / 3], atol=1e-9)
    assert float(found.mean()) == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.parametrize(
    ("rate", "claim", "other"),
    [
        (0.9, 0.1, 0.7),
        (0.1, 0.1, 0.3),
        (0.5, 0.3, None),
        (0.08, RATIO, 0.18),
        (0.4, RATIO, 0.625),
        (0.9, RATIO, 0.576),
    ],
)
def test_plainly_unfair_is_twice_the_tolerance_where_there_is_room(
    rate: float, claim: Claim, other: float | None
) -> None:
    assert rate_beyond(rate, claim) == (None if other is None else pytest.approx(other))
