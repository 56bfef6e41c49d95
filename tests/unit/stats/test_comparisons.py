from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import random_tally

from fer_audit.results import Comparison
from fer_audit.stats.differences.engine import adjusted_p, compare
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.comparisons import list_comparisons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.tally import Tally


def one_by_one(tally: Tally, found: Differences, p: NDArray[np.float64]) -> list[Comparison]:
    """The definition, pair by pair."""
    listed = []
    for pair in range(len(found.compared)):
        if not found.compared[pair]:
            continue
        levels = found.layout.first[pair], found.layout.second[pair]
        rates = found.rate_first[pair], found.rate_second[pair]
        a, b = (0, 1) if rates[0] >= rates[1] else (1, 0)
        listed.append(
            Comparison(
                a=tally.levels[levels[a]],
                b=tally.levels[levels[b]],
                estimate=float(rates[a] - rates[b]),
                lower=float(found.lower[pair]),
                upper=float(found.upper[pair]),
                p=float(p[pair]),
                value_a=float(rates[a]),
                value_b=float(rates[b]),
                people_a=int(found.people[pair, a]),
                people_b=int(found.people[pair, b]),
                images_a=round(float(found.images[pair, a])),
                images_b=round(float(found.images[pair, b])),
                kind=str(list(PairKind)[found.kind[pair]]),
                labels=tuple(name for name, on in zip(tally.labels, found.labels[pair], strict=True) if on),
                correlation=float(found.alike[pair]),
            )
        )
    return listed


@pytest.mark.parametrize("seed", range(20))
def test_every_compared_pair_is_listed_as_one_by_one(seed: int) -> None:
    tally = random_tally(np.random.default_rng(seed))
    found = compare(tally, Settings())
    p = adjusted_p(found, 0.05)
    listed = list_comparisons(tally, found, p)
    assert list(listed) == one_by_one(tally, found, p)
    # The text of a number says whether it is a built-in one.
    assert repr(list(listed)) == repr(one_by_one(tally, found, p))


def test_pairs_that_share_no_label_are_not_listed() -> None:
    tally = random_tally(np.random.default_rng(3))
    images = tally.images.copy()
    images[tally.level == 0] = 0
    found = compare(replace(tally, images=images, hits=np.minimum(tally.hits, images)), Settings())
    listed = list_comparisons(tally, found, np.ones(len(found.compared)))
    assert len(listed) == found.compared.sum()
    assert all("s0" not in {pair.a, pair.b} for pair in listed)


def test_equal_slices_keep_the_order_of_the_levels() -> None:
    tally = random_tally(np.random.default_rng(5))
    found = compare(replace(tally, hits=tally.images), Settings())
    for pair in list_comparisons(tally, found, np.ones(len(found.compared))):
        assert pair.a < pair.b
        assert pair.estimate == 0
