"""The same findings in any order, on any number of workers, and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

UNFAIR = "--fer-model=oracle:error=.05,icc=.1,gender.m=.5"


@pytest.fixture
def suite(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> tuple[str, ...]:
    pytester.makepyfile(
        test_more="""
        import pytest
        from fer_audit import Gap, recall, refusals

        @pytest.mark.slices("gender", "gender*site")
        @pytest.mark.parametrize("label", ["anger", "fear"])
        def test_recall(audit, label):
            audit.require(Gap(recall(label), at_most=0.20))

        def test_refusals(audit):
            audit.require(Gap(refusals, at_most=0.05))

        def test_of_another_kind():
            pass
        """
    )
    return (*gap_test, UNFAIR)


def written(pytester: pytest.Pytester, *args: str) -> bytes:
    pytester.runpytest(*args)
    return pytester.path.joinpath("fairness-report/report.json").read_bytes()


def test_order_workers_and_repetition_change_no_byte(
    pytester: pytest.Pytester, suite: tuple[str, ...]
) -> None:
    first = written(pytester, *suite)
    assert json.loads(first)["run"] == "fail"
    assert len(json.loads(first)["verdicts"]) == 8
    assert written(pytester, *suite) == first
    assert written(pytester, *suite, "-n", "0") == first
    assert written(pytester, *suite, "-n", "2") == first
    shuffled = [argument for argument in suite if argument not in {"-p", "no:randomly"}]
    assert written(pytester, *shuffled, "-p", "randomly", "-p", "no:cacheprovider") == first


def test_ids_carry_model_dataset_and_slicing_and_can_be_chosen(
    pytester: pytest.Pytester, suite: tuple[str, ...]
) -> None:
    result = pytester.runpytest(*suite, "--collect-only", "-q", "-k", "oracle-people-gender_x_site")
    result.stdout.fnmatch_lines(
        [
            "test_more.py::test_recall[[]oracle-people-gender_x_site-anger]",
            "test_more.py::test_recall[[]oracle-people-gender_x_site-fear]",
        ]
    )
    assert result.ret == 0


def test_a_chosen_part_is_marked_partial(pytester: pytest.Pytester, suite: tuple[str, ...]) -> None:
    assert json.loads(written(pytester, *suite))["partial"] is False
    assert json.loads(written(pytester, *suite, "-k", "refusals"))["partial"] is True
    assert json.loads(written(pytester, *suite, "-n", "2", "-k", "refusals"))["partial"] is True
    written(pytester, *suite)
    last_failed = json.loads(written(pytester, *suite, "--lf"))
    assert last_failed["partial"] is True
    assert {verdict["outcome"] for verdict in last_failed["verdicts"]} == {"fail"}


def test_the_first_failure_stops_a_run_that_asks_for_it(
    pytester: pytest.Pytester, suite: tuple[str, ...]
) -> None:
    report = json.loads(written(pytester, *suite, "-x"))
    assert report["partial"] is True
    assert [verdict["outcome"] for verdict in report["verdicts"]].count("fail") == 1
    assert len(report["verdicts"]) < 8


def test_collect_only_ends_with_the_plan_and_writes_nothing(
    pytester: pytest.Pytester, suite: tuple[str, ...]
) -> None:
    result = pytester.runpytest(*suite, "--collect-only")
    result.stdout.fnmatch_lines(
        [
            "*audit plan*",
            "oracle-people: 96 people, 384 images, 0 answers stored, 384 to ask; tests by slicing: *",
        ]
    )
    result.stdout.fnmatch_lines(["*gender: 4, site: 2, gender[*]site: 2"])
    assert not pytester.path.joinpath("fairness-report").exists()
    assert not pytester.path.joinpath(".fer_audit").exists()


def test_a_smoke_run_asks_about_a_few_people_and_is_partial(
    pytester: pytest.Pytester, suite: tuple[str, ...]
) -> None:
    report = json.loads(written(pytester, *suite, "--fer-limit-people=20"))
    assert report["partial"] is True
    assert report["cells"][0]["people"] == 20


def test_the_report_goes_where_it_is_asked_to(
    pytester: pytest.Pytester, suite: tuple[str, ...], tmp_path: Path
) -> None:
    pytester.runpytest(*suite, f"--fer-report={tmp_path / 'out'}")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["counts.parquet", "report.html", "report.json", "report.md"]
    assert not pytester.path.joinpath("fairness-report").exists()


def test_a_table_of_predictions_needs_no_model_and_no_image(pytester: pytest.Pytester, people: str) -> None:
    rows = pytester.path.joinpath(people).read_text().splitlines()
    table = ["identity,expression,predicted,gender"]
    for row in rows[1:]:
        _, identity, expression, gender, _ = row.split(",")
        table.append(f"{identity},{expression},{'fear' if gender == 'm' else expression},{gender}")
    pytester.path.joinpath("answers.csv").write_text("\n".join(table))
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    result = pytester.runpytest("--fer-predictions=answers.csv", "-v")
    result.stdout.fnmatch_lines(["*test_gap[[]answers-table-gender] FAILED*"])
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    assert report["verdicts"][0]["estimate"] == pytest.approx(0.75)
    assert report["cells"][0]["people"] == 96


def test_a_cold_store_is_asked_each_question_once_by_two_workers(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    del gap_test
    log = pytester.path / "log"
    pytester.makeconftest(
        f"""
        import hashlib
        from fer_audit import ModelSpec

        class Logged:
            def recognize(self, images):
                with open({str(log)!r}, "a") as stream:
                    for image in images:
                        stream.write(hashlib.sha256(image.tobytes()).hexdigest() + chr(10))
                return ["anger"] * len(images)

        def pytest_fer_models():
            return [ModelSpec("logged", lambda labels: Logged(), lambda: {{"version": "1"}})]
        """
    )
    options = ("--fer-model=logged", "--fer-dataset=faces", "-n", "2")
    first = written(pytester, *options)
    lines = log.read_text().splitlines()
    assert len(lines) == len(set(lines)) == 1344
    assert written(pytester, *options) == first
    assert len(log.read_text().splitlines()) == 1344
