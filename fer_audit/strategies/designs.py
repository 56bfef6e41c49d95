"""The plan of a prediction table in a few whole numbers: it prints in a line and shrinks to a small table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import prod
from typing import TYPE_CHECKING, Literal, TypeAlias

from hypothesis import strategies as st

from fer_audit.errors import ConfigurationError
from fer_audit.stats.counts import NON_ANSWERS
from fer_audit.vocabulary import AnswerKind, Expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.vendor.pretty import RepresentationPrinter

__all__ = ["LABELS", "SHARINGS", "Sharing", "TableDesign", "table_designs"]

LABELS = tuple(str(label) for label in Expression if label is not Expression.CONTEMPT)
"""The seven expressions of the usual datasets."""

Sharing: TypeAlias = Literal["apart", "shared", "mixed"]
"""How people and slices go together: each person in one slice, everybody in all of them, or some of both."""

SHARINGS: tuple[Sharing, ...] = ("apart", "shared", "mixed")

_NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
_ENOUGH = 8  # people that the default settings ask of a slice
_MOST_DECLARED = 20
_MOST_SEED = 2**16


@dataclass(frozen=True, slots=True, repr=False)
class TableDesign:
    """What a prediction table looks like; `fer_audit.strategies.tables.table_of` makes it.

    It prints as it is written, without what is as usual.

    >>> TableDesign(("anger",), (("group", ("a", "b")),), ((0, 1), (0,)), kinds=(AnswerKind.REFUSED,))
    TableDesign(('anger',), (('group', ('a', 'b')),), ((0, 1), (0,)), kinds=('refused',))

    Attributes:
        labels: the true labels.
        attributes: each attribute with its levels; a slice is one combination of them.
        wrong: one entry a slice, in the order of ``itertools.product`` over the levels: how many images of
            each of its people are answered wrongly (all of them where the person has fewer).
        images: fewest and most images of one label of one person.
        sparse: people lack about a third of the labels.
        sharing: ``apart`` (each person is in one slice), ``shared`` (person i of every slice is the same),
            ``mixed`` (every other one is).
        answered: labels that a wrong answer may give beside the true ones.
        kinds: kinds of non-answer that take turns with wrong labels.
        rows: most rows of one image and prompt; above 1, images are asked about again, with other answers.
        prompts: wordings in which every image is asked about; 1 for a table without prompts.
        confident: the answers carry a confidence, all but about every seventh.
        covariates: names of numbers measured on the pictures, unknown for about every seventh.
        identified: it is known who is in which picture.
        most_images: what a dataset of unknown people declares; None where it declares nothing.
        blank: rows of about every fifth person have no value of the last attribute.
        seed: which images are wrong, lacking, asked again; 0 is the simplest.
    """

    labels: tuple[str, ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    wrong: tuple[tuple[int, ...], ...]
    images: tuple[int, int] = (1, 1)
    sparse: bool = False
    sharing: Sharing = "apart"
    answered: tuple[str, ...] = ()
    kinds: tuple[AnswerKind, ...] = ()
    rows: int = 1
    prompts: int = 1
    confident: bool = False
    covariates: tuple[str, ...] = ()
    identified: bool = True
    most_images: int | None = None
    blank: bool = False
    seed: int = 0

    def __repr__(self) -> str:
        shown = [repr(self.labels), repr(self.attributes), repr(self.wrong)]
        for one in fields(self)[len(shown) :]:
            value = getattr(self, one.name)
            if value != one.default:
                words = tuple(map(str, value)) if one.name == "kinds" else value
                shown.append(f"{one.name}={words!r}")
        return f"TableDesign({', '.join(shown)})"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Hypothesis would show how the parts were drawn; the parts themselves can be typed again."""
        printer.text(repr(self))


