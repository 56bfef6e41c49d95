from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from fer_audit import Audit, Gap, Outcome, Predictions, Ratio, accuracy, misclassification, recall, refusals
from fer_audit.predictions import Column
from fer_audit.records import Slicing
from fer_audit.stats.counts import count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.settings import Settings
from fer_audit.stats.wordings.clustering import two_way, widen
from fer_audit.stats.wordings.reach import held_by_pair, reach_new_wordings
from fer_audit.stats.wordings.repeats import agreement, list_contradictions
from fer_audit.stats.wordings.tables import cluster_pair, rates_by_wording, tally_by_wording
from fer_audit.strategies import TableDesign
from fer_audit.strategies.tables import table_of
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.stats.measures import Measure

SETTINGS = Settings()
GROUP = Slicing("group")
LABELS = ("anger", "fear")


def reworded(
    people: int, wordings: int, *, gap: float = 0.3, swing: float = 0.0, images: int = 6, seed: int = 0
) -> Predictions:
    """Two groups of strangers; every wording moves the gap to one side or the other."""
    generator = np.random.default_rng(seed)
    rows = []
    for group, rate in (("a", 0.5 + gap / 2), ("b", 0.5 - gap / 2)):
        for who in range(people):
            for image in range(images):
                luck = generator.random()
                for wording in range(wordings):
                    moved = swing * (1 if wording % 2 else -1) * (1 if group == "a" else -1)
                    rows.append(
                        (
                            f"{group}{who}",
                            f"{group}{who}-{image}",
                            group,
                            f"q{wording:02}",
                            luck < rate + moved,
                        )
                    )
    frame = pd.DataFrame(rows, columns=["identity", "image", "group", "prompt", "right"])
    frame["predicted"] = np.where(frame.pop("right"), "anger", "fear")
    return Predictions.from_pandas(frame.assign(expression="anger"))


def test_two_way_variances_are_those_of_statsmodels() -> None:
    """The mean of a table, clustered by row and by column, with and without the factor G / (G - 1)."""
    api = pytest.importorskip("statsmodels.api")
    generator = np.random.default_rng(4)
    for _ in range(10):
        people, wordings = int(generator.integers(5, 30)), int(generator.integers(4, 15))
        values = (
            generator.standard_normal((people, wordings))
            + generator.standard_normal((people, 1))
            + generator.standard_normal((1, wordings))
        )
        who, which = np.indices(values.shape).reshape(2, -1)
        fit = api.OLS(values.ravel(), np.ones(values.size)).fit(
            cov_type="cluster", cov_kwds={"groups": np.column_stack([who, which]), "use_correction": True}
        )
        found = two_way((values - values.mean()) / values.size, np.ones(values.shape, dtype=bool))
        assert float(found.total) == pytest.approx(float(np.asarray(fit.cov_params())[0, 0]), rel=1e-9)
        for groups, mine in ((who, found.people), (which, found.wordings)):
            one = api.OLS(values.ravel(), np.ones(values.size)).fit(
                cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}
            )
            assert float(mine) == pytest.approx(float(np.asarray(one.cov_params())[0, 0]), rel=1e-9)


def test_two_way_variances_are_sums_over_clusters() -> None:
    """By hand, whatever else is installed."""
    table = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, -1.0]])
    found = two_way(table, np.ones((2, 3), dtype=bool))
    assert float(found.people) == pytest.approx(2 / 1 * (0.5**2 + 0.5**2))
    assert float(found.wordings) == pytest.approx(3 / 2 * (1.5**2 + 1.0**2 + 0.5**2))
    assert float(found.both) == pytest.approx(6 / 5 * (1 + 4 + 0.25 + 0.25 + 1 + 1))
    assert float(found.added) == 0


