"""Asking a model on the network in batches: handed over, waited for, and fetched by whoever comes next."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, TypeVar

from fer_audit.errors import BudgetError, ConfigurationError, EndpointError, ImageError
from fer_audit.inference.network import outcome_of, questions
from fer_audit.models.remote import Answered, RemoteRecognizer
from fer_audit.models.remote.batching import Batching
from fer_audit.models.remote.patience import patiently
from fer_audit.models.remote.prices import batch_price
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from fer_audit.inference.asking import Asking
    from fer_audit.inference.cell import Cell
    from fer_audit.inference.outcomes import Item, Outcome
    from fer_audit.models import Endpoint
    from fer_audit.models.remote import Question, Reply
    from fer_audit.models.remote.batching import BatchNews, BatchVendor
    from fer_audit.store import Batch, PredictionStore

__all__ = ["ask_in_batches"]

T = TypeVar("T")

_ROUNDS = 3
_FIRST_PAUSE, _LONGEST_PAUSE, _SLOWER = 0.1, 60.0, 1.5  # seconds between two looks at a batch


def ask_in_batches(
    cell: Cell, loaded: object, keys: Mapping[Item, str], store: PredictionStore, asking: Asking
) -> Generator[dict[Item, Outcome]]:
    """Outcomes of these questions, one at a time, as their batches are answered.

    A batch is noted in the store before it is handed over, and its name before it is waited for: whoever asks
    the same questions after a kill fetches it instead of paying again. What a batch leaves unanswered (it
    expired, or a request in it failed) is handed over again, and after three times is an error.

    Args:
        cell: the cell.
        loaded: the model.
        keys: content key of each question, in the order in which they are to be asked.
        store: of the batches that are out, and of what is spent.
        asking: on what terms.

    Raises:
        ConfigurationError: the model has no batch mode.
        BudgetError: the next batch could cost more than is left; raised when those before it are fetched.
        EndpointError: the vendor refuses for good.
    """
    endpoint = cell.model.endpoint
    if (
        not isinstance(loaded, RemoteRecognizer)
        or endpoint is None
        or not endpoint.batches
        or not isinstance(loaded.vendor, Batching)
    ):
        raise ConfigurationError(
            f"model {cell.model.name!r} has no batch mode; leave out --batch, and it is asked one by one"
        )
    if endpoint.price is not None:
        endpoint = replace(endpoint, price=batch_price(endpoint.price))
    items = {name: item for item, name in keys.items()}
    asked = {question.key: question for question in questions(cell, keys)}
    run = _Batches(cell.model.name, endpoint, loaded.vendor.batches(), store, asking, asked)
    with closing(loaded):
        for answered in run.answers():
            item = items[answered.key]
            yield {item: outcome_of(cell, item, answered.answer)}


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of requests."""

    file: Path
    keys: tuple[str, ...]


