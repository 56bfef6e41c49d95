"""Which row of a table speaks of which picture: by relative path, or by as much of its end as is unique."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np

from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["match_images", "match_people"]

_NOBODY = -1


def match_people(people: Sequence[str], keys: Sequence[str]) -> NDArray[np.int64]:
    """The place of each person among the keys, shape (people,); -1 for one whom no key names.

    Two spellings of one name in Unicode are one name.

    >>> match_people(["BF20", "WM03"], ["WM03", "AF01"]).tolist()
    [-1, 0]
    """
    place = {normalize("NFC", key): position for position, key in enumerate(keys)}
    return np.array([place.get(normalize("NFC", name), _NOBODY) for name in people], dtype=np.int64)


def match_images(images: Sequence[str], keys: Sequence[str], *, where: str) -> NDArray[np.int64]:
    """The place of each picture among the keys, shape (images,); -1 for one that no key names.

    A key is the picture's path inside the dataset. It may leave out folders at the beginning, down to the
    file's name, or begin with more of them than the dataset's folder has: lists are written from another
    folder than the one a copy lies in. It never names a picture in another folder of the same depth.

    Args:
        images: different relative paths with forward slashes.
        keys: different ones, likewise.
        where: what the table is called in messages.

    Raises:
        DatasetError: a key fits several pictures, or several keys fit one.

    >>> keys = ["2/a.jpg", "set/1/a.jpg", "b.jpg"]
    >>> match_images(["1/a.jpg", "2/a.jpg", "2/b.jpg"], keys, where="table").tolist()
    [1, 0, 2]
    """
    paths = [normalize("NFC", image) for image in images]
    named = [normalize("NFC", key).removeprefix("./") for key in keys]
    place_of = {path: place for place, path in enumerate(paths)}
    found = np.full(len(paths), _NOBODY, dtype=np.int64)
    by_end: dict[str, list[int]] = defaultdict(list)
    if not place_of.keys() >= set(named):
        for place, path in enumerate(paths):
            for end in _ends(path):
                by_end[end].append(place)
    for position, key in enumerate(named):
        fitting = (
            [place_of[key]]
            if key in place_of
            else [*by_end.get(key, ()), *(place_of[end] for end in _ends(key) if end in place_of)]
        )
        if len(fitting) > 1:
            raise DatasetError(
                f"{where}: {key!r} may be any of {len(fitting)} pictures, such as {paths[fitting[0]]!r} and "
                f"{paths[fitting[1]]!r}; name it with its folder"
            )
        for place in fitting:
            if found[place] != _NOBODY:
                raise DatasetError(
                    f"{where}: {keys[found[place]]!r} and {keys[position]!r} both name the picture "
                    f"{paths[place]!r}; keep one row"
                )
            found[place] = position
    return found


def _ends(path: str) -> Iterator[str]:
    """What is left of a path without its first folder, its first two, and so on, down to the file's name."""
    _, slash, rest = path.partition("/")
    while slash:
        yield rest
        _, slash, rest = rest.partition("/")