@pytest.mark.parametrize(
    "measure", [accuracy, recall("anger"), accuracy.answered, refusals, misclassification("anger", "fear")]
)
@pytest.mark.parametrize("sharing", ["apart", "shared", "mixed"])
def test_wordings_add_up_to_what_is_judged(measure: Measure, sharing: str) -> None:
    design = TableDesign(
        LABELS,
        (("group", ("a", "b", "c")),),
        ((0, 1, 2, 1) * 4, (2, 1, 0, 1) * 3, (0, 0, 3, 1) * 3),
        (1, 3),
        sharing=sharing,  # type: ignore[arg-type]
        kinds=() if measure.answered_only else (AnswerKind.REFUSED,),
        prompts=3,
        rows=2,
        seed=3,
    )
    predictions = table_of(design)
    counts = count(predictions, GROUP)
    tally, table = measure.tally(counts), tally_by_wording(predictions, counts, measure)
    assert table is not None
    np.testing.assert_allclose(table.hits.sum(-1), tally.hits, atol=1e-9)
    np.testing.assert_allclose(table.images.sum(-1), tally.images, atol=1e-9)
    found = compare(tally, SETTINGS)
    for pair, held in held_by_pair(tally, found).items():
        labels = np.flatnonzero(found.labels[pair])
        levels = int(found.layout.first[pair]), int(found.layout.second[pair])
        # Everybody was asked in every wording, so that the mean over wordings is the rate itself.
        sides = [rates_by_wording(table, level, labels, held).mean() for level in levels]
        assert sides == pytest.approx([found.rate_first[pair], found.rate_second[pair]])


def test_people_as_clusters_give_the_variance_of_people() -> None:
    predictions = reworded(14, 4, images=3, seed=2)
    counts = count(predictions, GROUP)
    tally, table = recall("anger").tally(counts), tally_by_wording(predictions, counts, recall("anger"))
    assert table is not None
    found = cluster_pair(table, (0, 1), np.array([0]), tally.images > 0)
    rates = (tally.hits / tally.images)[:, 0]
    own = sum(rates[tally.level == level].var() / 14 for level in (0, 1))
    assert float(found.people) == pytest.approx(own * 28 / 27)


def test_wordings_as_clusters_give_the_spread_of_the_gap() -> None:
    predictions = reworded(14, 6, swing=0.2, images=3, seed=2)
    counts = count(predictions, GROUP)
    tally, table = accuracy.tally(counts), tally_by_wording(predictions, counts, accuracy)
    assert table is not None
    labels, held = np.array([counts.labels.index("anger")]), tally.images > 0
    found = cluster_pair(table, (0, 1), labels, held)
    gaps = rates_by_wording(table, 0, labels, held) - rates_by_wording(table, 1, labels, held)
    assert float(found.wordings) == pytest.approx(gaps.var(ddof=1) / 6)


def test_replicates_are_judged_one_by_one() -> None:
    """What simulation asks with an axis in front is what a verdict asks without it."""
    generator = np.random.default_rng(0)
    predictions = reworded(10, 12, images=2)
    counts = count(predictions, GROUP)
    tally, table = accuracy.tally(counts), tally_by_wording(predictions, counts, accuracy)
    assert table is not None
    runs = np.minimum(generator.uniform(0, 1, (5, *table.hits.shape)) * table.images, table.images)
    many, together = replace(table, hits=runs), replace(tally, hits=runs.sum(-1))
    wide = reach_new_wordings(together, compare(together, SETTINGS), many, 0.1, SETTINGS)
    for run in range(5):
        one, alone = replace(table, hits=runs[run]), replace(tally, hits=runs[run].sum(-1))
        expected = reach_new_wordings(alone, compare(alone, SETTINGS), one, 0.1, SETTINGS)
        for name in ("lower", "upper", "p"):
            np.testing.assert_allclose(getattr(wide, name)[run], getattr(expected, name), atol=1e-9)


