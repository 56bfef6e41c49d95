"""Ten thousand permutations of images between two slices, against scipy.stats.permutation_test.

Run it by itself: `python benchmarks/permutation.py`. One line: name, ours, peer, ratio, target. Ours starts
from counts, which a verdict has made already; scipy starts from the rows.
"""

from __future__ import annotations

import numpy as np
from measuring import Figure, alternate, counts_of
from scipy import stats

from fer_audit import permute_images, recall

REPLICATES = 10_000
IMAGES = 20  # a person


def measure(rows: int, runs: int, replicates: int = REPLICATES) -> Figure:
    """Both sides on the same rows; they must agree on the p-value."""
    generator = np.random.default_rng(0)
    people = rows // IMAGES
    level = np.arange(people) % 2
    right = generator.binomial(IMAGES, 0.8, people)
    counts = counts_of(level, right, np.full(people, IMAGES), 2)
    hits = np.array([right[level == one].sum() for one in (0, 1)])
    images = IMAGES * np.bincount(level, minlength=2)
    data = [np.repeat([1.0, 0.0], [k, n - k]) for k, n in zip(hits, images, strict=True)]
    seen = abs(float(hits[0] / images[0] - hits[1] / images[1]))

    def ours() -> float:
        drawn = permute_images(counts, recall("anger"), replicates=replicates, seed=1)
        reached = np.count_nonzero(np.abs(drawn[:, 0] - drawn[:, 1]) >= seen - 1e-12)
        return (1 + int(reached)) / (replicates + 1)

    def peer() -> float:
        found = stats.permutation_test(
            data,
            lambda a, b, axis: np.abs(a.mean(axis) - b.mean(axis)),
            n_resamples=replicates,
            batch=max(1, 1_000_000 // rows),
            vectorized=True,
            alternative="greater",
        )
        return float(found.pvalue)

    both = alternate(ours, peer, runs)
    np.testing.assert_allclose(both.found, both.expected, atol=5 / np.sqrt(replicates))
    return Figure(f"{replicates:,} permutations, {rows:.0e} rows", both.ours, "scipy", both.peers, ">= 1,000")


def main() -> None:
    """Measure and print."""
    print(measure(10_000, 5))


if __name__ == "__main__":
    main()
