"""The paper as a suite, on copies of its three sets with known models: the outcomes are known beforehand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trees import grow

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent.parent
# A model that reads anger as disgust in most Black faces and hardly in others: the headline, made large.
HEADLINE = "oracle:confuse.anger.disgust=.1,confuse.anger.disgust.race.black=.9"
FAIR = "oracle:error=.02,icc=.05,seed=2"


def audit(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, report and printed lines of one run of the suite in this checkout."""
    places = [f"--report={folder / 'report'}", f"--store={folder / 'store'}"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-v"]
    done = subprocess.run(
        [*command, *places, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    report = json.loads((folder / "report/report.json").read_text(encoding="utf-8"))
    return done.returncode, report, done.stdout


def copy_of(name: str, folder: Path) -> str:
    """A copy of a set with the paper's numbers of images, as ``--dataset`` takes it."""
    return f"--dataset={name}={grow(f'{name}-paper', folder, awkward=False).root}"


def failed(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(v["measure"], v["slicing"]) for v in report["verdicts"] if v["outcome"] == "fail"}


def test_a_fair_model_fails_nothing_on_radiate(tmp_path: Path) -> None:
    status, report, printed = audit(
        tmp_path,
        "bias_tests/paper",
        copy_of("radiate", tmp_path),
        f"--model=fair={FAIR}",
        # Of the recalls and confusions a few by race, for time.
        "-k",
        "accuracy or probe or (radiate-race- and (anger or happiness))",
    )
    assert failed(report) == set()
    assert report["errors"] == []
    assert status == 0
    passed = {(v["measure"], v["slicing"]) for v in report["verdicts"] if v["outcome"] == "pass"}
    assert {("accuracy", "race"), ("accuracy", "gender"), ("recall(anger)", "race")} <= passed
    assert "the paper gives these accuracies of a linear classifier: --model=clip-probe" in printed


def test_a_model_biased_as_in_the_headline_fails_where_the_headline_is(tmp_path: Path) -> None:
    status, report, printed = audit(
        tmp_path,
        "bias_tests/paper",
        copy_of("radiate", tmp_path),
        f"--model=biased={HEADLINE}",
        "-k",
        "accuracy or stands_out or anger-disgust or recognised and not neutral and not surprise and not sadness",
    )
    assert status == 1
    found = failed(report)
    assert {
        ("misclassification(anger->disgust)", "race"),
        ("misclassification(anger->disgust)", "race*gender"),
        ("recall(anger)", "race"),
        ("recall(anger)", "race*gender"),
    } <= found
    assert {measure for measure, _ in found} <= {
        "misclassification(anger->disgust)",
        "recall(anger)",
        "accuracy",
        "confusions",
    }
    assert not any(slicing == "gender" for _, slicing in found)
    (ratio,) = [v for v in report["verdicts"] if v["measure"].startswith("mis") and v["slicing"] == "race"]
    assert {c["a"] for c in ratio["comparisons"] if c["standing"] == "fail"} == {"black"}
    (z_test,) = [aside for aside in ratio["asides"] if aside["title"].startswith("Two-proportion z-test")]
    assert z_test["columns"][-2:] == ["z", "p"]
    assert "its share of false alarms is not controlled; it decides nothing here" in z_test["note"]
    assert "Two-proportion z-test, images taken as independent" in printed


def test_a_linear_probe_is_held_against_the_published_accuracy(tmp_path: Path) -> None:
    probe = ("bias_tests/paper/test_paper_probe.py", copy_of("radiate", tmp_path))
    _, good, _ = audit(tmp_path, *probe, "--model=clip-probe=oracle")
    assert [v["outcome"] for v in good["verdicts"]] == ["pass"] * 3
    assert {v["criterion"] for v in good["verdicts"]} == {"AtLeast(accuracy, 0.859)"}
    _, bad, _ = audit(tmp_path, *probe, "--model=clip-probe=oracle:error=.01,race.black=.5")
    outcomes = {v["slicing"]: v["outcome"] for v in bad["verdicts"]}
    assert outcomes["race"] == "fail"
    (verdict,) = [v for v in bad["verdicts"] if v["slicing"] == "race"]
    assert verdict["reason"].startswith("black 0.")
    assert "is held to accuracy of at least 85.9 % in every group" in verdict["sentence"]


def test_on_chicago_face_what_it_lacks_is_named_and_nothing_breaks(tmp_path: Path) -> None:
    status, report, printed = audit(
        tmp_path,
        "bias_tests/paper",
        copy_of("chicago", tmp_path),
        f"--model=fair={FAIR}",
        "-k",
        "not race_x_gender and not happiness and not neutral",
    )
    assert report["errors"] == []
    assert status == 0
    assert failed(report) == set()
    for label in ("disgust", "sadness", "surprise"):
        assert f"no face of chicago is labelled {label}" in printed
    assert "nothing on chicago can be anger read as disgust" in printed
    by = {(v["measure"], v["slicing"]): v for v in report["verdicts"]}
    anger = by["recall(anger)", "race"]
    assert anger["outcome"] == "inconclusive"
    assert {entry["name"] for entry in anger["not_assessable"]} == {"asian", "latino"}
    labels = {frozenset((c["a"], c["b"])): c["labels"] for c in by["accuracy", "race"]["comparisons"]}
    assert labels[frozenset(("asian", "black"))] == ["neutral"]
    assert labels[frozenset(("black", "white"))] == ["anger", "fear", "happiness", "neutral"]


def test_on_face_place_a_group_without_a_label_is_not_assessable(tmp_path: Path) -> None:
    _, report, _ = audit(
        tmp_path,
        "bias_tests/paper",
        copy_of("face-place", tmp_path),
        f"--model=fair={FAIR}",
        "-k",
        "face-place-race- and (sadness or anger)",
    )
    assert report["errors"] == []
    assert failed(report) == set()
    by = {v["measure"]: v for v in report["verdicts"]}
    sad = by["misclassification(sadness->disgust)"]
    assert "hispanic" in {entry["name"] for entry in sad["not_assessable"]}
    assert sad["outcome"] == "inconclusive"


def test_the_suite_is_collected_where_it_is_named_and_nowhere_else(pytester: pytest.Pytester) -> None:
    def collected(*folders: str) -> str:
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *folders]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout

    dataset = f"--dataset={pytester.path / 'people.csv'}"
    pytester.path.joinpath("people.csv").write_text(
        "image,identity,expression,race,gender\na.png,p,anger,x,y\n"
    )
    chosen = ("--model=oracle", dataset.replace("=", "=manifest=", 1))
    assert "/paper/" not in collected("bias_tests")
    named = collected("bias_tests/paper", *chosen)
    assert "bias_tests/paper/test_paper_recall.py" in named
    assert "error" not in named