def test_bounds_have_the_degrees_of_freedom_of_the_smaller_sample() -> None:
    """Cameron, Gelbach and Miller: min(G, W) - 1, here of twelve wordings and then of nine people."""
    gap, error, upper = np.array(0.2), np.array(0.05), np.array(0.3)
    for people, wordings, freedom in ((100, 12, 11), (9, 30, 8)):
        wide = widen(
            gap, error, upper, np.array(0.0016),
            people=people, wordings=wordings, slices=2, tolerance=0.1, settings=SETTINGS,
        )  # fmt: skip
        whole = math.sqrt(0.05**2 + 0.0016)
        assert float(wide.lower) == pytest.approx(0.2 - t.ppf(0.975, freedom) * whole)
        assert float(wide.p) == pytest.approx(2 * t.sf(0.1 / whole, freedom))
        own = 0.1 / t.ppf(0.95, 2 * people - 2)
        assert float(wide.upper) == pytest.approx(0.2 + t.ppf(0.95, freedom) * math.sqrt(own**2 + 0.0016))


def test_bounds_never_become_tighter() -> None:
    generator = np.random.default_rng(1)
    for _ in range(200):
        gap, error, added = (float(value) for value in generator.uniform(0, 0.3, 3))
        upper = min(1.0, gap + float(generator.uniform(0, 0.4)))
        people, wordings, slices = (int(generator.integers(low, 60)) for low in (8, 10, 2))
        wide = widen(
            np.array(gap), np.array(error), np.array(upper), np.array(added * (generator.random() < 0.7)),
            people=people, wordings=wordings, slices=min(slices, 8), tolerance=0.1, settings=SETTINGS,
        )  # fmt: skip
        assert gap <= upper <= float(wide.upper) <= 1
        assert float(wide.lower) <= gap
        assert 0 <= float(wide.p) <= 1
        assert (float(wide.lower) > 0.1) == (float(wide.p) < 0.05)


def test_one_wording_or_none_changes_nothing() -> None:
    plain = reworded(30, 1)
    bare = replace(plain, prompt=None)
    criterion = Gap(accuracy, at_most=0.2)
    found = [Audit(table, by="group").judge(criterion) for table in (plain, bare)]
    assert found[0] == found[1]
    assert found[0].asides == ()
    assert not any("wording" in note for note in found[0].notes)


def test_few_wordings_stand_beside_a_verdict_that_stays_as_it_is() -> None:
    table = reworded(30, 9, swing=0.2)
    verdict = Audit(table, by="group").judge(Gap(accuracy, at_most=0.1))
    found = compare(accuracy.tally(count(table, GROUP)), SETTINGS)
    assert (verdict.lower, verdict.upper) == (float(found.lower.max()), float(found.upper.max()))
    assert verdict.notes[-1] == "the verdict is about these 9 wordings together, not about others"
    (aside,) = verdict.asides
    assert aside.title == "Wording by wording"
    assert len(aside.rows) == 9
    gaps = [float(row[1]) for row in aside.rows]
    assert max(gaps[0::2]) < min(gaps[1::2])
    assert {row[2] for row in aside.rows[1::2]} == {"a over b"}
    assert aside.note.startswith("Over 9 wordings a less b runs from ")


@pytest.mark.parametrize(("gap", "at_most", "alone"), [(0.3, 0.12, Outcome.FAIL), (0.0, 0.12, Outcome.PASS)])
def test_ten_wordings_that_disagree_decide_nothing_about_new_ones(
    gap: float, at_most: float, alone: Outcome
) -> None:
    table = reworded(150, 10, gap=gap, swing=0.2)
    few = table.take(np.isin(table.prompt.codes, [0, 1]))  # type: ignore[union-attr]
    assert Audit(few, by="group").judge(Gap(accuracy, at_most=at_most)).outcome is alone
    verdict = Audit(table, by="group").judge(Gap(accuracy, at_most=at_most))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert (
        f"these 10 wordings by themselves would {alone.name}, but in new ones the difference may be up to"
        in verdict.reason
    )
    assert (
        "the verdict reaches new wordings like these 10: people and wordings are both clusters"
        in verdict.notes[-1]
    )
    assert verdict.upper == max(pair.upper for pair in verdict.comparisons)


