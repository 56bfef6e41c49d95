"""The embedded faces: 48 rendered identities, each in four skin tones and seven expressions.

Within one identity nothing changes between two tones but the tone: the four are paired. The set was frozen
by checksum before any model was scored on it; ``docs/faces`` says how it is made and remade.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.datasets.manifest import read_manifest
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.records import Slicing
from fer_audit.tables import header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.datasets.folder import FolderDataset

__all__ = ["rendered_faces"]

_ROOT = Path(__file__).parent / "rendered_faces"
_MANIFEST = _ROOT / "manifest.csv"
_LISTING = ("image", "identity", "expression")


def rendered_faces(name: str = "faces", *, only: Mapping[str, str] | None = None) -> DatasetSpec:
    """The embedded dataset, ``--dataset faces``, or the part of it with given levels of some factors.

    Args:
        name: the short name.
        only: the level to keep of a factor, e.g. ``{"exposure": "matched"}``; all without it.
    """
    return DatasetSpec(
        name=name,
        open=lambda: _open(only or {}),
        attributes=tuple(factor for factor in header(_MANIFEST) if factor not in _LISTING),
        slicings=(Slicing("skin_tone"), Slicing("head_shape"), Slicing("sex_morph")),
        unit="rendered identity",
        synthetic=True,
        showable=True,
    )


def _open(only: Mapping[str, str]) -> FolderDataset:
    checksums = (_ROOT / "SHA256SUMS").read_bytes()
    opened = read_manifest(
        _MANIFEST,
        details={
            "faces": "rendered, 224x224 WebP, frozen before any model was scored on them",
            "geometry": "MakeHuman / MPFB2 (CC0-1.0)",
            "frozen set": sha256(checksums).hexdigest()[:16],
            **{f"only {factor}": level for factor, level in only.items()},
        },
    )
    kept = [
        place
        for place, face in enumerate(opened.faces)
        if all(face.attributes[factor] == level for factor, level in only.items())
    ]
    return replace(opened, faces=opened.faces.take(np.array(kept, dtype=np.int64)))
