"""Sets that say everything in the names of their files, whatever folders these lie in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Skipped
from fer_audit.datasets.walking import is_image, list_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.inventory import Origin
    from fer_audit.records import Slicing

__all__ = [
    "GENDERS",
    "SECOND",
    "UNNAMED",
    "NameScheme",
    "Named",
    "name_pattern",
    "named_family",
    "open_named",
]

GENDERS = {"F": "female", "M": "male"}
"""The letters of most sets."""

UNNAMED = "not named as the set names its pictures"
SECOND = "a second picture of one name"
"""Why a picture is skipped whose name says nothing, or says again what another's says."""


@dataclass(frozen=True, slots=True)
class Named:
    """What one name says.

    Attributes:
        identity: the person; None in a set where nobody knows.
        code: of the label.
        attributes: one value for each attribute of the scheme; None where the name says nothing.
        covariates: one number for each covariate of the scheme.
    """

    identity: str | None
    code: str
    attributes: tuple[str | None, ...]
    covariates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class NameScheme:
    """How a set names its files.

    Attributes:
        pattern: matches a whole file name, and no name of another set.
        example: a name of the set, for messages.
        attributes: names of what it says of people and pictures.
        read: from a match to what the name says, or to the reason why the picture is skipped.
        covariates: names of the numbers that it says.
        identified: it says who is in the picture.
    """

    pattern: re.Pattern[str]
    example: str
    attributes: tuple[str, ...]
    read: Callable[[re.Match[str]], Named | str]
    covariates: tuple[str, ...] = ()
    identified: bool = True


def name_pattern(grammar: str) -> re.Pattern[str]:
    r"""What matches a whole file name of a set, in whatever case and of whatever kind of picture.

    Copies are renamed in bulk and saved as other kinds; what a name says is the same. Letters and digits are
    those of ASCII: no set has others, and in Unicode the long s is an S in another case.

    Args:
        grammar: a regular expression of the name without its suffix.

    >>> pattern = name_pattern(r"(?P<person>[AB][FM]\d{2})_(?P<code>[A-Z]{2})")
    >>> bool(pattern.fullmatch("bf20_HE.JPG")), bool(pattern.fullmatch("BF20_HE.txt"))
    (True, False)
    """
    return re.compile(rf"(?:{grammar})\.(?:bmp|jpe?g|png|tiff?|webp)", re.ASCII | re.IGNORECASE)


def open_named(root: Path, origin: Origin, scheme: NameScheme, codes: Codes) -> FolderDataset:
    """Every picture of a folder whose name follows a scheme; the others are skipped, each with its reason.

    A copy may hold one picture twice: in two folders, or as two kinds of file. The first by name is read.

    Args:
        root: the folder; the pictures may lie at any depth.
        origin: whose faces these are.
        scheme: how they are named.
        codes: what the codes of labels mean.

    Raises:
        DatasetError: there is no such folder, it may not be read, or no picture is named so.
    """
    listing = list_files(root, origin)
    faces = FaceColumns(scheme.attributes, scheme.covariates, identified=scheme.identified)
    skipped = list(listing.skipped)
    names: set[str] = set()
    for file in listing.files:
        found = _named(file, scheme)
        if isinstance(found, str):
            skipped.append(Skipped(file, found))
        elif (label := codes.labels.get(found.code)) is None:
            skipped.append(Skipped(file, codes.refusal(found.code)))
        elif (name := _stem(file)) in names:
            skipped.append(Skipped(file, SECOND))
        else:
            names.add(name)
            faces.add(file, found.identity, label, found.attributes, found.covariates)
    inventory = Inventory(listing.present, len(faces), skipped=tuple(skipped))
    if not len(faces):
        raise NoFacesError(origin.title, f"pictures named such as {scheme.example}", inventory)
    table = faces.table()
    return FolderDataset(root, table, table.label.levels, inventory, inventory.describe(origin))


def named_family(
    name: str, origin: Origin, scheme: NameScheme, codes: Codes, *, slicings: tuple[Slicing, ...]
) -> Family:
    """A set that is read by its names alone.

    Args:
        name: the set's short name.
        origin: whose faces these are.
        scheme: how they are named.
        codes: what the codes of labels mean where nobody says otherwise.
        slicings: slicings that a test without a ``slices`` marker is judged on.
    """

    def opened(root: Path, meant: Codes) -> FolderDataset:
        return open_named(root, origin, scheme, meant)

    return Family(
        name=name,
        origin=origin,
        open=opened,
        codes=codes,
        attributes=scheme.attributes,
        slicings=slicings,
        covariates=scheme.covariates,
        identified=scheme.identified,
        pattern=scheme.pattern,
    )


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0].casefold()


def _named(file: str, scheme: NameScheme) -> Named | str:
    match = scheme.pattern.fullmatch(file.rpartition("/")[2])
    if match is not None:
        return scheme.read(match)
    return UNNAMED if is_image(file) else "no picture"