@pytest.mark.parametrize(("gap", "outcome"), [(0.4, Outcome.FAIL), (0.0, Outcome.PASS)])
def test_ten_wordings_that_agree_decide_and_say_so_of_new_ones(gap: float, outcome: Outcome) -> None:
    verdict = Audit(reworded(150, 10, gap=gap), by="group").judge(Gap(accuracy, at_most=0.15))
    assert verdict.outcome is outcome
    assert "in new wordings too" in verdict.reason
    bound = verdict.lower if outcome is Outcome.FAIL else verdict.upper
    printed = [
        float(word) for word in verdict.reason.replace(",", "").replace(":", "").split() if word[0] == "0"
    ]
    assert any(abs(value - bound) < 0.0011 for value in printed)


def test_pictures_of_unknown_people_reach_new_wordings_only_where_it_is_declared_how_many_are_one() -> None:
    table = reworded(30, 12, images=1)
    unknown = replace(table, identity=table.image, identified=False)
    criterion = Gap(accuracy, at_most=0.4)
    open_, declared = (
        Audit(one, by="group").judge(criterion) for one in (unknown, replace(unknown, most_images=1))
    )
    assert open_.outcome is Outcome.INCONCLUSIVE
    assert open_.notes[-1] == "the verdict is about these 12 wordings together, not about others"
    assert declared.notes[-1].startswith("the verdict reaches new wordings like these 12")
    assert declared.upper > open_.upper


def test_a_ratio_shows_wordings_and_keeps_its_bounds() -> None:
    table = reworded(40, 12, swing=0.1)
    criterion = Ratio(misclassification("anger", "fear"))
    with_wordings = Audit(table, by="group").judge(criterion)
    merged = replace(table, prompt=Column(np.zeros(len(table), dtype=np.int32), ("q",)))
    without = Audit(merged, by="group").judge(criterion)
    assert with_wordings.comparisons == without.comparisons
    assert "these 12 wordings together" in with_wordings.notes[-1]
    assert [aside.title for aside in with_wordings.asides] == ["Wording by wording"]


def test_repeats_that_disagree_are_counted_by_image_and_person() -> None:
    rows = [
        # One person: two pictures, of which one is contradicted in one wording of two.
        ("p", "1", "x", "a", "anger"), ("p", "1", "x", "a", "fear"),
        ("p", "1", "x", "b", "anger"), ("p", "1", "x", "b", "anger"),
        ("p", "2", "x", "a", "fear"), ("p", "2", "x", "a", "fear"), ("p", "2", "x", "a", "fear"),
        # Another: one picture with three answers, two of them the same.
        ("q", "3", "x", "a", "anger"), ("q", "3", "x", "a", "fear"), ("q", "3", "x", "a", "fear"),
        # Other wordings are no repeats.
        ("r", "4", "y", "a", "anger"), ("r", "4", "y", "b", "fear"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["identity", "image", "group", "prompt", "predicted"])
    found = list_contradictions(Predictions.from_pandas(frame.assign(expression="anger")), GROUP)
    assert [(item.level, item.people, item.images) for item in found] == [("x", 2, 3)]
    assert found[0].rate == pytest.approx((0.25 + 2 / 3) / 2)


def test_the_agreement_of_repeats_is_unbiased() -> None:
    p, n = np.array([0.5, 0.3, 0.2]), 3
    mean = 0.0
    for first in range(n + 1):
        for second in range(n + 1 - first):
            said = np.array([first, second, n - first - second])
            ways = math.factorial(n) / math.prod(math.factorial(int(value)) for value in said)
            mean += ways * float(np.prod(p**said)) * float(agreement(said))
    assert mean == pytest.approx(float((p**2).sum()))


def test_a_table_of_repeats_stands_beside_the_verdict() -> None:
    table = reworded(12, 1, images=2)
    again = table.take(np.tile(np.arange(len(table)), 2))
    verdict = Audit(again, by="group").judge(Gap(accuracy, at_most=0.1))
    (aside,) = verdict.asides
    assert aside.title == "Repeats that disagree"
    assert aside.columns == ("group", "differ", "people", "images asked again")
    assert aside.rows == (("a", "0.000", "12", "24"), ("b", "0.000", "12", "24"))
