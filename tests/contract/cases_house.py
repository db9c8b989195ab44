"""Cases for tests, in memory and on PostgreSQL, as one process has them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from kruispunt.circuits import (
    ORDER,
    Answers,
    Cases,
    CaseStore,
    Desk,
    FiledAnswers,
    FiledCases,
    MemoryAnswers,
    MemoryFiledCases,
    RulesOn,
    State,
)
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.mailbox import Mailboxes
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import FlowId, LawDigest, Period, PurposeId, Ssin, check_digits

MOMENT: Final = datetime(2031, 3, 5, 12, tzinfo=UTC)
PERSON: Final = Ssin(f"010101997{check_digits(10101997):02d}")
LEASE: Final = timedelta(seconds=60)
RULES: Final = b.Rules(
    law=LawDigest("law"),
    purpose=PurposeId("benefits"),
    flows={role: FlowId(f"flow.{role}") for role in b.Role},
    unemployment=FlowId("flow.unemployment"),
    zone="Europe/Brussels",
    delays=b.Delays(
        consultation_minutes=10,
        retry_minutes=5,
        attempts=3,
        holder_days=14,
        declaration_days=14,
        reminders=1,
        unemployment_days=7,
        left_days=90,
    ),
)
CONTACT: Final = b.Contact(last_name="Peeters", first_name="An")
ACME: Final = "0400000101"


def a_risk(**changes: Any) -> b.Risk:
    known: dict[str, Any] = {"type": b.RiskType.INCAPACITY, "period": Period(date(2031, 3, 3))}
    return b.Risk(**{**known, **changes})


def a_declaration(number: int = 1, **changes: Any) -> b.RiskDeclared:
    """Somebody declares a risk; another number, another declaration."""
    known: dict[str, Any] = {
        "id": UUID(int=number),
        "at": MOMENT,
        "person": PERSON,
        "risk": a_risk(),
        "contact": CONTACT,
        "rules": RULES,
    }
    return b.RiskDeclared(**{**known, **changes})


@dataclass
class Clock:
    """A clock that stands still until it is put on."""

    at: datetime = MOMENT

    def __call__(self) -> datetime:
        return self.at

    def put_on(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(kw_only=True)
class CaseHouse:
    """A store under test, and cases on it."""

    store: CaseStore
    answers: Answers = field(default_factory=MemoryAnswers)
    clock: Clock = field(default_factory=Clock)
    desk: Desk = field(default_factory=Desk)
    rules: b.Rules | None = RULES
    inquiry_rules: r.InquiryRules | None = None

    def __post_init__(self) -> None:
        self.cases = self.a_process(self.desk)

    def a_process(self, desk: Desk | None = None) -> Cases:
        """Cases as another process has them on the same store."""
        law = RulesOn(risk=self.law, inquiry=self.law_of_inquiries)
        return Cases(store=self.store, desk=desk or Desk(), now=self.clock, lease=LEASE, law=law)

    def law(self, _risk_on: date, _today: date) -> b.Rules:
        """The rules that run now.

        Raises:
            LookupError: there are none.
        """
        if self.rules is None:
            raise LookupError
        return self.rules

    def law_of_inquiries(self, _today: date) -> r.InquiryRules:
        """Those of inquiries.

        Raises:
            LookupError: there are none.
        """
        if self.inquiry_rules is None:
            raise LookupError
        return self.inquiry_rules

    async def asked(self, case: UUID, role: b.Role = b.Role.REFERENCE) -> UUID:
        """The id of the action by which this was asked last."""
        filed = await self.store.find(case)
        assert filed
        return of_risk(filed.case).consultations[role].asked[-1]

    async def answer(
        self, case: UUID, *rows: dict[str, b.Cell], role: b.Role = b.Role.REFERENCE
    ) -> b.Case:
        action = await self.asked(case, role)
        event = b.ConsultationAnswered(
            id=uuid5(action, "answered"), at=self.clock(), action=action, rows=rows
        )
        return of_risk(await self.cases.add(case, event, done=action))


def of_risk(case: State) -> b.Case:
    """A case of a declared risk."""
    assert isinstance(case, b.Case)
    return case


def reference(*, rsz: bool = True, unemployed: bool = False) -> dict[str, b.Cell]:
    return {"rsz_known": rsz, "unemployment_known": unemployed}


@asynccontextmanager
async def in_memory(_dsn: str = "") -> AsyncGenerator[CaseHouse]:
    yield CaseHouse(store=MemoryFiledCases())


@asynccontextmanager
async def on_postgres(dsn: str) -> AsyncGenerator[CaseHouse]:
    """Cases as one process has them: its own pool and its own committer."""
    database = await Database.open(dsn, size=4)
    await Mailboxes(database=database).open_days(MOMENT)
    commit = Commit(database, order=ORDER)
    await commit.start()
    store = FiledCases(database=database, commit=commit)
    yield CaseHouse(store=store, answers=FiledAnswers(database=database))
    await commit.stop()
    await database.close()
