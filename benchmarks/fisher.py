"""Fisher's exact test of 336 tables of a million pictures, against scipy's, one call a table.

Run it by itself: `python benchmarks/fisher.py`. It prints one line: name, ours, peer, ratio, target.
The tables: 7 labels x 6 wrong answers x 8 slices, each slice against the rest. Medians of alternating runs.
"""

from __future__ import annotations

import numpy as np
from measuring import Figure, alternate
from scipy import stats

from fer_audit.stats.contingency import fisher_exact

TABLES = 336


def measure(tables: int, runs: int) -> Figure:
    """Both sides on the same tables; every p-value must agree."""
    generator = np.random.default_rng(0)
    images = np.array([1_000_000 // 56, 1_000_000 // 8])
    wrong = generator.binomial(images, 0.02, (tables, 2))
    cells = np.stack([wrong, images - wrong], axis=-1)
    both = alternate(
        lambda: fisher_exact(cells),
        lambda: np.array([float(stats.fisher_exact(table).pvalue) for table in cells]),
        runs,
    )
    np.testing.assert_allclose(both.found, both.expected, rtol=1e-6)
    return Figure(f"{tables} Fisher tests", both.ours, "scipy", both.peers, ">= 1,000")


def main() -> None:
    """Measure and print."""
    print(measure(TABLES, 9))


if __name__ == "__main__":
    main()
