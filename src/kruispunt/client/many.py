"""Many questions in one request: what each is told, and which of them are asked again."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NotRequired, Required, TypedDict
from uuid import UUID

import msgspec
from msgspec import UnsetType

from kruispunt.client.belief import Belief, failure_of, problem_of
from kruispunt.client.failure import AskFailed, AskRefused, Fault
from kruispunt.client.reading import Reader
from kruispunt.client.sending import Heard, Patience, Sender
from kruispunt.client.wire import (
    AskManyRequest,
    AskReply,
    ReceiptBody,
    ToldBody,
    canonical,
)
from kruispunt.vocabulary import Malformed, Ssin

MANY_BYTES: Final = 64 * 1024 * 1024
"""Largest reply to a request of many questions."""

PATIENCE_FOR_MANY: Final = Patience(total_s=300, each_s=120)
OK: Final = 200
REFUSED: Final = 403

Told = AskReply | AskRefused | AskFailed
"""What one question of many was told: an answer, or what would have been raised for it alone."""


class AskedAbout(TypedDict):
    """What one question of many has of its own; its period includes its last day."""

    ssin: Required[Ssin]
    begin: Required[date]
    until: NotRequired[date | None]
    message_id: NotRequired[UUID]
    """Give the id of an earlier attempt to ask the same again; else a new one is made."""

    ticket: NotRequired[str]
    file_reference: NotRequired[str]


class AskedTogether(TypedDict):
    """What all questions of one request have in common."""

    purpose: Required[str]
    user: NotRequired[str]
    role: NotRequired[str]
    sent_at: NotRequired[datetime]


class _Answers(msgspec.Struct):
    """A reply whose answers are read one by one: one that can't be read spoils no other."""

    answers: list[msgspec.Raw]


_read_answers: Final = msgspec.json.Decoder(_Answers).decode
_read_told: Final = Reader(ToldBody).read


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyAsking:
    """How many questions are asked at once: by whom, of whom, for how long."""

    sender: Sender
    belief: Belief
    url: str
    patience: Patience
    max_bytes: int

    async def ask(self, request: AskManyRequest) -> list[Told]:
        """What each question is told, in their order. What may be asked again is, by itself.

        Raises:
            AskFailed: the request as a whole was not answered, or not by whom was asked.
        """
        questions = request.questions
        told: dict[int, Told] = {}
        # In the order of their ids: so the body can be built again from entries in any order.
        open_: list[int] = [
            n for n, _ in sorted(enumerate(questions), key=lambda one: one[1].message_id)
        ]
        until = asyncio.get_running_loop().time() + self.patience.total_s
        attempt = 1
        while open_:
            part = msgspec.structs.replace(request, questions=tuple(questions[n] for n in open_))
            try:
                async with asyncio.timeout_at(until):
                    heard = dict(zip(open_, await self._once(part), strict=True))
                    told.update((n, one) for n, (one, _) in heard.items())
                    waits = {n: self._wait(*one, attempt=attempt) for n, one in heard.items()}
                    again = {n: wait for n, wait in waits.items() if wait is not None}
                    open_ = list(again)
                    await asyncio.sleep(max(again.values(), default=0.0))
            except (AskFailed, TimeoutError) as failed:
                if not told:
                    raise _failure(failed) from failed
                break  # What was told before still counts.
            attempt += 1
        return [told[n] for n in range(len(questions))]

    async def _once(self, request: AskManyRequest) -> list[tuple[Told, float | None]]:
        heard = await self.sender.insist(
            self.url, canonical(request), patience=self.patience, max_bytes=self.max_bytes
        )
        return self._believe(heard, len(request.questions))

    def _wait(self, told: Told, retry_after: float | None, *, attempt: int) -> float | None:
        if not isinstance(told, AskFailed) or told.problem is None:
            return None
        return self.patience.wait(told.problem.status, retry_after, attempt=attempt)

    def _believe(self, heard: Heard, many: int) -> list[tuple[Told, float | None]]:
        """Each answer as far as it is proven, and how long to wait before it is asked again."""
        if heard.reply.status != OK:
            raise failure_of(problem_of(heard.reply))
        self.belief.check(heard)
        try:
            answers = _read_answers(heard.reply.body).answers
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AskFailed(Fault.UNREADABLE, "the reply does not fit its schema") from error
        if len(answers) != many:
            raise AskFailed(Fault.UNREADABLE, f"expected {many} answers, found {len(answers)}")
        entries = set[UUID]()
        return [self._read(bytes(raw), entries) for raw in answers]

    def _read(self, raw: bytes, entries: set[UUID]) -> tuple[Told, float | None]:
        try:
            told = _read_told(raw)
        except Malformed as error:
            return AskFailed(Fault.UNREADABLE, error.detail), None
        wait = None if isinstance(told.retry_after, UnsetType) else float(told.retry_after)
        try:
            return self._told(told, entries), wait
        except AskFailed as failed:
            return failed, wait

    def _told(self, told: ToldBody, entries: set[UUID]) -> Told:
        if told.status == OK and isinstance(told.answer, AskReply):
            _check_own(told.answer.receipt, entries)
            return self.belief.given(told.answer)
        if told.status == OK or isinstance(told.problem, UnsetType):
            raise AskFailed(Fault.UNREADABLE, "expected an answer, or a problem and its status")
        problem = msgspec.structs.replace(told.problem, status=told.status)
        if told.status != REFUSED:
            raise failure_of(problem)
        if isinstance(problem.receipt, ReceiptBody):
            _check_own(problem.receipt, entries)
        return self.belief.refused(problem)


def _check_own(receipt: ReceiptBody, entries: set[UUID]) -> None:
    """Nothing, where no other answer of this reply has shown the receipt.

    Raises:
        AskFailed: one has: a look has an entry of its own.
    """
    if receipt.entry in entries:
        raise AskFailed(Fault.RECEIPT_WRONG, "the receipt is that of another answer")
    entries.add(receipt.entry)


def _failure(failed: BaseException) -> AskFailed:
    if isinstance(failed, AskFailed):
        return failed
    return AskFailed(Fault.SILENT, "no answer within the time there was")
