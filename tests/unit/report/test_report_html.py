from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from sample_runs import FAILED, LABELS, PASSED, UNDECIDED, cell, cell_table, comparison, gap, run

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
    folded = [a for a in page.all("details") if a.get("class") == "verdict pass"]
    assert [a["id"] for a in folded] == ["v3"]
    assert [a["id"] for a in page.all("section")] == ["v1", "v2"]


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
    assert any("recall({{ 7*7 }}) by skin_tone" in text for text in Page(page_named("{{ 7*7 }}")).texts)
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
    assert "no model" in page.texts
    assert page.all("table") == []


def test_a_large_run_stays_small_enough_to_mail() -> None:
    worst = [
        replace(
            FAILED, comparisons=tuple(comparison(0.4 + i / 1000, 0.3, 0.5, a="2", b="8") for i in range(60))
        )
        for _ in range(12)
    ]
    assert len(render_html(run(*worst), [cell_table()]).encode()) < 1_800_000
