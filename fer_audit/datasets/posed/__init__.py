"""Sets of people who posed: who is in a picture, and what they show, stands in the file's name."""

from __future__ import annotations

from fer_audit.datasets.posed.ckplus import CKPLUS
from fer_audit.datasets.posed.face_place import FACE_PLACE
from fer_audit.datasets.posed.jaffe import JAFFE
from fer_audit.datasets.posed.kdef import KDEF
from fer_audit.datasets.posed.radiate import RADIATE
from fer_audit.datasets.posed.rafd import RAFD

__all__ = ["CKPLUS", "FACE_PLACE", "JAFFE", "KDEF", "RADIATE", "RAFD"]
