"""A case played by hand: tests name the event that matters, the rest is the ordinary worker."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from kruispunt.circuits import benefits as b
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import Period, Ssin, check_digits

LAWBOOK: Final = read_lawbook()
PERSON: Final = Ssin(f"010101997{check_digits(10101997):02d}")
SUCCESSOR: Final = Ssin(f"010101995{check_digits(10101995):02d}")
CASE: Final = UUID(int=7)
RISK_ON: Final = date(2025, 3, 3)
DECLARED_AT: Final = datetime(2025, 3, 5, 9, 0, tzinfo=UTC)
ACME: Final = "0400000101"
OTHER: Final = "0400000202"
OFFICE: Final = "0400000303"
RULES: Final = b.rules_of(
    LAWBOOK, risk_on=RISK_ON, asked_on=DECLARED_AT.date(), zone="Europe/Brussels"
)
CONTACT: Final = b.Contact(
    last_name="Peeters",
    first_name="An",
    address="Kerkstraat 1, 1000 Brussel",
    email="an.peeters@insurer.example",
    phone="02 000 00 00",
)

A = TypeVar("A", bound=b.Action)


def a_risk(**changes: Any) -> b.Risk:
    """Incapacity for work since the third of March, without end."""
    known: dict[str, Any] = {"type": b.RiskType.INCAPACITY, "period": Period(RISK_ON)}
    return b.Risk(**{**known, **changes})


def dimona(
    cbe: str = ACME, begin: str = "2015-01-01", end: str | None = None
) -> dict[str, b.Cell]:
    return {
        "ssin": PERSON.digits,
        "employer_cbe": cbe,
        "nsso_number": None,
        "service_begin_date": begin,
        "service_end_date": end,
    }


def employment(
    q: str | None = "38.00",
    s: str | None = "38.00",
    committee: str | None = "200",
    **changes: b.Cell,
) -> dict[str, b.Cell]:
    return {
        "cbe_number": ACME,
        "nsso_number": None,
        "ssin": PERSON.digits,
        "joint_committee_number": committee,
        "employment_begin_date": "2015-01-01",
        "employment_end_date": None,
        "mean_weekly_hours_reference_s": s,
        "mean_weekly_hours_worker_q": q,
        **changes,
    }


def choice(**changes: b.Cell) -> dict[str, b.Cell]:
    return {
        "employer_cbe": ACME,
        "destination_cbe": ACME,
        "destination_nsso_number": None,
        "destination_name": "Acme",
        "destination_type": "EMPLOYER",
        "mandate_from": None,
        "mandate_to": None,
        "channel": "ELECTRONIC",
        "request_scope": "ALL",
        "valid_from": "2010-01-01",
        "valid_to": None,
        **changes,
    }


def to_office(**changes: b.Cell) -> dict[str, b.Cell]:
    """The employer chose a social secretariat, whose mandate is in force."""
    office: dict[str, b.Cell] = {
        "destination_cbe": OFFICE,
        "destination_name": "Office",
        "destination_type": "SOCIAL_SECRETARIAT",
        "mandate_from": "2020-01-01",
    }
    return choice(**{**office, **changes})


def user(cbe: str = ACME, **changes: b.Cell) -> dict[str, b.Cell]:
    return {
        "contact_person_id": "U1",
        "mobile_number": None,
        "phone_number": "02 000 00 01",
        "fax_number": None,
        "email": "asr@acme.example",
        "capacity": "EMPLOYER",
        "channel_type": "ONLINE",
        "local_manager_id": "U1",
        "cbe_number": cbe,
        "enterprise_language": "NL",
        **changes,
    }


def worker(**changes: b.Cell) -> dict[str, b.Cell]:
    return {
        "ssin": PERSON.digits,
        "last_name": "Janssens",
        "first_name": "Jan",
        "second_name_initial": "P",
        "birth_date": "2001-01-01",
        "birth_municipality": "Gent",
        "birth_country": "150",
        "sex": "M",
        "nationality": "150",
        "employment_status_at_risk": "IN_SERVICE",
        "service_end_date": None,
        **changes,
    }


def owner(cbe: str = ACME, **changes: b.Cell) -> dict[str, b.Cell]:
    return {
        "cbe_number": cbe,
        "nsso_number": "0000000097",
        "employer_category": "010",
        "denomination": "Acme",
        "address": "Nijverheidslaan 5, 9000 Gent",
        "quarter": "2025-1",
        "active_in_quarter": True,
        "curator_id": None,
        "curator_name": None,
        "curator_address": None,
        **changes,
    }


def reference(*, rsz: bool = True, unemployed: bool = False) -> dict[str, b.Cell]:
    return {"rsz_known": rsz, "unemployment_known": unemployed}


ORDINARY: Final[dict[b.Role, b.Rows]] = {
    b.Role.REFERENCE: (reference(),),
    b.Role.DIMONA: (dimona(),),
    b.Role.EMPLOYMENT: (employment(),),
    b.Role.ROUTING: (choice(),),
    b.Role.UAM: (user(),),
    b.Role.PERSONNEL: (worker(),),
    b.Role.EMPLOYER: (owner(),),
}
"""What the sources say of the ordinary worker: full time at one electronic employer."""


@dataclass
class Played:
    """A case with the events and actions that it had."""

    case: b.Case = field(default_factory=lambda: b.Case(id=CASE))
    events: list[b.Event] = field(default_factory=list[b.Event])
    actions: list[b.Action] = field(default_factory=list[b.Action])
    at: datetime = DECLARED_AT

    def take(self, make: type[Any], **content: Any) -> tuple[b.Action, ...]:
        """Let something happen; the moment and the id of the event are ours."""
        event = make(id=UUID(int=1000 + len(self.events)), at=self.at, **content)
        return self.hear(event)

    def hear(self, event: b.Event) -> tuple[b.Action, ...]:
        self.case, actions = b.advance(self.case, event)
        self.events.append(event)
        self.actions.extend(actions)
        return actions

    def answer(self, sources: dict[b.Role, b.Rows]) -> None:
        """Answer every consultation that is open, until none is."""
        while asked := self.open_consults():
            for one in asked:
                rows = sources.get(one.role, ORDINARY[one.role])
                self.take(b.ConsultationAnswered, action=one.id, rows=rows)

    def open_consults(self) -> list[b.Consult]:
        made = self.case.consultations
        return [
            one
            for one in self.of(b.Consult)
            if self.case.stage is b.Stage.OPEN
            and made[one.role].asked[-1] == one.id
            and made[one.role].progress is b.Progress.ASKED
        ]

    def of(self, kind: type[A]) -> list[A]:
        return [one for one in self.actions if isinstance(one, kind)]

    def one(self, kind: type[A]) -> A:
        (found,) = self.of(kind)
        return found

    def last(self, kind: type[A]) -> A:
        return self.of(kind)[-1]

    def roles(self) -> list[b.Role]:
        return [one.role for one in self.of(b.Consult)]

    def matters(self) -> list[b.Matter]:
        return [one.matter for one in self.of(b.TellClerk)]

    def pass_(self, delay: b.Delay) -> tuple[b.Action, ...]:
        """Let the time of the last such deadline come."""
        found = [key for key, one in self.case.deadlines.items() if one.delay is delay][-1]
        self.at = max(self.at, self.case.deadlines[found].due_at)
        return self.take(b.DeadlinePassed, deadline=found)

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)

    def parties(self) -> set[b.Party]:
        return {one.party for one in b.waiting(self.case)}


def declared(**changes: Any) -> Played:
    """A case of which only the risk was declared."""
    played = Played()
    risk = a_risk(**changes)
    played.take(b.RiskDeclared, person=PERSON, risk=risk, contact=CONTACT, rules=RULES)
    return played


def consulted(sources: dict[b.Role, b.Rows] | None = None, **changes: Any) -> Played:
    """A case of which every consultation was answered."""
    played = declared(**changes)
    played.answer(sources or {})
    return played


def unemployed(*hours: dict[str, b.Cell], **changes: Any) -> Played:
    """A case of somebody who is known as controlled unemployed too."""
    return consulted(
        {b.Role.REFERENCE: (reference(unemployed=True),), b.Role.EMPLOYMENT: hours}, **changes
    )
