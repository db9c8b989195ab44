"""A case told step by step: who, when, how long it took, what allowed it, who must act now.

Nothing that is told holds a person's number, a name, or a value of an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kruispunt.circuits.benefits import (
    NOT_REQUIRED,
    ClerkAnswered,
    ConsultationAnswered,
    ConsultationFailed,
    ConsultationRefused,
    DeadlinePassed,
    DeclarationReceived,
    Party,
    RiskDeclared,
    Stage,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
    Waiting,
    tag_of,
)
from kruispunt.circuits.circuit import Circuit, Event, Opening, State, Wish
from kruispunt.circuits.income_inquiry import way_of
from kruispunt.circuits.kinds import opened_by
from kruispunt.circuits.reimbursement import InquiryBegun


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

    case: UUID
    n: int = 0
    wanted: dict[UUID, tuple[Wish, datetime]] = field(
        default_factory=dict[UUID, tuple[Wish, datetime]]
    )
    """What was wanted when, by the ids that events quote."""

    _so_far: "tuple[Circuit, State] | None" = None

    @classmethod
    def of(cls, case: UUID) -> "Telling":
        """Before anything happened."""
        return cls(case=case)

    def tell(self, event: Event) -> Told:
        """The step that this event is."""
        circuit, before = self._so_far or _new(self.case, event)
        after, actions = circuit.advance(before, event)
        wishes = tuple(map(circuit.wish, actions))
        party, paragraph = circuit.acted(before, event)
        answered = self.wanted.get(quoted(event) or event.id)
        self._so_far, self.n = (circuit, after), self.n + 1
        for wish in wishes:
            self.wanted[wish.id] = (wish, event.at)
            if wish.request is not None:
                self.wanted[wish.request] = (wish, event.at)
        return Told(
            n=self.n,
            at=event.at,
            party=party,
            what=tag_of(event),
            paragraph=paragraph,
            about=answered[0].about if answered else _about(event),
            detail=_detail(event),
            took=event.at - answered[1] if answered else None,
            changed=after != before,
            wishes=wishes,
            waiting_for=circuit.waiting(after),
            ending=_ending(before, after),
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


def _new(case: UUID, event: Event) -> tuple[Circuit, State]:
    circuit = opened_by(event)
    assert circuit, "expected what opens a case first"
    return circuit, circuit.new(case)


def _ending(before: State, after: State) -> str:
    closes = after.stage is Stage.CLOSED and before.stage is not Stage.CLOSED
    return str(after.ending or "") if closes else ""


def _about(event: Event) -> str:
    match event:
        case InquiryBegun(begun=begun):
            return way_of(begun)
        case RiskDeclared(risk=risk):
            return risk.type.value
        case DeclarationReceived():
            return "declaration"
        case _:
            return ""


def _detail(event: Event) -> str:
    """How much came, or why nothing did; never what stands in it, nor words of outsiders.

    The cause of a dead request is text of its recipient, who may have written about the person.
    """
    match event:
        case RiskDeclared() | InquiryBegun():
            return _days(event)
        case ConsultationAnswered(rows=rows):
            return _count(len(rows), "row")
        case UnemploymentAnswered(place=number, rows=rows, refused=refused):
            return f"answer {number}: " + (refused or _count(len(rows), "row"))
        case UnemploymentCounted(count=count):
            return _count(count, "answer") + " to expect"
        case ConsultationRefused(reason=reason) | UnemploymentRefused(reason=reason):
            return reason.value
        case ConsultationFailed() | UnemploymentFailed():
            return event.cause
        case UnemploymentAccepted(ticket=ticket):
            return f"ticket {ticket}"
        case DeclarationReceived(means=means):
            return means.value
        case ClerkAnswered(answer=answer):
            return answer.value
        case _:
            return ""


def _days(event: Opening) -> str:
    if isinstance(event, InquiryBegun):
        return f"on {event.begun.on}"
    period = event.risk.period
    last = f" to {period.last_day}" if period.last_day else ""
    return f"from {period.begin}{last}"


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
