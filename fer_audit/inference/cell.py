"""One model on one dataset, opened: which faces are asked about, and what each picture's content is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from fer_audit.errors import DatasetError, ImageError
from fer_audit.inference.asking import ways_of
from fer_audit.models import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.datasets import Dataset, DatasetSpec
    from fer_audit.inference.asking import Asking, Way
    from fer_audit.models import ModelSpec
    from fer_audit.records import Face

__all__ = ["Cell", "digest", "open_cell", "open_faces"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one gathering asks.

    Attributes:
        model: the model's specification.
        dataset: the opened dataset.
        faces: the faces asked about.
        pictures: the content of each face's picture, as a hash; equal where two files hold the same bytes.
        absent: why a picture cannot be read, by picture.
        image_of: a file that has each picture's content: of several with the same bytes the first.
        details: what the answers depend on beside the picture and the way of asking.
        ways: the ways in which each question is put.
        identified: it is known who is in which picture; where it is not, every picture is asked about as if
            it were of somebody else.
        disputed: faces left out because one picture has several labels, groups or covariates in a
            set that cannot say which is right.
        fingerprint: one hash over model, labels, ways and faces.
    """

    model: ModelSpec
    dataset: Dataset
    faces: Sequence[Face]
    pictures: Sequence[str]
    absent: Mapping[str, str]
    image_of: Mapping[str, str]
    details: Mapping[str, str]
    ways: tuple[Way, ...]
    identified: bool
    disputed: tuple[str, ...]
    fingerprint: str


def open_faces(dataset: DatasetSpec, opened: Dataset, limit_people: int | None) -> Sequence[Face]:
    """The faces of a dataset, or of a number of people drawn by the hash of their names.

    Raises:
        DatasetError: there are none.
    """
    faces = opened.faces
    if not faces:
        raise DatasetError(f"dataset {dataset.name!r} holds no faces; check what it was opened on")
    if limit_people is None:
        return faces
    people = sorted({face.identity for face in faces}, key=lambda name: sha256(name.encode()).digest())
    chosen = set(people[:limit_people])
    return [face for face in faces if face.identity in chosen]


def open_cell(model: ModelSpec, dataset: DatasetSpec, asking: Asking, limit_people: int | None) -> Cell:
    """Open the dataset and read the content of every picture; a scripted model needs no picture.

    Raises:
        DatasetError: no faces, or one picture under two identities, labels, groups or covariates.
        ConfigurationError: the model has not so many wordings as are asked for, or cannot do the task.
    """
    opened = dataset.open()
    faces = open_faces(dataset, opened, limit_people)
    details = dict(model.describe()) if model.describe is not None else {}
    ways = ways_of(model, asking, labels=opened.labels, task=dataset.task)
    absent: dict[str, str] = {}
    content: dict[str, str] = {}
    for face in faces:
        if face.image in content:
            continue
        content[face.image] = face.image
        if model.role is not Role.STAND_IN:
            try:
                content[face.image] = sha256(opened.read(face.image)).hexdigest()
            except ImageError as error:
                absent[face.image] = str(error)
    disputed: tuple[str, ...] = ()
    if not dataset.identified:
        disputed = _disputed(faces, content)
        apart = set(disputed)
        faces = [face for face in faces if face.image not in apart] if apart else faces
    pictures = [content[face.image] for face in faces]
    _check_repeats(dataset, faces, pictures)
    rows = sorted(
        [
            picture,
            face.identity if dataset.identified else "",
            face.expression,
            sorted(face.attributes.items()),
        ]
        for face, picture in zip(faces, pictures, strict=True)
    )
    image_of: dict[str, str] = {}
    for face, picture in zip(faces, pictures, strict=True):
        image_of.setdefault(picture, face.image)
    said = [dict(way.describe()) for way in ways]
    # A model that takes no words and is asked once keeps the fingerprint that it had before there were ways.
    asked = [said] if any(said) else []
    fingerprint = digest([model.name, details, list(opened.labels), rows, *asked])
    return Cell(
        model,
        opened,
        faces,
        pictures,
        absent,
        image_of,
        details,
        ways,
        dataset.identified,
        disputed,
        fingerprint,
    )


def digest(value: object) -> str:
    """The hash of any JSON value."""
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _disputed(faces: Sequence[Face], content: Mapping[str, str]) -> tuple[str, ...]:
    """Pictures gathered from anywhere that are there twice and are said to show different things."""
    said: dict[str, object] = {}
    disputed: set[str] = set()
    for face in faces:
        about = (face.expression, dict(face.attributes), dict(face.covariates))
        if said.setdefault(content[face.image], about) != about:
            disputed.add(content[face.image])
    return tuple(dict.fromkeys(face.image for face in faces if content[face.image] in disputed))


def _check_repeats(dataset: DatasetSpec, faces: Sequence[Face], pictures: Sequence[str]) -> None:
    first: dict[str, Face] = {}
    for face, picture in zip(faces, pictures, strict=True):
        other = first.setdefault(picture, face)
        for what, here, there in (
            ("identities", dataset.identified and face.identity, dataset.identified and other.identity),
            ("labels", face.expression, other.expression),
            ("groups", dict(face.attributes), dict(other.attributes)),
            ("covariates", dict(face.covariates), dict(other.covariates)),
        ):
            if here != there:
                raise DatasetError(
                    f"dataset {dataset.name!r}: one picture under two {what}: {other.image!r} ({there}) and "
                    f"{face.image!r} ({here}) have the same content; keep the right row"
                )
