"""What the API says where it gives no content, as what the engine knows: worth another attempt, or never."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_audit.errors import EndpointError
from fer_audit.models.gemini.target import KEYS, URL
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.retry_after import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.models.gemini.target import Target

__all__ = ["Failure", "PictureError", "failure_of"]

_PASSING = frozenset({408, 409, 425, 429, 499})
_BUSY = frozenset({429, 503, 529})
_SERVER = 500
_SHOWN = 200
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_OF_PICTURE = re.compile(
    r"\b(?:process|decode|invalid|valid|unsupported|read)\b.*\bimage\b|\bimage\b.*\bvalid\b", re.IGNORECASE
)
_NO_MONEY = re.compile(r"\b(?:credits?|prepayment|billing account|spend(?:ing)? cap)\b.*", re.IGNORECASE)


class PictureError(Exception):
    """The endpoint cannot read this picture; another may do."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer of the API with a status that is none of success.

    Attributes:
        status: of HTTP.
        message: what it says, without the key.
        details: the parts of its error, as JSON.
        retry_after: of the header; empty where there is none.
    """

    status: int
    message: str
    details: Sequence[Mapping[str, Any]] = ()
    retry_after: str = ""

    def error(self, model: str, target: Target) -> AgainError | EndpointError | PictureError:
        """What it means for the run.

        Args:
            model: short name, for messages.
            target: where it was asked.
        """
        status, who = self.status, f"model {model!r}: {target.host}"
        if status == 429 and (spent := self._spent()):  # noqa: PLR2004 - of HTTP
            return EndpointError(
                f"{who} says that the account has no quota left ({spent}); wait for it to be renewed, raise "
                "its limit or add credit, then run again: the answers so far are kept"
            )
        if status in _PASSING or status >= _SERVER:
            return AgainError(f"status {status}", after=self._after(), overload=status in _BUSY)
        if status == 400 and _OF_PICTURE.search(self.message):  # noqa: PLR2004 - of HTTP
            return PictureError(self._told)
        return EndpointError(f"{who} {self._refusal()}")

    @property
    def _told(self) -> str:
        return "".join(filter(str.isprintable, self.message))[:_SHOWN] or "no reason given"

    def _refusal(self) -> str:
        reasons = {detail.get("reason") for detail in self.details}
        wrong = "API_KEY_INVALID" in reasons or "API key" in self.message
        match self.status:
            case 400 | 401 if wrong or self.status != 400:  # noqa: PLR2004 - of HTTP
                names = " and ".join(KEYS)
                return f"does not accept the key (status {self.status}: {self._told}); check {names}"
            case 403:
                return (
                    f"does not allow it (status 403: {self._told}); check that the key may use the Gemini "
                    "API, and that it is not restricted to other addresses"
                )
            case 404:
                return (
                    f"has no such model (status 404: {self._told}); check the model's name, as in "
                    f"gemini:gemini-3.5-flash, and {URL} where it is set"
                )
        return (
            f"refuses the request (status {self.status}: {self._told}); choose a model that takes pictures "
            "and answers in JSON"
        )

    def _spent(self) -> str:
        """The quota that is used up for longer than a run would wait; empty for a limit of a minute."""
        for detail in self.details:
            for violation in detail.get("violations") or ():
                name = str(violation.get("quotaId") or violation.get("subject") or "")
                if "PerDay" in name or str(violation.get("quotaValue", "")) == "0":
                    return "".join(filter(str.isprintable, name))[:_SHOWN] or "of a day"
        found = _NO_MONEY.search(self.message)
        return self._told if found and not self._after() else ""

    def _after(self) -> float | None:
        """The seconds that it asks to wait: of its own detail, or of the header, a number or a date."""
        for detail in self.details:
            if found := _SECONDS.fullmatch(str(detail.get("retryDelay", ""))):
                return float(found[1])
        return seconds_asked(self.retry_after)


def failure_of(status: int | None, document: object, *, retry_after: str, hide: str) -> Failure:
    """What came back beside success.

    Args:
        status: of HTTP; None where the SDK knows none.
        document: the body as JSON, if it was JSON; hostile.
        retry_after: of the header.
        hide: the key, which must not be repeated.
    """
    body = document[0] if isinstance(document, list) and document else document
    found = body.get("error", body) if isinstance(body, dict) else {}
    error = found if isinstance(found, dict) else {}
    message, details = error.get("message"), error.get("details")
    return Failure(
        status or _SERVER,
        str(message or "").replace(hide, "[key]"),
        [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else (),
        retry_after.strip(),
    )
