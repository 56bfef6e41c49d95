"""What makes a model known by name: how it is loaded, and what its answers depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fer_audit.errors import ConfigurationError
from fer_audit.models.spelling import spelled_as_asked
from fer_audit.records import Embedder, Recognizer, Scripted
from fer_audit.vocabulary import EXPRESSION
from fer_audit.wording import Wording, rotations, wordings_for

__all__ = ["Describe", "Endpoint", "Load", "ModelSpec", "Price", "Role"]

_MILLION = 1_000_000
_SHOWN = 10  # labels named in a message
_ABLE = (
    "take a model that answers with any labels: clip-probe is fitted to them, and clip, paligemma, gpt-4o, "
    "openai:MODEL and gemini are asked in words"
)

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
        wordings: the texts in which it can be asked, for each task the usual one first; what is loaded is
            then `Prompted` and, asked without more, uses the first. Empty for a model that takes no words.
        lists_labels: its wordings list the labels, in an order that can be turned.
        speaks: it answers in words, read by `fer_audit.models.text.read_text`; stored ones are read again by
            whatever that has learnt since.
        endpoint: where it is asked, for a model on the network; what is loaded is then a
            `fer_audit.models.remote.RemoteRecognizer`. None for a local model.
        varies: the same question may get another answer, so that asking again tells something.
        labels: what it can answer, where that is fixed and known before it is loaded; empty for a model that
            answers with the dataset's labels, or of which only loading tells.
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
    labels: tuple[str, ...] = ()
    smallest_side: int | None = None

    def ways(self, count: int, *, labels: int, task: str = EXPRESSION) -> tuple[Wording, ...]:
        """The first so many ways to ask; none for a model that takes no words.

        Args:
            count: how many wordings are wanted.
            labels: how many labels the dataset has.
            task: what they are of.

        Raises:
            ConfigurationError: the model cannot be asked in so many ways, or not for this task.
        """
        if not self.wordings:
            return ()
        wordings = wordings_for(task, self.wordings)
        if not wordings:
            known = ", ".join(dict.fromkeys(wording.task for wording in self.wordings))
            raise ConfigurationError(
                f"model {self.name!r} has no wording that asks for {task!r} (it has for {known}); give it "
                f"one, Wording(..., task={task!r}), or {_ABLE}"
            )
        if self.lists_labels:
            return rotations(wordings, count, labels=labels)
        if not 1 <= count <= len(wordings):
            raise ConfigurationError(
                f"{count} prompts were asked for; model {self.name!r} has 1 to {len(wordings)}"
            )
        return wordings[:count]

    def check_labels(self, labels: Sequence[str], *, task: str = EXPRESSION) -> None:
        """Refuse labels of which the model knows none: it would be wrong about every picture.

        Args:
            labels: the dataset's labels.
            task: what they are of.

        Raises:
            ConfigurationError: what the model can answer is fixed, and none of it is one of the labels.
        """
        if self.labels and not set(spelled_as_asked(self.labels, labels)) & set(labels):
            raise ConfigurationError(
                f"model {self.name!r} answers {_listed(self.labels)}, which are none of the dataset's labels "
                f"({_listed(labels)}; its task is {task!r}); {_ABLE}"
            )


def _listed(labels: Sequence[str]) -> str:
    return ", ".join([*labels[:_SHOWN], *(["..."] if len(labels) > _SHOWN else [])])
