"""Measured skin tone reaches the predictions as an attribute: one a person, with what could not be measured."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from fer_audit import Audit, Gap, accuracy
from fer_audit.datasets import DatasetSpec, manifest_dataset, rendered_faces, skin_tone
from fer_audit.errors import ConfigurationError
from fer_audit.inference import Asking, gather, readings
from fer_audit.models import ModelSpec, oracle
from fer_audit.pixels import decode
from fer_audit.store import PredictionStore
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.predictions import Predictions

MODEL = oracle("scripted", "error=.1")
# Of Monk tones 5, 6, 7 and 8, by their swatches.
COLOURS = {5: (0xD7, 0xBD, 0x96), 6: (0xA0, 0x7E, 0x56), 7: (0x82, 0x5C, 0x43), 8: (0x60, 0x41, 0x34)}


def skin(tone: int) -> Image.Image:
    """A disc of one tone on grey."""
    picture = Image.new("RGB", (64, 64), (128, 128, 128))
    mask = Image.radial_gradient("L").resize((64, 64)).point(lambda far: 255 * (far < 140))
    picture.paste(COLOURS[tone], mask=mask)
    return picture


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


@pytest.fixture
def people(tmp_path: Path) -> DatasetSpec:
    """Three people: one whose three pictures are of two tones, one of one tone, one in grey and broken pictures."""
    pictures = {
        "a1": skin(5),
        "a2": skin(6),
        "a3": skin(6),
        "b1": skin(8),
        "b2": skin(8),
        "c1": Image.new("RGB", (64, 64), (90, 90, 90)),
    }
    rows = ["image,identity,expression,gender"]
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    rows += [f"{name}.png,{name[0]},anger,f" for name in (*pictures, "c2")]
    (tmp_path / "c2.png").write_bytes(b"no picture")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return skin_tone(manifest_dataset(tmp_path / "m.csv"))


def levels(predictions: Predictions, name: str) -> list[str | None]:
    column = predictions.attributes[name]
    return [column.levels[code] if code >= 0 else None for code in column.codes]


def test_a_person_has_the_tone_in_the_middle_of_all_pictures(
    people: DatasetSpec, store: PredictionStore
) -> None:
    found = gather(MODEL, people, store)
    assert levels(found, "monk_measured") == ["6"] * 3 + ["8"] * 2 + [None] * 2
    # Tone 5 alone is light (50 degrees), and tone 6 tan (11).
    assert levels(found, "ita_band_measured") == ["tan"] * 3 + ["dark"] * 2 + [None] * 2


def test_the_report_says_what_was_measured_and_what_not(people: DatasetSpec, store: PredictionStore) -> None:
    found = gather(MODEL, people, store)
    # Of a the three angles span 39 degrees, of b nothing.
    assert found.notes[-1] == (
        "ita_band_measured, monk_measured: measured on skin in 5 of 7 pictures; unknown where the middle of the "
        "picture is without colour (1); the picture cannot be read (1); the tone of a person is the median of "
        "its pictures, which typically span 20 degrees of ITA"
    )
    assert found.provenance.details["skin tone"] == (
        "measured on pixels, not recorded by anybody (measurement 1); it depends on light and exposure: compare "
        "within one capture condition only"
    )


def test_the_lighter_of_two_middle_tones_is_taken(tmp_path: Path, store: PredictionStore) -> None:
    rows = ["image,identity,expression,gender"]
    for name, tone in (("a1", 7), ("a2", 8)):
        skin(tone).save(tmp_path / f"{name}.png")
        rows.append(f"{name}.png,a,anger,f")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    found = gather(MODEL, skin_tone(manifest_dataset(tmp_path / "m.csv")), store)
    assert levels(found, "monk_measured") == ["7", "7"]


def test_a_second_run_takes_the_numbers_from_the_store_and_looks_again_at_what_has_none(
    people: DatasetSpec, store: PredictionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gather(MODEL, people, store)
    seen: list[str] = []

    def watched(data: bytes, *, name: str) -> Image.Image:
        seen.append(name)
        return decode(data, name=name)

    monkeypatch.setattr(readings, "decode", watched)
    again = gather(MODEL, people, store, measure=["ita"])
    assert seen == ["c1.png", "c2.png"] * 2
    assert again.notes[-1] == first.notes[-1]
    assert again.notes[-2] == (
        "measured on the pixels of 6 of 7 pictures: ita; ita is unknown where the middle of the picture is without "
        "colour (1)"
    )


def test_nothing_else_depends_on_what_is_derived(people: DatasetSpec, store: PredictionStore) -> None:
    plain = gather(MODEL, manifest_dataset(store.path.parent / "m.csv"), store)
    found = gather(MODEL, people, store)
    assert found.provenance.fingerprint == plain.provenance.fingerprint
    assert found.covariates == plain.covariates == {}
    assert set(found.attributes) - set(plain.attributes) == set(people.measured)


class Asked:
    """Says anger in whatever wording."""

    def asking(self, _wording: Wording) -> Asked:
        return self

    def recognize(self, images: object) -> list[str]:
        return ["anger" for _ in images]  # type: ignore[attr-defined]  # a sequence of pictures


def test_each_way_of_asking_has_the_same_tones(people: DatasetSpec, store: PredictionStore) -> None:
    wordings = (Wording("plain", "1", ("{labels}?",)), Wording("polite", "1", ("Please: {labels}",)))
    model = ModelSpec("asked", lambda _labels: Asked(), lambda: {"version": "1"}, wordings=wordings)
    found = gather(model, people, store, asking=Asking(prompts=2))
    once = levels(gather(MODEL, people, store), "monk_measured")
    assert levels(found, "monk_measured") == once + once


def test_a_set_in_which_nothing_can_be_measured_has_no_slice(tmp_path: Path, store: PredictionStore) -> None:
    rows = ["image,identity,expression,gender"]
    for person in range(3):
        Image.new("L", (64, 64), 60 + person).save(tmp_path / f"{person}.png")
        rows.append(f"{person}.png,p{person},anger,f")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    found = gather(MODEL, skin_tone(manifest_dataset(tmp_path / "m.csv")), store)
    with pytest.raises(ConfigurationError) as caught:
        Audit(found, by="monk_measured")
    assert str(caught.value).startswith("slicing 'monk_measured' makes no slice; 3 rows without a value")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    """The embedded faces under a fixed exposure in frontal light, with their tones measured."""
    spec = skin_tone(rendered_faces("fixed", only={"exposure": "fixed", "light": "front"}))
    return gather(MODEL, spec, PredictionStore(tmp_path_factory.mktemp("store")))


def test_a_rendered_picture_has_a_tone_of_its_own(rendered: Predictions) -> None:
    pairs = Counter(zip(levels(rendered, "skin_tone"), levels(rendered, "monk_measured"), strict=True))
    assert pairs == {("2", "2"): 75, ("2", "4"): 9, ("4", "5"): 84, ("6", "6"): 84, ("8", "8"): 84}
    assert rendered.notes[-1] == "ita_band_measured, monk_measured: measured on skin in 336 of 336 pictures"


def test_a_criterion_is_judged_on_what_was_measured(rendered: Predictions) -> None:
    verdict = Audit(rendered, by="ita_band_measured").judge(Gap(accuracy, at_most=0.5))
    named = {name for comparison in verdict.comparisons for name in (comparison.a, comparison.b)}
    assert named == {"very light", "brown", "dark"}
    assert [(left_out.name, left_out.people) for left_out in verdict.not_assessable] == [("light", 1)]
