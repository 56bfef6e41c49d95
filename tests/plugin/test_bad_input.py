"""What a user can get wrong: the message says what, where and what to do, before anything is asked."""

from __future__ import annotations

import pytest

USAGE = {
    "unknown model": (
        ["--fer-model=mini-exception", "--fer-dataset=faces"],
        "unknown model 'mini-exception'; did you mean 'mini-xception'? Known: clip, clip-probe, face-api, gemini, gpt-4o, hf, mini-xception, onnx, openai, oracle, paligemma, paligemma-generate, python",
    ),
    "unknown dataset": (
        ["--fer-model=oracle", "--fer-dataset=face"],
        "unknown dataset 'face'; did you mean 'faces'? Known: *",
    ),
    "no dataset": (
        ["--fer-model=oracle"],
        "model 'oracle' was chosen but no dataset; add --fer-dataset=faces (rendered, built in) or "
        "--fer-dataset=manifest=people.csv",
    ),
    "unknown slicing": (
        ["--fer-model=oracle", "--fer-dataset=manifest=people.csv", "--fer-slices=gendr"],
        "no chosen dataset has the slicing 'gendr'; did you mean 'gender'? Known: gender, site",
    ),
    "half an intersection": (
        ["--fer-model=oracle", "--fer-dataset=manifest=people.csv", "--fer-slices=gender*"],
        "slicing 'gender*' must name one or more different attributes, e.g. gender or gender*race",
    ),
    "two models of one name": (
        ["--fer-model=oracle:error=.1", "--fer-model=oracle:error=.2", "--fer-dataset=faces"],
        "chosen model 'oracle' is registered twice; rename one of them or remove it",
    ),
    "a script that cannot be read": (
        ["--fer-model=oracle:eror", "--fer-dataset=faces"],
        "oracle: cannot read 'eror'; write e.g. error=.2,icc=.2,seed=3,skin_tone.8=.3,refuse.skin_tone.8=.3,"
        "confuse.anger.disgust=.4",
    ),
    "a manifest without its file": (
        ["--fer-model=oracle", "--fer-dataset=manifest"],
        "dataset 'manifest' needs its file: manifest=PATH.csv (or .parquet)",
    ),
    "a path where none is taken": (
        ["--fer-model=oracle", "--fer-dataset=faces=/tmp"],
        "dataset 'faces' takes no path, but '/tmp' was given; write faces",
    ),
    "a variant where none is taken": (
        ["--fer-model=mini-xception:big", "--fer-dataset=faces"],
        "model 'mini-xception' takes no variant, but 'big' was given; write mini-xception",
    ),
    "a family without its variant": (
        ["--fer-model=onnx", "--fer-dataset=faces"],
        "model 'onnx' lacks its variant; write NAME=onnx:PATH.onnx",
    ),
    "a module that is not there": (
        ["--fer-model=m=python:no_such_module:f", "--fer-dataset=faces"],
        "model 'm': cannot import 'no_such_module' (No module named 'no_such_module'); install it or run from "
        "its folder",
    ),
    "a factory that is not there": (
        ["--fer-model=m=python:math:sqt", "--fer-dataset=faces"],
        "model 'm': module 'math' has no callable 'sqt'; did you mean 'sqrt'?*",
    ),
    "a table and a model": (
        ["--fer-predictions=people.csv", "--fer-model=oracle"],
        "a prediction table was given together with a model or a dataset; it needs neither: give the table alone",
    ),
    "a table without predictions": (
        ["--fer-predictions=people.csv"],
        "people.csv: column 'predicted' is missing; Known: expression, gender, identity, image, site",
    ),
    "an unwritable report folder": (
        ["--fer-model=oracle", "--fer-dataset=faces", "--fer-report=people.csv/report"],
        "*people.csv*",
    ),
}


