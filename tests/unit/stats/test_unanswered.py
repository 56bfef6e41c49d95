from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.criteria import Gap, NoAssociation
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.unanswered import bound_unanswered
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import Measure, accuracy, recall, refusals
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

RACE = Slicing(("race",))
STRICT = Settings()


def people_of(race: str, people: int, right: int, refused: int, of: int, *, name: str = "") -> list[Row]:
    """People with so many images right, so many refused and the others wrong."""
    rows = []
    for person in range(people):
        for image in range(of):
            got = "anger" if image < right else None if image < right + refused else "fear"
            rows.append(
                Row(
                    f"{name or race}{person}",
                    "anger",
                    got,
                    f"{race}{person}-{image}",
                    {"race": race},
                    kind=AnswerKind.ANSWERED if got else AnswerKind.REFUSED,
                )
            )
    return rows


def counts_of(*groups: list[Row]) -> Counts:
    return count(predictions_of([row for rows in groups for row in rows]), RACE)


def judge(counts: Counts, tolerance: float, measure: Measure = accuracy) -> Verdict:
    return Gap(measure, at_most=tolerance).decide(Evidence(counts), STRICT)


def test_without_non_answers_there_is_nothing_to_fill_in() -> None:
    counts = counts_of(people_of("x", 10, 8, 0, 10), people_of("y", 10, 7, 0, 10))
    assert bound_unanswered(accuracy.tally(counts), accuracy.unanswered(counts), STRICT) is None
    assert judge(counts, 0.3).asides == ()


@pytest.mark.parametrize("shared", [False, True])
def test_the_ends_are_those_of_all_fillings_by_hand(shared: bool) -> None:
    name = "p" if shared else ""
    groups = [
        people_of(race, 12, right, refused, 10, name=name)
        for race, right, refused in (("a", 8, 1), ("b", 6, 3), ("c", 7, 0))
    ]
    counts = counts_of(*groups)
    tally, missing = accuracy.tally(counts), accuracy.unanswered(counts)
    found = bound_unanswered(tally, missing, STRICT)
    assert found is not None
    assert found.images == 12 * 4
    rates = {"a": (0.8, 0.9), "b": (0.6, 0.9), "c": (0.7, 0.7)}
    ends = [
        [s - t for s, t in itertools.product(rates[first], rates[second])]
        for first, second in itertools.combinations("abc", 2)
    ]
    assert found.worst == pytest.approx(max(abs(gap) for gaps in ends for gap in gaps))
    narrow = [0.0 if min(gaps) < 0 < max(gaps) else min(abs(gap) for gap in gaps) for gaps in ends]
    assert found.best == pytest.approx(max(narrow))
    assert found.worst_lower <= found.worst


def test_the_worst_case_holds_the_bounds_of_the_table_filled_in_that_way() -> None:
    generator = np.random.default_rng(4)
    rows = []
    for race, rate in (("x", 0.8), ("y", 0.6)):
        for person in range(15):
            for image in range(6):
                asked = generator.random()
                got = "anger" if asked < rate else None if asked < rate + 0.15 else "fear"
                kind = AnswerKind.ANSWERED if got else AnswerKind.REFUSED
                rows.append(
                    Row(f"{race}{person}", "anger", got, f"{race}{person}-{image}", {"race": race}, kind=kind)
                )
    found = bound_unanswered(accuracy.tally(counts_of(rows)), accuracy.unanswered(counts_of(rows)), STRICT)
    assert found is not None
    widest = [
        Row(
            r.identity,
            r.true,
            r.predicted or ("anger" if r.attributes["race"] == "x" else "fear"),
            r.image,
            r.attributes,
        )
        for r in rows
    ]
    by_hand = compare(accuracy.tally(counts_of(widest)), STRICT)
    assert found.worst == pytest.approx(float(by_hand.difference[0]))
    assert found.worst_lower == pytest.approx(float(by_hand.lower[0]), abs=1e-12)


