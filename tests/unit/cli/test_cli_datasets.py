from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from fer_audit.cli import main
from fer_audit.datasets.families import FAMILIES

if TYPE_CHECKING:
    from pathlib import Path


def called(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["datasets", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def radiate(tmp_path: Path) -> Path:
    """Twelve people of two groups, three expressions each, and two files that are none of theirs."""
    for group in ("BF", "WF"):
        for number in range(1, 13):
            for code in ("AC", "HO", "SC"):
                (tmp_path / f"{group}{number:02}_{code}.bmp").touch()
    (tmp_path / "BF01_CC.bmp").touch()
    (tmp_path / "not\x1b[2Jes.txt").touch()
    return tmp_path


def test_every_set_is_listed_with_its_terms() -> None:
    listed = called()
    for family in FAMILIES:
        assert f"{family.name}=PATH: {family.origin.title}, for {family.task} recognition" in listed
        assert f"ask: {family.origin.request}" in listed
        assert f"licence: {family.origin.licence}" in listed
        assert f"cite: {family.origin.citation}" in listed


def test_a_copy_is_described_with_what_was_skipped_and_what_it_could_decide(radiate: Path) -> None:
    lines = called("check", f"radiate={radiate}").splitlines()
    assert lines[0] == "RADIATE: 72 pictures of 24 people, for expression recognition"
    assert lines[1] == "files: 74 there, 72 read, 0 annotations, 2 skipped"
    assert "  1 labelled calm, which is not audited: BF01_CC.bmp" in lines
    # What a terminal would obey is shown, not sent.
    assert "  1 no picture: not\\x1b[2Jes.txt" in lines
    race = lines[lines.index("by race:") + 1 :]
    assert race[0].split() == ["people", "pictures", "anger", "happiness", "sadness"]
    assert race[1].split() == ["black", "12", "36", "12", "12", "12"]
    assert race[3].split() == ["all", "24", "72", "24", "24", "24"]
    decisions = lines[lines.index("What these people and pictures could decide, in 80 % of audits:") :]
    assert decisions[1] == "by race:"
    assert decisions[2].startswith("  accuracy: no PASS at 10 points (possible from ")
    assert decisions[3].startswith(
        "  recall(anger), recall(happiness), recall(sadness): no PASS at 20 points"
    )
    assert any(line.startswith("cite: Conley") for line in lines)


def test_another_slicing_and_every_skipped_file_are_had_on_request(radiate: Path) -> None:
    for number in range(5):
        (radiate / f"{number}.txt").touch()
    assert "no picture: 0.txt, 1.txt, 2.txt, ..." in called("check", f"radiate={radiate}", "--by=mouth")
    every = called("check", f"radiate={radiate}", "--by=mouth", "--all")
    assert "no picture: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, not" in every
    assert "by mouth:" in every
    assert "by race:" not in every


def test_machines_read_the_same(radiate: Path) -> None:
    found = json.loads(called("check", f"radiate={radiate}", "--json"))
    assert found["whole"] == {
        "name": "all",
        "people": 24,
        "pictures": 72,
        "by_label": {"anger": 24, "happiness": 24, "sadness": 24},
    }
    assert found["inventory"]["present"] == 74
    assert [item["entry"] for item in found["inventory"]["skipped"]] == ["BF01_CC.bmp", "not\x1b[2Jes.txt"]
    first = found["decidable"][0]
    assert (first["measure"], first["slicing"], first["can_pass"]) == ("accuracy", "race", False)
    assert 0.1 < first["passes_from"] < first["fails_from"] < 1


def test_a_group_too_small_to_be_assessed_is_named(tmp_path: Path) -> None:
    for person in ("BF01", *(f"WF{number:02}" for number in range(1, 10))):
        (tmp_path / f"{person}_AC.bmp").touch()
    assert "Nothing could be decided on these pictures: 1 of 2 slices have 8 people" in called(
        "check", f"radiate={tmp_path}", "--by=race"
    )
    for number in range(1, 10):
        (tmp_path / f"AM{number:02}_AC.bmp").touch()
    assert "accuracy: no PASS (black too small)" in called("check", f"radiate={tmp_path}", "--by=race")


def test_a_manifest_and_the_embedded_faces_are_checked_too(tmp_path: Path) -> None:
    table = tmp_path / "m.csv"
    table.write_text("image,identity,expression,gender\na.png,p,anger,f\nb.png,q,fear,\n", encoding="utf-8")
    lines = called("check", f"manifest={table}").splitlines()
    assert lines[:2] == [
        "m: 2 pictures of 2 people, for expression recognition",
        "rows: 2 there, 2 read, 0 annotations, 0 skipped",
    ]
    assert "1 pictures have no value of it and belong to no group" in lines
    assert "1,344 pictures of 48 rendered identities" in called("check", "faces", "--by=sex_morph")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("radiate=nowhere", "the folder '"),
        ("radiat=x", "unknown dataset 'radiat'; did you mean 'radiate'?"),
        ("radiate", "dataset 'radiate' needs its folder or file"),
    ],
)
def test_what_cannot_be_checked_is_a_usage_error(argument: str, said: str) -> None:
    result = CliRunner().invoke(main, ["datasets", "check", argument])
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
