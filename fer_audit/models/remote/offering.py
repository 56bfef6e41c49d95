"""A model on the network as a model under audit: whatever the vendor, it is asked in the same words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fer_audit.models.prompts import ALL_WORDINGS, WORDINGS
from fer_audit.models.remote.recognizer import RemoteRecognizer
from fer_audit.models.specification import ModelSpec
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.models.remote.exchange import Vendor
    from fer_audit.models.specification import Describe, Endpoint

__all__ = ["remote_model"]

# Labels are known when a dataset is opened, and an estimate is wanted before: of names as long as these.
_LONG_NAMES = tuple(str(expression) * 4 for expression in Expression)


def remote_model(
    name: str,
    *,
    endpoint: Endpoint,
    describe: Describe,
    most_sent: Callable[[tuple[str, ...]], int],
    connect: Callable[[tuple[str, ...]], Vendor],
) -> ModelSpec:
    """A model that is asked over a network in the wordings that all of them share.

    Args:
        name: short name of the model.
        endpoint: where it is asked; how many tokens a request can take is worked out here.
        describe: everything the answers depend on, by name.
        most_sent: the most tokens that a request with these labels can take.
        connect: whom to ask, for a dataset with these labels; imports the SDK and wants the key.
    """
    offer = _Offer(name, replace(endpoint, tokens_sent=most_sent(_LONG_NAMES)), most_sent, connect)
    return ModelSpec(
        name=name,
        load=offer.load,
        describe=describe,
        wordings=ALL_WORDINGS,
        lists_labels=True,
        speaks=True,
        endpoint=offer.endpoint,
        varies=True,
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    name: str
    endpoint: Endpoint
    most_sent: Callable[[tuple[str, ...]], int]
    connect: Callable[[tuple[str, ...]], Vendor]

    def load(self, labels: tuple[str, ...]) -> RemoteRecognizer:
        sent = max(self.endpoint.tokens_sent, self.most_sent(labels))
        endpoint = replace(self.endpoint, tokens_sent=sent)
        return RemoteRecognizer(self.name, self.connect(labels), labels, endpoint, WORDINGS)
