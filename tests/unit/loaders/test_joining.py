"""A table of demographics is joined to the faces it speaks of; whatever does not fit is an error that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from trees.affectnet import affectnet
from trees.fer2013 import ferplus

from fer_audit.datasets import DatasetSpec, dataset_from, joined, manifest_dataset
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, Skipped
from fer_audit.errors import DatasetError
from fer_audit.records import Face, Slicing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IMAGES = ("1/a.jpg", "1/b.jpg", "2/a.jpg", "2/c.jpg")


def faces_of(images: Sequence[str], *, identified: bool = True) -> FaceColumns:
    columns = FaceColumns(("gender",), ("yaw",), identified=identified)
    for place, image in enumerate(images):
        person = f"p{place // 2}" if identified else None
        columns.add(
            image, person, "anger", [None if place == 0 else "female"], [np.nan if place == 0 else 4.0]
        )
    return columns


def spec_of(
    folder: Path,
    images: Sequence[str] = IMAGES,
    *,
    identified: bool = True,
    slicings: tuple[Slicing, ...] = (),
) -> DatasetSpec:
    """Four pictures of two people in two folders; gender and yaw of the first picture are not recorded."""
    table = faces_of(images, identified=identified).table()
    inventory = Inventory(len(images) + 1, len(images), skipped=(Skipped("x.txt", "no picture"),))

    def opened() -> FolderDataset:
        return FolderDataset(folder, table, ("anger", "fear"), inventory, {"licence": "for research"})

    return DatasetSpec(
        "small", opened, ("gender",), slicings, covariates=("yaw",), identified=identified, most_images=None
    )


def write(folder: Path, *rows: str, name: str = "who.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def attribute(spec: DatasetSpec, name: str) -> list[str | None]:
    return [face.attributes.get(name) for face in spec.open().faces]


def refused(spec: DatasetSpec, path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        joined(spec, path).open()
    return str(caught.value)


def test_people_are_joined_by_identity_and_an_empty_cell_is_unknown(tmp_path: Path) -> None:
    found = joined(spec_of(tmp_path), write(tmp_path, "identity,race,age", "p1,asian,31", "p0,,24"))
    assert found.attributes == ("gender", "race", "age")
    assert attribute(found, "race") == [None, None, "asian", "asian"]
    assert attribute(found, "age") == ["24", "24", "31", "31"]


def test_pictures_are_joined_by_path_or_by_as_much_of_its_end_as_is_unique(tmp_path: Path) -> None:
    rows = ("image,race", "2/a.jpg,r3", "AffectNet/1/a.jpg,r1", "./1/b.jpg,r2", "c.jpg,r4")
    assert attribute(joined(spec_of(tmp_path), write(tmp_path, *rows)), "race") == ["r1", "r2", "r3", "r4"]


def test_two_spellings_of_one_name_in_unicode_are_one_name(tmp_path: Path) -> None:
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    images = spec_of(tmp_path, (f"{composed}.jpg",))
    assert attribute(joined(images, write(tmp_path, "image,race", f"{decomposed}.jpg,r")), "race") == ["r"]
    people = manifest_dataset(
        write(tmp_path, "image,identity,expression,g", f"a.jpg,{decomposed},fear,f", name="m.csv")
    )
    assert attribute(joined(people, write(tmp_path, "identity,race", f"{composed},r")), "race") == ["r"]


def test_a_name_alone_is_not_enough_where_two_folders_have_it(tmp_path: Path) -> None:
    path = write(tmp_path, "image,race", "a.jpg,r", "1/b.jpg,r", "c.jpg,r")
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.csv: 'a.jpg' may be any of 2 pictures, such as '1/a.jpg' and '2/a.jpg'; name it "
        "with its folder"
    )


def test_a_picture_of_the_same_name_in_another_folder_is_another_picture(tmp_path: Path) -> None:
    path = write(tmp_path, "image,race", "1/a.jpg,r", "1/b.jpg,r", "2/a.jpg,r", "3/c.jpg,r")
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.csv: 1 of 4 pictures of dataset 'small' have no row (2/c.jpg); add them, with empty "
        "cells where something is not known"
    )


def test_two_rows_that_name_one_picture_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "image,race", "1/b.jpg,r", "b.jpg,s")
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.csv: '1/b.jpg' and 'b.jpg' both name the picture '1/b.jpg'; keep one row"
    )


def test_one_picture_named_in_two_ways_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "image,race", "1/b.jpg,r", "./1/b.jpg,s")
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.csv: './1/b.jpg' and '1/b.jpg' both name the picture '1/b.jpg'; keep one row"
    )


def test_several_faces_of_one_picture_have_its_row(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, ("a.jpg", "b.jpg", "a.jpg"))
    assert attribute(joined(spec, write(tmp_path, "image,race", "a.jpg,r", "b.jpg,s")), "race") == [
        "r",
        "s",
        "r",
    ]


def test_a_key_may_be_listed_twice_as_long_as_its_rows_agree(tmp_path: Path) -> None:
    rows = ("identity,race,age", "p0,asian,", "p1,black,30", "p0,asian,")
    assert attribute(joined(spec_of(tmp_path), write(tmp_path, *rows)), "race")[:2] == ["asian", "asian"]


@pytest.mark.parametrize(
    ("second", "differ"),
    [("black,20", "'race': asian in row 1, black"), ("asian,", "'age': 20 in row 1, unknown")],
)
def test_a_key_listed_twice_with_different_values_is_refused(
    tmp_path: Path, second: str, differ: str
) -> None:
    path = write(tmp_path, "identity,race,age", "p0,asian,20", "p1,black,30", f"p0,{second}")
    assert refused(spec_of(tmp_path), path) == (
        f"demographics who.csv: 'p0' is listed twice and the rows differ in {differ} in row 3; keep the right one"
    )


def test_numbers_listed_twice_must_agree_too_and_unknown_agrees_with_unknown(tmp_path: Path) -> None:
    def table(*ages: float) -> Path:
        path = tmp_path / "who.parquet"
        pq.write_table(pa.table({"identity": ["p0", "p1", "p0", "p1"], "age": list(ages)}), path)
        return path

    found = joined(spec_of(tmp_path), table(20.5, np.nan, 20.5, np.nan))
    assert (found.attributes, found.covariates) == (("gender",), ("yaw", "age"))
    assert [face.covariates.get("age") for face in found.open().faces] == [20.5, 20.5, None, None]
    assert refused(spec_of(tmp_path), table(20.5, 30, 20.5, np.nan)) == (
        "demographics who.parquet: 'p1' is listed twice and the rows differ in 'age': 30.0 in row 2, unknown in "
        "row 4; keep the right one"
    )


def test_faces_without_a_row_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    images = [f"{number}.jpg" for number in range(10)]
    path = write(tmp_path, "image,race", "3.jpg,r", "8.jpg,r")
    assert refused(spec_of(tmp_path, images), path) == (
        "demographics who.csv: 8 of 10 pictures of dataset 'small' have no row (0.jpg, 1.jpg, 2.jpg, ...); add "
        "them, with empty cells where something is not known"
    )
    assert refused(spec_of(tmp_path, images), write(tmp_path, "identity,race", "p0,r", "p1,s", "p4,s")) == (
        "demographics who.csv: 2 of 5 people of dataset 'small' have no row (p2, p3); add them, with empty cells "
        "where something is not known"
    )


def test_a_table_of_another_dataset_is_refused(tmp_path: Path) -> None:
    assert refused(spec_of(tmp_path), write(tmp_path, "identity,race", "BF20,black")) == (
        "demographics who.csv: none of its 1 rows names one of the 2 people of dataset 'small'; it begins with "
        "'BF20', and they with 'p0'"
    )


def test_rows_that_name_no_face_are_counted_in_the_report(tmp_path: Path) -> None:
    rows = ("identity,race", *(f"p{number},r" for number in range(7)))
    opened = joined(spec_of(tmp_path), write(tmp_path, *rows)).open()
    assert opened.details == {
        "licence": "for research",
        "joined from who.csv": "race of 4 faces, by identity; 5 rows name none (p2, p3, p4, ...)",
    }


def test_a_column_that_the_dataset_has_completes_it(tmp_path: Path) -> None:
    found = joined(
        spec_of(tmp_path), write(tmp_path, "image,gender", *(f"{image},female" for image in IMAGES))
    )
    assert found.attributes == ("gender",)
    assert attribute(found, "gender") == ["female"] * 4
    silent = joined(spec_of(tmp_path), write(tmp_path, "identity,gender,x", "p0,,", "p1,,"))
    assert attribute(silent, "gender") == [None, "female", "female", "female"]


def test_a_column_that_contradicts_the_dataset_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "identity,gender", "p0,male", "p1,female")
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.csv: column 'gender' contradicts the dataset in 1 face (1/b.jpg: female and male); "
        "correct the table, or rename its column"
    )


def test_numbers_complete_the_dataset_or_contradict_it_likewise(tmp_path: Path) -> None:
    path = tmp_path / "who.parquet"
    pq.write_table(pa.table({"image": list(IMAGES), "yaw": [1.0, 4.0, np.nan, 4.0]}), path)
    assert [face.covariates["yaw"] for face in joined(spec_of(tmp_path), path).open().faces] == [1, 4, 4, 4]
    pq.write_table(pa.table({"image": list(IMAGES), "yaw": [1.0, 4.0, 4.0, 5.0]}), path)
    assert refused(spec_of(tmp_path), path) == (
        "demographics who.parquet: column 'yaw' contradicts the dataset in 1 face (2/c.jpg: 4.0 and 5.0); "
        "correct the table, or rename its column"
    )


HEADERS = {
    "no key": (
        "person,race",
        "no column image or identity; rows are joined by one of the two, keep or add that one",
    ),
    "two keys": (
        "image,identity,race",
        "a column image and a column identity; rows are joined by one of the two, keep or add that one",
    ),
    "no value": ("identity", "no column beside identity; add one such as gender"),
    "a label": ("identity,expression", "column 'expression' says nothing about people; leave it out"),
    "words for numbers": (
        "identity,yaw",
        "column 'yaw' is of numbers in one of the table and dataset 'small', and of words in the other; rename it",
    ),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_cannot_be_joined_is_refused_before_anything_is_opened(
    tmp_path: Path, case: str
) -> None:
    header, said = HEADERS[case]
    path = write(tmp_path, header, "p0,x")
    with pytest.raises(DatasetError) as caught:
        joined(spec_of(tmp_path), path)
    assert str(caught.value) == f"demographics who.csv: {said}"


def test_nobody_is_found_by_identity_where_people_are_not_known(tmp_path: Path) -> None:
    unknown = spec_of(tmp_path, identified=False)
    with pytest.raises(DatasetError) as caught:
        joined(unknown, write(tmp_path, "identity,race", "p0,x"))
    assert str(caught.value) == (
        "demographics who.csv: dataset 'small' does not say who is in a picture, so that no row can be found by "
        "identity; name pictures in a column image"
    )
    found = joined(unknown, write(tmp_path, "image,race", *(f"{image},r" for image in IMAGES)))
    assert attribute(found, "race") == ["r"] * 4
    assert found.open().faces[0].identity == "1/a.jpg"


FILES = {
    "missing": (None, "no such file"),
    "empty": ("identity,race\n", "demographics who.csv: no rows; list one identity a row"),
    "ragged": ("identity,race\np0,a,b\n", "demographics who.csv: cannot be read as a table"),
    "no key in a row": (
        "identity,race\np0,a\n,b\n",
        "demographics who.csv: column 'identity' is empty or NaN in 1",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, case: str) -> None:
    text, said = FILES[case]
    if text is not None:
        (tmp_path / "who.csv").write_text(text, encoding="utf-8")
    message = refused(spec_of(tmp_path), tmp_path / "who.csv")
    assert said in message
    assert message.startswith("demographics ")


def test_joined_columns_are_judged_by_default_only_where_the_dataset_has_no_slicing(tmp_path: Path) -> None:
    path = write(tmp_path, "identity,race,age", "p0,a,1", "p1,b,2")
    assert joined(spec_of(tmp_path), path).slicings == (Slicing("race"), Slicing("age"))
    own = (Slicing("gender"),)
    assert joined(spec_of(tmp_path, slicings=own), path).slicings == own


def test_pictures_labels_and_inventory_stay_those_of_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1/a.jpg").write_bytes(b"pixels")
    opened = joined(spec_of(tmp_path), write(tmp_path, "identity,race", "p0,a", "p1,b")).open()
    assert opened.read("1/a.jpg") == b"pixels"
    assert opened.labels == ("anger", "fear")
    assert opened.inventory == spec_of(tmp_path).open().inventory  # type: ignore[attr-defined]  # a FolderDataset


def test_two_tables_are_joined_one_after_the_other(tmp_path: Path) -> None:
    first = write(tmp_path, "identity,race", "p0,a", "p1,b")
    second = write(tmp_path, "image,site", *(f"{image},{image[0]}" for image in IMAGES), name="where.csv")
    found = joined(joined(spec_of(tmp_path), first), second)
    assert attribute(found, "site") == ["1", "1", "2", "2"]
    assert list(found.open().details) == ["licence", "joined from who.csv", "joined from where.csv"]


def test_the_tables_of_affectnet_get_their_demographics_by_file_name(tmp_path: Path) -> None:
    tree = affectnet(tmp_path)
    spec = dataset_from("affectnet", tree.root)
    images = spec.open().faces
    rows = [f"{face.image.rpartition('/')[2]},{'xyz'[place % 3]}" for place, face in enumerate(images)]
    found = joined(spec, write(tmp_path, "image,race", *rows, "elsewhere.jpg,x"))
    assert found.slicings == (spec.slicings or (Slicing("race"),))
    opened = found.open()
    assert [face.attributes["race"] for face in opened.faces] == ["xyz"[n % 3] for n in range(len(images))]
    assert opened.details["joined from who.csv"] == (
        f"race of {len(images):,} faces, by image; 1 row names none (elsewhere.jpg)"
    )
    assert refused(spec, write(tmp_path, "image,race", *rows[1:])).startswith(
        f"demographics who.csv: 1 of {len(images):,} pictures of dataset 'affectnet' have no row ("
    )


def test_the_rows_of_fer2013_get_their_demographics_by_number(tmp_path: Path) -> None:
    tree = ferplus(tmp_path)
    spec = dataset_from("fer2013", tree.root)
    places = range(1, 2_000)
    rows = [f"fer2013.csv#{row},{'xy'[row % 2]}" for row in places]
    found = joined(spec, write(tmp_path, "image,race", *rows))
    opened = found.open()
    assert len(opened.faces) > 500
    for face in opened.faces:
        assert face.attributes["race"] == "xy"[int(face.image.partition("#")[2]) % 2]
    assert opened.read(opened.faces[0].image) == spec.open().read(opened.faces[0].image)


class Foreign:
    """A dataset of somebody else's: a list of faces, and no account of entries."""

    faces = (Face("a.jpg", "p0", "anger", {"g": "f"}, {"yaw": 1.0}), Face("b.jpg", "p1", "fear", {}))
    labels = ("anger", "fear")
    details: dict[str, str] = {}  # noqa: RUF012 - the protocol's

    def read(self, image: str, /) -> bytes:
        return image.encode()


def test_a_dataset_of_another_package_can_be_joined(tmp_path: Path) -> None:
    spec = DatasetSpec("foreign", Foreign, ("g",), covariates=("yaw",))
    opened = joined(spec, write(tmp_path, "identity,race", "p0,x", "p1,y")).open()
    assert list(opened.faces) == [
        Face("a.jpg", "p0", "anger", {"g": "f", "race": "x"}, {"yaw": 1.0}),
        Face("b.jpg", "p1", "fear", {"race": "y"}),
    ]
    assert opened.inventory == Inventory(2, 2, entry="face")  # type: ignore[attr-defined]  # a WidenedDataset
