"""What each request may cost, set aside before it is sent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

from fer_audit.errors import BudgetError, EndpointError
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.gate import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_audit.models.remote.exchange import Reply
    from fer_audit.models.specification import Endpoint
    from fer_audit.records import Ledger

__all__ = ["Purchase", "Purse"]


@dataclass(slots=True)
class Purchase:
    """One request that is paid for; whoever sends it notes the reply.

    Attributes:
        reply: what came back; None where nothing did.
    """

    reply: Reply | None = None


class Purse:
    """The ledger as one run uses it.

    Args:
        ledger: what may be spent, over all processes; None where nobody counts.
        endpoint: what it charges.
        spent: told what each request cost, in US dollars.
    """

    def __init__(self, ledger: Ledger | None, endpoint: Endpoint, spent: Callable[[float], None]) -> None:
        self._ledger = ledger
        self._endpoint = endpoint
        self._most = endpoint.most_usd() or 0.0
        self._spent = spent
        self._reserved = 0
        self._changed = Condition()

    @contextmanager
    def paying(self) -> Iterator[Purchase]:
        """Set aside what a request can cost at most; it is sent inside the block, and settled after it.

        Where the rest of the budget is set aside for requests that are under way, wait for what they leave.

        Raises:
            BudgetError: the request could cost more than may still be spent.
        """
        purchase = Purchase()
        if self._ledger is None or self._endpoint.price is None:
            yield purchase
            return
        number = self._reserve(self._ledger)
        # Whatever else breaks may break on a reply that is charged.
        usd = self._most
        try:
            yield purchase
            usd = self._cost(purchase.reply)
        except AgainError as error:
            usd = self._most if error.charged else 0.0
            raise
        except (EndpointError, StoppedError):
            usd = 0.0
            raise
        finally:
            self._ledger.settle(number, usd)
            with self._changed:
                self._reserved -= 1
                self._changed.notify_all()
            if usd:
                self._spent(usd)

    def _reserve(self, ledger: Ledger) -> int:
        with self._changed:
            while True:
                try:
                    number = ledger.reserve(self._most)
                except BudgetError:
                    if not self._reserved:
                        raise
                    self._changed.wait()
                else:
                    self._reserved += 1
                    return number

    def _cost(self, reply: Reply | None) -> float:
        price = self._endpoint.price
        if price is None or reply is None or reply.tokens_sent is None or reply.tokens_received is None:
            return self._most
        return price.cost(sent=reply.tokens_sent, received=reply.tokens_received)
