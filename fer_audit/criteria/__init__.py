"""What may be demanded of a model: immutable, printable values that name what the statistics decide."""

from fer_audit.criteria.association import NoAssociation
from fer_audit.criteria.beside import BesideZTest
from fer_audit.criteria.change import NoWorseThan
from fer_audit.criteria.criterion import Criterion
from fer_audit.criteria.flips import Flips
from fer_audit.criteria.gap import Gap
from fer_audit.criteria.level import AtLeast
from fer_audit.criteria.ratio import Ratio
from fer_audit.criteria.scan import Scan

__all__ = [
    "AtLeast",
    "BesideZTest",
    "Criterion",
    "Flips",
    "Gap",
    "NoAssociation",
    "NoWorseThan",
    "Ratio",
    "Scan",
]
