"""The load report of a dataset as text for a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from fer_audit.report.quantities import people

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fer_audit.datasets.inventory import Inventory
    from fer_audit.datasets.load_report import Group, LoadReport
    from fer_audit.planning.decidable import Decidable

__all__ = ["as_text"]

_EXAMPLES = 3


def as_text(report: LoadReport, found: Sequence[Decidable], *, everything: bool) -> str:
    """The whole report.

    Args:
        report: what was read.
        found: what it could decide.
        everything: name every entry that was skipped, in place of a few examples.
    """
    title = report.name if report.origin is None else report.origin.title
    whole = report.whole
    who = "unknown people" if whole.people is None else people(whole.people, report.unit)
    lines = [f"{title}: {whole.pictures:,} pictures of {who}, for {report.task} recognition"]
    if report.inventory is not None:
        lines += _entries(report.inventory, everything=everything)
    for slicing, groups in report.groups.items():
        lines += ["", f"by {slicing}:", _table([*groups, report.whole])]
        if missing := report.unrecorded.get(slicing):
            lines.append(f"{missing:,} pictures have no value of it and belong to no group")
    if not report.groups:
        lines += ["", "by label:", _table([report.whole]), "no column to group people by: join one to it"]
    lines += ["", *_decisions(found)]
    if report.origin is not None:
        origin = report.origin
        lines += ["", f"licence: {origin.licence}", f"cite: {origin.citation}"]
    return "\n".join(lines)


def _entries(inventory: Inventory, *, everything: bool) -> Iterator[str]:
    what = f"{inventory.entry}s"
    yield (
        f"{what}: {inventory.present:,} there, {inventory.read:,} read, "
        f"{len(inventory.annotations):,} annotations, {len(inventory.skipped):,} skipped"
    )
    for reason, count in inventory.reasons().items():
        names = [skipped.entry for skipped in inventory.skipped if skipped.reason == reason]
        shown = names if everything else names[:_EXAMPLES]
        more = ", ..." if len(shown) < len(names) else ""
        yield f"  {count:,} {reason}: {', '.join(printable(name) for name in shown)}{more}"


def printable(name: str) -> str:
    r"""A name as a terminal may show it: what is not printable is escaped.

    >>> printable("José.jpg"), printable("a\x1b[2J.jpg")
    ('José.jpg', 'a\\x1b[2J.jpg')
    """
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def _table(groups: Sequence[Group]) -> str:
    """People and pictures of each group, one column a label."""
    # The last row is everybody: it has every label, in the dataset's order.
    labels = list(groups[-1].by_label)
    rows = {
        group.name: [
            "?" if group.people is None else f"{group.people:,}",
            f"{group.pictures:,}",
            *(f"{group.by_label.get(label, 0):,}" for label in labels),
        ]
        for group in groups
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["people", "pictures", *labels])
    return frame.to_string()


def _decisions(found: Sequence[Decidable]) -> Iterator[str]:
    reasons = {item.reason for item in found}
    if reasons <= {""} or len(reasons) > 1:
        yield from _each_decision(found)
    else:
        yield f"Nothing could be decided on these pictures: {reasons.pop()}"


def _each_decision(found: Sequence[Decidable]) -> Iterator[str]:
    known = next((item.prospect for item in found if item.prospect is not None), None)
    if known is not None:
        yield "What these people and pictures could decide, in 80 % of audits:"
    for slicing, items in groupby(found, key=lambda item: item.slicing):
        yield f"by {slicing}:"
        for words, same in groupby(items, key=_in_words):
            yield f"  {', '.join(item.measure for item in same)}: {words}"
    if known is not None:
        yield "This takes for granted:"
        # The people of each group stand in the tables above.
        yield from (f"- {line}" for line in known.assumptions[1:])


def _in_words(item: Decidable) -> str:
    if item.prospect is None:
        return f"INCONCLUSIVE at most: {item.reason}"
    found = item.prospect.found
    if found.too_small:
        passes = f"no PASS ({', '.join(found.too_small)} too small)"
    elif found.passes_from is None:
        passes = "no PASS at any tolerance"
    else:
        verb = "can PASS" if item.can_pass else "no PASS"
        passes = f"{verb} at {100 * item.tolerance:.0f} points (possible from {100 * found.passes_from:.0f})"
    if found.fails_from is None:
        return f"{passes}; no gap would FAIL"
    return f"{passes}; a gap of {100 * found.fails_from:.0f} points FAILs"
