"""What asking costs, kept in the store: a budget holds over all processes of a run and all their threads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from fer_audit.errors import BudgetError, ConfigurationError, StoreError
from fer_audit.store.tables import has_table

if TYPE_CHECKING:
    import sqlite3

    from fer_audit.database import Database

__all__ = ["Spending", "Spent", "StoredLedger"]

# Sums are kept beside the open reservations: what a reservation costs does not grow with the run. A number
# is never given twice, so that a late settlement cannot touch another's reservation.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS spending (run TEXT, model TEXT, settled INTEGER NOT NULL, "
    "reserved INTEGER NOT NULL, PRIMARY KEY (run, model)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS reservations (number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, "
    "model TEXT NOT NULL, amount INTEGER NOT NULL)",
)
_MICRO = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking cost, in US dollars.

    Attributes:
        settled: charged.
        reserved: set aside, and not settled: by requests under way, or by processes that were killed.
    """

    settled: float
    reserved: float


@dataclass(frozen=True, slots=True)
class Spending:
    """The tables of what was spent. Money is whole millionths of a dollar."""

    database: Database

    def reserve(self, run: str, model: str, usd: float, most: float | None) -> int:
        """Set an amount aside in one transaction, which other processes wait for.

        Raises:
            BudgetError: with it the run would have spent and reserved more than the most.
            StoreError: the store cannot be written.
        """
        amount = _micro(usd)
        with self.database.writing() as connection:
            for statement in _TABLES:
                connection.execute(statement)
            if most is not None:
                self._check(connection, run, model, amount, most)
            connection.execute(
                "INSERT INTO spending VALUES (?, ?, 0, ?) "
                "ON CONFLICT (run, model) DO UPDATE SET reserved = reserved + excluded.reserved",
                (run, model, amount),
            )
            cursor = connection.execute(
                "INSERT INTO reservations (run, model, amount) VALUES (?, ?, ?)", (run, model, amount)
            )
            return int(cursor.lastrowid or 0)

    def settle(self, reservation: int, usd: float) -> None:
        """Replace a reservation by what was charged.

        Raises:
            StoreError: it is not open, or the store cannot be written.
        """
        amount = _micro(usd)
        with self.database.writing() as connection:
            for statement in _TABLES:
                connection.execute(statement)
            row = connection.execute(
                "DELETE FROM reservations WHERE number = ? RETURNING run, model, amount", (reservation,)
            ).fetchone()
            if row is None:
                raise StoreError(
                    f"reservation {reservation} is not open: it was settled before, or the store was "
                    "exchanged meanwhile; settle each reservation once"
                )
            run, model, reserved = row
            connection.execute(
                "UPDATE spending SET settled = settled + ?, reserved = reserved - ? "
                "WHERE run = ? AND model = ?",
                (amount, reserved, run, model),
            )

    def spent(self, run: str | None = None, model: str | None = None) -> Spent:
        """What was spent in one run (or in all) on one model (or on all)."""
        with self.database.reading() as connection:
            if connection is None or not has_table(connection, "spending"):
                return Spent(0.0, 0.0)
            row = connection.execute(
                "SELECT coalesce(sum(settled), 0), coalesce(sum(reserved), 0) FROM spending "
                "WHERE run = coalesce(?, run) AND model = coalesce(?, model)",
                (run, model),
            ).fetchone()
        return Spent(float(row[0] / _MICRO), float(row[1] / _MICRO))

    @staticmethod
    def _check(connection: sqlite3.Connection, run: str, model: str, amount: int, most: float) -> None:
        settled, reserved = connection.execute(
            "SELECT coalesce(sum(settled), 0), coalesce(sum(reserved), 0) FROM spending WHERE run = ?", (run,)
        ).fetchone()
        allowed = int((Decimal(repr(most)) * _MICRO).to_integral_value(ROUND_FLOOR))
        if settled + reserved + amount > allowed:
            raise BudgetError(
                f"model {model!r}: the next request could cost {_dollars(amount)}, and of the "
                f"{_dollars(allowed)} that this run may spend {_dollars(settled)} are spent and "
                f"{_dollars(reserved)} reserved; what was answered is stored: go on with a larger --max-usd"
            )


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """One model's account in a run whose budget all its processes share.

    Attributes:
        spending: the tables.
        run: the run, by a name that no other run has.
        model: short name of the model.
        max_usd: the most that the run may spend on all models; None for no limit.
    """

    spending: Spending
    run: str
    model: str
    max_usd: float | None = None

    def __post_init__(self) -> None:
        if self.max_usd is not None and not (math.isfinite(self.max_usd) and self.max_usd >= 0):
            raise ConfigurationError(
                f"a run cannot have {self.max_usd} US dollars to spend; give 0 or more, e.g. --max-usd=5"
            )

    def reserve(self, usd: float, /) -> int:
        """As `fer_audit.records.Ledger.reserve`."""
        return self.spending.reserve(self.run, self.model, usd, self.max_usd)

    def settle(self, reservation: int, usd: float, /) -> None:
        """As `fer_audit.records.Ledger.settle`."""
        self.spending.settle(reservation, usd)


def _micro(usd: float) -> int:
    """Millionths of a dollar, rounded up; of the amount as it is written, not of its binary neighbour."""
    if not (math.isfinite(usd) and usd >= 0):
        raise StoreError(f"{usd} is no amount of US dollars; a request costs 0 or more")
    return int((Decimal(repr(float(usd))) * _MICRO).to_integral_value(ROUND_CEILING))


def _dollars(micro: int) -> str:
    return f"${micro / _MICRO:.6f}".rstrip("0").rstrip(".")
