"""A node, its hub and an office that fans out, with mail between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import msgspec
from msgspec import structs
from tests.house import Clock, a_key, a_question
from tests.law.inventing import (
    FUND,
    HUB,
    NODE,
    OFFICE,
    SUPPLIED,
    a_line,
)
from tests.post_house import (
    NONCES,
    ONE,
    TWO,
    Above,
    Seat,
    Wax,
    a_seat,
)
from tests.unit.gateway.givens import URL

from kruispunt.client import MAIL_PATH, MAIL_TAG, AnswerContent, MailBody, WireSheet, canonical
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    Details,
    InstitutionCode,
    Mail,
    MailKind,
    NoAnswer,
    Problem,
)
from kruispunt.web import HttpReply, Request, Trace, sign_request


def a_mail_request(
    body: MailBody, *, by: InstitutionCode, clock: Clock, nonce: int | None = None
) -> Request:
    """A mail as its sender signs it."""
    sent, created = canonical(body), int(clock().timestamp())
    headers = {
        "content-type": "application/json",
        **sign_request(
            a_key(by),
            method="POST",
            target_uri=URL + MAIL_PATH,
            body=sent,
            created=created,
            expires=created + 60,
            nonce=(next(NONCES) if nonce is None else nonce).to_bytes(16),
            tag=MAIL_TAG,
        ),
    }
    return Request(
        method="POST",
        target=MAIL_PATH,
        argument="",
        headers=headers,
        body=sent,
        trace=Trace("1" * 32, "2" * 16),
    )


def body_of(mail: Mail) -> MailBody:
    return MailBody(
        id=mail.id,
        kind=mail.kind,
        flow=mail.flow,
        ticket=mail.ticket,
        sealed=mail.sealed,
        sealed_for=mail.sealed_for,
        sent_at=mail.sent_at,
    )


def content_of(mail: Mail) -> dict[str, object]:
    """What a mail says, whoever it is for."""
    return msgspec.json.decode(mail.sealed.partition(b": ")[2], type=dict[str, object])


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """The three seats; `carried` is what was delivered, by seat."""

    clock: Clock
    node: Seat
    hub: Seat
    office: Seat
    above: Above
    carried: dict[InstitutionCode, int] = field(default_factory=dict[InstitutionCode, int])

    @property
    def seats(self) -> tuple[Seat, Seat, Seat]:
        return (self.node, self.hub, self.office)

    async def ask(
        self, *, message: int = 1, ticket: str = "", details: Details = ()
    ) -> Answer | Accepted | NoAnswer | Problem:
        """The insurer asks its node."""
        asked = a_question(consumer=FUND, message=message, ticket=ticket)
        question = structs.replace(asked, details=details)
        try:
            return await self.node.hub.serve(question)
        except Problem as problem:
            return problem

    async def carry(self) -> None:
        """Deliver all mail between seats, until none is left."""
        moved = True
        while moved:
            moved = False
            for seat in self.seats:
                for mail in seat.mails()[self.carried.get(seat.code, 0) :]:
                    self.carried[seat.code] = self.carried.get(seat.code, 0) + 1
                    to = next((one for one in self.seats if one.code == mail.recipient), None)
                    if to is not None:
                        told = await self.deliver(mail, seat, to)
                        assert isinstance(told, HttpReply), told
                        moved = True

    async def carry_from(self, seat: Seat) -> None:
        """Deliver what a seat has for the other two, once."""
        for mail in seat.mails():
            to = next((one for one in self.seats if one.code == mail.recipient), None)
            if to is not None and to is not self.node:
                await self.deliver(mail, seat, to)

    async def deliver(self, mail: Mail, seat: Seat, to: Seat) -> HttpReply | Problem:
        return await to.take(a_mail_request(body_of(mail), by=seat.code, clock=self.clock))

    async def answer(
        self, asked: Mail, *rows: Mapping[str, object], mail: int | None = None
    ) -> HttpReply | Problem:
        """A member answers the request that its office sent it."""
        number = cast("int", content_of(asked)["number"])
        content = AnswerContent(number=number, rows=cast("tuple[WireSheet, ...]", rows))
        return await self.say(asked, MailKind.ANSWER, content, mail=mail)

    async def say(
        self,
        asked: Mail,
        kind: MailKind,
        content: msgspec.Struct,
        *,
        by: InstitutionCode | None = None,
        mail: int | None = None,
    ) -> HttpReply | Problem:
        key, sealed = Wax(InstitutionCode(asked.recipient)).seal(OFFICE, canonical(content))
        body = MailBody(
            id=a_question(message=next(NONCES) if mail is None else mail).message_id,
            kind=kind,
            flow=asked.flow,
            ticket=asked.ticket,
            sealed=sealed,
            sealed_for=key,
            sent_at=self.clock(),
        )
        sender = by or InstitutionCode(asked.recipient)
        return await self.office.take(a_mail_request(body, by=sender, clock=self.clock))

    def told(self, kind: MailKind | None = None) -> list[dict[str, object]]:
        """What the insurer heard by mail."""
        return [content_of(mail) for mail in self.node.mails(kind) if mail.recipient == FUND]

    def asks(self) -> list[Mail]:
        """What the office asked its members."""
        return [m for m in self.office.mails(MailKind.REQUEST) if m.recipient in (ONE, TWO)]


def a_circuit(*members: InstitutionCode, at_hub: bool = True, filed: bool = True) -> Circuit:
    """A person whom these members pay.

    `at_hub`: the hub knows the person in the office's sector; `filed`: in that of the node.
    """
    clock = Clock()
    own = [a_line()] if filed else []
    supplied = [a_line(SUPPLIED)] if at_hub else []
    hub = a_seat(HUB, clock, [*own, *supplied])
    above = Above(lambda: hub.hub)
    node = a_seat(NODE, clock, [a_line(member=FUND)], above=above)
    paid = [a_line(SUPPLIED, member=member) for member in members]
    office = a_seat(OFFICE, clock, paid)
    return Circuit(clock=clock, node=node, hub=hub, office=office, above=above)
