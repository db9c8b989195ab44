"""Bytes become questions here: who asks is proven, what is asked is checked."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

from msgspec import structs

from kruispunt.client import (
    ASK_TAG,
    INVALID_INPUT,
    AskManyRequest,
    AskRequest,
    LinesRequest,
    PeriodBody,
    Reader,
    canonical,
    read_period,
    read_ssin,
)
from kruispunt.exchange import check_search
from kruispunt.gateway.details import read_details
from kruispunt.gateway.lines import read_lines
from kruispunt.gateway.many import Faults
from kruispunt.gateway.proven import Signed, prove
from kruispunt.gateway.said_once import check_said_once
from kruispunt.law import Flow, Lawbook, Supply
from kruispunt.vocabulary import (
    BELGIF,
    FlowId,
    InstitutionCode,
    Issue,
    LinesAsked,
    Malformed,
    NotFound,
    Period,
    PurposeId,
    Question,
    Ssin,
    WrongSignature,
    day_of_asking,
)
from kruispunt.web import MAX_LIFE_S, SKEW_S, Front, Request, Ring

ENDS_OF_TIME = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
NOT_HERE = "no flow of this name is answered here"
NOT_REFERENCED = BELGIF + "input-validation:referencedResourceNotFound"

_read = Reader(AskRequest).read
_read_many = Reader(AskManyRequest).read
_read_lines = Reader(LinesRequest).read


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What is needed to believe a question: whose keys count, which law, which clock and address.

    `base_url` is our own public address: what callers sign, whatever their Host header says.
    `offered` are the flows that this door answers, at once or by mail. A signature may give itself
    at most `max_life_s`; clocks may differ by `skew_s`.
    """

    base_url: str
    ring: Ring
    lawbook: Lawbook
    offered: Collection[FlowId]
    zone: ZoneInfo
    now: Callable[[], datetime]
    front: Front | None = None
    """The proxy before our private socket; None: nothing that such a one says is believed."""

    max_life_s: int = MAX_LIFE_S
    skew_s: int = SKEW_S

    def question(self, request: Request) -> Question:
        """The question of a request.

        Raises:
            NotAuthenticated, WrongSignature: the caller is not proven.
            NotFound: no such flow is offered here.
            Malformed: one issue for each field that is wrong.
        """
        asker, flow = self._asker(request)
        body = _read(request.body)
        check_said_once(request.body, body)
        purpose = self._purpose(body.purpose)
        ssin = read_ssin(body.ssin)
        about = _about(body.period, flow)
        question = self._question(asker, flow, body, purpose=purpose, ssin=ssin, about=about)
        if flow.supply is Supply.SEARCH:
            check_search(question)
        return question

    def questions(self, request: Request) -> list[Question]:
        """The questions of a request that holds many, under its one signature.

        Raises:
            As `question`: what is wrong with one of them is wrong with the request.
        """
        asker, flow = self._asker(request)
        if flow.supply is Supply.BY_DIRECTORY:
            raise NotFound("a flow that is answered by mail is asked about one person at a time")
        if flow.supply is Supply.SEARCH:
            raise NotFound("a flow about nobody in particular is asked alone")
        body = _read_many(request.body)
        check_said_once(request.body, body)
        wrong = Faults()
        purpose = wrong.read(partial(self._purpose, body.purpose))
        wrong.read(partial(_moment, body.sent_at))
        found: list[Question] = []
        for place, one in enumerate(body.questions):
            path = f"questions[{place}]."
            ssin = wrong.read(partial(read_ssin, one.ssin, name=f"{path}ssin"))
            about = wrong.read(partial(_about, one.period, flow, name=f"{path}period"))
            if purpose and ssin and about and not wrong.issues:
                alone = body.alone(one)
                question = self._question(
                    asker, flow, alone, purpose=purpose, ssin=ssin, about=about
                )
                found.append(structs.replace(question, content=sha256(canonical(alone)).digest()))
        wrong.tell()
        return found

    def about_lines(self, request: Request) -> tuple[Question, LinesAsked]:
        """What a request asks of the directory itself.

        Raises:
            As `question`.
        """
        signed = self.caller(request, tag=ASK_TAG)
        flow = self.lawbook.flows.get(FlowId(request.argument))
        if flow is None or flow.supply is not Supply.INTEGRATION:
            raise NotFound("no lines are brought by a flow of this name")
        body = _read_lines(request.body)
        check_said_once(request.body, body)
        days, asked = read_lines(body)
        purpose, ssin = self._purpose(body.purpose), read_ssin(body.ssin)
        alone = AskRequest(
            message_id=body.message_id,
            purpose=body.purpose,
            ssin=body.ssin,
            period=PeriodBody.of(days),
            ticket=body.ticket,
            file_reference=body.file_reference,
            sent_at=body.sent_at,
            user=body.user,
            role=body.role,
        )
        question = self._question(signed, flow, alone, purpose=purpose, ssin=ssin, about=days)
        return question, asked

    def caller(self, request: Request, *, tag: str) -> Signed:
        """Who is proven to have signed a request of this kind. Its nonce is still to be claimed.

        Raises:
            NotAuthenticated, WrongSignature: nobody is.
        """
        signed = prove(self, request, tag=tag)
        if signed.institution not in self.lawbook.institutions:
            raise WrongSignature("keyid: the institution of this key is not in the law")
        return signed

    def _asker(self, request: Request) -> tuple[Signed, Flow]:
        asker, flow = self.caller(request, tag=ASK_TAG), self._flow(request.argument)
        # INVARIANT: numbers found by name reach nobody without an entry about each person. So only
        # a node asks here, whose own door looks at each one whom it shows.
        if flow.supply is Supply.SEARCH and not self._is_node(asker.institution):
            raise NotFound(NOT_HERE)
        return asker, flow

    def _question(
        self,
        asker: Signed,
        flow: Flow,
        body: AskRequest,
        *,
        purpose: PurposeId,
        ssin: Ssin,
        about: Period,
    ) -> Question:
        return Question(
            message_id=body.message_id,
            consumer=asker.institution,
            flow=flow.id,
            purpose=purpose,
            ssin=ssin,
            about=about,
            received_at=asker.received_at,
            asked_on=day_of_asking(asker.received_at, self.zone),
            proof=asker.proof,
            ticket=body.ticket,
            file_reference=body.file_reference,
            user=body.user,
            role=body.role,
            sent_at=_moment(body.sent_at),
            details=read_details(
                flow,
                body.details or {},
                about=about,
                purpose=purpose,
                shortened=bool(flow.details) and self._is_node(asker.institution),
            ),
        )

    def _is_node(self, asker: InstitutionCode) -> bool:
        return any(one.node == asker for one in self.lawbook.institutions.values())

    def _flow(self, name: str) -> Flow:
        flow = self.lawbook.flows.get(FlowId(name))
        if flow is None or flow.id not in self.offered:
            raise NotFound(NOT_HERE)
        return flow

    def _purpose(self, name: str) -> PurposeId:
        purpose = PurposeId(name)
        if purpose not in self.lawbook.purposes:
            known = ", ".join(sorted(self.lawbook.purposes))
            raise _wrong("purpose", f"expected one of {known}", kind=NOT_REFERENCED)
        return purpose


def _moment(sent_at: datetime | None) -> datetime | None:
    return None if sent_at is None else read_moment(sent_at, name="sentAt")


def read_moment(said: datetime, *, name: str) -> datetime:
    """The moment in our own zone, which one at the ends of time may not have.

    The very first and last moments are no moments to the store: it takes them for infinity.

    Raises:
        Malformed: there is no such moment.
    """
    try:
        moment = said.astimezone(UTC)
    except OverflowError:
        raise _wrong(name, "expected a moment that exists in UTC") from None
    if moment in ENDS_OF_TIME:
        raise _wrong(name, "expected a moment after the first and before the last there is")
    return moment


def _about(body: PeriodBody, flow: Flow, *, name: str = "period") -> Period:
    about = read_period(body, name=name)
    most = flow.limits.max_days
    if most is not None and (about.end is None or (about.end - about.begin).days > most):
        raise _wrong(name, f"expected at most {most} days, with a last day")
    return about


def _wrong(name: str, detail: str, *, kind: str = INVALID_INPUT) -> Malformed:
    issue = Issue(type=kind, where="body", name=name, detail=detail)
    return Malformed("the question is not valid", issues=(issue,))
