"""What is passed between gathering and judging: frozen values and the protocols of both sides, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.wording import Wording

__all__ = [
    "Answer",
    "AnswerStore",
    "Embedder",
    "Face",
    "Ledger",
    "Prompted",
    "Provenance",
    "Recognizer",
    "Scripted",
    "Slicing",
    "VectorReader",
    "VectorStore",
    "Watch",
]


@drawable
@dataclass(frozen=True, slots=True)
class Face:
    """One labelled picture of one person.

    Attributes:
        image: name of the picture inside its dataset (a relative path with forward slashes).
        identity: the person; the unit of every statistic.
        expression: the true label.
        attributes: demographic and control factors by name, e.g. ``{"gender": "female"}``.
        covariates: numbers that are known of the picture by name, e.g. ``{"yaw": 12.5}``.
    """

    image: str
    identity: str
    expression: str
    attributes: Mapping[str, str]
    covariates: Mapping[str, float] = field(default_factory=dict)


@drawable
@dataclass(frozen=True, slots=True)
class Answer:
    """What a model gave for one image.

    Attributes:
        kind: answered, or how it failed to answer.
        label: the label of an answered image, else None.
        scores: probability or score per label where the model gives them.
        raw: the model's own words where it has any; read again when the parser changes.
        flagged: the endpoint itself said of what kind the answer is (a refusal, a block, a cut), so that its
            words are not read.
    """

    kind: AnswerKind
    label: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    raw: str = ""
    flagged: bool = False

    def __post_init__(self) -> None:
        if (self.kind is AnswerKind.ANSWERED) != (self.label is not None):
            raise ConfigurationError(
                f"an answer of kind {self.kind.value!r} with label {self.label!r}: "
                "exactly the answered ones carry a label"
            )


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where predictions come from, by the short names that reports show.

    Attributes:
        model: short name of the model.
        dataset: short name of the dataset.
        details: what the answers depend on (weights, crop, label order, image set), printed in the report.
        fingerprint: one hash over all of that.
        synthetic: the faces are rendered: a result is a lead about the model, not a finding about people.
        partial: only some of the dataset's people were asked (a smoke run).
    """

    model: str
    dataset: str
    details: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    synthetic: bool = False
    partial: bool = False


@drawable
@dataclass(frozen=True, slots=True, init=False)
class Slicing:
    """How people are divided into groups: by one attribute, or by the intersection of several.

    Attributes:
        attributes: names of the dataset's columns, e.g. ``("gender", "race")``.
        without: levels left out by name, each with the reason that the report prints.

    >>> Slicing("gender*race").attributes
    ('gender', 'race')
    >>> Slicing("gender.race").id
    'gender_x_race'
    >>> Slicing("race", without={"other": "one person"}).without
    (('other', 'one person'),)
    """

    attributes: tuple[str, ...]
    without: tuple[tuple[str, str], ...]

    def __init__(self, by: str | Sequence[str], *, without: Mapping[str, str] | None = None) -> None:
        """Divide by ``gender``, ``gender*race`` (in a shell ``gender.race``) or ``["gender", "race"]``.

        Raises:
            ConfigurationError: an attribute is empty or named twice.
        """
        names = by.replace(".", "*").split("*") if isinstance(by, str) else by
        attributes = tuple(name.strip() for name in names)
        if not attributes or not all(attributes) or len(set(attributes)) < len(attributes):
            raise ConfigurationError(
                f"slicing {'*'.join(attributes)!r} must name one or more different attributes, "
                "e.g. gender or gender*race"
            )
        object.__setattr__(self, "attributes", attributes)
        object.__setattr__(self, "without", tuple((without or {}).items()))

    def among(self, levels: Container[str]) -> Slicing:
        """The same slicing, which leaves out no level but these.

        Args:
            levels: those that there are. A dataset's own slicing may leave out what a copy has none of.

        >>> Slicing("race", without={"other": "one person"}).among({"asian", "white"}).without
        ()
        """
        return Slicing(
            self.attributes, without={level: why for level, why in self.without if level in levels}
        )

    @property
    def name(self) -> str:
        """The slicing as it is written: ``gender*race``."""
        return "*".join(self.attributes)

    @property
    def id(self) -> str:
        """The slicing inside a test id, where ``*`` would be syntax: ``gender_x_race``."""
        return "_x_".join(self.attributes)


@runtime_checkable
class Recognizer(Protocol):
    """A model that reads expressions: it receives pixels only, never a name, a path or a group."""

    def recognize(self, images: Sequence[Image], /) -> Sequence[Answer | str]:
        """One answer an image, in the same order; a plain string is an answered label."""
        ...


@runtime_checkable
class Prompted(Protocol):
    """A loaded model that can be asked in several wordings: one set of weights or one client for all."""

    def asking(self, wording: Wording, /) -> Recognizer:
        """The same model, asked in this wording."""
        ...


@runtime_checkable
class Embedder(Protocol):
    """A model that turns pictures into vectors: pixels only, as a recognizer."""

    def embed(self, images: Sequence[Image], /) -> NDArray[np.float32]:
        """One vector an image, in the same order: shape (images, dimensions), of length 1."""
        ...


@runtime_checkable
class VectorReader(Protocol):
    """A recognizer that looks at the vectors of an embedder, and at the pictures through them only."""

    def embed(self, images: Sequence[Image], /) -> NDArray[np.float32]:
        """As `Embedder.embed`."""
        ...

    def read(self, vectors: NDArray[np.float32], /) -> Sequence[Answer]:
        """One answer a vector, in the same order."""
        ...


@runtime_checkable
class Scripted(Protocol):
    """A stand-in that sees the truth and errs where it is told to. Never a model under audit."""

    def answer(self, faces: Sequence[Face], /) -> Sequence[Answer]:
        """One answer a face, in the same order."""
        ...


class AnswerStore(Protocol):
    """Answers by content key; what was put is never asked again."""

    def get(self, keys: Sequence[str], /) -> Mapping[str, Answer]:
        """The stored answers among these keys."""
        ...

    def put(self, answers: Mapping[str, Answer], /) -> None:
        """Store answers; when this returns they survive a kill."""
        ...


class VectorStore(Protocol):
    """Vectors by content key: what was embedded once costs no forward pass again."""

    def vectors(self, keys: Sequence[str], /) -> Mapping[str, NDArray[np.float32]]:
        """The stored vectors among these keys, each of shape (dimensions,)."""
        ...

    def put_vectors(self, vectors: Mapping[str, NDArray[np.float32]], /) -> None:
        """Store vectors; the first under a key stays."""
        ...


class Ledger(Protocol):
    """What a run may spend: reserved before a request is sent, settled when its price is known."""

    def reserve(self, usd: float, /) -> int:
        """Set an amount aside and return the reservation's number.

        Raises:
            BudgetError: it would exceed what the run may spend, with all that its processes have reserved.
        """
        ...

    def settle(self, reservation: int, usd: float, /) -> None:
        """Replace a reservation by what was really charged; 0 where nothing was."""
        ...


class Watch(Protocol):
    """Whoever is told how asking goes on: a progress bar."""

    def begin(self, missing: int, /, *, stored: int) -> None:
        """So many answers are missing, and so many were there."""
        ...

    def answered(self, answer: Answer, /) -> None:
        """One more answer, or error, is in."""
        ...

    def retried(self, reason: str, /) -> None:
        """A request failed and is sent again."""
        ...

    def spent(self, usd: float, /) -> None:
        """A request was charged."""
        ...
