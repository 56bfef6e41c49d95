"""The small form: 30 named cells that run with every change, in a minute or two.

They were named before they were run, one or more of each family; their seeds follow from their names.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SMALL", "SmallCell"]


@dataclass(frozen=True, slots=True)
class SmallCell:
    """A cell of the full form with fewer runs.

    Attributes:
        name: of the cell.
        runs: tables.
    """

    name: str
    runs: int = 2_000


SMALL: tuple[SmallCell, ...] = (
    SmallCell("fair: 8 slices of 10, 16 images, accuracy .85, icc .2 beta"),
    SmallCell("gap: 2 slices of 40, 2..20 images, accuracy .5/.4, icc .2 beta, one pair"),
    SmallCell("gap: 2 slices of 60/8, 16 images, accuracy .99/.89, icc .2 logit-normal, one pair"),
    SmallCell("gap: 4 slices of 40, 2 images, accuracy .95/.85, icc .05 beta, ladder"),
    SmallCell("gap: 2 slices of 40, 16 images, accuracy .85/.75, 1 in 20 people at .25, one pair"),
    SmallCell("unequal: 2 slices of 60/8, 16 images, accuracy .95/.85, icc .02/.3, one pair"),
    SmallCell(
        "twins: 48 people in 4 levels, 1 x 7 labels, accuracy .5/.4, icc .2 beta, "
        "level effect fixed, one pair"
    ),
    SmallCell(
        "twins: 16 people in 2 levels, 16 x 1 labels, accuracy .95/.85, icc .05 beta, "
        "level effect varying by person, one pair"
    ),
    SmallCell("overlap: slices of 24/24, .5 shared, 16 images, accuracy .85/.75, icc .2 beta, opposed"),
    SmallCell(
        "crossed: 20/20 people x 2 levels, 1 x 7 labels, accuracy .85/.75, icc .2 beta, gap within people"
    ),
    SmallCell("labels: Chicago Face, accuracy 0.85, icc .2 beta, gap .1"),
    SmallCell("labels: Face-Place, accuracy 0.85, icc .05 beta, gap .2"),
    SmallCell("refused: a gap of .20 looks like .05, 2 slices of 60, 16 images, accuracy .95/.75", 200),
    SmallCell("refusals: 2 slices of 60, 16 images, refused .055/.005, icc .05 beta, one pair"),
    SmallCell("ratio: 2 slices of 200, 2 images, rates .25/.2, icc .05 beta"),
    SmallCell("ratio, twins: 48 people, 4 x 1 labels, rates .25/.2, icc .05 beta, level effect fixed"),
    SmallCell("ratio, overlap: slices of 24/24, .5 shared, 16 images, rates .75/.6, icc .2 beta, opposed"),
    SmallCell("association: slices of 60/10, 16 images, accuracy .85, icc .02/.3", 200),
    SmallCell("association: 40/30 people, one slice lacks labels, accuracy .6, icc .2 beta", 100),
    SmallCell("overconfidence, .9 to 1 sure: slices of 60/8, 2/16 images, people with a long tail"),
    SmallCell("Brier, .5 to .8 sure: people needed to PASS, four of 12, 4 images"),
    SmallCell("scan: slices of 28/20, 8 images of 3 labels, accuracy .75, icc .02/.3", 100),
    SmallCell(
        "change: one of 4 slices worse by .05, 60 people each, 16 images, accuracy .95, "
        "icc .2 beta, half of it stays"
    ),
    SmallCell(
        "change of a gap: 24 and 24 people, .5 shared, 2..20 images, accuracy .85, wider by .05, icc .2 beta"
    ),
    SmallCell("people needed: to FAIL, 16/16, 16 images"),
    SmallCell("reference: 20 against 20, gap .2"),
    SmallCell("flips: 48 people at 2 levels, 1 x 7 labels, shown twice, noise .2, icc .2 beta, excess .05"),
    SmallCell("wordings: 12, that move slices by .1; 48 people at 2 levels, accuracy .75/.65"),
    SmallCell("flips: people needed to FAIL, 16 people at 2 levels, 1 x 7 labels, excess .09", 800),
    SmallCell("confounders: only light, 2 slices of 60, accuracy .85, icc .2 beta", 200),
)
