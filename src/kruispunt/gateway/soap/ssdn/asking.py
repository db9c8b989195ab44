"""What every service asks through: looks at persons, for whoever is proven to call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from msgspec import structs

from kruispunt.gateway.soap.asking import fresh_id, wire_question
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.summary import Detail, told
from kruispunt.gateway.soap.xml import Element
from kruispunt.gateway.waist import Waist
from kruispunt.law import Flow
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    Details,
    FlowId,
    Malformed,
    NoAnswer,
    NotFound,
    Period,
    Problem,
    PurposeId,
    Question,
    Ssin,
)

Told = Answer | NoAnswer | Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which flow a service asks, and for what: the envelope itself names no purpose."""

    flow: FlowId
    purpose: PurposeId

    @classmethod
    def at(cls, flow: str, *, purpose: str = "pcsa-social-inquiry") -> "Look":
        """The flow by its id in the lawbook."""
        return cls(flow=FlowId(flow), purpose=PurposeId(purpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What all looks of one envelope have in common. `flows`: those that this seat offers."""

    waist: Waist
    flows: Mapping[FlowId, Flow]
    caller: SoapCaller
    user: str
    reference: str
    sent_at: datetime | None
    random_bytes: Callable[[int], bytes]

    @property
    def today(self) -> Period:
        """The day of asking, for what is asked about no period."""
        return Period.through(self.caller.asked_on, self.caller.asked_on)

    def question(
        self,
        look: Look,
        ssin: Ssin,
        about: Period,
        *,
        file_reference: str = "",
        details: Details = (),
    ) -> Question:
        """The question of a look, under a message id of its own."""
        return wire_question(
            self.caller,
            message_id=fresh_id(self.random_bytes),
            flow=look.flow,
            purpose=look.purpose,
            ssin=ssin,
            about=about,
            ticket=self.reference,
            user=self.user,
            file_reference=file_reference,
            sent_at=self.sent_at,
            details=details,
        )

    async def look(
        self,
        look: Look,
        ssin: Ssin,
        about: Period,
        *,
        file_reference: str = "",
        details: Details = (),
    ) -> Told:
        """What one question is told."""
        if wrong := self._refused(look, about):
            return wrong
        question = self.question(look, ssin, about, file_reference=file_reference, details=details)
        try:
            return _at_once(await self.waist.serve(question))
        except Problem as problem:
            return problem

    async def look_at_many(
        self, look: Look, persons: Sequence[Ssin], about: Period
    ) -> Sequence[Told]:
        """What the same question is told of each person, in their order: each has its entry."""
        if wrong := self._refused(look, about):
            return [wrong] * len(persons)
        alone = [self.question(look, ssin, about) for ssin in persons]
        together = [
            structs.replace(one, proof=alone[0].proof, content=_digest(one)) for one in alone
        ]
        try:
            return [_at_once(one) for one in await self.waist.serve_many(together)]
        except Problem as problem:
            return [problem] * len(persons)

    def _refused(self, look: Look, about: Period) -> Problem | None:
        """What is refused before it is a question, as at any door: it is no look."""
        flow = self.flows.get(look.flow)
        if flow is None:
            return NotFound("this service is not given here")
        most = flow.limits.max_days
        if most is not None and (about.end is None or (about.end - about.begin).days > most):
            return Malformed(f"expected a period of at most {most} days, with a last day")
        return None


def _at_once(told: Answer | Accepted | NoAnswer | Problem) -> Told:
    """No service stands for a flow whose answers come by mail."""
    assert not isinstance(told, Accepted), "a flow answered by mail, asked over SOAP"
    return told


def _digest(question: Question) -> bytes:
    """What tells one question of an envelope from another: its id, which nobody else gave."""
    return sha256(question.message_id.bytes).digest()


class SsdnBody(Protocol):
    """One service of SSDN: what reads its requests, asks, and writes its answers."""

    @property
    def service(self) -> str:
        """Its `ServiceId`."""
        ...

    @property
    def version(self) -> str:
        """Its `Version`."""
        ...

    @property
    def element(self) -> str:
        """The tag of its request."""
        ...

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        ...

    async def serve(self, body: Element, asking: Asking) -> Served:
        """What a request of the right shape is answered."""
        ...


def refused(told_: NoAnswer | Problem) -> Served:
    """A service request of which nothing can be given."""
    return Served(details=(told(told_),), ticket=ticket_of(told_))


def ticket_of(told_: Told) -> str:
    """The ticket under which a look is found again."""
    ticket: UUID | None = told_.ticket
    return str(ticket) if ticket else ""
