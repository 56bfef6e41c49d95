"""What the installed plug-in costs a suite that audits nothing: `pytest --collect-only`, with and without it.

Run it by itself: `python benchmarks/idle_plugin.py`. It prints one line: name, ours, peer, ratio, target.
The peer is the same pytest with the plug-in switched off; runs alternate, and medians are compared.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RUNS = 21
TARGET_S = 0.030


def seconds(folder: Path, *options: str) -> float:
    """Wall time of one collection in a fresh process, in seconds."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *options]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        ours, peer = [], []
        for _ in range(RUNS):
            ours.append(seconds(folder))
            peer.append(seconds(folder, "-p", "no:fer_audit.plugin"))
    with_it, without = median(ours), median(peer)
    print(
        f"idle plug-in  {with_it:.3f} s  pytest without it {without:.3f} s  "
        f"ratio {with_it / without:.2f}  adds {1000 * (with_it - without):.0f} ms, "
        f"target < {1000 * TARGET_S:.0f} ms"
    )


if __name__ == "__main__":
    main()
