"""What the codes of a set mean: which label a picture whose name or row carries one of them has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from fer_audit.vocabulary import EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Codes"]


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one set; what they mean is configuration, for sets grow and copies differ.

    Attributes:
        labels: the label of each code.
        outside: codes that are known and stand for none of the labels, in words: ``{"CO": "confused"}``.
        kind: what the labels are of, for messages.

    >>> codes = Codes({"AC": "anger"}, {"CC": "calm"})
    >>> codes.labels["AC"], codes.refusal("CC"), codes.refusal("XX")
    ('anger', 'labelled calm, which is not audited', "unknown expression code 'XX'")
    >>> codes.meaning({"CC": "calm"}).labels["CC"]
    'calm'
    """

    labels: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)
    kind: str = EXPRESSION

    def refusal(self, code: str) -> str:
        """Why a picture of a code that has no label is skipped."""
        if code in self.outside:
            return f"labelled {self.outside[code]}, which is not audited"
        return f"unknown {self.kind} code {code!r:.40}"

    def meaning(self, labels: Mapping[str, str]) -> Self:
        """The same codes with other labels, or further ones."""
        return replace(self, labels={**self.labels, **labels})
