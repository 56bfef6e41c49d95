"""Irregularity: a seamless tile of noise a head, read at any scale for skin, brows, strands and hairlines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["Grain", "grain"]

SIDE = 256

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """A seamless tile of values with mean 0 and standard deviation 1; rows and columns wrap around."""

    tile: Pixels

    def sample(self, u: Pixels, v: Pixels) -> Pixels:
        """The tile between its points, at coordinates in tiles: 0 and 1 are the same place."""
        x = u * SIDE
        y = v * SIDE
        column = np.floor(x)
        row = np.floor(y)
        right = (x - column).astype(np.float32)
        down = (y - row).astype(np.float32)
        j = column.astype(np.int64) % SIDE
        i = row.astype(np.int64) % SIDE
        j2 = (j + 1) % SIDE
        i2 = (i + 1) % SIDE
        above = self.tile[i, j] * (1 - right) + self.tile[i, j2] * right
        below = self.tile[i2, j] * (1 - right) + self.tile[i2, j2] * right
        return np.asarray(above * (1 - down) + below * down)


@lru_cache(maxsize=16)
def grain(seed: int) -> Grain:
    """The tile of one head: white noise whose amplitude falls as the 0.8th power of the frequency."""
    white = np.random.Generator(np.random.PCG64(seed)).random((SIDE, SIDE)) - 0.5
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :])
    frequency[0, 0] = np.inf
    tile = np.fft.irfft2(np.fft.rfft2(white) * frequency**-0.8, s=(SIDE, SIDE))
    return Grain((tile / tile.std()).astype(np.float32))
