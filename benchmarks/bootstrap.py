"""A thousand bootstraps of a gap between two slices, images independent, against scipy.stats.bootstrap.

Run it by itself: `python benchmarks/bootstrap.py`. One line for each number of rows: name, ours, peer, ratio,
target. Ours starts from counts, which a verdict has made already; scipy starts from the rows.
"""

from __future__ import annotations

import numpy as np
from measuring import Figure, alternate, counts_of
from scipy import stats

from fer_audit import bootstrap_images, recall

REPLICATES = 1000
IMAGES = 20  # a person


def measure(rows: int, runs: int, target: str) -> Figure:
    """Both sides on the same rows; they must agree on how much the gap varies."""
    generator = np.random.default_rng(0)
    people = rows // IMAGES
    level = np.arange(people) % 2
    right = generator.binomial(IMAGES, np.array([0.8, 0.75])[level])
    counts = counts_of(level, right, np.full(people, IMAGES), 2)
    hits = [right[level == one].sum() for one in (0, 1)]
    images = [IMAGES * np.count_nonzero(level == one) for one in (0, 1)]
    data = [np.repeat([1.0, 0.0], [k, n - k]) for k, n in zip(hits, images, strict=True)]

    def ours() -> float:
        drawn = bootstrap_images(counts, recall("anger"), replicates=REPLICATES, seed=1)
        return float((drawn[:, 0] - drawn[:, 1]).std())

    def peer() -> float:
        found = stats.bootstrap(
            data,
            lambda a, b, axis: a.mean(axis) - b.mean(axis),
            n_resamples=REPLICATES,
            batch=max(1, 1_000_000 // rows),
            vectorized=True,
            method="percentile",
        )
        return float(found.bootstrap_distribution.std())

    both = alternate(ours, peer, runs)
    np.testing.assert_allclose(both.found, both.expected, rtol=0.2)
    return Figure(f"1,000 bootstraps of a gap, {rows:.0e} rows", both.ours, "scipy", both.peers, target)


def main() -> None:
    """Measure and print."""
    print(measure(10_000, 5, ">= 100"))
    print(measure(1_000_000, 3, ">= 500"))


if __name__ == "__main__":
    main()
