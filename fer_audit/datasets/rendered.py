"""The embedded faces: 48 rendered identities, each in four skin tones and seven expressions.

Within one identity nothing changes between two tones but the tone: the four are paired. The set was frozen
by checksum before any model was scored on it; ``docs/faces`` says how it is made and remade.
"""

from __future__ import annotations

from pathlib import Path

from fer_audit.datasets.manifest import FolderDataset, read_manifest
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.records import Slicing

__all__ = ["rendered_faces"]

_ROOT = Path(__file__).parent / "rendered_faces"

_ATTRIBUTES = (
    "skin_tone",
    "head_shape",
    "sex_morph",
    "age_morph",
    "hair",
    "hair_colour",
    "iris",
    "stubble",
    "brow",
    "light",
    "exposure",
    "yaw",
)


def rendered_faces() -> DatasetSpec:
    """The embedded dataset, ``--dataset faces``; the default where nothing else is chosen."""
    return DatasetSpec(
        name="faces",
        open=_open,
        attributes=_ATTRIBUTES,
        slicings=(Slicing(("skin_tone",)), Slicing(("head_shape",)), Slicing(("sex_morph",))),
        unit="rendered identity",
        synthetic=True,
        showable=True,
    )


def _open() -> FolderDataset:
    checksums = (_ROOT / "SHA256SUMS").read_text(encoding="utf-8")
    return read_manifest(
        _ROOT / "manifest.csv",
        details={
            "images": "rendered, 224x224 WebP, 48 identities x 4 Monk skin tones x 7 expressions",
            "geometry": "MakeHuman / MPFB2, CC0-1.0",
            "frozen set": f"{len(checksums.splitlines())} files under checksum",
        },
    )
