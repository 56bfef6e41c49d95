from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import tally_of

from fer_audit.stats.differences.layout import lay_out
from fer_audit.stats.differences.variation import corrected_spread
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally


def table(rates: list[float], people: int, generator: np.random.Generator, *, paired: bool) -> Tally:
    slices = len(rates)
    units = people * slices
    person = [*range(people)] * slices if paired else [*range(units)]
    level = np.repeat(np.arange(slices), people)
    shift = np.tile(generator.normal(0, 0.1, people), slices) if paired else 0
    chance = np.clip(np.array(rates)[level] + shift, 0, 1)
    hits = generator.binomial(4, chance)[:, None]
    return tally_of(person, level.tolist(), hits, np.full((units, 1), 4.0))


def squared(tally: Tally) -> float:
    spread = corrected_spread(tally, lay_out(tally, Settings()), Settings())
    assert spread is not None
    return spread**2


@pytest.mark.parametrize("paired", [False, True])
def test_the_spread_that_was_planted_is_found(paired: bool) -> None:
    generator = np.random.default_rng(1)
    rates = [0.5, 0.6, 0.7, 0.8]
    found = [squared(table(rates, 30, generator, paired=paired)) for _ in range(150)]
    assert np.mean(found) == pytest.approx(np.var(rates, ddof=1), rel=0.12)


@pytest.mark.parametrize("paired", [False, True])
def test_noise_alone_shows_little_spread(paired: bool) -> None:
    generator = np.random.default_rng(2)
    tables = [table([0.7] * 4, 30, generator, paired=paired) for _ in range(150)]
    raw = np.mean([np.var([t.hits[t.level == s].mean() / 4 for s in range(4)], ddof=1) for t in tables])
    assert np.mean([squared(t) for t in tables]) < 0.6 * raw


def test_one_slice_has_no_spread() -> None:
    tally = table([0.7], 30, np.random.default_rng(3), paired=False)
    assert corrected_spread(tally, lay_out(tally, Settings()), Settings()) is None
