"""Everything that can go wrong, as one tree.

```
FerAuditError
├── ConfigurationError         what was asked for does not exist or contradicts itself
│   ├── UnknownNameError       a model, dataset, slicing or label nobody registered
│   ├── DuplicateNameError     two things under one name
│   └── MissingExtraError      a package that is not installed
├── DataError                  what was read cannot be audited
│   ├── DatasetError           a dataset, its manifest or its folder
│   ├── ImageError             one picture: missing, broken, hostile
│   ├── TableError             a prediction table
│   ├── IncompleteError        too many rows missing or in error for any verdict
│   └── BaselineError          an earlier run that cannot be compared with this one
├── ModelError                 a model cannot be loaded or answered out of contract
│   ├── EndpointError          an endpoint on the network that refuses for good: key, name, quota
│   ├── NotLiveError           answers that only the network has, in a run that may not ask it
│   └── BudgetError            answers that would cost more than the run may spend
├── StoreError                 the prediction store cannot be read or written
└── ReportError                a report cannot be written
```

Every message says what happened, with the value, and what to do next. A verdict is never raised: FAIL is
a finding, and none of these is evidence of bias.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BaselineError",
    "BudgetError",
    "ConfigurationError",
    "DataError",
    "DatasetError",
    "DuplicateNameError",
    "EndpointError",
    "FerAuditError",
    "ImageError",
    "IncompleteError",
    "MissingExtraError",
    "ModelError",
    "NotLiveError",
    "ReportError",
    "StoreError",
    "TableError",
    "UnknownNameError",
    "did_you_mean",
    "first_line",
    "one_line",
]

_LINE, _LINES = 200, 300  # characters of what a foreign error says


class FerAuditError(Exception):
    """The root of every error this package raises on purpose."""


class ConfigurationError(FerAuditError):
    """What was asked for does not exist or contradicts itself."""


class UnknownNameError(ConfigurationError):
    """A model, dataset, slicing or label that nobody registered."""


class DuplicateNameError(ConfigurationError):
    """Two different things were registered under one name."""


class MissingExtraError(ConfigurationError):
    """Packages of an extra are needed that are not installed."""


class DataError(FerAuditError):
    """What was read cannot be audited: no verdict follows from it, in either direction."""


class DatasetError(DataError):
    """A dataset, its manifest or its folder is not what it has to be."""


class ImageError(DataError):
    """One picture is missing, broken or hostile."""


class TableError(DataError):
    """A prediction table holds something that cannot be counted."""


class IncompleteError(DataError):
    """Too many rows are missing or in error, overall or in one slice, for any verdict."""


class BaselineError(DataError):
    """An earlier run cannot be read, or asked another question than this one."""


class ModelError(FerAuditError):
    """A model cannot be loaded, or answered outside its contract."""


class EndpointError(ModelError):
    """An endpoint refuses for good (no key, wrong key, unknown model, no quota): asking again is in vain."""


class NotLiveError(ModelError):
    """Answers are missing that only the network has, and this run may not ask it."""


class BudgetError(ModelError):
    """The next request could cost more than this run may still spend."""


class StoreError(FerAuditError):
    """The prediction store cannot be read or written."""


class ReportError(FerAuditError):
    """A report cannot be written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint that ends a message about an unknown name.

    >>> did_you_mean("ange", ["anger", "fear"])
    "did you mean 'anger'? Known: anger, fear"
    >>> did_you_mean("x", ["anger", "fear"])
    'Known: anger, fear'
    """
    names = sorted(str(name) for name in known)
    listing = f"Known: {', '.join(names) or 'none'}"
    close = get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}? {listing}" if close else listing


def first_line(error: BaseException) -> str:
    r"""What a foreign error says in its first line, cut short; its kind where it says nothing.

    >>> first_line(ValueError("no such operator\n  at node 7")), first_line(KeyError())
    ('no such operator', 'KeyError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:_LINE]


def one_line(error: BaseException) -> str:
    """All that a foreign error says, in one line of bounded length; its kind where it says nothing.

    >>> one_line(ValueError("size   mismatch")), one_line(KeyError())
    ('size mismatch', 'KeyError')
    """
    return (" ".join(str(error).split()) or type(error).__name__)[:_LINES]
