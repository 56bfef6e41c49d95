"""A net that a script rebuilds: written, or held against the one that is committed."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

__all__ = ["keep_or_compare"]

_ROOT = Path(__file__).resolve().parents[1]


def keep_or_compare(net: bytes, path: Path, *, check: bool) -> None:
    """Write the net and print its checksum; where it is only to be checked, exit with 1 if it differs.

    Args:
        net: as it was rebuilt.
        path: where it is committed.
        check: write nothing.
    """
    name, checksum = path.relative_to(_ROOT), hashlib.sha256(net).hexdigest()
    if check:
        committed = hashlib.sha256(path.read_bytes()).hexdigest()
        if committed != checksum:
            sys.exit(f"{name} has sha256 {committed}, a rebuild has {checksum}")
    else:
        path.write_bytes(net)
    print(f"{checksum}  {name}  ({len(net)} bytes)")
