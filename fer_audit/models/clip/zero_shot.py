"""Zero-shot recognition: each label is a direction among CLIP's vectors, and a picture takes the nearest."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from fer_audit.models.answers import likeliest
from fer_audit.models.clip.wordings import descriptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.models.clip.network import ClipEmbedder
    from fer_audit.records import Answer
    from fer_audit.wording import Wording

__all__ = ["ZeroShot"]


class ZeroShot:
    """A recognizer that compares a picture's vector with those of the labels' descriptions.

    Args:
        embedder: the net, shared by all wordings.
        labels: the dataset's labels.
        wording: the templates.
    """

    def __init__(self, embedder: ClipEmbedder, labels: tuple[str, ...], wording: Wording) -> None:
        self._embedder = embedder
        self._labels = labels
        self._wording = wording

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """One vector of length 1 a label, shape (labels, dimensions): the mean over its descriptions.

        Embedded when a vector is first read: a run may only ask other wordings.
        """
        said = descriptions(self._wording, self._labels)
        # All at once, so that the texts fill whole batches.
        self._embedder.embed_texts([text for label in self._labels for text in said[label]])
        means = np.stack([self._embedder.embed_texts(said[label]).mean(axis=0) for label in self._labels])
        wide = means.astype(np.float64)
        vectors: NDArray[np.float64] = wide / np.linalg.norm(wide, axis=1, keepdims=True)
        return vectors

    def asking(self, wording: Wording, /) -> ZeroShot:
        """The same net, asked with these templates."""
        return ZeroShot(self._embedder, self._labels, wording)

    def recognize(self, images: Sequence[Image], /) -> list[Answer]:
        """One answer a picture, in the same order, with a probability for each label.

        Raises:
            ModelError: as `ClipEmbedder.embed`.
        """
        return self.read(self.embed(images))

    def embed(self, images: Sequence[Image], /) -> NDArray[np.float32]:
        """As `ClipEmbedder.embed`; the vectors are the same for all wordings."""
        return self._embedder.embed(images)

    def read(self, vectors: NDArray[np.float32], /) -> list[Answer]:
        """One answer a vector, in the same order.

        Args:
            vectors: shape (images, dimensions), of length 1.
        """
        # In 64 bits, where the order of the sums does not show.
        logits = self._embedder.scale * (vectors.astype(np.float64) @ self.directions.T)
        return [likeliest(self._labels, row) for row in softmax(logits, axis=1)]
