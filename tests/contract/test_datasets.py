"""What every dataset owes the rest of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copies import COPIES, STRAY

from fer_audit.catalog import Catalog
from fer_audit.datasets import DatasetSpec, choose_dataset, manifest_dataset, rendered_faces
from fer_audit.datasets.families import FAMILIES
from fer_audit.datasets.inventory import Inventoried
from fer_audit.errors import ConfigurationError, ImageError, UnknownNameError
from fer_audit.pixels import decode
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=COPIES)
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> DatasetSpec:
    return COPIES[request.param](tmp_path)


def test_every_set_that_is_known_by_name_is_held_to_this() -> None:
    assert {family.name for family in FAMILIES} <= set(COPIES)


def test_slicings_are_known_before_anything_is_opened(spec: DatasetSpec) -> None:
    assert all(set(slicing.attributes) <= set(spec.attributes) for slicing in spec.slicings)
    assert set(spec.attributes).isdisjoint(spec.covariates)
    assert len(set(spec.slicings)) == len(spec.slicings)


def test_faces_carry_what_the_specification_promises(spec: DatasetSpec) -> None:
    opened = spec.open()
    assert opened.faces
    assert len({face.image for face in opened.faces}) == len(opened.faces)
    assert all(set(face.attributes) <= set(spec.attributes) for face in opened.faces)
    assert all(set(face.covariates) <= set(spec.covariates) for face in opened.faces)
    assert {name for face in opened.faces for name in face.attributes} >= {
        name for slicing in spec.slicings for name in slicing.attributes
    }
    assert all(face.identity for face in opened.faces)
    if not spec.identified:
        assert all(face.identity == face.image for face in opened.faces)
    assert all(isinstance(value, str) for value in opened.details.values())


def test_labels_are_those_of_the_faces_and_of_the_task(spec: DatasetSpec) -> None:
    opened = spec.open()
    assert len(set(opened.labels)) == len(opened.labels)
    assert {face.expression for face in opened.faces} == set(opened.labels)
    assert spec.task
    if spec.task == "expression":
        assert set(opened.labels) <= set(Expression)


def test_nothing_is_dropped_in_silence(spec: DatasetSpec) -> None:
    opened = spec.open()
    assert isinstance(opened, Inventoried)
    inventory = opened.inventory
    if not spec.synthetic:  # of which a part may be opened
        assert 0 < inventory.read <= len(opened.faces)
    assert inventory.read + len(inventory.annotations) + len(inventory.skipped) == inventory.present
    assert all(skipped.entry and skipped.reason for skipped in inventory.skipped)


def test_every_file_of_a_copy_is_accounted_for(spec: DatasetSpec, tmp_path: Path) -> None:
    inventory = getattr(spec.open(), "inventory")  # noqa: B009 - of whichever class
    if inventory.entry == "file":
        there = sorted(
            path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
        )
        told = {*inventory.annotations, *(skipped.entry for skipped in inventory.skipped)}
        assert STRAY in told
        assert len(there) == inventory.present
        # Of a picture with several faces each has a number of its own.
        assert told | {face.image.partition("#")[0] for face in spec.open().faces} >= set(there)


def test_whose_faces_these_are_is_told(spec: DatasetSpec) -> None:
    details = spec.open().details
    assert details
    if spec.origin is not None:
        assert details["licence"] == spec.origin.licence
        assert details["cite"] == spec.origin.citation
        assert spec.origin.title in details["image set read"]
        assert spec.origin.request


def test_it_opens_again_with_the_same_faces(spec: DatasetSpec) -> None:
    assert list(spec.open().faces) == list(spec.open().faces)


def test_pictures_can_be_read_and_decoded(spec: DatasetSpec) -> None:
    opened = spec.open()
    for face in opened.faces[::97]:
        picture = decode(opened.read(face.image), name=face.image)
        assert min(picture.size) > 1


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
    COPIES["manifest"](tmp_path)
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
