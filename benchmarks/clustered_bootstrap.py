"""A thousand bootstraps of people with all their images, against the textbook: draw people, join their rows.

Run it by itself: `python benchmarks/clustered_bootstrap.py`. One line: name, ours, peer, ratio, target. Ours
starts from counts, which a verdict has made already; the textbook is written with numpy alone.
"""

from __future__ import annotations

import numpy as np
from measuring import Figure, alternate, counts_of

from fer_audit import bootstrap_people, recall

REPLICATES = 1000


def measure(rows: int, runs: int, replicates: int = REPLICATES) -> Figure:
    """Both sides on the same rows; they must agree on how much the gap varies."""
    generator = np.random.default_rng(0)
    people = rows // 20
    level = np.arange(people) % 2
    images = generator.integers(15, 26, people)
    right = generator.binomial(images, generator.beta(16, 4, people))
    counts = counts_of(level, right, images, 2)
    correct = np.concatenate([np.repeat([1.0, 0.0], [k, n - k]) for k, n in zip(right, images, strict=True)])
    owner = np.repeat(np.arange(people), images)
    rows_of = np.split(np.arange(len(owner)), np.cumsum(images)[:-1])
    members = [np.flatnonzero(level == one) for one in (0, 1)]

    def ours() -> float:
        drawn = bootstrap_people(counts, recall("anger"), replicates=replicates, seed=1)
        return float((drawn[:, 0] - drawn[:, 1]).std())

    def textbook() -> float:
        again = np.random.default_rng(2)
        gaps = np.empty(replicates)
        for replicate in range(replicates):
            rates = []
            for group in members:
                drawn = again.choice(group, len(group))
                chosen = correct[np.concatenate([rows_of[person] for person in drawn])]
                # Each person counts the same, however many images there are of him.
                sizes = images[drawn]
                sums = np.add.reduceat(chosen, np.cumsum(sizes) - sizes)
                rates.append((sums / sizes).mean())
            gaps[replicate] = rates[0] - rates[1]
        return float(gaps.std())

    both = alternate(ours, textbook, runs)
    np.testing.assert_allclose(both.found, both.expected, rtol=0.2 if replicates >= REPLICATES else 0.6)
    name = f"{replicates:,} bootstraps of people, {rows:.0e} rows"
    return Figure(name, both.ours, "textbook", both.peers, ">= 500")


def main() -> None:
    """Measure and print."""
    print(measure(100_000, 3))


if __name__ == "__main__":
    main()
