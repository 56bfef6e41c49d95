"""Is bf16 really faster here, and right? One block of a transformer, timed and compared in both precisions.

Processors without bf16 instructions emulate them and are slower than in fp32; a flag alone does not tell.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch.nn import functional

__all__ = ["FASTER", "TOLERANCE", "Comparison", "compare_precisions"]

FASTER = 1.25
"""bf16 must be so many times as fast as fp32: less is not worth its rounding."""

TOLERANCE = 0.02
"""How far bf16 may lie from fp32: length of the difference in lengths of the result. Right is about 0.005."""

_TOKENS, _WIDTH, _HEADS = 50, 768, 12  # a block of ViT-B-32
_IMAGES, _IMAGES_OF_CARD = 4, 128  # a graphics card with less to do waits for its launches
_RUNS = 7


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the two precisions showed.

    Attributes:
        device: where it was measured.
        speed: speed of bf16 in that of fp32; 0 where bf16 does not run.
        difference: length of the difference in lengths of the fp32 result.
    """

    device: str
    speed: float
    difference: float

    @property
    def bf16(self) -> bool:
        """bf16 is to be used."""
        return self.speed >= FASTER and self.difference <= TOLERANCE


@dataclass(frozen=True, slots=True)
class _Block:
    attention: torch.Tensor
    projection: torch.Tensor
    up: torch.Tensor
    down: torch.Tensor

    def __call__(self, tokens: torch.Tensor) -> torch.Tensor:
        joint = functional.linear(functional.layer_norm(tokens, (_WIDTH,)), self.attention)
        query, key, value = (
            part.reshape(*part.shape[:2], _HEADS, -1).transpose(1, 2) for part in joint.chunk(3, dim=-1)
        )
        attended = functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + functional.linear(attended.transpose(1, 2).flatten(2), self.projection)
        inner = functional.gelu(functional.linear(functional.layer_norm(tokens, (_WIDTH,)), self.up))
        last: torch.Tensor = tokens + functional.linear(inner, self.down)
        return last

    def cast(self, dtype: torch.dtype) -> _Block:
        return _Block(*(one.to(dtype) for one in (self.attention, self.projection, self.up, self.down)))


def compare_precisions(device: torch.device) -> Comparison:
    """Time and compare one block in both precisions on a device; half a second."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return (torch.randn(*shape, generator=generator) / shape[-1] ** 0.5).to(device)

    block = _Block(
        drawn(3 * _WIDTH, _WIDTH), drawn(_WIDTH, _WIDTH), drawn(4 * _WIDTH, _WIDTH), drawn(_WIDTH, 4 * _WIDTH)
    )
    images = _IMAGES if device.type == "cpu" else _IMAGES_OF_CARD
    tokens = drawn(images, _TOKENS, _WIDTH) * _WIDTH**0.5
    with torch.inference_mode():
        try:
            half, half_tokens = block.cast(torch.bfloat16), tokens.to(torch.bfloat16)
            result = half(half_tokens).float()
        except (RuntimeError, TypeError, NotImplementedError):
            return Comparison(str(device), 0.0, float("inf"))
        expected = block(tokens)
        difference = float((result - expected).norm() / expected.norm())
        slow, fast = [], []
        for _ in range(_RUNS):
            slow.append(_seconds(block, tokens))
            fast.append(_seconds(half, half_tokens))
    # The best of each: whatever else the machine does only adds.
    return Comparison(str(device), min(slow) / min(fast), difference)


def _seconds(block: _Block, tokens: torch.Tensor) -> float:
    start = time.perf_counter()
    # Read back: a graphics card has then really finished.
    block(tokens).sum().item()
    return time.perf_counter() - start
