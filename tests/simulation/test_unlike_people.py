"""People and pictures of the other generators have the rates, and hang together, as they are said to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import logit

from simulation.effects import VALUES, Alike, BetaPeople, Effect, correlation
from simulation.shapes import SamePeople, Strangers
from simulation.unlike_people import HeavyTailed, LinkedWorld, TwoKinds
from simulation.worlds import World, draw


@pytest.mark.parametrize("effect", [TwoKinds(0.2, 0.1), TwoKinds(0.1, 0.3), HeavyTailed(0.2)], ids=repr)
@pytest.mark.parametrize("rate", [0.75, 0.85, 0.95])
def test_people_have_the_rate_on_average_and_are_as_alike_as_said(effect: Effect, rate: float) -> None:
    values = effect.abilities(rate)
    assert values.shape == (VALUES,)
    assert values.mean() == pytest.approx(rate, abs=1e-9)
    assert ((values >= 0) & (values <= 1)).all()
    assert (np.diff(values) >= 0).all()
    alike = getattr(effect, "alike", 0.0)
    assert correlation(effect, rate) == pytest.approx(alike, abs=1e-3)


def test_there_are_two_kinds_of_people_and_no_others() -> None:
    values = TwoKinds(0.2, 0.1).abilities(0.85)
    assert len(np.unique(values.round(9))) == 3, "two kinds, and the one band on the border"
    assert (values < 0.5).mean() == pytest.approx(0.1, abs=1 / VALUES)
    with pytest.raises(ValueError, match=r"a rate of 0\.6 needs people at -0\.057 and 0\.673"):
        TwoKinds(0.2, 0.1).abilities(0.6)


def test_heavy_tails_are_those_of_students_t_on_the_log_odds() -> None:
    values = logit(HeavyTailed(0.1).abilities(0.6))
    quantiles = stats.t.ppf((np.arange(VALUES) + 0.5) / VALUES, 3)
    assert np.corrcoef(values, quantiles)[0, 1] == pytest.approx(1.0, abs=1e-9)


def test_frames_of_a_film_share_their_luck_with_the_one_before() -> None:
    world = LinkedWorld(Strangers((50,), (3, 3)), (0.8,), (Alike(),), chain=0.3)
    hits = draw(world, 6000, np.random.default_rng(1)).hits
    assert hits.mean() == pytest.approx(3 * 0.8, abs=0.01)
    # Neighbours are alike by .3, the first and the third by .09.
    expected = 3 + 2 * (2 * 0.3 + 0.09)
    assert hits.var() / (0.8 * 0.2) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("by_label", "low", "high"), [(0.0, 0.15, 0.25), (0.5, 0.05, 0.14), (1.0, -0.01, 0.01)]
)
def test_people_differ_by_label_as_far_as_said(by_label: float, low: float, high: float) -> None:
    world = LinkedWorld(Strangers((50,), (1, 1), 2), (0.6,), (BetaPeople(0.2),), by_label=by_label)
    hits = draw(world, 2000, np.random.default_rng(2)).hits
    assert hits.mean(axis=(0, 1)) == pytest.approx([0.6, 0.6], abs=0.01)
    assert low <= np.corrcoef(hits[..., 0].ravel(), hits[..., 1].ravel())[0, 1] <= high


def test_a_linked_world_without_links_is_a_world() -> None:
    """Drawn picture by picture instead of person by person, and the same in distribution."""
    shape = SamePeople(40, 2, (4, 4))
    linked = draw(
        LinkedWorld(shape, (0.8, 0.7), (BetaPeople(0.2),), joined=0.5), 2000, np.random.default_rng(3)
    )
    plain = draw(World(shape, (0.8, 0.7), (BetaPeople(0.2),), joined=0.5), 2000, np.random.default_rng(4))
    for one in (linked, plain):
        assert one.hits[:, :40].mean() == pytest.approx(3.2, abs=0.01)
        assert one.hits[:, 40:].mean() == pytest.approx(2.8, abs=0.01)
    spread = [one.hits[:, :40].var() for one in (linked, plain)]
    assert spread[0] == pytest.approx(spread[1], rel=0.02)
    joint = [np.corrcoef(one.hits[:, :40].ravel(), one.hits[:, 40:].ravel())[0, 1] for one in (linked, plain)]
    assert joint[0] == pytest.approx(joint[1], abs=0.02)
