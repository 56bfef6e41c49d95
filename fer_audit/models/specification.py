"""What makes a model known by name: how it is loaded, and what its answers depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fer_audit.errors import ConfigurationError
from fer_audit.records import Embedder, Recognizer, Scripted
from fer_audit.wording import Wording, rotations

__all__ = ["Describe", "Endpoint", "Load", "ModelSpec", "Price", "Role"]

_MILLION = 1_000_000

Load = Callable[[tuple[str, ...]], Recognizer | Scripted | Embedder]
"""From the dataset's labels, in their order, to something that answers (or embeds, for a probe)."""

Describe = Callable[[], Mapping[str, str]]
"""Everything the answers depend on, by name."""


class Role(StrEnum):
    """What a loaded model is to the audit.

    ``RECOGNIZER`` answers from pixels. ``PROBE`` embeds pictures; a linear classifier is fitted to the
    vectors of other people than those it answers for. ``STAND_IN`` is scripted and sees the truth: never a
    model under audit, never stored.
    """

    RECOGNIZER = "recognizer"
    PROBE = "probe"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True)
class Price:
    """What an endpoint charges, in US dollars for a million tokens.

    Attributes:
        input: tokens sent, pictures included.
        output: tokens received.
        source: where the figure was read, and when.
    """

    input: float
    output: float
    source: str

    def cost(self, *, sent: int, received: int) -> float:
        """What so many tokens cost, in US dollars.

        >>> Price(input=2.5, output=10.0, source="made up").cost(sent=1000, received=10)
        0.0026
        """
        return (sent * self.input + received * self.output) / _MILLION


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model on the network is asked.

    Attributes:
        host: host name, with the port where it is not the usual one; part of every stored answer's key.
        key: name of the environment variable that holds the key, for messages; never the key.
        price: what it charges; None where that is not known.
        tokens_sent: the most tokens that one request can take, picture included; for the budget.
        tokens_received: the most tokens that one answer can have; for the budget.
        batches: has a batch mode.
    """

    host: str
    key: str
    price: Price | None = None
    tokens_sent: int = 0
    tokens_received: int = 0
    batches: bool = False

    def most_usd(self, requests: int = 1) -> float | None:
        """What so many requests can cost at most, in US dollars; None where the price is not known.

        >>> price = Price(input=2.5, output=10.0, source="made up")
        >>> Endpoint("host", "KEY", price, tokens_sent=400, tokens_received=100).most_usd()
        0.002
        """
        if self.price is None:
            return None
        return requests * self.price.cost(sent=self.tokens_sent, received=self.tokens_received)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model under audit, by the short name that test ids and reports show; nothing is loaded yet.

    Attributes:
        name: short name.
        load: makes the model; called with the dataset's labels, and only when an answer is missing from the
            store.
        describe: everything the answers depend on, by name: checksum of the weights, input size, crop, order
            of the labels. It becomes part of every stored answer's key and is printed in the report, so it
            must be cheap (the model is not loaded for it) and must change whenever the answers may. None says
            that nothing tells when the model has changed: its answers are never stored.
        describe_vectors: what the vectors of an embedder depend on; the store keeps vectors under it, so that
            another prompt set or a probe of the same net costs no forward pass. None keeps none.
        role: what the loaded model is to the audit.
        wordings: the texts in which it can be asked, the usual one first; what is loaded is then `Prompted`
            and, asked without more, uses the first. Empty for a model that takes no words.
        lists_labels: its wordings list the labels, in an order that can be turned.
        speaks: it answers in words, read by `fer_audit.models.text.read_text`; stored ones are read again by
            whatever that has learnt since.
        endpoint: where it is asked, for a model on the network; what is loaded is then a
            `fer_audit.models.remote.RemoteRecognizer`. None for a local model.
        varies: the same question may get another answer, so that asking again tells something.
        smallest_side: pictures may be decoded at a smaller scale as long as no side falls below this; None
            where the answers depend on every pixel.
    """

    name: str
    load: Load
    describe: Describe | None = None
    describe_vectors: Describe | None = None
    role: Role = Role.RECOGNIZER
    wordings: tuple[Wording, ...] = field(default=())
    lists_labels: bool = False
    speaks: bool = False
    endpoint: Endpoint | None = None
    varies: bool = False
    smallest_side: int | None = None

    def ways(self, count: int, *, labels: int) -> tuple[Wording, ...]:
        """The first so many ways to ask; none for a model that takes no words.

        Args:
            count: how many wordings are wanted.
            labels: how many labels the dataset has.

        Raises:
            ConfigurationError: the model cannot be asked in so many ways.
        """
        if not self.wordings:
            return ()
        if self.lists_labels:
            return rotations(self.wordings, count, labels=labels)
        if not 1 <= count <= len(self.wordings):
            raise ConfigurationError(
                f"{count} prompts were asked for; model {self.name!r} has 1 to {len(self.wordings)}"
            )
        return self.wordings[:count]
