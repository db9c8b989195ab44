"""One exchange in the words of SOA: who it is from, what is asked, how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kruispunt.gateway.reply import WORDS
from kruispunt.gateway.soap import reasons
from kruispunt.gateway.soap.asking import fresh_id, wire_question
from kruispunt.gateway.soap.envelope import CLIENT, SERVER, SoapFault
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.reasons import Soa
from kruispunt.gateway.soap.soa.common_v3 import (
    Customer,
    Ours,
    StatusBody,
    customer_of,
    fault_detail,
    informed,
    put,
    write_customer,
    write_ours,
)
from kruispunt.gateway.soap.soa.taking import Taking
from kruispunt.gateway.soap.xml import Element
from kruispunt.gateway.waist import Waist
from kruispunt.law import Flow, Lawbook
from kruispunt.vocabulary import (
    Answer,
    Details,
    Malformed,
    NoAnswer,
    Period,
    Problem,
    PurposeId,
    Reason,
    Receipt,
    Ssin,
    WrongNumber,
)
from kruispunt.web import Trace

FOUND: Final = "the question was answered"
NO_DATA: Final = "there are no data"
NOT_ALLOWED: Final = "this legal context and these credentials do not allow the operation"
WRONG_SSIN: Final = "the number of the person is not valid"
NEW_SSIN: Final = "newSSIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says before its criteria."""

    customer: Customer
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request asks about, once its purpose is known."""

    about: Period
    details: Details = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Valid:
    """A question that can be put to the waist."""

    purpose: PurposeId
    ssin: Ssin
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How an exchange ended, for its reply. `answer` only where there is one, maybe without rows.

    `replaced_by` and `canceled` are what may be told of the number.
    """

    ticket: UUID
    status: StatusBody
    answer: Answer | None = None
    receipt: Receipt | None = None
    replaced_by: str = ""
    canceled: bool = False

    def write_number(self, parent: Element, digits: str) -> None:
        """Say back the number that was asked, and what may be told of it."""
        said = put(parent, "ssin", digits)
        if self.canceled:
            said.set("canceled", "true")
        if self.replaced_by:
            said.set("replacedBy", self.replaced_by)


