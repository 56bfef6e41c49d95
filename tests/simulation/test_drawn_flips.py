"""What the simulator asks of thousands of answers at once is what an audit says of the rows, table by table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from fer_audit import Audit, Flips, Gap, Predictions, recall
from fer_audit.stats.flips.excess import bound_excess, match_levels
from fer_audit.stats.settings import Settings
from simulation.cells import count, misses
from simulation.effects import Alike, BetaPeople
from simulation.families import flips, wordings
from simulation.flipping import AskFlips, draw_scenes, true_excess
from simulation.questions import Property
from simulation.shapes import SamePeople, Strangers
from simulation.wording import AskWordings, draw_wordings
from simulation.worlds import World

if TYPE_CHECKING:
    from fer_audit.stats.flips.scenes import Scenes
    from fer_audit.stats.wordings.tables import WordedTally

TABLES = 12
SETTINGS = Settings()


def rows_of_scenes(scenes: Scenes, times: int) -> Predictions:
    """Faces of one label are told apart by their pose."""
    rows = []
    for unit, (scene, level) in enumerate(zip(scenes.scene.tolist(), scenes.level.tolist(), strict=True)):
        said = np.repeat(np.arange(7), np.rint(scenes.share[unit] * times).astype(int))
        rows += [
            {
                "identity": f"p{scenes.person[scene]:03}",
                "expression": f"l{scenes.label[scene]}",
                "predicted": f"r{answer}",
                "tone": f"s{level}",
                "pose": f"f{scene}",
                "image": f"{scene}-{level}",
            }
            for answer in said
        ]
    names = [*(f"l{place}" for place in range(7)), *(f"r{place}" for place in range(7))]
    return Predictions.from_pandas(pd.DataFrame(rows), labels=names)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("shape", [SamePeople(10, 3, (1, 1), 4), SamePeople(12, 2, (3, 3))], ids=repr)
def test_the_bounds_of_a_drawn_table_are_those_of_its_verdict(shape: SamePeople, times: int) -> None:
    world = World(shape, (*(0.0,) * (shape.slices - 1), 0.3), (BetaPeople(0.2),))
    drawn = draw_scenes(world, TABLES, np.random.default_rng(1), noise=0.2, times=times)
    together = bound_excess(match_levels(drawn), SETTINGS)
    for run in range(TABLES):
        alone = replace(drawn, share=drawn.share[run], alike=drawn.alike[run])
        verdict = Audit(rows_of_scenes(alone, times), by="tone").judge(Flips(0.1))
        assert len(verdict.comparisons) == len(together)
        for comparison, item in zip(verdict.comparisons, together, strict=True):
            expected = (item.changed[run], item.identical[run], item.lower[run], item.upper[run])
            found = (comparison.value_a, comparison.value_b, comparison.lower, comparison.upper)
            assert found == pytest.approx([float(value) for value in expected], abs=1e-9)


def test_the_excess_that_a_world_promises_is_what_its_tables_show() -> None:
    world = World(SamePeople(40, 2, (1, 1), 7), (0.0, 0.2), (BetaPeople(0.1),))
    scenes = draw_scenes(world, 300, np.random.default_rng(3), noise=0.3, times=2)
    (item,) = bound_excess(match_levels(scenes), SETTINGS)
    assert true_excess(world, item, 0.3) == pytest.approx(0.098)
    spread = float(item.value.std()) / 300**0.5
    assert float(item.value.mean()) == pytest.approx(0.098, abs=4 * spread)


def rows_of_wordings(table: WordedTally, images: int) -> Predictions:
    """Of each wording the first so many pictures are right."""
    wordings, rows = len(table.names), []
    for unit, (person, level) in enumerate(zip(table.person.tolist(), table.level.tolist(), strict=True)):
        for place, name in enumerate(table.names):
            right = round(float(table.hits[unit, 0, place]) * wordings)
            rows += [
                {
                    "identity": f"p{person:03}",
                    "expression": "anger",
                    "predicted": "anger" if image < right else "fear",
                    "group": f"s{level}",
                    "prompt": name,
                    "image": f"{unit}-{image}",
                }
                for image in range(images)
            ]
    return Predictions.from_pandas(pd.DataFrame(rows))


@pytest.mark.parametrize("known", [5, 12])
def test_wordings_are_judged_as_an_audit_judges_them(known: int) -> None:
    world = World(Strangers((16, 14), (2, 2)), (0.85, 0.3), (BetaPeople(0.05),))
    failed = passed = 0
    asked = AskWordings(0.2, known, 0.1)
    for seed in range(TABLES):
        table = draw_wordings(world, 1, np.random.default_rng(seed), wordings=known, spread=0.1)
        rows = rows_of_wordings(replace(table, hits=table.hits[0]), 2)
        verdict = Audit(rows, by="group").judge(Gap(recall("anger"), at_most=0.2))
        events = asked.count(world, 1, np.random.default_rng(seed))
        assert events[Property.FAIL] == (verdict.lower > 0.2)
        assert events[Property.PASS] == (verdict.upper <= 0.2)
        failed += events[Property.FAIL]
        passed += events[Property.PASS]
    assert 0 < failed < TABLES
    assert passed == 0


def test_a_noisy_model_is_cleared_where_the_raw_flip_rate_fails() -> None:
    world = World(SamePeople(16, 2, (1, 1), 7), (0.0, 0.0), (Alike(),))
    events = AskFlips(0.05, 0.3, 2).count(world, 200, np.random.default_rng(5))
    assert events[Property.RAW] == 200
    assert events[Property.FAIL] <= 4


@pytest.mark.parametrize(
    "name",
    [
        "flips: 48 people at 2 levels, 1 x 7 labels, shown once, noise 0, icc .2 beta, excess .05",
        "flips: 16 people at 4 levels, 4 x 1 labels, shown twice, noise .5, no effect",
        "wordings: 12, that move slices by .1; 2 slices of 80, accuracy .75/.65",
    ],
)
def test_some_cells_of_both_families_keep_their_limits(name: str) -> None:
    cell = next(cell for cell in (*flips.cells(), *wordings.cells()) if cell.name == name)
    assert not misses(cell.limits, count(cell, 500), 500)


def test_people_as_the_only_clusters_would_miss_what_two_ways_keep() -> None:
    world = World(Strangers((200, 200), (4, 4)), (0.75, 0.65), (BetaPeople(0.05),))
    events = AskWordings(0.1, 12, 0.1).count(world, 250, np.random.default_rng(2))
    assert events[Property.ONE_WAY_FAIL] > 20
    assert events[Property.FAIL] < 14
