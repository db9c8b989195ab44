"""Inquiries for tests, under the law as given: tests name only what matters."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace
from tests.unit.circuits.reimbursement.reimbursing import a_notice, an_application

from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import LawDigest, Ssin, check_digits

MOMENT: Final = datetime(2024, 11, 15, 9, tzinfo=UTC)
PERSON: Final = Ssin(f"010101997{check_digits(10101997):02d}")
OTHER: Final = Ssin(f"010101995{check_digits(10101995):02d}")
RULES: Final = r.inquiry_rules(read_lawbook(), asked_on=date(2024, 11, 15), zone="Europe/Brussels")
CASE: Final = UUID(int=7)

Row = dict[str, b.Cell]


def a_begin(begun: r.Applied | r.Noticed | None = None, **changes: Any) -> r.InquiryBegun:
    """Somebody unemployed applies."""
    known: dict[str, Any] = {
        "id": UUID(int=1),
        "at": MOMENT,
        "person": PERSON,
        "begun": begun or an_application(),
        "rules": RULES,
    }
    return r.InquiryBegun(**{**known, **changes})


def own_initiative(**changes: Any) -> r.InquiryBegun:
    return a_begin(a_notice(**changes))


def another_law(*, ceiling: int | None = None, **changes: Any) -> r.InquiryRules:
    """The law after a change: another ceiling of one person, and whatever else is said."""
    name = "ceiling.current.first-person"
    values = RULES.values
    if ceiling is not None:
        values = values | {name: tuple(replace(one, whole=ceiling) for one in values[name])}
    return replace(RULES, **{"law": LawDigest("another law"), "values": values, **changes})


def a_row(
    daily: str | None = "50.00", *, full: str | None = "VW", scale: str | None = "N11"
) -> Row:
    """A row with more in it than rules look at."""
    return {
        "daily_amount": daily,
        "full_unemployment_code": full,
        "scale_code": scale,
        "seniority_supplement": "1.00",
        "specific_status_code": "NONE",
        "degressivity": ({"daily_amount": "40.00"},),
    }


@dataclass
class Played:
    """An inquiry that is played event by event."""

    at: datetime = MOMENT
    state: r.Inquiry = field(default_factory=lambda: r.Inquiry(id=CASE))
    events: list[r.InquiryEvent] = field(default_factory=list[r.InquiryEvent])
    wanted: list[r.InquiryAction] = field(default_factory=list[r.InquiryAction])

    def add(self, event: r.InquiryEvent) -> bool:
        """True where it changed something."""
        before = self.state
        self.state, actions = r.inquire(before, event)
        self.events.append(event)
        self.wanted += actions
        return self.state is not before

    def take(self, kind: type[Any], **said: Any) -> bool:
        number = UUID(int=100 + len(self.events))
        return self.add(kind(**{"id": number, "at": self.at, **said}))

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def reply(self, kind: type[Any], **said: Any) -> bool:
        """What the network says of what was asked last."""
        return self.take(kind, **{"action": self.state.asked[-1], **said})

    def answered(self, *rows: Row) -> None:
        """As many answers as rows, counted first."""
        self.reply(b.UnemploymentAccepted, ticket="T")
        self.reply(b.UnemploymentCounted, count=len(rows))
        for place, row in enumerate(rows, 1):
            self.reply(b.UnemploymentAnswered, place=place, rows=(row,))

    def pass_deadline(self) -> bool:
        ((key, due),) = self.state.deadlines.items()
        self.at = max(self.at, due.due_at)
        return self.take(b.DeadlinePassed, deadline=key)

    @property
    def questions(self) -> list[r.InquireUnemployment]:
        return [one for one in self.wanted if isinstance(one, r.InquireUnemployment)]

    @property
    def decisions(self) -> list[r.Decide]:
        return [one for one in self.wanted if isinstance(one, r.Decide)]


def played(begun: r.InquiryBegun | None = None) -> Played:
    """An inquiry that has begun."""
    found = Played()
    found.add(begun or a_begin())
    return found
