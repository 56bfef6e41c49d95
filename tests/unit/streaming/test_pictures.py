from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from fer_audit.streaming import pictures
from fer_audit.streaming.pictures import Pictures, hash_names


@given(st.lists(st.text(max_size=20), max_size=40), st.integers(0, 5))
@settings(deadline=None)
def test_equal_names_have_equal_hashes_wherever_they_stand(names: list[str], skipped: int) -> None:
    every = hash_names(pa.array(names, pa.string()).slice(skipped))
    alone = [int(hash_names(pa.array([name]))[0]) for name in names[skipped:]]
    assert every.tolist() == alone
    assert len(set(alone)) == len(set(names[skipped:]))


def test_names_that_differ_in_one_byte_or_in_length_differ() -> None:
    names = [f"{i:07d}" for i in range(200_000)] + ["a" * n for n in range(50)] + ["\0", "\0\0", "b\0", "b"]
    assert len(np.unique(hash_names(pa.array(names)))) == len(names)


def test_hashes_are_spread_evenly() -> None:
    hashes = hash_names(pa.array([f"img{i:06d}.jpg" for i in range(100_000)]))
    for shift in (0, 8, 56):
        part = (hashes >> np.uint64(shift)) & np.uint64(0xFF)
        times = np.bincount(part.astype(np.int64), minlength=256)
        # 255 degrees of freedom: the 0.1 % and 99.9 % points of chi-square.
        assert 189 < float(((times - 390.625) ** 2 / 390.625).sum()) < 331


@pytest.mark.parametrize("room", [10_000, 500])
def test_repeats_are_found_though_only_a_share_is_kept(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(pictures, "_MOST_KEPT", room)
    names = pa.array([f"{i}.jpg" for i in range(2000)])
    seen = Pictures()
    seen.add(names)
    assert seen.repeats == 0
    seen.add(names.slice(1000))
    assert seen.repeats == 1000 if room > 3000 else 50 < seen.repeats <= 500


def test_no_pictures_have_no_repeats() -> None:
    assert Pictures().repeats == 0
    assert hash_names(pa.array([], pa.string())).tolist() == []
