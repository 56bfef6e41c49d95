from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SAME = "oracle:error=.1,icc=.1,seed=3"
WORSE = "mine=oracle:error=.1,icc=.1,seed=3,gender.f=.5"


@pytest.fixture
def change(pytester: pytest.Pytester, people: str) -> tuple[str, ...]:
    pytester.makepyfile(
        test_fairness="""
        import pytest
        from fer_audit import NoWorseThan, accuracy

        @pytest.mark.slices("gender", "site")
        def test_no_worse(audit):
            audit.require(NoWorseThan(accuracy, overall=0.1, each=0.15))
        """
    )
    return (f"--fer-dataset=manifest={people}", "-p", "no:randomly", "-p", "no:cacheprovider")


@pytest.fixture
def old(pytester: pytest.Pytester, people: str) -> Path:
    """The report of an earlier release, made by a suite of its own."""
    pytester.makepyfile(
        test_release="""
        import pytest
        from fer_audit import Gap, accuracy

        @pytest.mark.slices("gender", "site")
        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.3))
        """
    )
    done = pytester.runpytest(
        "test_release.py", f"--fer-model=mine={SAME}", f"--fer-dataset=manifest={people}", "--fer-report=old"
    )
    assert (pytester.path / "old" / "counts.parquet").is_file(), done.stdout.str()
    pytester.path.joinpath("test_release.py").unlink()
    return pytester.path / "old"


def verdicts(pytester: pytest.Pytester) -> dict[str, str]:
    report = json.loads((pytester.path / "fairness-report" / "report.json").read_text(encoding="utf-8"))
    return {verdict["slicing"]: verdict["outcome"] for verdict in report["verdicts"]}


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_same_model_passes_and_a_worse_one_fails(
    pytester: pytest.Pytester, change: tuple[str, ...], workers: tuple[str, ...]
) -> None:
    options = (*change, "--fer-baseline=old", *workers)
    assert pytester.runpytest(*options, f"--fer-model=mine={SAME}").ret == pytest.ExitCode.OK
    assert verdicts(pytester) == {"gender": "pass", "site": "pass"}
    done = pytester.runpytest(*options, f"--fer-model={WORSE}")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert verdicts(pytester) == {"gender": "fail", "site": "fail"}
    assert "worse by at least" in (pytester.path / "fairness-report" / "report.html").read_text(
        encoding="utf-8"
    )


def test_a_baseline_in_the_place_of_the_report_is_read_before_it_is_replaced(
    pytester: pytest.Pytester, change: tuple[str, ...], old: Path
) -> None:
    done = pytester.runpytest(*change, "--fer-baseline=old", "--fer-report=old", f"--fer-model={WORSE}")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert "FAIL" in done.stdout.str()
    assert (old / "counts.parquet").is_file()


def test_without_a_baseline_the_test_is_an_error(pytester: pytest.Pytester, change: tuple[str, ...]) -> None:
    done = pytester.runpytest(*change, f"--fer-model=mine={SAME}")
    done.stdout.fnmatch_lines(["*needs a baseline: run with --fer-baseline=REPORT_DIR*"])
    assert done.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("nowhere", "*nowhere holds no counts.parquet; a baseline is the report folder of an earlier run*"),
        ("old/report.json", "*report.json is a file; a baseline is the folder of an earlier report*"),
    ],
)
def test_what_is_no_folder_of_a_report_is_a_usage_error(
    pytester: pytest.Pytester, change: tuple[str, ...], old: Path, given: str, told: str
) -> None:
    assert old.is_dir()
    done = pytester.runpytest(*change, f"--fer-baseline={given}", f"--fer-model=mine={SAME}")
    done.stderr.fnmatch_lines([told])
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_a_partial_run_is_no_baseline(pytester: pytest.Pytester, change: tuple[str, ...]) -> None:
    pytester.makepyfile(
        test_release="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.3))
        """
    )
    pytester.runpytest(
        "test_release.py",
        *change[:1],
        f"--fer-model=mine={SAME}",
        "--fer-limit-people=40",
        "--fer-report=part",
    )
    done = pytester.runpytest(*change, "--fer-baseline=part", f"--fer-model=mine={SAME}")
    done.stderr.fnmatch_lines(["*the baseline is a partial run (tests or people were left out)*"])
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_other_pictures_are_an_error_of_the_data(
    pytester: pytest.Pytester, change: tuple[str, ...], old: Path
) -> None:
    assert old.is_dir()
    table = pytester.path / "people.csv"
    table.write_text("\n".join(table.read_text(encoding="utf-8").splitlines()[:-40]) + "\n", encoding="utf-8")
    done = pytester.runpytest(*change, "--fer-baseline=old", f"--fer-model=mine={SAME}")
    done.stdout.fnmatch_lines(["*BaselineError: the baseline was made on other pictures of people*"])
    done.assert_outcomes(errors=2)


def test_a_damaged_table_is_named(pytester: pytest.Pytester, change: tuple[str, ...], old: Path) -> None:
    (old / "counts.parquet").write_bytes(b"PAR1 and nothing")
    done = pytester.runpytest(*change, "--fer-baseline=old", f"--fer-model=mine={SAME}")
    done.stderr.fnmatch_lines(["*counts.parquet of the baseline cannot be read*make it anew*"])


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"format": 99, "cells": []}, "*the baseline has format 99, this version reads 2*"),
        ({"format": 2, "cells": []}, "*has the columns x instead of model, dataset*"),
        ([], "*counts.parquet of the baseline cannot be read*"),
    ],
)
def test_a_table_of_another_make_is_refused(
    pytester: pytest.Pytester, change: tuple[str, ...], about: object, told: str
) -> None:
    folder = pytester.path / "other"
    folder.mkdir()
    made = pa.table({"x": [1]}).replace_schema_metadata({b"fer_audit": json.dumps(about).encode()})
    pq.write_table(made, folder / "counts.parquet")
    done = pytester.runpytest(*change, "--fer-baseline=other", f"--fer-model=mine={SAME}")
    done.stderr.fnmatch_lines([told])
    shutil.rmtree(folder)
