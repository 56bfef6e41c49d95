"""A kind of dataset: what is known of a set before a copy of it is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fer_audit.vocabulary import EXPRESSION

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from pathlib import Path

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.inventory import Origin
    from fer_audit.datasets.specification import Dataset
    from fer_audit.records import Slicing

__all__ = ["Family"]


@dataclass(frozen=True, slots=True)
class Family:
    """One set, written ``NAME=PATH``.

    Attributes:
        name: the word before the equals sign.
        origin: whose faces these are, and on what terms.
        open: reads a copy: from its path, and what the codes of labels mean.
        codes: what they mean where nobody says otherwise.
        attributes: what the set says of people and pictures; slicings may name it.
        slicings: slicings that a test without a ``slices`` marker is judged on.
        covariates: numbers that the set says of each picture.
        identified: the set says who is in which picture.
        task: what the labels are of.
        pattern: matches the name of a picture of the set and of no other; None where names say nothing.
    """

    name: str
    origin: Origin
    open: Callable[[Path, Codes], Dataset]
    codes: Codes
    attributes: tuple[str, ...]
    slicings: tuple[Slicing, ...]
    covariates: tuple[str, ...] = ()
    identified: bool = True
    task: str = EXPRESSION
    pattern: re.Pattern[str] | None = None

    def names(self, file: str) -> bool:
        """Whether a file is named as the set names its pictures."""
        return self.pattern is not None and self.pattern.fullmatch(PurePosixPath(file).name) is not None