@dataclass(slots=True)
class _Batches:
    """The questions of one cell in their batches."""

    model: str
    endpoint: Endpoint
    vendor: BatchVendor
    store: PredictionStore
    asking: Asking
    missing: dict[str, Question]

    def answers(self) -> Iterator[Answered]:
        """One for each question; an error is raised when all that is out has been fetched."""
        tries: Counter[str] = Counter()
        reasons: dict[str, str] = {}
        out = self._resumed()
        for _ in range(_ROUNDS):
            refusal: BudgetError | EndpointError | None = None
            waited_for = {key for batch in out for key in batch.keys}
            with TemporaryDirectory(prefix="fer-audit-") as folder:
                rest = [key for key in self.missing if key not in waited_for]
                parts = self._parts(rest, Path(folder) / "requests.jsonl")
                try:
                    for part in parts:
                        if isinstance(part, Answered):
                            del self.missing[part.key]
                            yield part
                        else:
                            out.append(self._handed_over(part))
                            part.file.unlink()
                except (BudgetError, EndpointError) as error:
                    refusal = error
            for batch in out:
                tries.update(batch.keys)
                yield from self._fetched(batch, reasons)
            if refusal is not None:
                raise refusal
            if not self.missing:
                return
            out = []
        for key in list(self.missing):
            reason = reasons.get(key, "its batch ended without it")
            yield Answered(key, Answer(AnswerKind.ERROR, raw=f"{reason} (handed over {tries[key]} times)"))

    def _resumed(self) -> list[Batch]:
        """The batches that an earlier run handed over for some of these questions."""
        found = []
        for batch in self.store.batches.open_ones(self.model, self.endpoint.host):
            if not any(key in self.missing for key in batch.keys):
                # Another cell's, unless every answer of it had been stored when the run was killed.
                if len(self.store.get(batch.keys)) < len(batch.keys):
                    continue
            elif not batch.id:
                name = self._found(batch)
                if name is None:
                    self._close(batch, usd=0.0)
                    continue
                self.store.batches.name(batch.number, name)
                found.append(replace(batch, id=name))
                continue
            found.append(batch)
        return found

    def _found(self, batch: Batch) -> str | None:
        """The vendor's name of a batch that was announced when the run was killed."""
        return self._patiently(lambda: self.vendor.find(batch.token))

    def _parts(self, keys: Sequence[str], file: Path) -> Iterator[_Part | Answered]:
        """The requests in files as large as the vendor takes; the one before is gone when the next is made.

        A picture that cannot be read is in none, and is answered here.
        """
        held: list[str] = []
        size = 0
        for key in keys:
            question = self.missing[key]
            try:
                line = self.vendor.line(key, question.picture(), question.wording, question.repeat)
            except ImageError as error:
                yield Answered(key, Answer(AnswerKind.ABSENT, raw=str(error)))
                continue
            if held and (size + len(line) > self.vendor.most_bytes or len(held) == self.vendor.most_requests):
                yield _Part(file, tuple(held))
                held, size = [], 0
            with file.open("ab") as stream:
                stream.write(line)
            held.append(key)
            size += len(line)
        if held:
            yield _Part(file, tuple(held))

    def _handed_over(self, part: _Part) -> Batch:
        most = self.endpoint.most_usd(len(part.keys))
        reservation = None
        if most is not None:
            ledger = self.store.ledger(self.asking.run, self.model, self.asking.max_usd)
            reservation = ledger.reserve(most)
        batch = self.store.batches.announce(
            model=self.model,
            host=self.endpoint.host,
            run=self.asking.run,
            keys=part.keys,
            reservation=reservation,
        )
        is_sent = False

        def hand_over() -> str:
            nonlocal is_sent
            # A request that failed may have been heard all the same: nothing is handed over twice.
            found = self.vendor.find(batch.token) if is_sent else None
            is_sent = True
            return found or self.vendor.submit(part.file, batch.token)

        name = self._patiently(hand_over)
        self.store.batches.name(batch.number, name)
        return replace(batch, id=name)

    def _fetched(self, batch: Batch, reasons: dict[str, str]) -> Iterator[Answered]:
        """Wait for a batch, and hand over what it answered of the questions that are missing."""
        news = self._awaited(batch)
        usd = 0.0
        reasons.update(dict.fromkeys(batch.keys, news.reason or "its batch ended without it"))
        for reply in self._patiently(lambda: self.vendor.replies(batch.id)):
            if reply.reply is None:
                reasons[reply.key] = reply.reason
                continue
            usd += self._usd(reply.reply)
            if self.missing.pop(reply.key, None) is not None:
                yield Answered(reply.key, reply.reply.answer)
        # Whoever was handed an answer has stored it when the next is wanted.
        self._close(batch, usd)

    def _awaited(self, batch: Batch) -> BatchNews:
        pause = _FIRST_PAUSE
        while not (news := self._patiently(lambda: self.vendor.look(batch.id))).is_over:
            sleep(pause)
            pause = min(pause * _SLOWER, _LONGEST_PAUSE)
        return news

    def _close(self, batch: Batch, usd: float) -> None:
        """Settle a batch; killed between the two, its reservation stays, which errs on the safe side."""
        self.store.batches.close(batch.number)
        if batch.reservation is not None:
            self.store.ledger(batch.run, self.model).settle(batch.reservation, usd)
            if self.asking.watch is not None:
                self.asking.watch.spent(usd)

    def _usd(self, reply: Reply) -> float:
        price, endpoint = self.endpoint.price, self.endpoint
        if price is None:
            return 0.0
        known = reply.tokens_sent is not None and reply.tokens_received is not None
        sent = reply.tokens_sent if known else endpoint.tokens_sent
        received = reply.tokens_received if known else endpoint.tokens_received
        return price.cost(sent=sent or 0, received=received or 0)

    def _patiently(self, request: Callable[[], T]) -> T:
        watch = self.asking.watch
        return patiently(
            request,
            model=self.model,
            host=self.endpoint.host,
            seconds=self.asking.limits.patience,
            retried=watch.retried if watch is not None else lambda _: None,
        )
