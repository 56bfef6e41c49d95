"""The likelihood of seven labels under PaliGemma, against one forward pass a label.

Run it by itself: `python benchmarks/paligemma.py`. Needs the extra `paligemma`. The net is small and its
weights are drawn, but its picture has the 256 tokens of the real one. It prints one line a peer: name, ours,
peer, ratio, target. Ours runs picture and question once, and the labels over what is kept of them; the peers
run picture, question and label together, a picture at a time or all pictures at once. On the processor, in
32 bits.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import Figure, alternate
from PIL import Image

from fer_audit.catalog import Catalog
from fer_audit.models import choose_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SIDE, WIDTH, LAYERS = 224, 256, 4
MATERIAL = Path(__file__).parent.parent / "tests" / "material"


def naive(
    paligemma: Any,  # noqa: ANN401 - of the extra
    images: Sequence[Image.Image],
    question: str,
    batch: int,
) -> NDArray[np.float64]:
    """Mean log-likelihood of each label, shape (images, labels), from the net's own logits."""
    import torch  # noqa: PLC0415 - part of the extra

    found = np.empty((len(images), len(LABELS)))
    for start in range(0, len(images), batch):
        some = images[start : start + batch]
        for number, label in enumerate(LABELS):
            inputs = paligemma.processor(
                images=list(some),
                text=[f"<image>{question}"] * len(some),
                suffix=[label] * len(some),
                return_tensors="np",
            )
            wanted = torch.from_numpy(inputs.pop("labels"))[:, 1:]
            with torch.inference_mode():
                logits = paligemma.net(
                    **{name: torch.from_numpy(array) for name, array in inputs.items()}
                ).logits
            spoken = torch.log_softmax(logits[:, :-1].float(), dim=-1)
            each = spoken.gather(2, wanted.clamp(min=0)[..., None])[..., 0] * (wanted >= 0)
            found[start : start + batch, number] = each.sum(dim=1) / (wanted >= 0).sum(dim=1)
    return found


def measure(images: int, runs: int, side: int, width: int, layers: int) -> list[Figure]:
    """Ours against both peers on the same net and pictures; every likelihood must agree."""
    if str(MATERIAL) not in sys.path:
        sys.path.append(str(MATERIAL))
    from transformer_nets import save_paligemma  # noqa: PLC0415 - needs the extra, and the path above

    with tempfile.TemporaryDirectory() as folder:
        net = save_paligemma(Path(folder) / "net", side=side, width=width, layers=layers)
        spec = choose_model(f"paligemma:{net}", Catalog("model"), root=Path(folder))
        scorer: Any = spec.load(LABELS)
    generator = np.random.default_rng(0)
    pictures = [
        Image.fromarray(generator.integers(0, 256, (side, side, 3)).astype(np.uint8)) for _ in range(images)
    ]
    question = spec.wordings[0].texts[0]

    def ours() -> NDArray[np.float64]:
        return np.array([[answer.scores[label] for label in LABELS] for answer in scorer.recognize(pictures)])

    figures = []
    for peer, batch in (("a pass a label", 1), ("the same in batches", images)):
        both = alternate(ours, partial(naive, scorer._paligemma, pictures, question, batch), runs)  # noqa: SLF001
        expected = np.exp(both.expected)
        # The weights lie far from zero, where 32 bits round.
        np.testing.assert_allclose(both.found, expected / expected.sum(axis=1, keepdims=True), atol=1e-3)
        name = f"PaliGemma, {len(LABELS)} labels of a picture"
        figures.append(Figure(name, both.ours / images, peer, both.peers / images, ">= 4"))
    return figures


def main() -> None:
    """Measure and print."""
    os.environ.update({"FER_AUDIT_DEVICE": "cpu", "FER_AUDIT_PRECISION": "fp32"})
    for figure in measure(16, 3, SIDE, WIDTH, LAYERS):
        print(figure)


if __name__ == "__main__":
    main()
