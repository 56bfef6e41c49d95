"""Sets gathered from the web: pictures of people of whom nobody says who they are."""

from __future__ import annotations

from fer_audit.datasets.wild.affectnet import AFFECTNET
from fer_audit.datasets.wild.expw import EXPW
from fer_audit.datasets.wild.fer2013 import FER2013, FERPLUS
from fer_audit.datasets.wild.rafdb import RAFDB

__all__ = ["AFFECTNET", "EXPW", "FER2013", "FERPLUS", "RAFDB"]
