"""The scripted model: it answers the truth except where told to err, by group and rate.

It stands in for a model wherever the right verdict must be known beforehand: tests, docs and planning.
The script is a list of ``key=value``:

``error=.2``                 a fifth of all answers is wrong
``skin_tone.8=.3``           in that slice, this rate instead
``refuse=.1``                a tenth is refused; ``refuse.skin_tone.8=.3`` in one slice
``confuse.anger.disgust=.4`` that share of one label is answered with another;
                             ``confuse.anger.disgust.race.black=.4`` in one slice
``icc=.2``                   people differ: correlation of the errors within a person
``seed=3``                   another draw of the same world
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv

from fer_audit.errors import ConfigurationError
from fer_audit.models.specification import ModelSpec, Role
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind, expression_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from fer_audit.records import Face

__all__ = ["Oracle", "Script", "oracle"]


@dataclass(frozen=True, slots=True)
class Script:
    """Where the scripted model errs.

    Attributes:
        error: share of wrong answers.
        error_in: the share in one slice instead, by (attribute, level).
        refuse: share of refusals.
        refuse_in: the share in one slice instead.
        confuse: share of one true label answered with another, by (true, predicted).
        confuse_in: the share in one slice instead, by ((true, predicted), (attribute, level)).
        icc: intraclass correlation of errors (and of refusals) within a person: person rates are beta
            distributed with this correlation.
        seed: which draw.
    """

    error: float = 0.0
    error_in: Mapping[tuple[str, str], float] = field(default_factory=dict)
    refuse: float = 0.0
    refuse_in: Mapping[tuple[str, str], float] = field(default_factory=dict)
    confuse: Mapping[tuple[str, str], float] = field(default_factory=dict)
    confuse_in: Mapping[tuple[tuple[str, str], tuple[str, str]], float] = field(default_factory=dict)
    icc: float = 0.0
    seed: int = 0

    @classmethod
    def parse(cls, text: str) -> Script:
        """Read ``error=.2,icc=.2,seed=3,skin_tone.8=.3``.

        Raises:
            ConfigurationError: a part is no ``key=value`` or a rate lies outside [0, 1].
        """
        rates: dict[str, float] = {}
        error_in: dict[tuple[str, str], float] = {}
        refuse_in: dict[tuple[str, str], float] = {}
        confuse: dict[tuple[str, str], float] = {}
        confuse_in: dict[tuple[tuple[str, str], tuple[str, str]], float] = {}
        seed = 0
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            words = key.split(".")
            if not equals or not all(words):
                raise _bad(part)
            if key == "seed":
                seed = _seed(value, part)
                continue
            rate = _rate(value, part)
            match words:
                case ["error" | "refuse" | "icc"]:
                    rates[key] = rate
                case ["confuse", true, predicted]:
                    confuse[_label(true), _label(predicted)] = rate
                case ["confuse", true, predicted, attribute, *level] if level:
                    confusion = _label(true), _label(predicted)
                    # The slice is an exception to what everybody else gets, which is nothing if not said.
                    confuse.setdefault(confusion, 0.0)
                    confuse_in[confusion, (attribute, ".".join(level))] = rate
                case ["refuse", attribute, *level] if level:
                    refuse_in[attribute, ".".join(level)] = rate
                case [attribute, *level] if level and attribute != "confuse":
                    error_in[attribute, ".".join(level)] = rate
                case _:
                    raise _bad(part)
        return cls(
            rates.get("error", 0.0),
            error_in,
            rates.get("refuse", 0.0),
            refuse_in,
            confuse,
            confuse_in,
            rates.get("icc", 0.0),
            seed,
        )


@dataclass(frozen=True, slots=True)
class Oracle:
    """A scripted model over one label set; the same face always gets the same answer.

    Attributes:
        script: where it errs.
        labels: what it can answer.
    """

    script: Script
    labels: tuple[str, ...]

    def answer(self, faces: Sequence[Face], /) -> list[Answer]:
        """One answer a face, in order.

        Raises:
            ConfigurationError: the script names a slice or a label that these faces do not have.
        """
        if not faces:
            return []
        script = self.script
        self._check(faces)
        people = [face.identity for face in faces]
        images = [f"{face.identity}/{face.image}" for face in faces]
        refused = self._happens("refuse", people, images, self._rates(faces, script.refuse, script.refuse_in))
        wrong = self._happens("error", people, images, self._rates(faces, script.error, script.error_in))
        pick = self._uniform("label", images)
        confusion = self._uniform("confuse", images)
        answers = []
        for row, face in enumerate(faces):
            if refused[row]:
                answers.append(Answer(AnswerKind.REFUSED, raw="I cannot help with that."))
                continue
            label = self._confused(face, confusion[row])
            if label == face.expression and wrong[row]:
                others = [other for other in self.labels if other != label]
                label = others[int(pick[row] * len(others))] if others else label
            answers.append(Answer(AnswerKind.ANSWERED, label))
        return answers

    def _confused(self, face: Face, uniform: float) -> str:
        reached = 0.0
        for (source, target), everywhere in self.script.confuse.items():
            if source == face.expression:
                reached += self._share((source, target), face, everywhere)
                if uniform < reached:
                    return target
        return face.expression

    def _share(self, confusion: tuple[str, str], face: Face, everywhere: float) -> float:
        for (confused, (attribute, level)), rate in self.script.confuse_in.items():
            if confused == confusion and face.attributes.get(attribute) == level:
                return rate
        return everywhere

    def _rates(
        self, faces: Sequence[Face], default: float, in_slice: Mapping[tuple[str, str], float]
    ) -> NDArray[np.float64]:
        rates = np.full(len(faces), default)
        for (attribute, level), rate in in_slice.items():
            rates[[face.attributes.get(attribute) == level for face in faces]] = rate
        return rates

    def _happens(
        self, event: str, people: Iterable[str], images: Iterable[str], rates: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Whether an event of the given rate happens on each image, correlated within people."""
        icc = self.script.icc
        if 0 < icc < 1:
            # Beta-binomial people: a beta with a + b = (1 - icc) / icc has exactly this correlation.
            precision = (1 - icc) / icc
            inner = (rates > 0) & (rates < 1)
            quantile = self._uniform(f"{event} of person", people)
            drawn = betaincinv(rates[inner] * precision, (1 - rates[inner]) * precision, quantile[inner])
            rates = rates.copy()
            rates[inner] = drawn
        elif icc == 1:
            return self._uniform(f"{event} of person", people) < rates
        happens: NDArray[np.bool_] = self._uniform(event, images) < rates
        return happens

    def _uniform(self, stream: str, names: Iterable[str]) -> NDArray[np.float64]:
        """A number in [0, 1) for each name, hashed from the name, the stream and the seed alone."""
        salt = f"{self.script.seed}/{stream}/"
        digests = b"".join(blake2b((salt + name).encode(), digest_size=8).digest() for name in names)
        # 53 bits, so that no hash rounds up to 1.
        return (np.frombuffer(digests, dtype="<u8") >> np.uint64(11)).astype(np.float64) / 2.0**53

    def _check(self, faces: Sequence[Face]) -> None:
        confused = [where for _, where in self.script.confuse_in]
        for attribute, level in [*self.script.error_in, *self.script.refuse_in, *confused]:
            if not any(face.attributes.get(attribute) == level for face in faces):
                raise ConfigurationError(
                    f"oracle: no face has {attribute} = {level!r}; check the script against the dataset"
                )
        for label in {label for pair in self.script.confuse for label in pair}:
            if label not in self.labels:
                raise ConfigurationError(
                    f"oracle: the dataset has no label {label!r}; its labels are {', '.join(self.labels)}"
                )


def oracle(name: str, script: str) -> ModelSpec:
    """The scripted model as ``--model oracle:SCRIPT`` asks for it.

    Raises:
        ConfigurationError: the script cannot be read.
    """
    parsed = Script.parse(script)
    return ModelSpec(
        name=name,
        load=lambda labels: Oracle(parsed, labels),
        describe=lambda: {"script": script or "always right", "kind": "scripted stand-in, no model"},
        role=Role.STAND_IN,
    )


def _label(word: str) -> str:
    return str(expression_named(word) or word)


def _rate(value: str, part: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        raise _bad(part) from None
    if not 0 <= rate <= 1:
        raise ConfigurationError(f"oracle: {part!r} is no rate; give a number between 0 and 1")
    return rate


def _seed(value: str, part: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise _bad(part) from None


def _bad(part: str) -> ConfigurationError:
    return ConfigurationError(
        f"oracle: cannot read {part!r}; write e.g. error=.2,icc=.2,seed=3,skin_tone.8=.3,"
        "refuse.skin_tone.8=.3,confuse.anger.disgust=.4"
    )
