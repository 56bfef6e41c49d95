"""Every tree by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.affectnet import affectnet, affectnet_folders
from trees.chicago import chicago, chicago_paper
from trees.demographic import fairface, utkface
from trees.expw import expw
from trees.face_place import face_place, face_place_paper
from trees.fer2013 import fer2013, ferplus
from trees.laboratory import ckplus, jaffe, kdef, rafd
from trees.radiate import radiate, radiate_paper
from trees.rafdb import rafdb, rafdb_partition, rafdb_twice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["TREES", "grow"]

TREES: Mapping[str, Callable[..., Tree]] = {
    "affectnet": affectnet,
    "affectnet-folders": affectnet_folders,
    "chicago": chicago,
    "chicago-paper": chicago_paper,
    "ckplus": ckplus,
    "expw": expw,
    "face-place": face_place,
    "face-place-paper": face_place_paper,
    "fairface": fairface,
    "fer2013": fer2013,
    "ferplus": ferplus,
    "jaffe": jaffe,
    "kdef": kdef,
    "radiate": radiate,
    "radiate-paper": radiate_paper,
    "rafd": rafd,
    "rafdb": rafdb,
    "rafdb-partition": rafdb_partition,
    "rafdb-twice": rafdb_twice,
    "utkface": utkface,
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
