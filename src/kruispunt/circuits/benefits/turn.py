"""One turn of a case: the changes and actions of one event, gathered before they are given out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kruispunt.circuits.benefits.action import Action, Delay, Matter, SetDeadline, TellClerk
from kruispunt.circuits.benefits.case import (
    Case,
    Consultation,
    Deadline,
    Holder,
    Notice,
    Request,
    Stage,
    Unemployment,
)
from kruispunt.circuits.benefits.facts import Facts
from kruispunt.circuits.benefits.risk import Contact, Risk
from kruispunt.circuits.benefits.rules import Role, Rules
from kruispunt.vocabulary import Ssin


class Known(Struct, frozen=True, kw_only=True):
    """What every open case has."""

    person: Ssin
    risk: Risk
    contact: Contact
    rules: Rules


@dataclass(slots=True)
class Turn:
    """Changes one case; nothing outside sees it before the turn is over."""

    case: Case
    at: datetime
    actions: list[Action] = field(default_factory=list[Action])

    @property
    def known(self) -> Known:
        """What the declaration of the risk told; only of a case that is open."""
        case = self.case
        assert case.person, "expected an open case"
        assert case.risk
        assert case.contact
        assert case.rules
        return Known(person=case.person, risk=case.risk, contact=case.contact, rules=case.rules)

    @property
    def rules(self) -> Rules:
        assert self.case.rules, "expected an open case"
        return self.case.rules

    @property
    def is_open(self) -> bool:
        return self.case.stage is Stage.OPEN

    def next_id(self) -> UUID:
        """A fresh id for an action or a request; it follows from the case and a counter."""
        number = self.case.actions
        self.case = replace(self.case, actions=number + 1)
        return self.case.action_id(number)

    def add(self, action: Action) -> None:
        self.actions.append(action)

    def learn(self, facts: Facts) -> None:
        self.case = replace(self.case, facts=facts)

    def consultation(self, role: Role, consultation: Consultation) -> None:
        self.case = replace(
            self.case, consultations={**self.case.consultations, role: consultation}
        )

    def holder(self, holder: Holder) -> None:
        self.case = replace(self.case, holder=holder)

    def unemployment(self, unemployment: Unemployment) -> None:
        self.case = replace(self.case, unemployment=unemployment)

    def request(self, request: Request) -> None:
        """Put a request in the place of the one with its id, or behind the others."""
        requests = self.case.requests
        if any(one.id == request.id for one in requests):
            changed = tuple(request if one.id == request.id else one for one in requests)
        else:
            changed = (*requests, request)
        self.case = replace(self.case, requests=changed)

    def set_deadline(
        self, delay: Delay, *about: UUID, wait: timedelta, paragraph: str = "assumption"
    ) -> UUID:
        """Ask to be told when it is time."""
        fresh, due_at = self.next_id(), self.at + wait
        self.add(SetDeadline(id=fresh, paragraph=paragraph, delay=delay, due_at=due_at))
        deadline = Deadline(delay=delay, due_at=due_at, about=about)
        self.case = replace(self.case, deadlines={**self.case.deadlines, fresh: deadline})
        return fresh

    def tell(self, matter: Matter, subject: str, *, paragraph: str) -> None:
        """Tell a clerk something that the case does not wait for."""
        self.add(TellClerk(id=self.next_id(), paragraph=paragraph, matter=matter, subject=subject))

    def ask_clerk(self, matter: Matter, subject: str, about: UUID, *, paragraph: str) -> None:
        """Tell a clerk something that the case waits for; once for each subject."""
        if any(one.about == about for one in self.case.notices.values()):
            return
        fresh = self.next_id()
        self.add(
            TellClerk(id=fresh, paragraph=paragraph, matter=matter, subject=subject, asks=True)
        )
        notice = Notice(matter=matter, about=about, since=self.at, paragraph=paragraph)
        self.case = replace(self.case, notices={**self.case.notices, fresh: notice})

    def settle(self, *about: UUID) -> None:
        """Take back what a clerk was asked about these subjects, and their deadlines."""
        notices = {key: one for key, one in self.case.notices.items() if one.about not in about}
        deadlines = {
            key: one
            for key, one in self.case.deadlines.items()
            if not set(one.about) <= set(about)
        }
        self.case = replace(self.case, notices=notices, deadlines=deadlines)