def table_designs(
    *,
    labels: Sequence[str] | st.SearchStrategy[Sequence[str]] | None = None,
    attributes: Mapping[str, Sequence[str]] | None = None,
    max_slices: int = 4,
    min_people: int = 0,
    max_people: int = 20,
    max_images: int = 3,
    sharing: Sequence[Sharing] = SHARINGS,
    kinds: Sequence[AnswerKind] = NON_ANSWERS,
    max_rows: int = 2,
    max_prompts: int = 2,
    confidence: bool = True,
    covariates: Sequence[str] = ("brightness",),
    identified: bool = True,
    sparse: bool = True,
    blank: bool = True,
) -> st.SearchStrategy[TableDesign]:
    """Plans of prediction tables; the arguments are those of `fer_audit.strategies.predictions`.

    Raises:
        ConfigurationError: bounds that no table keeps.
    """
    _check(
        (min_people, max_people),
        max_slices=max_slices,
        max_images=max_images,
        max_rows=max_rows,
        max_prompts=max_prompts,
    )
    if labels is None:
        of_labels: st.SearchStrategy[tuple[str, ...]] = st.integers(1, len(LABELS)).map(lambda n: LABELS[:n])
    elif isinstance(labels, st.SearchStrategy):
        of_labels = labels.map(tuple)
    else:
        of_labels = st.just(tuple(labels))
    if attributes is None:
        # Nothing can be compared in one slice: two are the simplest table that says something.
        numbers = sorted(range(1, max_slices + 1), key=lambda number: (number == 1, number))
        of_attributes = st.sampled_from(numbers).map(_one_attribute)
    else:
        of_attributes = st.just(tuple((name, tuple(levels)) for name, levels in attributes.items()))
    return _designs(
        of_labels,
        of_attributes,
        people=(min_people, max_people),
        max_images=max_images,
        sharing=tuple(sharing),
        kinds=tuple(kinds),
        max_rows=max_rows,
        max_prompts=max_prompts,
        confidence=confidence,
        covariates=tuple(covariates),
        identified=identified,
        sparse=sparse,
        blank=blank,
    )


@st.composite
def _designs(
    draw: st.DrawFn,
    of_labels: st.SearchStrategy[tuple[str, ...]],
    of_attributes: st.SearchStrategy[tuple[tuple[str, tuple[str, ...]], ...]],
    *,
    people: tuple[int, int],
    max_images: int,
    sharing: tuple[Sharing, ...],
    kinds: tuple[AnswerKind, ...],
    max_rows: int,
    max_prompts: int,
    confidence: bool,
    covariates: tuple[str, ...],
    identified: bool,
    sparse: bool,
    blank: bool,
) -> TableDesign:
    labels = draw(of_labels)
    attributes = draw(of_attributes)
    slices = prod(len(levels) for _, levels in attributes)
    fewest = draw(st.integers(1, max_images))
    most = draw(st.integers(fewest, max_images))
    wrong = draw(st.tuples(*[_wrong(people, most * len(labels))] * slices))
    return TableDesign(
        labels=labels,
        attributes=attributes,
        wrong=wrong,
        images=(fewest, most),
        sparse=sparse and draw(st.booleans()),
        sharing=draw(st.sampled_from(sharing)),
        answered=draw(st.sampled_from(((), ("contempt",)))) if "contempt" not in labels else (),
        kinds=draw(st.lists(st.sampled_from(kinds), unique=True, max_size=2).map(tuple)) if kinds else (),
        rows=draw(st.integers(1, max_rows)),
        prompts=draw(st.integers(1, max_prompts)),
        confident=confidence and draw(st.booleans()),
        covariates=draw(st.sampled_from(((), covariates))),
        identified=identified,
        most_images=None if identified else draw(st.none() | st.integers(1, _MOST_DECLARED)),
        blank=blank and draw(st.booleans()),
        seed=draw(st.integers(0, _MOST_SEED)),
    )


def _wrong(people: tuple[int, int], most: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Wrong answers of the people of a slice: all right, all wrong, a few bad people, or any."""
    fewest, largest = people
    # Lists tend to be short, and where most slices had too few people there would be nothing to compare.
    enough = min(max(fewest, _ENOUGH), largest)
    counts = (
        st.integers(0, most),
        st.integers(0, min(1, most)),
        st.just(0),
        st.just(most),
    )
    sizes = ((fewest, largest), *[(enough, largest)] * 3)
    return st.one_of(
        *(st.lists(one, min_size=low, max_size=high).map(tuple) for one in counts for low, high in sizes)
    )


def _one_attribute(slices: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The attribute ``group`` with this many levels."""
    names = _NAMES[:slices] if slices <= len(_NAMES) else tuple(str(i + 1) for i in range(slices))
    return (("group", names),)


def _check(people: tuple[int, int], **at_least_one: int) -> None:
    for name, value in at_least_one.items():
        if value < 1:
            raise ConfigurationError(f"{name} is {value}; it must be at least 1")
    fewest, most = people
    if not 0 <= fewest <= most:
        raise ConfigurationError(
            f"min_people is {fewest} and max_people is {most}; give bounds with 0 <= min_people <= max_people"
        )
