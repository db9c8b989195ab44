"""One of every event and action, with every field filled in: what the frozen forms hold."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from tests.unit.circuits.benefits.played import (
    ACME,
    CONTACT,
    DECLARED_AT,
    PERSON,
    SUCCESSOR,
    reference,
    worker,
)

from kruispunt.circuits import benefits as b
from kruispunt.vocabulary import FlowId, LawDigest, Period, PurposeId, Reason

ABOUT = Period(date(2025, 3, 3), date(2025, 4, 1))
ANSWERS = UUID(int=2)
RULES = b.Rules(
    law=LawDigest("0" * 64),
    purpose=PurposeId("benefits"),
    flows={role: FlowId(f"flow-{role}") for role in b.Role},
    unemployment=FlowId("flow-unemployment"),
    zone="Europe/Brussels",
    delays=b.Delays(
        consultation_minutes=1,
        retry_minutes=2,
        attempts=3,
        holder_days=4,
        declaration_days=5,
        reminders=6,
        unemployment_days=7,
        left_days=8,
    ),
    forcing=("327",),
    stopping=("124",),
)
RISK = b.Risk(
    type=b.RiskType.MATERNITY_REST,
    period=ABOUT,
    employer=b.Enterprise(cbe=ACME, nsso="0000000097"),
    accident=b.Accident.UNDER_RESERVATION,
    mini_dmfa=True,
    direct=True,
    insurability_only=True,
    card_number="592",
    language="nl",
)
GROUPED: b.Rows = ({"scale_code": "A", "degressivity": ({"daily_amount": "51.20"},)},)


def everything() -> list[b.Event | b.Action]:
    """One of each, the same every time."""
    return list(chain(_beginning(), _consulting(), _unemployment(), _news(), _actions()))


def _event(make: type[Any], **content: Any) -> b.Event:
    return make(id=UUID(int=1), at=DECLARED_AT, **content)


def _beginning() -> Iterator[b.Event]:
    yield _event(b.RiskDeclared, person=PERSON, risk=RISK, contact=CONTACT, rules=RULES)
    yield _event(b.RulesChanged, rules=RULES)
    yield _event(b.HolderSheetSent, action=ANSWERS)
    yield _event(b.HolderSheetReturned, action=ANSWERS)
    yield _event(b.HolderSheetUndeliverable, action=ANSWERS)


def _consulting() -> Iterator[b.Event]:
    rows = ({**reference()},)
    refused = {"reason": Reason.NUMBER_REPLACED, "successor": SUCCESSOR}
    yield _event(b.ConsultationAnswered, action=ANSWERS, rows=rows)
    yield _event(b.ConsultationRefused, action=ANSWERS, **refused)
    yield _event(b.ConsultationFailed, action=ANSWERS, cause="silent")


def _unemployment() -> Iterator[b.Event]:
    refused = {"reason": Reason.NUMBER_REPLACED, "successor": SUCCESSOR}
    answer = {"number": 2, "rows": GROUPED, "refused": "no-file"}
    yield _event(b.UnemploymentAccepted, action=ANSWERS, ticket="T")
    yield _event(b.UnemploymentRefused, action=ANSWERS, **refused)
    yield _event(b.UnemploymentCounted, action=ANSWERS, count=2)
    yield _event(b.UnemploymentAnswered, action=ANSWERS, **answer)
    yield _event(b.UnemploymentFailed, action=ANSWERS, cause="late")


def _news() -> Iterator[b.Event]:
    declared = {"employer": RISK.employer, "means": b.Means.BATCH, "content": {"hours": "38"}}
    yield _event(b.RequestDelivered, action=ANSWERS)
    yield _event(b.RequestDead, action=ANSWERS, cause="gone")
    yield _event(b.LetterSent, action=ANSWERS)
    yield _event(b.LetterUndeliverable, action=ANSWERS)
    yield _event(b.DeclarationReceived, request=ANSWERS, **declared)
    yield _event(b.DeadlinePassed, deadline=ANSWERS)
    yield _event(b.NumberReplaced, successor=SUCCESSOR)
    yield _event(b.PersonMoved)
    yield _event(b.CaseWithdrawn)
    yield _event(b.ClerkAnswered, notice=ANSWERS, answer=b.Answer.GO_ON)


def _action(make: type[Any], **content: Any) -> b.Action:
    return make(id=UUID(int=3), paragraph="05/022 §5", **content)


def _actions() -> Iterator[b.Action]:
    asked = {"purpose": RULES.purpose, "person": PERSON, "about": ABOUT, "message_id": ANSWERS}
    yield _action(b.Consult, role=b.Role.UAM, flow=FlowId("flow-uam"), **asked)
    yield _action(b.SendHolderSheet, person=PERSON, risk=RISK.type, period=ABOUT, language="nl")
    yield _action(b.SendRequest, **_request())
    yield _action(
        b.AskUnemployment,
        flow=RULES.unemployment,
        risk=RISK.type,
        insurability_only=True,
        card_number="592",
        **asked,
    )
    yield _action(b.SetDeadline, delay=b.Delay.RETRY, due_at=DECLARED_AT)
    yield _action(b.TellClerk, matter=b.Matter.CONTRADICTION, subject="requests", asks=True)
    yield _action(b.Close, ending=b.Ending.DONE)


def _request() -> dict[str, Any]:
    user = {name: f"{name} of UAM" for name in b.Prefilled.__struct_fields__}
    known = {name: value for name, value in worker().items() if value is not None}
    content = b.Content(
        worker=b.Worker(**{**known, "service_end_date": "2025-03-31"}),  # type: ignore[arg-type]  every field is text
        declaration_type=b.DeclarationType(risk=RISK.type, mini_dmfa=True),
        risk_period=ABOUT,
        contact_person=CONTACT,
        employer=b.Employer(cbe_number=ACME, nsso_number="0000000097", denomination="Acme"),
    )
    return {
        "rule": "R-ELEC",
        "request": ANSWERS,
        "medium": b.Medium.ELECTRONIC,
        "to": b.Address(number=ACME, email="a@a.example", name="Acme", postal="Markt 1"),
        "content": content,
        "prefilled": b.Prefilled(**user),
        "reminder": True,
        "language": "NL",
    }
