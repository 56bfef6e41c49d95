"""CLIP on another task than expressions: gender recognition on a small set named as UTKFace is."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.catalog import Catalog
from fer_audit.datasets import DatasetSpec, dataset_from
from fer_audit.inference import Asking, gather
from fer_audit.models import choose_model
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from clip_nets import Saved

    from fer_audit.predictions import Predictions


@pytest.fixture
def women_and_men(tmp_path: Path) -> DatasetSpec:
    """60 pictures, of which the green tells the gender."""
    for number in range(60):
        gender, race = number % 2, number // 2 % 5
        stream = BytesIO()
        Image.new("RGB", (48, 48), (4 * number, 200 * gender, 7)).save(stream, "PNG")
        (tmp_path / f"30_{gender}_{race}_2017011617452{number:04}.jpg").write_bytes(stream.getvalue())
    return dataset_from("utkface", tmp_path)


def asked(model: str, tiny: Saved, dataset: DatasetSpec, folder: Path) -> Predictions:
    spec = choose_model(f"{model}:local-dir:{tiny.folder}", Catalog("model"), root=Path())
    store = PredictionStore(folder / "store")
    try:
        prompts = 2 if spec.wordings else 1
        return gather(spec, dataset, store, asking=Asking(prompts=prompts))
    finally:
        store.close()


def test_a_probe_is_fitted_to_whatever_the_labels_are(
    tiny: Saved, women_and_men: DatasetSpec, tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    found = asked("clip-probe", tiny, women_and_men, tmp_path)
    assert found.true.levels == ("male", "female")
    # A net of random weights tells one colour from another.
    assert np.mean(found.predicted.codes == found.true.codes) > 0.9
    assert not found.identified


def test_words_are_those_of_the_task(tiny: Saved, women_and_men: DatasetSpec, tmp_path: Path) -> None:
    found = asked("clip", tiny, women_and_men, tmp_path)
    assert len(found.kind) == 2 * 60
    assert set(found.predicted.levels) == {"male", "female"}
    assert found.provenance.details["prompts"] == "2: ensemble, photo of"
    assert found.prompt is not None
