"""What a dataset is to the rest of the package: labelled faces, and a way to read each picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fer_audit.vocabulary import EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fer_audit.datasets.inventory import Origin
    from fer_audit.records import Face, Slicing

__all__ = ["EXPRESSION", "Dataset", "DatasetSpec"]


class Dataset(Protocol):
    """An opened dataset."""

    @property
    def faces(self) -> Sequence[Face]:
        """Every labelled picture."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The label set, in its order."""
        ...

    @property
    def details(self) -> Mapping[str, str]:
        """What the report says of the image set: version, licence, citation."""
        ...

    def read(self, image: str, /) -> bytes:
        """The encoded bytes of one picture.

        Raises:
            ImageError: it is missing, no regular file, too large or outside the dataset.
        """
        ...


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """A dataset by name; what test ids need is known before anything is opened.

    Attributes:
        name: the short name that ids and reports show.
        open: opens it; called when the first cell is set up.
        attributes: columns that slicings may name.
        slicings: slicings that a test without a ``slices`` marker is judged on.
        unit: what one identity is, as reports write it.
        synthetic: the faces are rendered: results are leads about a model, not findings about people.
        showable: pictures may be shown in reports (photographs of people stay where they are).
        covariates: columns of numbers that are known of each picture, such as a pose; no slicing names them.
        identified: it is known who is in which picture. Where it is not, verdicts say what they would take.
        most_images: nobody is in more pictures than this, as declared where people are not known; None where
            nobody declares it.
        task: what the labels are of, as `fer_audit.vocabulary` names it or in words of the user's own; models
            that take words are asked for it.
        origin: whose faces these are and on what terms; None for faces of the user's own.
        measured: attributes that the opened dataset does not know: they are measured on its pictures when a
            cell is gathered.
    """

    name: str
    open: Callable[[], Dataset]
    attributes: tuple[str, ...]
    slicings: tuple[Slicing, ...] = field(default=())
    unit: str = "person"
    synthetic: bool = False
    showable: bool = False
    covariates: tuple[str, ...] = ()
    identified: bool = True
    most_images: int | None = None
    task: str = EXPRESSION
    origin: Origin | None = None
    measured: tuple[str, ...] = ()
