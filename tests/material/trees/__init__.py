"""Test trees: for each set a copy with its real names and counts, filled with rendered faces.

Nothing here is shared with the loaders: names and counts are transcribed into ``lists/``, and what is written
is counted as it is written. What is published nowhere (which pictures are missing, how many women a group
has) is chosen, and the list or the function that chooses says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.chicago import chicago, chicago_paper
from trees.face_place import face_place, face_place_paper
from trees.ground import Tree
from trees.radiate import radiate, radiate_paper
from trees.rafdb import rafdb, rafdb_partition, rafdb_twice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["TREES", "Tree", "grow"]

TREES: Mapping[str, Callable[..., Tree]] = {
    "chicago": chicago,
    "chicago-paper": chicago_paper,
    "face-place": face_place,
    "face-place-paper": face_place_paper,
    "rafdb": rafdb,
    "rafdb-partition": rafdb_partition,
    "rafdb-twice": rafdb_twice,
    "radiate": radiate,
    "radiate-paper": radiate_paper,
}
"""What can be grown; each takes a folder and whether awkward files are among the others."""


def grow(name: str, folder: Path, *, awkward: bool = True) -> Tree:
    """Write a copy of a set.

    Args:
        name: of the tree, one of `TREES`.
        folder: where its root is made; no tree of that name may be there yet.
        awkward: whether what goes wrong with real copies goes wrong with this one.
    """
    return TREES[name](folder, awkward=awkward)