def purposes_of(lawbook: Lawbook) -> Mapping[str, PurposeId]:
    """The purpose of each legal context; a purpose's own name is one too."""
    contexts = {
        context: purpose.id
        for purpose in lawbook.purposes.values()
        for context in purpose.legal_contexts
    }
    return contexts | {str(name): name for name in lawbook.purposes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Asks the waist for whoever speaks SOA."""

    fault_tag: str
    """The element that stands in the detail of a fault of this service."""

    waist: Waist
    purposes: Mapping[str, PurposeId]
    zone: ZoneInfo
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def ask(
        self,
        asked: Asked,
        *,
        caller: SoapCaller,
        flow: Flow,
        ssin: str,
        wanted: Callable[[PurposeId], Wanted],
        trace: Trace,
    ) -> Spoken:
        """What is told, in the order of controls: caller, legal context, number, the rest.

        `wanted` may find that what is asked is not valid. Nobody who is refused before that hears
        what is wrong with the question.

        Raises:
            SoapFault: it was not answered, and no reply says so.
        """
        ticket = UUID(trace.trace_id)
        valid = self._valid(asked, caller=caller, ssin=ssin, wanted=wanted)
        if isinstance(valid, StatusBody):
            return Spoken(ticket=ticket, status=valid)
        question = wire_question(
            caller,
            message_id=fresh_id(self.random_bytes),
            flow=flow.id,
            purpose=valid.purpose,
            ssin=valid.ssin,
            about=valid.wanted.about,
            ticket=asked.customer.kept_ticket,
            sent_at=asked.customer.sent_at(self.zone),
            details=valid.wanted.details,
        )
        try:
            told = await self.waist.serve(question)
        except Problem as problem:
            return self.problem(problem, asked=asked, caller=caller, ticket=ticket)
        match told:
            case Answer():
                return _answered(told)
            case NoAnswer():
                return _refused(told)
            case _:
                raise TypeError("expected an answer at once, found one by mail")

    def _valid(
        self,
        asked: Asked,
        *,
        caller: SoapCaller,
        ssin: str,
        wanted: Callable[[PurposeId], Wanted],
    ) -> "_Valid | StatusBody":
        """What may be asked, or the first thing for which nothing is."""
        purpose = self.purposes.get(asked.context)
        if purpose is None or not asked.customer.is_of(caller):
            return _status(reasons.NO_LEAVE.soa, NOT_ALLOWED)
        try:
            return _Valid(purpose=purpose, ssin=Ssin(ssin), wanted=wanted(purpose))
        except WrongNumber:
            return _status(reasons.NOT_A_NUMBER, WRONG_SSIN)
        except Malformed as wrong:
            return _problem_status(wrong)

    def problem(
        self, problem: Problem, *, asked: Asked, caller: SoapCaller, ticket: UUID
    ) -> Spoken:
        """A look that failed: a status where SOA has one.

        Raises:
            SoapFault: it has none.
        """
        row = reasons.for_problem(problem).soa
        ticket = problem.ticket or ticket
        if row.value is not reasons.Status.FAULT:
            return Spoken(ticket=ticket, status=_problem_status(problem))
        raise self.fault(
            problem, code=row.code, customer=asked.customer, caller=caller, ticket=ticket
        )

    def check(self, taking: Taking, body: Element, *, caller: SoapCaller, ticket: UUID) -> None:
        """Nothing, where a body fits its schema.

        Raises:
            SoapFault: it does not; its customer is said back, if that much can be read.
        """
        try:
            taking.check()
        except Malformed as wrong:
            raise self.fault(
                wrong,
                code=reasons.for_problem(wrong).soa.code,
                customer=customer_of(body, taking.spaces),
                caller=caller,
                ticket=ticket,
            ) from None

    def fault(
        self,
        problem: Problem,
        *,
        code: str,
        customer: Customer | None,
        caller: SoapCaller,
        ticket: UUID,
    ) -> SoapFault:
        """A problem as a fault: one detail for each thing that is wrong."""
        words = problem.detail or problem.title
        told = [(f"{name}: {rule}", ((name, rule),)) for name, rule in informed(problem.issues)]
        later = problem.retry_after_s
        wait = () if later is None else (("retryAfter", str(later)),)
        detail = fault_detail(
            self.fault_tag,
            customer=customer,
            ours=self.ours(caller, ticket),
            code=code,
            told=told or [(words, wait)],
        )
        kind = CLIENT if problem.status < SERVERS else SERVER
        return SoapFault(kind, words, detail=detail)

    def open(self, reply: Element, asked: Asked, spoken: Spoken, caller: SoapCaller) -> None:
        """Say what every reply says before the criteria."""
        write_customer(reply, asked.customer)
        write_ours(reply, self.ours(caller, spoken.ticket))
        put(reply, "legalContext", asked.context)

    def ours(self, caller: SoapCaller, ticket: UUID) -> Ours:
        """What we say of an exchange that ends now."""
        return Ours(ticket=ticket, received_at=caller.received_at, replied_at=self.now())


SERVERS: Final = 500
"""From this status on, what is wrong is ours."""


def _answered(answer: Answer) -> Spoken:
    """With rows, or without: "no data" and a supplier's failed control are the same."""
    row, words = (reasons.FOUND, FOUND) if answer.rows else (reasons.NO_DATA, NO_DATA)
    return Spoken(
        ticket=answer.ticket,
        status=_status(row.soa, words),
        answer=answer,
        receipt=answer.receipt,
    )


def _refused(refused: NoAnswer) -> Spoken:
    """The reason that may be told, and nothing else."""
    reason = refused.refusal.reason.told or Reason.NO_FILE
    successor = refused.refusal.successor
    replaced = successor.digits if successor and reason is Reason.NUMBER_REPLACED else ""
    information = ((NEW_SSIN, replaced),) if replaced else ()
    return Spoken(
        ticket=refused.ticket,
        status=_status(reasons.for_reason(reason).soa, WORDS[reason], information),
        receipt=refused.receipt,
        replaced_by=replaced,
        canceled=reason is Reason.NUMBER_CANCELLED,
    )


def _problem_status(problem: Problem) -> StatusBody:
    words = problem.detail or problem.title
    return _status(reasons.for_problem(problem).soa, words, informed(problem.issues))


def _status(said: Soa, words: str, information: tuple[tuple[str, str], ...] = ()) -> StatusBody:
    return StatusBody(
        value=said.value.value, code=said.code, description=words, information=information
    )