@pytest.fixture
def audit_test(pytester: pytest.Pytester, people: str) -> None:
    del people
    pytester.makepyfile(
        """
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )


def escaped(text: str) -> str:
    return text.replace("[", "[[]")


@pytest.mark.usefixtures("audit_test")
@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_option_is_a_usage_error(pytester: pytest.Pytester, case: str) -> None:
    options, message = USAGE[case]
    result = pytester.runpytest(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {escaped(message)}"])


@pytest.mark.usefixtures("audit_test")
@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        ("1.5", "alpha is 1.5; it must lie between 0 and 0.5, e.g. 0.05; give a number such as 0.05"),
        ("0", "alpha is 0.0; it must lie between 0 and 0.5, e.g. 0.05; give a number such as 0.05"),
        ("-.05", "alpha is -0.05; it must lie between 0 and 0.5, e.g. 0.05; give a number such as 0.05"),
        ("nan", "alpha is nan; it must lie between 0 and 0.5, e.g. 0.05; give a number such as 0.05"),
        ("5 %", "could not convert string to float: '5 %'; give a number such as 0.05"),
    ],
)
def test_a_level_that_is_none_is_a_usage_error(pytester: pytest.Pytester, alpha: str, message: str) -> None:
    pytester.makeini(f"[pytest]\nfer_alpha = {alpha}\n")
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=people.csv")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: fer_alpha = '{alpha}': {message}"])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "image,identity,emotion,gender",
            "column 'expression' is missing; Known: emotion, gender, identity, image. A manifest has the columns "
            "image, identity, expression (or label)",
        ),
    ],
)
def test_a_manifest_with_a_wrong_header_is_a_usage_error(
    pytester: pytest.Pytester, header: str, message: str
) -> None:
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    pytester.path.joinpath("m.csv").write_text(f"{header}\na,b,c,d\n")
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=m.csv")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: manifest m.csv: {message}*"])


def test_a_manifest_without_groups_is_joined_to_a_table_of_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    pytester.path.joinpath("m.csv").write_text("image,identity,expression\na.png,p,anger\nb.png,q,anger\n")
    pytester.path.joinpath("who.csv").write_text("identity,gender\np,f\nq,m\n")
    options = ("--fer-model=oracle", "--fer-dataset=manifest=m.csv", "--collect-only")
    alone = pytester.runpytest(*options)
    assert alone.ret == pytest.ExitCode.USAGE_ERROR
    alone.stderr.fnmatch_lines(
        [
            "ERROR: dataset 'm' has no column to group its people by; join one to it, such as gender by "
            "identity: --fer-demographics=FILE"
        ]
    )
    joined = pytester.runpytest(*options, "--fer-demographics=who.csv")
    joined.stdout.fnmatch_lines(["oracle-m: 2 people, 2 images, *; tests by slicing: gender: 1"])


@pytest.mark.usefixtures("audit_test")
def test_a_marker_that_names_no_slicing_of_the_dataset_is_an_error_of_collection(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_race="""
        import pytest

        @pytest.mark.slices("rase")
        def test_race(audit):
            pass
        """
    )
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=people.csv")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["test_race.py::test_race: no chosen dataset has the slicing 'rase'; Known: gender, site"]
    )


BAD_ROWS = {
    "one slice only": (
        "image,identity,expression,gender\n" + "\n".join(f"{i}.png,p{i},anger,f" for i in range(20)),
        "ERROR",
        "ConfigurationError: slicing 'gender' makes one slice only, 'f', and there is nothing to compare it "
        "with. Slice by a column with two values or more (--fer-slices, or the slices marker), or complete the "
        "data",
    ),
    "one slice left": (
        "image,identity,expression,gender\n"
        + "\n".join(f"{i}.png,p{i},anger,{'f' if i else ''}" for i in range(20)),
        "ERROR",
        "ConfigurationError: slicing 'gender' makes one slice only, 'f', *; 1 row without a value. Slice by*",
    ),
    "an unknown expression": (
        "image,identity,expression,gender\na.png,p,angr,f\n",
        "ERROR",
        "*manifest m.csv: unknown expression 'angr' in row 1; did you mean 'anger'?*",
    ),
    "an empty identity": (
        "image,identity,expression,gender\na.png,,anger,f\nb.png,p,anger,f\n",
        "ERROR",
        "*manifest m.csv: column 'identity' is empty or NaN in 1 of 2 rows (first: row 1)*",
    ),
    "no rows": (
        "image,identity,expression,gender\n",
        "ERROR",
        "*manifest m.csv: no rows; list one image a row under image, identity, expression*",
    ),
    "one picture under two people": (
        "image,identity,expression,gender\na.png,p,anger,f\na.png,q,anger,f\n",
        "ERROR",
        "*dataset 'm': one picture under two identities: 'a.png' (p) and 'a.png' (q) have the same content; "
        "keep the right row*",
    ),
    "one picture under two labels": (
        "image,identity,expression,gender\na.png,p,anger,f\na.png,p,fear,f\n",
        "ERROR",
        "*dataset 'm': one picture under two labels: 'a.png' (anger) and 'a.png' (fear) have the same content*",
    ),
}


@pytest.mark.usefixtures("audit_test")
@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_no_verdict(pytester: pytest.Pytester, case: str) -> None:
    text, word, message = BAD_ROWS[case]
    pytester.path.joinpath("m.csv").write_text(text)
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=m.csv", "-v")
    result.stdout.fnmatch_lines([f"*{word}*"])
    result.stdout.fnmatch_lines([message])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
