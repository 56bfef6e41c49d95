from __future__ import annotations

from pathlib import Path

import pytest

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError
from fer_audit.models import choose_model
from fer_audit.models.clip.wordings import WORDINGS, descriptions
from fer_audit.vocabulary import Expression
from fer_audit.wording import Wording

BOTH = Wording("both", "1", ("a face full of {label}", "someone {adjective}"))


def test_there_are_a_dozen_ways_to_ask_and_the_first_holds_all_texts() -> None:
    spec = choose_model("clip", Catalog("model"), root=Path())
    assert spec.ways(12, labels=7) == WORDINGS[:12]
    assert len({wording.name for wording in WORDINGS}) == len(WORDINGS) >= 12
    assert len({wording.texts for wording in WORDINGS}) == len(WORDINGS)
    for wording in WORDINGS[1:]:
        assert set(wording.texts) < set(WORDINGS[0].texts)
    with pytest.raises(ConfigurationError) as caught:
        spec.ways(16, labels=7)
    assert str(caught.value) == "16 prompts were asked for; model 'clip' has 1 to 15"


def test_every_template_has_one_place_for_a_word() -> None:
    for text in WORDINGS[0].texts:
        assert text.count("{label}") + text.count("{adjective}") == 1
        assert text.count("{") == 1


def test_every_expression_is_described_and_no_two_alike() -> None:
    said = descriptions(WORDINGS[0], list(Expression))
    assert list(said) == list(Expression)
    texts = [text for sentences in said.values() for text in sentences]
    assert len(set(texts)) == len(texts)
    assert not any("{" in text for text in texts)


def test_a_label_is_described_by_the_words_for_its_expression() -> None:
    assert descriptions(BOTH, ["Happy"]) == {
        "Happy": ("a face full of happiness", "a face full of joy", "someone happy", "someone joyful")
    }


def test_a_label_outside_the_vocabulary_is_used_as_it_is_written() -> None:
    assert descriptions(BOTH, ["Concentration", "{label}"]) == {
        "Concentration": ("a face full of Concentration", "someone Concentration"),
        "{label}": ("a face full of {label}", "someone {label}"),
    }


def test_labels_that_share_an_expression_are_kept_apart() -> None:
    assert descriptions(BOTH, ["joy", "happy", "fear"])["joy"] == ("a face full of joy", "someone joy")
    assert descriptions(BOTH, ["joy", "happy", "fear"])["happy"] == ("a face full of happy", "someone happy")
    assert "someone scared" in descriptions(BOTH, ["joy", "happy", "fear"])["fear"]
