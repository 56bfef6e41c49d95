"""Manifests: whose label set it is, whether people are known, and what is declared of the whole set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_audit.datasets import manifest_dataset
from fer_audit.datasets.inventory import Inventoried
from fer_audit.errors import DatasetError
from fer_audit.tables import first_values

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets import DatasetSpec


def manifest(folder: Path, text: str) -> DatasetSpec:
    (folder / "m.csv").write_text(text.replace(" ", "\n") + "\n", encoding="utf-8")
    return manifest_dataset(folder / "m.csv")


class TestLabels:
    def test_a_column_label_holds_any_words_as_they_are_written(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,label,site a.png,p,Beard,x b.png,q,joy,y")
        assert spec.task == "label"
        assert spec.open().labels == ("Beard", "joy")
        assert spec.attributes == ("site",)

    def test_what_they_are_of_stands_in_a_column_task(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,label,task,race a.png,p,f,gender,x b.png,q,m,gender,y")
        assert (spec.task, spec.attributes) == ("gender", ("race",))
        assert [face.expression for face in spec.open().faces] == ["f", "m"]

    def test_an_expression_goes_before_a_label_and_has_synonyms(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,label,expression,task a.png,p,1,Happy,x b.png,q,2,joy,y")
        assert (spec.task, spec.attributes) == ("expression", ("label", "task"))
        assert spec.open().labels == ("happiness",)

    def test_a_word_that_is_no_expression_is_refused_with_the_way_out(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,expression,site a.png,p,bored,x")
        with pytest.raises(DatasetError) as caught:
            spec.open()
        assert str(caught.value).startswith("manifest m.csv: unknown expression 'bored' in row 1; ")
        assert str(caught.value).endswith(". Labels of another kind stand in a column 'label'")

    def test_two_tasks_are_two_datasets(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,label,task,site a.png,p,f,gender,x b.png,q,m,sex,y")
        with pytest.raises(DatasetError) as caught:
            spec.open()
        assert str(caught.value) == (
            "manifest m.csv: column 'task' holds 'gender' and 'sex'; one dataset has one task, the same in "
            "every row: split the manifest"
        )

    @pytest.mark.parametrize("task", ["{labels}", "a" * 41, "gender?"])
    def test_a_task_that_cannot_be_asked_for_is_refused_at_once(self, task: str, tmp_path: Path) -> None:
        with pytest.raises(
            DatasetError, match="cannot be asked for; name what the labels are of in a word or"
        ):
            manifest(tmp_path, f"image,identity,label,task,site a.png,p,f,{task},x")


class TestPeople:
    @pytest.mark.parametrize(
        "text",
        [
            "image,expression,site a.png,anger,x b.png,fear,y",
            "image,identity,expression,site a.png,,anger,x b.png,,fear,y",
        ],
    )
    def test_where_nobody_is_named_nobody_is_known(self, text: str, tmp_path: Path) -> None:
        spec = manifest(tmp_path, text)
        assert (spec.identified, spec.most_images, spec.attributes) == (False, None, ("site",))
        assert [face.identity for face in spec.open().faces] == ["a.png", "b.png"]

    def test_who_is_named_late_is_known_before_the_rows_are_read_and_the_gap_is_told(
        self, tmp_path: Path
    ) -> None:
        spec = manifest(tmp_path, "image,identity,expression,site a.png,,anger,x b.png,p,fear,y")
        assert spec.identified
        with pytest.raises(
            DatasetError, match=r"column 'identity' is empty or NaN in 1 of 2 rows \(first: row 1\)"
        ):
            spec.open()

    def test_in_how_many_pictures_one_may_be_is_declared_for_all_rows(self, tmp_path: Path) -> None:
        spec = manifest(
            tmp_path, "image,expression,site,max_images_per_person a.png,anger,x,3 b.png,fear,y,3"
        )
        assert (spec.most_images, spec.attributes) == (3, ("site",))
        assert len(spec.open().faces) == 2
        unlike = manifest(
            tmp_path, "image,expression,site,max_images_per_person a.png,anger,x,3 b.png,fear,y,4"
        )
        with pytest.raises(DatasetError, match="holds 3, 4; it declares one whole number"):
            unlike.open()

    @pytest.mark.parametrize("said", ["0", "1.5", "many"])
    def test_a_declaration_that_is_no_number_of_pictures_is_refused_at_once(
        self, said: str, tmp_path: Path
    ) -> None:
        with pytest.raises(DatasetError, match=r"manifest m\.csv: column 'max_images_per_person' holds "):
            manifest(tmp_path, f"image,expression,site,max_images_per_person a.png,anger,x,{said}")

    def test_it_declares_nothing_where_people_are_known(self, tmp_path: Path) -> None:
        spec = manifest(tmp_path, "image,identity,expression,site,max_images_per_person a.png,p,anger,x,3")
        assert spec.most_images is None
        assert spec.open().faces[0].identity == "p"


def test_a_parquet_manifest_says_the_same(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image": ["a.png", "b.png"],
            "identity": pa.array([None, None], pa.string()),
            "label": [0, 1],
            "task": ["digit", "digit"],
            "site": ["x", "y"],
            "yaw": [0.5, 1.5],
            "max_images_per_person": [2, 2],
        }
    )
    pq.write_table(table, tmp_path / "m.parquet")
    spec = manifest_dataset(tmp_path / "m.parquet")
    assert (spec.task, spec.identified, spec.most_images) == ("digit", False, 2)
    assert (spec.attributes, spec.covariates) == (("site",), ("yaw",))
    opened = spec.open()
    assert opened.labels == ("0", "1")
    assert isinstance(opened, Inventoried)
    assert opened.inventory.present == opened.inventory.read == 2


def test_no_more_rows_are_looked_at_than_it_takes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b,c\n,1,\n2,,\n" + b"x,y,z\n" * 10_000 + b"\xff\xff,broken")
    assert first_values(tmp_path / "t.csv", ["a", "b"]) == {"a": "2", "b": "1"}
