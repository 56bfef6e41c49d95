from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from sample_runs import FAILED, LABELS, PASSED, UNDECIDED, cell, cell_table, comparison, gap, ratio, run

from fer_audit.predictions import Column
from fer_audit.report.html import render_html
from fer_audit.results import Fault, Outcome, Record, RunResult

VOID = {"meta", "img", "br", "link", "input", "hr"}
HOSTILE = "<script>alert(1)</script>"
NAMES = [HOSTILE, "=cmd('x')", '"><img src=x onerror=alert(1)>', "\u202egnp", "x" * 3000, "{{ 7*7 }}", "a'b"]


class Page(HTMLParser):
    """What a browser would see: tags in balance, attributes, and the text in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1:] not in (["style"], ["title"]):
            self.texts.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page() -> Page:
    return Page(render_html(run(FAILED, UNDECIDED, PASSED, synthetic=True), [cell_table()]))


def test_the_caveat_of_rendered_faces_is_the_first_thing_said(page: Page) -> None:
    assert page.texts[0] == "Rendered faces are a lead about the model, not a finding about people."
    plain = Page(render_html(run(FAILED)))
    assert plain.texts[:2] == [
        "Fairness audit of mini-xception",
        "1 of 1 criterion FAILED, so the gate is closed.",
    ]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = render_html(run(FAILED, UNDECIDED, PASSED), [cell_table()])
    assert "http" not in text.replace("http-equiv", "")
    page = Page(text)
    assert {"script", "link", "iframe", "object", "form"}.isdisjoint(tag for tag, _ in page.tags)
    assert page.all("meta")[1] == {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("src") or "data:").startswith("data:image/webp;base64,") or tag != "img"
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in text.replace("url(#", "")


def test_every_link_leads_somewhere_and_every_name_is_used_once(page: Page) -> None:
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {(attributes["href"] or "")[1:] for attributes in page.all("a")}
    assert targets == {"v1", "v2", "v3"}
    assert targets <= set(names)


def test_failures_come_first_and_what_passed_is_folded_away(page: Page) -> None:
    order = [text for text in page.texts if text.startswith("What ")]
    assert order == [
        "What failed",
        "What was read as what",
        "What could not be decided",
        "What passed",
        "What the verdicts mean",
    ]
    assert [a["id"] for a in page.all("section")] == ["v1"]
    folded = [(a["class"], a["id"]) for a in page.all("details") if "id" in a]
    assert folded == [("verdict inconclusive", "v2"), ("verdict pass", "v3")]
    assert not any("open" in a for a in page.all("details"))
    assert "1 undecided, what was seen to differ most first" in page.texts
    assert "1 passed" in page.texts


def test_a_grid_of_signs_with_their_words_links_every_verdict(page: Page) -> None:
    signs = [a for a in page.all("a") if (a.get("class") or "").startswith("sign ")]
    assert [(a["class"], a["href"]) for a in signs] == [
        ("sign fail", "#v1"),
        ("sign inconclusive", "#v2"),
        ("sign pass", "#v3"),
    ]
    start = page.texts.index("At a glance")
    assert page.texts[start : page.texts.index("What failed")] == [
        "At a glance",
        *("✕", "1 FAIL", "?", "1 INCONCLUSIVE", "✓", "1 PASS"),
        *("Demand", "skin tone", "group", "gender"),
        "accuracy, at most 10 points apart",
        *("✕", "FAIL", "?", "INCONCLUSIVE", "✓", "PASS"),
    ]


def test_a_grid_of_several_cells_names_them_and_what_was_not_judged() -> None:
    other = replace(run(PASSED).records[0], model="clip")
    both = replace(run(FAILED), cells=(cell(), cell(model="clip")), records=(*run(FAILED).records, other))
    texts = Page(render_html(both)).texts
    grid = texts[texts.index("Demand") : texts.index("What failed")]
    assert grid == [
        *("Demand", "skin tone", "gender"),
        "mini-xception on faces",
        *("accuracy, at most 10 points apart", "✕", "FAIL", "–", "not judged"),
        "clip on faces",
        *("accuracy, at most 10 points apart", "–", "not judged", "✓", "PASS"),
    ]


def test_a_fail_shows_who_was_read_as_what_and_whose_faces(page: Page) -> None:
    assert page.texts.count("skin tone 2") >= 2
    captions = [text for text in page.texts if text.startswith("Of ")]
    assert captions == [
        "Of 19 pairs of the same rendered identity with the same expression, 6 are read correctly as faces of "
        "skin tone 2 and read wrongly as faces of skin tone 8; 0 the other way round."
    ]
    images = page.all("img")
    assert len(images) == 12
    assert images[0]["alt"] == "Face of skin tone 2, shows anger, read as anger"
    assert {a["alt"] for a in images if "blocked" in (a["alt"] or "")} == {
        "Face of skin tone 8, shows happiness, blocked output"
    }


def test_faces_are_shown_only_where_they_may_be() -> None:
    hidden = Page(render_html(run(FAILED), [cell_table(shown=False)]))
    assert hidden.all("img") == []
    assert any(text.startswith("Of 19 pairs") for text in hidden.texts)


def run_named(name: str) -> RunResult:
    verdict = replace(
        gap(
            Outcome.FAIL, comparison(0.25, 0.2, 0.4, a="2", b=name, labels=(name,)), measure=f"recall({name})"
        ),
        criterion=f"Gap({name})",
        reason=name,
        notes=(name,),
        labels_left_out=(name,),
        excluded=((name, name),),
        people_needed={name: 3},
    )
    named = replace(
        cell(model=name, dataset=name),
        unit=name,
        details={name: name},
        answers={name: 3},
        labels=(name,),
        notes=(name,),
        fingerprint=name,
    )
    return RunResult(
        run="fail",
        partial=True,
        records=(Record(name, name, name, verdict),),
        faults=(Fault(name, name, name),),
        cells=(named,),
        settings={name: name, "alpha": name},
    )


def page_named(name: str) -> str:
    """A page on which everything that has a name has this one."""
    table = cell_table()
    labels = (name, *LABELS[1:])
    tone = table.predictions.attributes["skin_tone"]
    predictions = replace(
        table.predictions,
        true=Column(table.predictions.true.codes, labels),
        predicted=Column(table.predictions.predicted.codes, labels),
        attributes={"skin_tone": Column(tone.codes, ("2", name))},
        provenance=replace(table.predictions.provenance, model=name, dataset=name),
        words={name: (name, f"I cannot tell {name}")},
    )
    return render_html(run_named(name), [replace(table, predictions=predictions)])


@pytest.mark.parametrize(
    "name", NAMES, ids=["script", "formula", "image", "bidi", "long", "template", "quote"]
)
def test_no_name_becomes_markup(name: str) -> None:
    text = page_named(name)
    hostile, calm = Page(text), Page(page_named("calm"))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in calm.tags]
    assert [sorted(attributes) for _, attributes in hostile.tags] == [
        sorted(attributes) for _, attributes in calm.tags
    ]
    assert "\u202e" not in text


def test_a_name_is_shown_as_it_is_written() -> None:
    # A label inside the sentence that a measure becomes loses its braces; the criterion stays as written.
    assert any("recall of (( 7*7 )) by skin_tone" in text for text in Page(page_named("{{ 7*7 }}")).texts)
    assert any("Gap({{ 7*7 }})" in text for text in Page(page_named("{{ 7*7 }}")).texts)
    assert any(HOSTILE in text for text in Page(page_named(HOSTILE)).texts)


def test_many_comparisons_are_folded_and_counted() -> None:
    many = [comparison(0.1 + i / 1000, -0.1, 0.5, a=f"a{i}", b="b") for i in range(150)]
    page = Page(render_html(run(gap(Outcome.INCONCLUSIVE, *many))))
    assert "48 more comparisons, and 90 in report.json only" in page.texts
    assert "50 more are in report.json." in page.texts


def test_a_run_without_a_verdict_says_so() -> None:
    empty = RunResult("error", False, (), (Fault("", "", "no model"),), (), {})
    page = Page(render_html(empty))
    assert page.texts[1] == "1 error left the audit without a full verdict, so the gate is closed."
    assert "the run: no model" in page.texts
    assert page.all("table") == []


def test_errors_with_one_reason_are_told_once_with_their_tests() -> None:
    faults = [Fault(f"test_it[{i}]", "clip-radiate", "the model broke") for i in range(36)]
    result = replace(run(PASSED), faults=(*faults, Fault("test_other", "clip-radiate", "no <weights>")))
    page = Page(render_html(result))
    assert "36 tests of clip-radiate: the model broke" in page.texts
    assert page.texts[page.texts.index("1 PASS") + 1] == "37 errors"
    assert any(attributes.get("href") == "#errors" for attributes in page.all("a"))
    assert [attributes.get("id") for attributes in page.all("h2")].count("errors") == 1
    assert "clip-radiate: no <weights>" in page.texts
    assert [text for text in page.texts if text.startswith("test_")] == [
        *(f"test_it[{i}]" for i in range(36)),
        "test_other",
    ]


def test_rendered_identities_are_called_people_nowhere_but_in_the_caveat() -> None:
    verdict = replace(
        UNDECIDED,
        reason="too few people speak for BF",
        notes=(
            "about 90 people a slice would PASS",
            "images of one person correlate",
            "nobody belongs to: x",
        ),
    )
    settings = {"alpha": "0.05", "fail_floor": "0.1", "pass_floor": "0.2", "least_people": "8"}
    result = replace(run(FAILED, verdict, PASSED, synthetic=True), settings=settings, partial=True)
    texts = Page(render_html(result, [cell_table()])).texts
    told = [text for text in texts if re.search(r"people|person|nobody", text)]
    assert told == ["Rendered faces are a lead about the model, not a finding about people."]
    assert "about 90 rendered identities a slice would PASS" in texts


def test_what_judged_is_told_with_its_version() -> None:
    settings = {"alpha": "0.01", "fer_audit": "0.1.0", "numpy": "2.4.1", "python": "3.11.7"}
    texts = Page(render_html(replace(run(FAILED), settings=settings))).texts
    assert "Asked and judged with fer_audit 0.1.0, python 3.11.7, numpy 2.4.1." in texts
    assert "error rate of each criterion (alpha): 0.01" in texts


def test_bounds_in_the_table_are_never_overstated() -> None:
    pair = comparison(2.18, 1.4579, 3.1211, difference=(0.417, 0.2251, 0.5712))
    texts = Page(render_html(run(ratio(Outcome.FAIL, pair)))).texts
    start = texts.index("points apart", texts.index("at most"))
    assert "41.7 (22.5 to 57.2)" in texts[start:]
    at = texts.index("2.18")
    assert texts[at : at + 4] == ["2.18", "1.45", "3.13", "41.7 (22.5 to 57.2)"]


def test_a_large_run_stays_small_enough_to_mail() -> None:
    worst = [
        replace(
            FAILED, comparisons=tuple(comparison(0.4 + i / 1000, 0.3, 0.5, a="2", b="8") for i in range(60))
        )
        for _ in range(12)
    ]
    assert len(render_html(run(*worst), [cell_table()]).encode()) < 1_800_000
