"""Answers that the net generates word by word, and that are then read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.models.paligemma.wordings import MOST_TOKENS, asked
from fer_audit.models.text import read_text
from fer_audit.models.torch_runtime.batches import in_batches
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from fer_audit.models.paligemma.net import PaliGemma
    from fer_audit.wording import Wording

__all__ = ["TextGenerator"]

_BATCH = 16


class TextGenerator:
    """Lets the net say its answer in its own words, always the likeliest one next, and reads them.

    Args:
        paligemma: the net.
        labels: what may be answered.
        wording: how it is asked.
    """

    def __init__(self, paligemma: PaliGemma, labels: tuple[str, ...], wording: Wording) -> None:
        self._paligemma = paligemma
        self._labels = labels
        self._question = asked(wording, labels)

    def asking(self, wording: Wording, /) -> TextGenerator:
        """The same net, asked in this wording."""
        return TextGenerator(self._paligemma, self._labels, wording)

    def recognize(self, images: Sequence[Image.Image], /) -> list[Answer]:
        """One answer an image, in the same order, whatever else is in the batch.

        Raises:
            ModelError: not even one image fits into memory.
        """
        name = self._paligemma.loader.model
        with self._paligemma.loader.silence():
            return [
                answer
                for answers in in_batches(self._generate, images, size=_BATCH, model=name)
                for answer in answers
            ]

    def _generate(self, images: Sequence[Image.Image]) -> list[Answer]:
        tokenizer = self._paligemma.processor.tokenizer
        inputs = self._paligemma.inputs(images, self._question)
        # What the checkpoint itself prefers, sampling for example, is overruled.
        found = self._paligemma.net.generate(
            **inputs, max_new_tokens=MOST_TOKENS, do_sample=False, num_beams=1
        )
        answers = []
        for tokens in found[:, inputs["input_ids"].shape[1] :].tolist():
            answer = read_text(tokenizer.decode(tokens, skip_special_tokens=True), self._labels)
            if tokenizer.eos_token_id not in tokens:
                answer = Answer(AnswerKind.TRUNCATED, raw=answer.raw, flagged=True)
            answers.append(answer)
        return answers