def test_refusals_that_could_hide_a_gap_cap_a_pass() -> None:
    fair = [people_of(race, 60, 19, 0, 20) for race in "xy"]
    assert judge(counts_of(*fair), 0.1).outcome is Outcome.PASS
    hiding = [people_of(race, 60, 15, 5, 20) for race in "xy"]
    verdict = judge(counts_of(*hiding), 0.12)
    assert verdict.upper <= 0.12
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason.startswith("600 images got no answer, and had those of one slice been read right")
    assert verdict.people_needed == {}
    (aside,) = verdict.asides
    assert aside.title == "Images without an answer"
    assert [row[0].split()[0] for row in aside.rows] == ["counted", "left", "right", "filled"]
    assert [row[1] for row in aside.rows] == ["0.000", "0.000", "0.250", "0.000"]


def test_an_association_is_not_cleared_either() -> None:
    hiding = [people_of(race, 60, 15, 5, 20) for race in "xy"]
    verdict = NoAssociation(accuracy, margin=0.12).decide(Evidence(counts_of(*hiding)), STRICT)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason.startswith("600 images got no answer")


def test_a_fail_stands_whatever_the_non_answers_would_have_been() -> None:
    verdict = judge(counts_of(people_of("x", 40, 19, 1, 20), people_of("y", 40, 5, 1, 20)), 0.1)
    assert verdict.outcome is Outcome.FAIL
    assert len(verdict.asides) == 1


def test_only_measures_that_count_non_answers_as_wrong_are_filled_in() -> None:
    counts = counts_of(people_of("x", 10, 5, 3, 10), people_of("y", 10, 5, 3, 10))
    assert accuracy.unanswered(counts).sum() == recall("anger").unanswered(counts).sum() == 60
    assert not accuracy.answered.unanswered(counts).any()
    assert not refusals.unanswered(counts).any()
    assert judge(counts, 0.2, refusals).asides == ()


def test_of_three_slices_one_may_be_wrong_alone_as_well_as_right_alone() -> None:
    """Two of three slices filled in as right widen a gap that is judged with the correlation they then show."""
    generator = np.random.default_rng(0)
    right = generator.binomial(8, 0.7, (30, 1)).astype(float)
    missing = np.minimum(generator.binomial(8, 0.3, (30, 1)), 8 - right).astype(float)
    level = np.repeat([0, 1, 2], 10)
    tally = Tally(np.arange(30), level, right, np.full((30, 1), 8.0), ("a", "b", "c"), ("l",))

    def worst_lower(chosen: list[NDArray[np.bool_]]) -> float:
        filled = [replace(tally, hits=right + missing * who[:, None]) for who in chosen]
        return max(float(compare(one, STRICT).lower.max()) for one in filled)

    alone = worst_lower([level == one for one in range(3)])
    others = worst_lower([level != one for one in range(3)])
    found = bound_unanswered(tally, missing, STRICT)
    assert found is not None
    assert found.worst_lower == pytest.approx(max(alone, others))
    assert others > alone + 0.01


def test_of_many_slices_those_nearest_to_a_fail_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty slices, two of them far apart with refusals: the same worst case as with every slice filled in."""
    rates = {f"s{place:02}": (14, 1) for place in range(18)} | {"low": (9, 2), "top": (16, 3)}
    counts = counts_of(*(people_of(race, 12, right, open_, 20) for race, (right, open_) in rates.items()))
    tally, missing = accuracy.tally(counts), accuracy.unanswered(counts)
    found = bound_unanswered(tally, missing, STRICT)
    monkeypatch.setattr("fer_audit.stats.differences.unanswered._MOST_FILLED", 20)
    everything = bound_unanswered(tally, missing, STRICT)
    assert found is not None
    assert everything is not None
    assert found.worst == everything.worst == pytest.approx(0.5)
    assert found.worst_lower == everything.worst_lower
    monkeypatch.setattr("fer_audit.stats.differences.unanswered._MOST_FILLED", 1)
    one = bound_unanswered(tally, missing, STRICT)
    assert one is not None
    assert one.worst < found.worst or one.worst_lower <= found.worst_lower
