from __future__ import annotations

import multiprocessing
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.audit import Audit
from fer_audit.datasets import DatasetSpec, manifest_dataset
from fer_audit.errors import DatasetError, IncompleteError, ModelError
from fer_audit.inference import gather, plan
from fer_audit.models import ModelSpec
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_audit.predictions import Predictions

PEOPLE = 20
LABELS = ("anger", "fear", "happiness")


def picture(person: int, label: int) -> bytes:
    """A small picture whose content tells person and label."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), (person, label * 80, 7)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["image,identity,expression,gender"]
    for person in range(PEOPLE):
        for code, label in enumerate(LABELS):
            name = f"p{person}/{label}.png"
            (tmp_path / f"p{person}").mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(picture(person, code))
            rows.append(f"{name},p{person},{label},{'fm'[person % 2]}")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def dataset(folder: Path) -> DatasetSpec:
    return manifest_dataset(folder / "m.csv")


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


class Reader:
    """Reads the label that the picture's green channel carries, and writes down what it was asked."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def recognize(self, images: Sequence[Image.Image]) -> list[Answer | str]:
        pixels = [image.getpixel((0, 0)) for image in images]
        with self.log.open("a") as stream:
            stream.writelines(f"{pixel}\n" for pixel in pixels)
        return [LABELS[int(np.asarray(image)[0, 0, 1]) // 80] for image in images]


def reader(log: Path, version: str | None = "1") -> ModelSpec:
    describe = None if version is None else (lambda: {"version": version})
    return ModelSpec("reader", lambda _labels: Reader(log), describe)


def asked(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def said(predictions: Predictions) -> list[str]:
    column = predictions.predicted
    return [column.levels[code] if code >= 0 else "" for code in column.codes]


def test_every_face_is_asked_once_and_a_second_run_asks_nothing(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    first = gather(reader(log), dataset, store)
    assert said(first) == list(LABELS) * PEOPLE
    assert asked(log) == 60
    again = gather(reader(log), dataset, store)
    assert asked(log) == 60
    assert said(again) == said(first)
    assert again.provenance == first.provenance


def test_a_stored_cell_does_not_load_the_model(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    gather(reader(tmp_path / "log"), dataset, store)

    def explode(_labels: tuple[str, ...]) -> Reader:
        raise AssertionError

    again = gather(ModelSpec("reader", explode, lambda: {"version": "1"}), dataset, store)
    assert said(again) == list(LABELS) * PEOPLE


def test_another_version_is_asked_anew_and_one_without_a_version_always(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    gather(reader(log, "1"), dataset, store)
    gather(reader(log, "2"), dataset, store)
    assert asked(log) == 120
    gather(reader(log, None), dataset, store)
    gather(reader(log, None), dataset, store)
    assert asked(log) == 240


def test_only_a_changed_picture_is_asked_again(
    folder: Path, dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    before = gather(reader(log), dataset, store)
    (folder / "p3/fear.png").write_bytes(picture(200, 1))
    after = gather(reader(log), dataset, store)
    assert asked(log) == 61
    assert after.provenance.fingerprint != before.provenance.fingerprint


def test_questions_are_asked_in_an_order_that_no_group_shares(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    gather(reader(tmp_path / "log"), dataset, store)
    people = [int(line.strip("()").split(",")[0]) for line in (tmp_path / "log").read_text().splitlines()]
    assert people != sorted(people)
    # A drift over the run falls on both groups: neither has more than two thirds of the first half.
    women = sum(person % 2 == 0 for person in people[:30])
    assert 10 <= women <= 20


def test_another_label_set_is_another_question(
    folder: Path, dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    gather(reader(log), dataset, store)
    rows = [row for row in (folder / "m.csv").read_text().splitlines() if ",fear," not in row]
    (folder / "two.csv").write_text("\n".join(rows) + "\n")
    gather(reader(log), manifest_dataset(folder / "two.csv"), store)
    # The 40 pictures are the same; what the model may answer is not.
    assert asked(log) == 100


def _gather_in_process(folder: Path) -> None:
    gather(reader(folder / "log"), manifest_dataset(folder / "m.csv"), PredictionStore(folder / "store"))


def test_two_processes_ask_each_question_once(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_gather_in_process, args=(folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    lines = (folder / "log").read_text().splitlines()
    assert len(lines) == len(set(lines)) == 60


def test_the_same_bytes_twice_are_a_repeat_and_listed(
    folder: Path, store: PredictionStore, tmp_path: Path
) -> None:
    (folder / "copy.png").write_bytes((folder / "p0/anger.png").read_bytes())
    with (folder / "m.csv").open("a") as stream:
        stream.write("copy.png,p0,anger,f\n")
    log = tmp_path / "log"
    predictions = gather(reader(log), manifest_dataset(folder / "m.csv"), store)
    assert asked(log) == 60
    assert len(predictions) == 61
    assert len(set(predictions.image.codes.tolist())) == 60
    assert predictions.notes == (
        "1 rows repeat a picture and are averaged with it (copy.png = p0/anger.png)",
    )


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("copy.png,p1,anger,f", "identities"),
        ("copy.png,p0,fear,f", "labels"),
        ("copy.png,p0,anger,m", "groups"),
    ],
)
def test_the_same_bytes_under_two_truths_are_an_error(
    folder: Path, store: PredictionStore, tmp_path: Path, row: str, what: str
) -> None:
    (folder / "copy.png").write_bytes((folder / "p0/anger.png").read_bytes())
    with (folder / "m.csv").open("a") as stream:
        stream.write(row + "\n")
    with pytest.raises(
        DatasetError, match=rf"one picture under two {what}: 'p0/anger\.png' .* keep the right row"
    ):
        gather(reader(tmp_path / "log"), manifest_dataset(folder / "m.csv"), store)


def test_one_unreadable_picture_is_absent_and_many_are_no_verdict(
    folder: Path, dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    (folder / "p0/fear.png").write_bytes(b"not a picture")
    predictions = gather(reader(tmp_path / "log"), dataset, store)
    absent = list(AnswerKind).index(AnswerKind.ABSENT)
    assert predictions.kind.tolist().count(absent) == 1
    assert len(predictions.faults) == 1
    assert "p0/fear.png" in predictions.faults[0]
    # One of 60 is within two percent, one of the 30 of its group is not.
    with pytest.raises(IncompleteError, match=r"1 of 30 images have no answer in gender = f \(at least 98%"):
        Audit(predictions, "gender")
    (folder / "p1/fear.png").unlink()
    with pytest.raises(IncompleteError, match=r"2 of 60 images have no answer overall .*p0/fear\.png"):
        Audit(gather(reader(tmp_path / "log"), dataset, store), "gender")


class Fragile(Reader):
    """Breaks on every picture of some people."""

    def __init__(self, log: Path, broken: int) -> None:
        super().__init__(log)
        self.broken = broken

    def recognize(self, images: Sequence[Image.Image]) -> list[Answer | str]:
        if any(int(np.asarray(image)[0, 0, 0]) < self.broken for image in images):
            message = "segmentation of the universe"
            raise RuntimeError(message)
        return super().recognize(images)


def test_a_model_that_breaks_is_an_error_and_never_wrong(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    spec = ModelSpec("fragile", lambda _labels: Fragile(tmp_path / "log", broken=1), lambda: {"v": "1"})
    with pytest.raises(ModelError) as caught:
        gather(spec, dataset, store)
    assert str(caught.value).startswith(
        "model 'fragile' broke on 3 of the first 60 images (at most 1% may): p0/"
    )
    assert "RuntimeError: segmentation of the universe" in str(caught.value)


def test_a_model_may_report_an_error_itself(dataset: DatasetSpec, store: PredictionStore) -> None:
    class Careful:
        def recognize(self, images: Sequence[Image.Image]) -> list[Answer]:
            return [Answer(AnswerKind.ERROR, raw="out of memory") for _ in images]

    with pytest.raises(
        ModelError, match=r"broke on 60 of the first 60 images .*png: out of memory\. A crash is no"
    ):
        gather(ModelSpec("careful", lambda _labels: Careful(), lambda: {"v": "1"}), dataset, store)


def test_what_was_answered_before_a_break_is_kept(
    dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    spec = ModelSpec("reader", lambda _labels: Fragile(tmp_path / "log", broken=1), lambda: {"version": "1"})
    with pytest.raises(ModelError):
        gather(spec, dataset, store)
    mended = tmp_path / "mended"
    gather(reader(mended), dataset, store)
    assert asked(mended) == 3


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (["anger"], "recognize returned 1 answers for 60 images; return one for each, in the same order"),
        ("anger", "recognize returned str, not a sequence; return one label or Answer for each image"),
        (None, "recognize returned NoneType, not a sequence"),
        ([3] * 60, "recognize returned 3 for an image; return a label such as 'anger', or an Answer"),
    ],
)
def test_an_answer_out_of_contract_is_an_error_of_the_model(
    dataset: DatasetSpec, store: PredictionStore, returned: object, message: str
) -> None:
    class Odd:
        def recognize(self, _images: object) -> object:
            return returned

    with pytest.raises(ModelError, match=message):
        gather(ModelSpec("odd", lambda _labels: Odd()), dataset, store)  # type: ignore[arg-type, return-value]


def test_loading_that_fails_says_which_model_and_why(dataset: DatasetSpec, store: PredictionStore) -> None:
    def fail(_labels: tuple[str, ...]) -> Reader:
        raise OSError("no weights")

    with pytest.raises(ModelError, match="model 'm' could not be loaded: OSError: no weights"):
        gather(ModelSpec("m", fail), dataset, store)
    with pytest.raises(
        ModelError, match=r"model 'm': loading gave object, which has no method recognize\(images\)"
    ):
        gather(ModelSpec("m", lambda _labels: object()), dataset, store)  # type: ignore[arg-type, return-value]


def test_a_word_outside_the_vocabulary_is_no_answer_and_another_expression_is_wrong(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    class Chatty:
        def recognize(self, images: Sequence[Image.Image]) -> list[str]:
            return ["Concentration" if i % 2 else "Contempt" for i in range(len(images))]

    predictions = gather(ModelSpec("chatty", lambda _labels: Chatty()), dataset, store)
    kinds = [list(AnswerKind)[kind] for kind in predictions.kind]
    assert kinds.count(AnswerKind.OUT_OF_VOCABULARY) == 30
    assert said(predictions).count("contempt") == 30
    assert predictions.predicted.levels == (*LABELS, "contempt")


def test_a_smoke_run_takes_whole_people(dataset: DatasetSpec, store: PredictionStore, tmp_path: Path) -> None:
    predictions = gather(reader(tmp_path / "log"), dataset, store, limit_people=5)
    assert len(predictions.identity.levels) == 5
    assert len(predictions) == 15
    assert predictions.provenance.partial
    assert not gather(reader(tmp_path / "log"), dataset, store).provenance.partial


def test_the_plan_counts_people_images_and_stored_answers_and_reads_no_picture(
    folder: Path, dataset: DatasetSpec, store: PredictionStore, tmp_path: Path
) -> None:
    model = reader(tmp_path / "log")
    assert (plan(model, dataset, store).images, plan(model, dataset, store).stored) == (60, 0)
    gather(model, dataset, store)
    for file in folder.glob("p*/*.png"):
        file.unlink()
    planned = plan(model, dataset, store)
    assert (planned.people, planned.images, planned.stored) == (PEOPLE, 60, 60)


def test_an_empty_dataset_is_an_error(folder: Path, store: PredictionStore, tmp_path: Path) -> None:
    class Empty:
        faces = ()
        labels = LABELS
        details: dict[str, str] = {}  # noqa: RUF012

        def read(self, image: str) -> bytes:
            raise FileNotFoundError(folder / image)

    spec = DatasetSpec("empty", Empty, ("gender",))
    with pytest.raises(DatasetError, match="dataset 'empty' holds no faces; check what it was opened on"):
        gather(reader(tmp_path / "log"), spec, store)
