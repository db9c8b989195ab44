"""Sets: many questions under one signature, of each of which is kept what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.cli.clock import random_bytes
from kruispunt.client import (
    ASK_MANY_PATH,
    AskManyReply,
    AskManyRequest,
    PeriodBody,
    ProblemBody,
    QuestionBody,
    canonical,
)
from kruispunt.web import HttpReply, HttpSilent, HttpWrong
from storm.ask import PATIENCE_S, Asker, Sent, Wish, not_answered
from storm.kept import ANSWERED, LOST, Kept
from storm.lies import EXTRA

MAX_BYTES: Final = 2**26

_read_many: Final = msgspec.json.Decoder(AskManyReply).decode
_read_problem: Final = msgspec.json.Decoder(ProblemBody).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMany:
    """A signed set; each of its questions has the bytes of the whole."""

    questions: Sequence[Sent]

    def again(self) -> "SentMany":
        """The same bytes, of which is kept anew what came of them."""
        return SentMany(questions=[_again(sent) for sent in self.questions])


def new_many(asker: Asker, wishes: Sequence[Wish], *, off_s: int | None = None) -> SentMany:
    """Wishes of one consumer for one flow as a set, signed now."""
    first, nonce = wishes[0], random_bytes(16)
    messages = sorted(UUID(bytes=random_bytes(16), version=4) for _ in wishes)
    bodies = [_question(wish, message) for wish, message in zip(wishes, messages, strict=True)]
    body = canonical(AskManyRequest(purpose=first.purpose, questions=tuple(bodies)))
    url = asker.address(first, ASK_MANY_PATH)
    headers = asker.signature(first, url, body, nonce=nonce, off_s=off_s)
    sents = [
        Sent(wish=wish, url=url, body=body, headers=headers, kept=_kept(wish, message, nonce))
        for wish, message in zip(wishes, messages, strict=True)
    ]
    return SentMany(questions=sents)


async def send_many(asker: Asker, many: SentMany) -> None:
    """Send a set, keep what came of each question, and believe nothing that is not proven."""
    kept, first = [sent.kept for sent in many.questions], many.questions[0]
    asker.kept += kept
    began = monotonic()
    for one in kept:
        one.began = began
    try:
        reply = await asker.http.post(
            first.url,
            body=first.body,
            headers=first.headers,
            timeout_s=PATIENCE_S,
            max_bytes=MAX_BYTES,
        )
    except (HttpSilent, HttpWrong) as lost:
        for one in kept:
            one.status, one.detail = LOST, str(lost)[:80]
    else:
        read_many(asker, many, reply)
    ended = monotonic()
    for one in kept:
        one.ended = ended


def read_many(asker: Asker, many: SentMany, reply: HttpReply) -> None:
    """What the reply to a set says of each of its questions."""
    first = many.questions[0]
    for sent in many.questions:
        sent.kept.status = reply.status
    try:
        if reply.status == ANSWERED:
            asker.prove(first, reply)
            if EXTRA.encode() in reply.body:
                first.kept.faults.append("a field that nobody granted has left in a set")
            _each(asker, many, _read_many(reply.body))
        else:
            problem = _read_problem(reply.body)
            for sent in many.questions:
                not_answered(sent.kept, problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        first.kept.faults.append(f"a reply {reply.status} to a set that can't be read")


def _each(asker: Asker, many: SentMany, reply: AskManyReply) -> None:
    if len(reply.answers) != len(many.questions):
        found = f"{len(reply.answers)} answers to {len(many.questions)} questions"
        many.questions[0].kept.faults.append(found)
        return
    for sent, told in zip(many.questions, reply.answers, strict=True):
        sent.kept.status = told.status
        if told.status == ANSWERED and not isinstance(told.answer, msgspec.UnsetType):
            asker.answered(sent, told.answer, msgspec.json.encode(told.answer))
        elif told.status != ANSWERED and not isinstance(told.problem, msgspec.UnsetType):
            not_answered(sent.kept, told.problem)
        else:
            sent.kept.faults.append(f"{told.status} in a set, without what belongs to it")


def _question(wish: Wish, message: UUID) -> QuestionBody:
    return QuestionBody(
        message_id=message,
        ssin=wish.ssin.digits,
        period=PeriodBody(begin_date=wish.begin, end_date=wish.until),
    )


def _kept(wish: Wish, message: UUID, nonce: bytes) -> Kept:
    return Kept(
        seat=wish.seat,
        flow=wish.flow,
        consumer=wish.consumer,
        message=message,
        nonce=nonce,
        asked_data=wish.has_data,
        many=True,
    )


def _again(sent: Sent) -> Sent:
    kept = _kept(sent.wish, sent.kept.message, sent.kept.nonce)
    return replace(sent, kept=replace(kept, kind="replayed"))
