"""Other tasks than expressions, from a folder to verdicts."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def faces(pytester: pytest.Pytester) -> Path:
    """90 pictures of each gender and race under the names of UTKFace; their green tells the gender."""
    folder = pytester.path / "UTKFace"
    folder.mkdir()
    for number, (gender, race, _) in enumerate(product((0, 1), range(5), range(90))):
        stream = BytesIO()
        Image.new("RGB", (48, 48), (number % 256, 200 * gender, number // 256)).save(stream, "PNG")
        name = f"{20 + number % 40}_{gender}_{race}_2017011617452{number:04}.jpg.chip.jpg"
        (folder / name).write_bytes(stream.getvalue())
    (folder / "61_1_20170109142408075.jpg.chip.jpg").write_bytes(b"its name lacks the race")
    return folder


@pytest.fixture
def audit_tests(pytester: pytest.Pytester, faces: Path) -> None:
    assert faces.is_dir()
    pytester.makepyfile(
        test_gender="""
        import pytest
        from fer_audit import Gap, accuracy, recall

        @pytest.mark.slices("race")
        def test_women_are_recognised_alike(audit):
            audit.require(Gap(recall("female"), at_most=0.10))

        def test_accuracy(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    # What stands for a net of one's own: it sees pixels, and answers in words of its own.
    pytester.makepyfile(
        nets="""
        class Colour:
            def recognize(self, images):
                return ["woman" if image.getpixel((0, 0))[1] > 100 else "man" for image in images]

        def colour(labels):
            return Colour()
        """
    )


DECLARED = """
from pathlib import Path
from fer_audit.datasets import dataset_from

def pytest_fer_datasets():
    return [dataset_from("utkface", Path("UTKFace"), name="declared", most_images=1)]
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest("-p", "no:randomly", "-v", *options)


@pytest.mark.usefixtures("audit_tests")
class TestGenderRecognition:
    def test_models_are_judged_by_race_where_the_copy_declares_enough(
        self, pytester: pytest.Pytester
    ) -> None:
        pytester.makeconftest(DECLARED)
        result = run(
            pytester,
            "--fer-model=oracle:error=.01,race.black=.5",
            "--fer-model=net=python:nets:colour",
            "--fer-model=mini-xception",
            "--fer-dataset=declared",
        )
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        # In an order of pytest's own.
        for line in (
            "*test_women_are_recognised_alike[[]oracle-declared-race[]] FAILED*",
            "*test_accuracy[[]oracle-declared-race[]] FAILED*",
            "*test_accuracy[[]oracle-declared-age_band[]] *",
            "FAIL *recall of female by race, oracle on declared: * over black*",
            # Its words are woman and man.
            "*test_women_are_recognised_alike[[]net-declared-race[]] PASSED*",
            "net on declared: 900 pictures, 900 images (900 answered)",
            "ConfigurationError: model 'mini-xception' answers angry, disgust, fear, *which are none of the "
            "dataset's labels (male, female; its task is 'gender'); take a model that answers with any labels: "
            "clip-probe is fitted to them, *",
        ):
            result.stdout.fnmatch_lines([line])

    def test_a_copy_by_its_path_is_three_tasks_and_no_verdict(self, pytester: pytest.Pytester) -> None:
        tasks = ("utkface", "utkface-race", "utkface-age")
        result = run(
            pytester,
            "--fer-model=oracle:error=.01,race.black=.5",
            *(f"--fer-dataset={task}=UTKFace" for task in tasks),
        )
        for task, slicing in (
            ("utkface", "race"),
            ("utkface-race", "gender"),
            ("utkface-age", "race_x_gender"),
        ):
            result.stdout.fnmatch_lines([f"*test_accuracy[[]oracle-{task}-{slicing}[]] INCONCLUSIVE*"])
        result.stdout.fnmatch_lines(
            ["INCONCLUSIVE  recall of female by race, oracle on utkface: * over black*"]
        )


def test_any_label_set_of_a_manifest_is_judged_by_the_same_criteria(pytester: pytest.Pytester) -> None:
    rows = ["image,identity,label,task,gender"]
    for person, label in product(range(200), ("beard", "no beard")):
        rows.append(f"{person}-{label}.png,p{person},{label},facial hair,{'fm'[person % 2]}")
    pytester.path.joinpath("beards.csv").write_text("\n".join(rows) + "\n")
    pytester.makepyfile(
        test_beards="""
        from fer_audit import Gap, recall

        def test_beards(audit):
            audit.require(Gap(recall("beard"), at_most=0.10))

        def test_moustaches(audit):
            audit.require(Gap(recall("moustache"), at_most=0.10))
        """
    )
    result = run(pytester, "--fer-model=oracle:error=.01,gender.m=.6", "--fer-dataset=manifest=beards.csv")
    result.stdout.fnmatch_lines(
        [
            "*test_beards[[]oracle-beards-gender[]] FAILED*",
            "FAIL  recall of beard by gender: f over m*",
            "ERROR *moustache*",
        ]
    )
