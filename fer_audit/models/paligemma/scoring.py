"""Labels scored by their likelihood as the answer."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import softmax

from fer_audit.errors import ModelError
from fer_audit.models.answers import likeliest
from fer_audit.models.paligemma.wordings import asked, spoken
from fer_audit.models.torch_runtime.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from fer_audit.models.paligemma.net import PaliGemma
    from fer_audit.records import Answer
    from fer_audit.wording import Wording

__all__ = ["LabelScorer"]

_BATCH = 16


class LabelScorer:
    """Scores every label as the answer to a question: a closed set, nothing to parse, and no refusals.

    The score of a label is the mean log-likelihood of its tokens, the end of the answer among them: the
    negative of the net's own loss. Labels have one token or several, and every further token makes a label
    less likely, however apt it is; the mean takes that away. Scores become probabilities by a softmax over
    the labels.

    Picture and question run once; the labels run together over the keys and values that are kept of them.

    Args:
        paligemma: the net.
        labels: the closed set.
        wording: how it is asked.
    """

    def __init__(self, paligemma: PaliGemma, labels: tuple[str, ...], wording: Wording) -> None:
        self._paligemma = paligemma
        self._labels = labels
        self._question = asked(wording, labels)
        tokenizer = paligemma.processor.tokenizer
        tokens = [
            torch.tensor(
                tokenizer(spoken(label) + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
            )
            for label in labels
        ]
        device = paligemma.loader.started.device
        self._tokens = torch.nn.utils.rnn.pad_sequence(tokens, batch_first=True).to(device)
        ones = [torch.ones(len(some)) for some in tokens]
        self._counted = torch.nn.utils.rnn.pad_sequence(ones, batch_first=True).to(device)

    def asking(self, wording: Wording, /) -> LabelScorer:
        """The same net, asked in this wording."""
        return LabelScorer(self._paligemma, self._labels, wording)

    def recognize(self, images: Sequence[Image.Image], /) -> list[Answer]:
        """One answer an image, in the same order, whatever else is in the batch.

        Raises:
            ModelError: not even one image fits into memory, or the net gives something that is no number.
        """
        name = self._paligemma.loader.model
        with self._paligemma.loader.silence():
            return [
                self._answer(scores)
                for found in in_batches(self.log_likelihoods, images, size=_BATCH, model=name)
                for scores in found
            ]

    def log_likelihoods(self, images: Sequence[Image.Image]) -> NDArray[np.float64]:
        """Mean log-likelihood of each label's tokens: shape (images, labels)."""
        net = self._paligemma.net
        inputs = self._paligemma.inputs(images, self._question)
        count, length = inputs["input_ids"].shape
        kept = self._paligemma.loader.transformers.DynamicCache(config=net.config.get_text_config())
        # Its argument has had two names within one major version.
        parameters = inspect.signature(net.forward).parameters
        cache = {"cache" if "cache" in parameters else "past_key_values": kept, "use_cache": True}
        tokens, labels = self._tokens, len(self._labels)
        first = _log_softmax(net(**inputs, **cache, logits_to_keep=1).logits[:, -1])[:, tokens[:, 0]]
        kept.batch_repeat_interleave(labels)
        # Padding stands behind the tokens that count, where a causal net cannot see it from them.
        places = torch.arange(length, length + tokens.shape[1] - 1, device=tokens.device) + 1
        logits = net(
            input_ids=tokens[:, :-1].repeat(count, 1),
            position_ids=places.expand(count * labels, -1),
            **cache,
        ).logits
        later = _log_softmax(logits).gather(2, tokens[:, 1:].repeat(count, 1)[..., None])
        each = torch.cat([first[..., None], later.view(count, labels, -1)], dim=2)
        means = (each * self._counted).sum(dim=2) / self._counted.sum(dim=1)
        return np.asarray(means.double().cpu().numpy())

    def _answer(self, scores: NDArray[np.float64]) -> Answer:
        if not np.isfinite(scores).all():
            raise ModelError(
                f"model {self._paligemma.loader.model!r} gave {scores[~np.isfinite(scores)][0]} as the "
                "likelihood of a label; check the weights, or set FER_AUDIT_PRECISION=fp32"
            )
        return likeliest(self._labels, softmax(scores))


def _log_softmax(logits: torch.Tensor) -> torch.Tensor:
    """Over the last dimension, in 32 bits whatever the net computes in."""
    return torch.log_softmax(logits.float(), dim=-1)
