"""Covariates reach the predictions: from pixels or from columns, once for each picture, and no answer changes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_audit.covariates import COVARIATES
from fer_audit.datasets import DatasetSpec, manifest_dataset
from fer_audit.errors import DatasetError, TableError, UnknownNameError
from fer_audit.inference import gather, readings
from fer_audit.models import ModelSpec, oracle
from fer_audit.pixels import decode
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


PEOPLE = 6
ALL = ("brightness", "contrast", "blur", "size")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of six people, each lighter than the one before, and a manifest with their yaw."""
    rows = ["image,identity,expression,gender,yaw"]
    for person in range(PEOPLE):
        for label in ("anger", "fear"):
            name = f"{person}-{label}.png"
            shade = 10 + 40 * person + (label == "fear")
            Image.new("RGB", (20 + person, 30), (shade, shade, shade)).save(tmp_path / name)
            rows.append(f"{name},p{person},{label},{'fm'[person % 2]},{'' if person == 3 else person * 2.5}")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def dataset(folder: Path) -> DatasetSpec:
    return manifest_dataset(folder / "m.csv")


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pictures that were decoded in order to be measured."""
    names: list[str] = []

    def watched(data: bytes, *, name: str) -> Image.Image:
        names.append(name)
        return decode(data, name=name)

    monkeypatch.setattr(readings, "decode", watched)
    return names


class Reader:
    """Says anger of every picture."""

    def recognize(self, images: Sequence[Image.Image]) -> list[str]:
        return ["anger" for _ in images]


MODELS = {
    "pixels": ModelSpec("reader", lambda _labels: Reader(), lambda: {"version": "1"}),
    "scripted": oracle("scripted", "error=.1"),
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> ModelSpec:
    return MODELS[request.param]


def test_each_row_has_what_is_measured_on_its_picture(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore, folder: Path
) -> None:
    found = gather(model, dataset, store, measure=ALL)
    assert tuple(found.covariates) == ALL
    for row, code in enumerate(found.image.codes):
        with Image.open(folder / found.image.levels[code]) as picture:
            for name in ALL:
                assert found.covariates[name][row] == COVARIATES[name].measure(picture)
    assert len(set(found.covariates["brightness"].tolist())) == 2 * PEOPLE


def test_a_second_run_decodes_nothing_to_measure_it(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore, decoded: list[str]
) -> None:
    first = gather(model, dataset, store, measure=ALL)
    assert len(decoded) == 2 * PEOPLE
    again = gather(model, dataset, store, measure=ALL[::-1])
    assert len(decoded) == 2 * PEOPLE
    for name in ALL:
        np.testing.assert_array_equal(again.covariates[name], first.covariates[name])


def test_only_what_is_missing_is_measured(
    dataset: DatasetSpec, store: PredictionStore, folder: Path, decoded: list[str]
) -> None:
    gather(MODELS["pixels"], dataset, store, measure=["brightness"])
    Image.new("RGB", (9, 9), (255, 255, 255)).save(folder / "0-fear.png")
    changed = gather(MODELS["scripted"], dataset, store, measure=["brightness"])
    assert decoded[2 * PEOPLE :] == ["0-fear.png"]
    assert changed.covariates["brightness"][1] == 1.0
    gather(MODELS["scripted"], dataset, store, measure=["blur"])
    assert len(decoded) == 4 * PEOPLE + 1


def test_another_version_of_the_measurement_is_measured_anew(
    dataset: DatasetSpec, store: PredictionStore, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gather(MODELS["scripted"], dataset, store, measure=["blur"])
    monkeypatch.setattr(readings, "MEASUREMENT", 2)
    gather(MODELS["scripted"], dataset, store, measure=["blur"])
    assert len(decoded) == 4 * PEOPLE


def test_a_picture_that_cannot_be_read_is_unknown_and_the_others_are_measured(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore, folder: Path
) -> None:
    (folder / "0-anger.png").write_bytes(b"no picture")
    (folder / "1-anger.png").unlink()
    found = gather(model, dataset, store, measure=["brightness"])
    unknown = np.isnan(found.covariates["brightness"])
    assert np.flatnonzero(unknown).tolist() == [0, 2]
    assert "measured on the pixels of 10 of 12 pictures: brightness" in found.notes


def test_nothing_about_the_answers_depends_on_what_is_measured(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore
) -> None:
    plain, with_them = gather(model, dataset, store), gather(model, dataset, store, measure=("blur", "yaw"))
    assert with_them.provenance.fingerprint == plain.provenance.fingerprint
    assert not plain.covariates
    assert not any(name.startswith("covariate") for name in plain.provenance.details)
    assert with_them.provenance.details == {
        **plain.provenance.details,
        "covariate blur": "-log2 of the standard deviation of the Laplacian of luma at 128 x 128 pixels; "
        "one more: edges half as strong (measurement 1)",
        "covariate yaw": "a column of the dataset",
    }
    np.testing.assert_array_equal(with_them.predicted.codes, plain.predicted.codes)


def test_a_column_of_a_csv_is_a_number_where_that_is_asked_for(
    dataset: DatasetSpec, store: PredictionStore, decoded: list[str]
) -> None:
    found = gather(MODELS["scripted"], dataset, store, measure=["yaw"])
    yaw = np.repeat([0, 2.5, 5, np.nan, 10, 12.5], 2)
    np.testing.assert_array_equal(found.covariates["yaw"], yaw)
    # It can still be sliced by, and no picture was looked at.
    assert found.attributes["yaw"].levels == ("0.0", "10.0", "12.5", "2.5", "5.0")
    assert decoded == []
    assert not any("measured" in note for note in found.notes)


@pytest.mark.parametrize("word", ["wide", "inf", "nan", "1_5", "2,5"])
def test_a_column_that_holds_no_numbers_is_an_error(folder: Path, store: PredictionStore, word: str) -> None:
    text = (folder / "m.csv").read_text().replace(",m,2.5", f',m,"{word}"', 1)
    (folder / "m.csv").write_text(text)
    with pytest.raises(TableError) as caught:
        gather(MODELS["scripted"], manifest_dataset(folder / "m.csv"), store, measure=["yaw"])
    assert str(caught.value) == (
        f"m: {word!r} in column 'yaw', row 3, is no finite number; write numbers with a decimal point, and "
        "leave unknown cells empty"
    )


def parquet(folder: Path, **columns: Sequence[float]) -> DatasetSpec:
    """The manifest as Parquet, with columns of floats."""
    rows = [row.split(",")[:4] for row in (folder / "m.csv").read_text().splitlines()]
    table = {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
    pq.write_table(pa.table({**table, **columns}), folder / "m.parquet")
    return manifest_dataset(folder / "m.parquet")


def test_floats_of_a_parquet_manifest_are_covariates_without_being_asked_for(
    folder: Path, store: PredictionStore
) -> None:
    spec = parquet(folder, pitch=[*np.arange(11.0), np.nan])
    assert (spec.attributes, spec.covariates) == (("gender",), ("pitch",))
    found = gather(MODELS["scripted"], spec, store)
    np.testing.assert_array_equal(found.covariates["pitch"], [*np.arange(11.0), np.nan])
    assert "pitch" not in found.attributes
    assert "covariate pitch" not in found.provenance.details


def test_what_the_dataset_knows_is_not_measured(
    folder: Path, store: PredictionStore, decoded: list[str]
) -> None:
    faces = np.arange(40.0, 52.0)
    found = gather(MODELS["scripted"], parquet(folder, size=faces.tolist()), store, measure=["size"])
    np.testing.assert_array_equal(found.covariates["size"], faces)
    assert found.provenance.details["covariate size"] == "a column of the dataset"
    assert decoded == []


def test_one_picture_has_one_value_of_a_covariate(folder: Path, store: PredictionStore) -> None:
    spec = parquet(folder, pitch=np.arange(12.0).tolist())
    opened = spec.open()
    twice = replace(opened.faces[0], covariates={"pitch": 9.0})

    class Doubled:
        faces = (*opened.faces, twice)
        labels = opened.labels
        details = opened.details

        def read(self, image: str, /) -> bytes:
            return opened.read(image)

    with pytest.raises(DatasetError, match=r"one picture under two covariates: .*9\.0.* keep the right row"):
        gather(MODELS["pixels"], replace(spec, open=Doubled), store)


def test_a_repeat_of_a_picture_is_measured_as_the_picture(
    folder: Path, store: PredictionStore, decoded: list[str]
) -> None:
    (folder / "copy.png").write_bytes((folder / "0-anger.png").read_bytes())
    with (folder / "m.csv").open("a") as stream:
        stream.write("copy.png,p0,anger,f,0.0\n")
    found = gather(MODELS["pixels"], manifest_dataset(folder / "m.csv"), store, measure=["brightness"])
    assert len(decoded) == 2 * PEOPLE
    assert found.covariates["brightness"][-1] == found.covariates["brightness"][0]


def test_a_store_of_an_earlier_release_is_extended(dataset: DatasetSpec, store: PredictionStore) -> None:
    gather(MODELS["pixels"], dataset, store)
    assert store.measurements(["a"]) == {}
    with sqlite3.connect(store.path / "answers.sqlite") as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert "measurements" not in tables
    store.put_measurements({"a": 0.1 + 0.2, "b": -3.0})
    store.put_measurements({"a": 5.0})
    again = PredictionStore(store.path)
    assert again.measurements(["a", "b", "c"]) == {"a": 0.1 + 0.2, "b": -3.0}
    with sqlite3.connect(store.path / "answers.sqlite") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    connection.close()


def test_a_store_that_does_not_exist_has_measured_nothing_and_is_not_made(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "none")
    assert store.measurements(["a"]) == {}
    store.put_measurements({})
    assert not store.path.exists()


def test_more_pictures_than_fit_one_statement_are_found(store: PredictionStore) -> None:
    values = {f"{number:04}": number / 3 for number in range(1201)}
    store.put_measurements(values)
    assert store.measurements(list(values)) == values


def test_an_unknown_covariate_is_an_error_before_the_model_is_asked(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    def explode(_labels: tuple[str, ...]) -> Reader:
        raise AssertionError

    with pytest.raises(UnknownNameError) as caught:
        gather(ModelSpec("reader", explode), dataset, store, measure=["yaww"])
    assert str(caught.value) == (
        "unknown covariate 'yaww'; did you mean 'yaw'? Known: blur, brightness, contrast, gender, ita, monk, size, yaw"
    )
