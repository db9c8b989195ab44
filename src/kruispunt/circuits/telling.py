"""A case told step by step: who, when, how long it took, what allowed it, who must act now.

Nothing that is told holds a person's number, a name, or a value of an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kruispunt.circuits.benefits import (
    NOT_REQUIRED,
    Action,
    AskUnemployment,
    Case,
    ClerkAnswered,
    Close,
    Consult,
    ConsultationAnswered,
    ConsultationFailed,
    ConsultationRefused,
    DeadlinePassed,
    DeclarationReceived,
    Event,
    Party,
    Request,
    RequestDead,
    RiskDeclared,
    SendHolderSheet,
    SendRequest,
    SetDeadline,
    TellClerk,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
    Waiting,
    advance,
    tag_of,
    waiting,
)
from kruispunt.circuits.benefits.follow import ACTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a step made the case want done. `about`: consultation, medium, delay, matter."""

    id: UUID
    what: str
    paragraph: str
    about: str = ""
    flow: str = ""
    rule: str = ""
    to: str = ""
    """Number of the enterprise to which it goes."""

    request: UUID | None = None
    due_at: datetime | None = None
    sensitivity: str = ""
    """R-ART9 (05/022 §32-33): what kind of data goes out with it, where that needs a mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One step. `took`: since what it answers was wanted; None: it answers nothing.

    `changed` False: it came twice, too late, or about nothing. `ground`: P-GROUND (05/022 §2.1).
    """

    n: int
    at: datetime
    party: Party
    what: str
    paragraph: str
    about: str
    detail: str
    took: timedelta | None
    changed: bool
    wishes: tuple[Wish, ...]
    waiting_for: tuple[Waiting, ...]
    ending: str = ""
    ground: str = ""


@dataclass(slots=True)
class Telling:
    """Tells a case from its begin on, event by event, each once and in order."""

    case: Case
    n: int = 0
    wanted: dict[UUID, tuple[Wish, datetime]] = field(
        default_factory=dict[UUID, tuple[Wish, datetime]]
    )
    """What was wanted when, by the ids that events quote."""

    @classmethod
    def of(cls, case: UUID) -> "Telling":
        """Before anything happened."""
        return cls(case=Case(id=case))

    def tell(self, event: Event) -> Told:
        """The step that this event is."""
        before, (after, actions) = self.case, advance(self.case, event)
        wishes = tuple(map(wish_of, actions))
        what = tag_of(event)
        party, paragraph = ACTED[what]
        answered = self.wanted.get(quoted(event) or event.id)
        self.case, self.n = after, self.n + 1
        for wish in wishes:
            self.wanted[wish.id] = (wish, event.at)
            if wish.request is not None:
                self.wanted[wish.request] = (wish, event.at)
        return Told(
            n=self.n,
            at=event.at,
            party=_party(party, event, before),
            what=what,
            paragraph=paragraph,
            about=answered[0].about if answered else _about(event),
            detail=_detail(event),
            took=event.at - answered[1] if answered else None,
            changed=after != before,
            wishes=wishes,
            waiting_for=waiting(after),
            ending=str(after.ending or "") if after.stage is not before.stage else "",
            ground=NOT_REQUIRED if isinstance(event, DeclarationReceived) else "",
        )


def told(case: UUID, events: Iterable[Event]) -> tuple[Told, ...]:
    """Every step of a case, from all its events."""
    telling = Telling.of(case)
    return tuple(map(telling.tell, events))


def quoted(event: Event) -> UUID | None:
    """The id that an event answers: of an action, deadline, notice or request."""
    match event:
        case DeadlinePassed(deadline=deadline):
            return deadline
        case ClerkAnswered(notice=notice):
            return notice
        case DeclarationReceived(request=request):
            return request
        case _:
            return getattr(event, "action", None)


def wish_of(action: Action) -> Wish:
    """An action without what it says of anyone."""
    wish = Wish(id=action.id, what=tag_of(action), paragraph=action.paragraph)
    match action:
        case Consult(role=role, flow=flow):
            return _with(wish, about=role.value, flow=flow)
        case AskUnemployment(flow=flow):
            return _with(wish, about="unemployment", flow=flow)
        case SendHolderSheet():
            return _with(wish, about="holder-sheet")
        case SendRequest():
            return _request_wish(wish, action)
        case SetDeadline(delay=delay, due_at=due_at):
            return _with(wish, about=delay.value, due_at=due_at)
        case TellClerk(matter=matter):
            return _with(wish, about=matter.value)
        case Close(ending=ending):
            return _with(wish, about=ending.value)


def request_of(case: Case, reference: UUID) -> Request | None:
    """The request of a case with this reference."""
    return next((one for one in case.requests if one.id == reference), None)


def is_asked(request: Request, number: str) -> bool:
    """True where this enterprise is a destination that was asked (R-ROUTE-DEST, 05/022 §22).

    That of every sending counts, since a destination may change between request and reminder;
    and that of a request that was not sent, whose mandatary declares by itself (§23).
    """
    places = [request.destination, *(one.to for one in request.sent if one.to is not None)]
    return bool(number) and any(number in (place.cbe, place.nsso) for place in places)


def _with(wish: Wish, *, about: str, flow: str = "", due_at: datetime | None = None) -> Wish:
    return Wish(
        id=wish.id,
        what=wish.what,
        paragraph=wish.paragraph,
        about=about,
        flow=flow,
        due_at=due_at,
    )


def _request_wish(wish: Wish, action: SendRequest) -> Wish:
    to, reminder = action.to, ", reminder" if action.reminder else ""
    return Wish(
        id=wish.id,
        what=wish.what,
        paragraph=wish.paragraph,
        about=action.medium.value + reminder,
        rule=action.rule,
        to=to.mailbox or "",
        request=action.request,
        sensitivity=action.sensitivity,
    )


def _party(party: Party, event: Event, before: Case) -> Party:
    """A declaration of the mandatary is not the employer's own."""
    if not isinstance(event, DeclarationReceived):
        return party
    if event.request is None:
        own = event.declarant is None or event.declarant.meets(event.employer)
        return party if own else Party.MANDATARY
    request = request_of(before, event.request)
    if request is None or request.destination.meets(request.employer):
        return party
    return Party.MANDATARY


def _about(event: Event) -> str:
    match event:
        case RiskDeclared(risk=risk):
            return risk.type.value
        case DeclarationReceived():
            return "declaration"
        case _:
            return ""


def _detail(event: Event) -> str:
    """How much came, or why nothing did; never what stands in it."""
    match event:
        case RiskDeclared(risk=risk):
            last = f" to {risk.period.last_day}" if risk.period.last_day else ""
            return f"from {risk.period.begin}{last}"
        case ConsultationAnswered(rows=rows):
            return _count(len(rows), "row")
        case UnemploymentAnswered(place=number, rows=rows, refused=refused):
            return f"answer {number}: " + (refused or _count(len(rows), "row"))
        case UnemploymentCounted(count=count):
            return _count(count, "answer") + " to expect"
        case ConsultationRefused(reason=reason) | UnemploymentRefused(reason=reason):
            return reason.value
        case ConsultationFailed() | UnemploymentFailed() | RequestDead():
            return event.cause
        case UnemploymentAccepted(ticket=ticket):
            return f"ticket {ticket}"
        case DeclarationReceived(means=means):
            return means.value
        case ClerkAnswered(answer=answer):
            return answer.value
        case _:
            return ""


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
