"""The door for mail: its sender is proven, it is opened and read, the post does what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from kruispunt.client import (
    INVALID_INPUT,
    MAIL_PATH,
    MAIL_TAG,
    AnswerContent,
    BatchContent,
    CountContent,
    FailureContent,
    MailBody,
    Reader,
    RequestContent,
    TakenBody,
    canonical,
    read_period,
    read_ssin,
)
from kruispunt.exchange import (
    Answered,
    Arrived,
    Batch,
    Content,
    Counted,
    Failed,
    Late,
    Listed,
    Requested,
)
from kruispunt.gateway.details import read_details
from kruispunt.gateway.parse import Entrance, read_moment
from kruispunt.gateway.said_once import check_said_once
from kruispunt.law import Flow, Supply
from kruispunt.vocabulary import (
    FlowId,
    InstitutionCode,
    Issue,
    KeyId,
    MailKind,
    Malformed,
    NotFound,
    PurposeId,
)
from kruispunt.web import HttpReply, Request, Route, json_reply

MAX_MAIL: Final = 512 * 1024
"""Bytes of one mail: an answer has at most some tens of rows."""

_read_mail: Final = Reader(MailBody).read
_read_content: Final[Mapping[MailKind, Reader[Struct]]] = {
    MailKind.REQUEST: Reader[Struct](RequestContent),
    MailKind.COUNT: Reader[Struct](CountContent),
    MailKind.ANSWER: Reader[Struct](AnswerContent),
    MailKind.FAILURE: Reader[Struct](FailureContent),
    MailKind.BATCH: Reader[Struct](BatchContent),
}


class Post(Protocol):
    """Does what a mail says, once."""

    async def receive(self, mail: Arrived) -> None: ...


class Opener(Protocol):
    """Opens what was sealed to a key of this seat, one that it has or had."""

    def __call__(self, sealed: bytes, key: KeyId, /) -> bytes | None:
        """The content; None: it is not sealed to that key, or the key is none of ours."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoor:
    """Mail in, and the receipt that it was done. Signed as questions are, under its own tag."""

    entrance: Entrance
    post: Post
    open: Opener
    max_body: int = MAX_MAIL

    @property
    def routes(self) -> list[Route]:
        """What this door adds to the door of its seat."""
        return [
            Route(method="POST", template=MAIL_PATH, handler=self.take, max_body=self.max_body)
        ]

    async def take(self, request: Request) -> HttpReply:
        """One mail, done now or before.

        Raises:
            NotAuthenticated, WrongSignature: the sender is not proven.
            Malformed, NotFound: it can't be opened, or does not say what its kind says.
            As `Post.receive`.
        """
        mail = self._arrived(request)
        await self.post.receive(mail)
        return json_reply(msgspec.json.encode(TakenBody(id=mail.id)))

    def _arrived(self, request: Request) -> Arrived:
        sender = self.entrance.caller(request, tag=MAIL_TAG)
        body = _read_mail(request.body)
        check_said_once(request.body, body)
        flow = self.entrance.lawbook.flows.get(FlowId(body.flow))
        supply = Supply.FILE if body.kind is MailKind.BATCH else Supply.BY_DIRECTORY
        if flow is None or flow.supply is not supply:
            raise NotFound("no flow of this name comes in such mail")
        sealed = self.open(body.sealed, KeyId(body.sealed_for))
        if sealed is None:
            raise _wrong("sealed", "expected content sealed to a key of this seat")
        read = _read_content[body.kind].read(sealed)
        check_said_once(sealed, read)
        return Arrived(
            id=body.id,
            sender=sender.institution,
            flow=flow.id,
            ticket=body.ticket,
            content=_content(read, flow),
            sent_at=read_moment(body.sent_at, name="sentAt"),
            received_at=sender.received_at,
            proof=sender.proof,
        )


def _content(read: Struct, flow: Flow) -> Content:
    match read:
        case RequestContent():
            return _requested(read, flow)
        case CountContent(expected=expected):
            return Counted(expected=expected)
        case AnswerContent(number=number, rows=rows):
            return Answered(number=number, rows=rows)
        case FailureContent(cause="failed", number=number):
            if not number:
                raise _wrong("number", "expected which answer failed")
            return Failed(number=number)
        case FailureContent(missing=missing):
            return Late(missing=missing)
        case BatchContent():
            return _batch(read)
        case _:
            raise AssertionError("expected a content of one of the kinds")


def _requested(read: RequestContent, flow: Flow) -> Requested:
    if read.blank != (read.ssin is None):
        raise _wrong("blank", "expected a person, or a blank request")
    about = read_period(read.period)
    return Requested(
        purpose=PurposeId(read.purpose),
        consumer=InstitutionCode(read.consumer),
        about=about,
        due_at=read_moment(read.due_at, name="dueAt"),
        ssin=None if read.ssin is None else read_ssin(read.ssin),
        details=read_details(flow, read.details, about=about, shortened=True),
    )


def _batch(read: BatchContent) -> Batch:
    persons = tuple(Listed(ssin=read_ssin(one.ssin), rows=one.rows) for one in read.persons)
    if len({one.ssin for one in persons}) < len(persons) and read.part is not None:
        raise _wrong("persons", "expected each person once in a part")
    return Batch(
        file=read.file,
        purpose=PurposeId(read.purpose),
        consumer=InstitutionCode(read.consumer),
        persons=persons,
        digest=sha256(canonical(read)).digest(),
        part=read.part,
        batches=read.batches,
    )


def _wrong(name: str, detail: str) -> Malformed:
    issue = Issue(type=INVALID_INPUT, where="body", name=name, detail=detail)
    return Malformed("the mail is not valid", issues=(issue,))
