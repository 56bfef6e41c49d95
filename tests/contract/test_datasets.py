"""What every dataset owes the rest of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit.catalog import Catalog
from fer_audit.datasets import (
    DatasetSpec,
    age_bands,
    choose_dataset,
    joined,
    manifest_dataset,
    merged,
    rendered_faces,
)
from fer_audit.errors import ConfigurationError, ImageError, UnknownNameError
from fer_audit.pixels import decode
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from pathlib import Path


def from_manifest(folder: Path) -> DatasetSpec:
    source = rendered_faces().open()
    rows = ["image,identity,expression,skin_tone"]
    for face in source.faces[:28]:
        name = face.image.replace("/", "-")
        (folder / name).write_bytes(source.read(face.image))
        rows.append(f"{name},{face.identity},{face.expression},{face.attributes['skin_tone']}")
    (folder / "m.csv").write_text("\n".join(rows) + "\n")
    return manifest_dataset(folder / "m.csv")


def widened(folder: Path) -> DatasetSpec:
    """The same, joined to a table, with ages in bands and groups merged."""
    (folder / "who.csv").write_text("identity,age,site\nid01,24,here\nid02,,there\nid03,70,there\n")
    spec = age_bands(joined(from_manifest(folder), folder / "who.csv"))
    return merged(spec, "site", {"there": "elsewhere"})


@pytest.fixture(params=["faces", "faces, part", "manifest", "widened"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> DatasetSpec:
    match request.param:
        case "faces":
            return rendered_faces()
        case "faces, part":
            return rendered_faces("matched", only={"exposure": "matched"})
        case "widened":
            return widened(tmp_path)
        case _:
            return from_manifest(tmp_path)


def test_slicings_are_known_before_anything_is_opened(spec: DatasetSpec) -> None:
    assert spec.slicings
    assert all(set(slicing.attributes) <= set(spec.attributes) for slicing in spec.slicings)


def test_faces_carry_what_the_specification_promises(spec: DatasetSpec) -> None:
    opened = spec.open()
    assert opened.faces
    assert len({face.image for face in opened.faces}) == len(opened.faces)
    assert all(set(face.attributes) <= set(spec.attributes) for face in opened.faces)
    assert all(set(face.covariates) <= set(spec.covariates) for face in opened.faces)
    assert {face.expression for face in opened.faces} == set(opened.labels)
    assert set(opened.labels) <= set(Expression)
    assert all(isinstance(value, str) for value in opened.details.values())


def test_pictures_can_be_read_and_decoded(spec: DatasetSpec) -> None:
    opened = spec.open()
    for face in opened.faces[::97]:
        assert decode(opened.read(face.image), name=face.image).size == (224, 224)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "none.webp", "."])
def test_nothing_outside_the_dataset_is_read(spec: DatasetSpec, name: str) -> None:
    opened = spec.open()
    with pytest.raises(ImageError):
        opened.read(name)


def test_the_embedded_faces_are_48_identities_in_four_paired_tones() -> None:
    faces = rendered_faces().open().faces
    assert len(faces) == 48 * 4 * 7
    seen = {(face.identity, face.attributes["skin_tone"], face.expression) for face in faces}
    assert len(seen) == len(faces)
    # Everything but the tone is the same in the four pictures of one identity and expression.
    for face in faces:
        rest = {name: level for name, level in face.attributes.items() if name != "skin_tone"}
        twin = next(f for f in faces if f.identity == face.identity and f.expression == face.expression)
        assert rest == {name: level for name, level in twin.attributes.items() if name != "skin_tone"}


def test_part_of_the_faces_holds_one_level_only() -> None:
    faces = rendered_faces("matched", only={"exposure": "matched"}).open().faces
    assert len(faces) == 24 * 4 * 7
    assert {face.attributes["exposure"] for face in faces} == {"matched"}


def test_a_dataset_is_chosen_by_name_or_by_manifest(tmp_path: Path) -> None:
    catalog = Catalog("dataset", [rendered_faces()])
    assert choose_dataset("faces", catalog, root=tmp_path).name == "faces"
    from_manifest(tmp_path)
    assert choose_dataset("manifest=m.csv", catalog, root=tmp_path).name == "m"
    with pytest.raises(
        UnknownNameError, match=r"unknown dataset 'radiant'; did you mean 'radiate'\? Known: .*faces, "
    ):
        choose_dataset("radiant=/data", catalog, root=tmp_path)
    with pytest.raises(ConfigurationError, match="dataset 'faces' takes no path, but '/data' was given"):
        choose_dataset("faces=/data", catalog, root=tmp_path)


def test_an_empty_cell_of_an_attribute_is_no_group(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("image,identity,expression,gender\na.png,p,anger,f\nb.png,q,fear,\n")
    faces = manifest_dataset(tmp_path / "m.csv").open().faces
    assert [dict(face.attributes) for face in faces] == [{"gender": "f"}, {}]
