"""Fisher's exact test of 336 tables of a million pictures, against scipy's, one call a table.

Run it by itself: `python benchmarks/fisher.py`. It prints one line: name, ours, peer, ratio, target.
The tables: 7 labels x 6 wrong answers x 8 slices, each slice against the rest. Medians of alternating runs.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np
from scipy import stats

from fer_audit.stats.contingency import fisher_exact

RUNS = 5
TARGET = 1000


def main() -> None:
    """Measure and print."""
    generator = np.random.default_rng(0)
    images = np.array([1_000_000 // 56, 1_000_000 // 8])
    wrong = generator.binomial(images, 0.02, (336, 2))
    tables = np.stack([wrong, images - wrong], axis=-1)
    ours, peer = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        p = fisher_exact(tables)
        middle = time.perf_counter()
        expected = np.array([stats.fisher_exact(table).pvalue for table in tables])
        ours.append(middle - start)
        peer.append(time.perf_counter() - middle)
        np.testing.assert_allclose(p, expected, rtol=1e-6)
    print(
        f"336 Fisher tests  {1e3 * median(ours):.2f} ms  scipy {1e3 * median(peer):.0f} ms  "
        f"ratio {median(peer) / median(ours):.0f}  target >= {TARGET}"
    )


if __name__ == "__main__":
    main()
