"""Worlds with light: their truth is what they say, and they are judged as an audit judges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_audit import Audit, Gap, Predictions, accuracy
from fer_audit.stats.confounding.adjustment import compare_adjusted
from fer_audit.stats.confounding.observations import only_compared, tally_of
from fer_audit.stats.confounding.standardisation import standardise
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.settings import Settings
from simulation.confounding import AskGiven, Light, photograph, strata_tally
from simulation.effects import Alike, BetaPeople
from simulation.families.confounders import cells, outside
from simulation.questions import Property
from simulation.shapes import Strangers
from simulation.worlds import World

SETTINGS = Settings()


def frame_of(light: Light, seed: int) -> tuple[pd.DataFrame, World]:
    world = World(Strangers((14, 12), (3, 3)), (0.8, 0.7), (BetaPeople(0.2),))
    pictures = photograph(world, light, np.random.default_rng(seed))
    seen = pictures.seen
    return pd.DataFrame(
        {
            "identity": [f"p{who}" for who in seen.person],
            "group": [seen.levels[level] for level in seen.level],
            "expression": "l0",
            "predicted": np.where(seen.event == 1, "l0", "l1"),
            "brightness": pictures.brightness,
            "light": np.where(pictures.brightness > 0, "bright", "dark"),
        }
    ), world


@pytest.mark.parametrize("seed", range(10))
def test_a_table_is_judged_as_an_audit_judges_it(seed: int) -> None:
    light = Light(1.0, 1.0)
    frame, world = frame_of(light, seed)
    seen = photograph(world, light, np.random.default_rng(seed)).seen
    found = compare_adjusted(tally_of(seen), standardise(only_compared(seen, 8)), SETTINGS)
    strata = compare(strata_tally(photograph(world, light, np.random.default_rng(seed))), SETTINGS)
    audit = Audit(Predictions.from_pandas(frame), by="group")
    for given, bounds in (("brightness", found), ("light", strata)):
        verdict = audit.judge(Gap(accuracy, 0.1, given=given))
        assert bool(verdict.comparisons) == bounds.compared[0]
        for pair in verdict.comparisons:
            assert (pair.lower, pair.upper) == pytest.approx(
                (bounds.lower.max(), bounds.upper.max()), abs=1e-9
            )


@pytest.mark.parametrize(
    "light",
    [Light(1.0, 1.0), Light(1.5, 1.5), Light(1.0, 2.0, threshold=-0.5), Light(1.0, 1.5, bands=True)],
)
def test_at_equal_light_the_rates_are_those_of_the_world(light: Light) -> None:
    many = World(Strangers((40_000, 40_000), (1, 1)), (0.85, 0.75), (Alike(),))
    pictures = photograph(many, light, np.random.default_rng(1))
    seen, bright = pictures.seen, pictures.brightness
    rates = np.zeros(2)
    # Everybody's light: bins of brightness, each weighed by how many pictures of both slices it holds.
    bins = (bright > 0).astype(int) if light.bands else np.digitize(bright, np.linspace(-1.5, 1.5, 31))
    share = np.array([0.5, 0.5]) if light.bands else np.bincount(bins) / len(bins)
    for level in (0, 1):
        inside = seen.level == level
        hits = np.bincount(bins[inside], seen.event[inside], len(share))
        rates[level] = (share * hits / np.bincount(bins[inside], minlength=len(share))).sum()
    assert rates == pytest.approx([0.85, 0.75], abs=0.015)


def test_what_happens_is_counted() -> None:
    world = World(Strangers((30, 30), (4, 4)), (0.6, 0.6), (Alike(),))
    events = AskGiven(Light(2.0, 2.0)).count(world, 12, np.random.default_rng(2))
    assert events[Property.CRUDE_FAIL] >= 10
    assert events[Property.FAIL] <= 2
    assert events[Property.BOTH] == 0
    far = World(Strangers((30, 30), (4, 4)), (0.9, 0.4), (Alike(),))
    assert AskGiven(Light(0.5, 0.5)).count(far, 5, np.random.default_rng(2))[Property.FAIL] >= 4


def test_every_cell_lies_where_its_name_says() -> None:
    for cell in (*cells(), *outside()):
        gap = round(max(cell.world.rates) - min(cell.world.rates), 9)
        assert gap == (0.0 if "only" in cell.name else 0.1), cell.name
        assert cell.runs == 1_000
