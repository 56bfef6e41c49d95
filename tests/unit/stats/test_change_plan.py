"""How many people an undecided change takes, and whether that many decide it."""

from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.criteria import NoWorseThan
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings

STRICT = Settings()
WIDE = NoWorseThan(accuracy, overall=0.9, each=0.05)


def hits(rate: float, people: int, images: int, seed: int) -> list[int]:
    generator = np.random.default_rng(seed)
    drawn = generator.binomial(images, generator.beta(9 * rate, 9 * (1 - rate), people))
    return [int(number) for number in drawn]


def counts_of(right: dict[str, list[int]], images: int) -> Counts:
    rows = [
        Row(
            f"{race}{person}",
            "anger",
            "anger" if image < number else "fear",
            f"{race}{person}-{image}",
            {"race": race},
        )
        for race, numbers in right.items()
        for person, number in enumerate(numbers)
        for image in range(images)
    ]
    return count(predictions_of(rows, ("anger", "fear")), Slicing("race"))


def judge(now: Counts, before: Counts, criterion: NoWorseThan = WIDE) -> Verdict:
    return criterion.decide(Evidence(now, None, before), STRICT)


def drawn_again(
    sides: dict[str, tuple[list[int], list[int]]], people: int, images: int, seed: int
) -> tuple[Counts, Counts]:
    """Tables of so many people a group, each one of those observed with both of his numbers."""
    generator = np.random.default_rng(seed)
    chosen = {race: generator.integers(len(pair[0]), size=people) for race, pair in sides.items()}
    before, now = (
        counts_of({race: [sides[race][side][who] for who in chosen[race]] for race in sides}, images)
        for side in (0, 1)
    )
    return before, now


def test_the_people_named_would_fail_it_with_the_power_promised() -> None:
    sides = {
        "x": (hits(0.9, 14, 10, 1), hits(0.9, 14, 10, 1)),
        "y": (hits(0.9, 14, 10, 2), hits(0.8, 14, 10, 3)),
    }
    before, now = (counts_of({race: pair[side] for race, pair in sides.items()}, 10) for side in (0, 1))
    verdict = judge(now, before)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert list(verdict.people_needed) == ["y"]
    needed = verdict.people_needed["y"]
    assert (
        f"about {needed} people in y would FAIL 0.05 with 80 % power if the true change is +0."
        in verdict.notes[-1]
    )
    failed = 0
    for seed in range(120):
        then, this = drawn_again(sides, needed, 10, seed)
        failed += judge(this, then).outcome is Outcome.FAIL
    assert 0.68 <= failed / 120 <= 0.92


def test_everybody_is_named_in_the_proportions_seen_and_passes() -> None:
    same = {"x": hits(0.95, 12, 4, 4), "y": hits(0.95, 24, 4, 5)}
    counts = counts_of(same, 4)
    criterion = NoWorseThan(accuracy, overall=0.02, each=0.5)
    verdict = judge(counts, counts, criterion)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.people_needed["y"] == pytest.approx(2 * verdict.people_needed["x"], abs=1)
    for share, outcome in ((0.5, Outcome.INCONCLUSIVE), (2.0, Outcome.PASS)):
        asked = {race: round(share * needed) for race, needed in verdict.people_needed.items()}
        many = counts_of({race: (numbers * 99)[: asked[race]] for race, numbers in same.items()}, 4)
        assert judge(many, many, criterion).outcome is outcome


def test_a_change_at_the_margin_gets_no_number() -> None:
    before, now = counts_of({"x": [9] * 12, "y": [9] * 12}, 10), counts_of({"x": [9] * 12, "y": [8] * 12}, 10)
    verdict = judge(now, before, NoWorseThan(accuracy, overall=0.9, each=0.1))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.people_needed == {}
    assert verdict.notes[-1] == "the change observed equals the margin 0.1: no number decides it"


def test_names_and_order_of_people_change_no_number() -> None:
    right = hits(0.9, 16, 10, 6), hits(0.8, 16, 10, 8)
    before, now = (counts_of({"x": side, "y": [9] * 16}, 10) for side in right)
    expected = judge(now, before)
    assert expected.people_needed
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(16)
        turned = [counts_of({"x": [side[who] for who in order], "y": [9] * 16}, 10) for side in right]
        assert judge(turned[1], turned[0]).people_needed == expected.people_needed
