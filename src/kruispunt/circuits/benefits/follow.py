"""Following a case: who acts in each event, what allows it, and who must act now."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from kruispunt.circuits.benefits.action import Delay, Medium
from kruispunt.circuits.benefits.case import (
    Case,
    Progress,
    Replies,
    Request,
    Sheet,
    Stage,
    Standing,
)
from kruispunt.circuits.benefits.rules import CONSULTED_BY

NOT_REQUIRED: Final = "not_required"
"""P-GROUND (05/022 §2.1): the declarant's own declaration needs no deliberation."""


class Party(StrEnum):
    """Who acts. Payment institutions are many and have no names here (P-WHO, §7.4, §33)."""

    INSURED_PERSON = "insured-person"
    CLERK = "clerk"
    CIRCUIT = "circuit"
    NETWORK = "network"
    EMPLOYER = "employer"
    MANDATARY = "mandatary"
    PAYMENT_INSTITUTIONS = "payment-institutions"
    POST = "post"
    CLOCK = "clock"


class Waiting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who must act now, for what, since when and until when. `enterprise`: its number."""

    party: Party
    what: str
    since: datetime | None
    due_at: datetime | None
    paragraph: str
    enterprise: str | None = None


ACTED: Final[dict[str, tuple[Party, str]]] = {
    "risk-declared": (Party.INSURED_PERSON, "05/022 §5(1)"),
    "rules-changed": (Party.CIRCUIT, "assumption"),
    "holder-sheet-sent": (Party.POST, "05/022 §5(2)"),
    "holder-sheet-returned": (Party.INSURED_PERSON, "05/022 §5(2)"),
    "holder-sheet-undeliverable": (Party.POST, "05/022 §5(2)"),
    "consultation-answered": (Party.NETWORK, "05/022 §5(3), §45"),
    "consultation-refused": (Party.NETWORK, "05/022 §5(3), §11"),
    "consultation-failed": (Party.NETWORK, "05/022 §5(3)"),
    "unemployment-accepted": (Party.NETWORK, "05/022 §5(6)(a), §36"),
    "unemployment-refused": (Party.NETWORK, "05/022 §11, §36"),
    "unemployment-counted": (Party.NETWORK, "05/022 §5(6)(b)"),
    "unemployment-answered": (Party.PAYMENT_INSTITUTIONS, "05/022 §5(8)-5(11), §38"),
    "unemployment-failed": (Party.NETWORK, "05/022 §5(6)"),
    "request-delivered": (Party.EMPLOYER, "05/022 §5(5)"),
    "request-dead": (Party.NETWORK, "05/022 §5(5)"),
    "letter-sent": (Party.POST, "05/022 §5(4)"),
    "letter-undeliverable": (Party.POST, "05/022 §5(4)"),
    "declaration-received": (Party.EMPLOYER, "05/022 §2.1, §3, §5(4)-5(5)"),
    "deadline-passed": (Party.CLOCK, "assumption"),
    "number-replaced": (Party.NETWORK, "assumption"),
    "person-moved": (Party.INSURED_PERSON, "05/022 §7.4, §11"),
    "case-withdrawn": (Party.INSURED_PERSON, "05/022 §5(1)"),
    "clerk-answered": (Party.CLERK, "assumption"),
}
"""Who acts in each event, and which paragraph speaks of it."""


def waiting(case: Case) -> tuple[Waiting, ...]:
    """Who must act now. An open case always waits for somebody; a closed one for nobody."""
    if case.stage is not Stage.OPEN:
        return ()
    return (
        *_for_consultations(case),
        *_for_holder(case),
        *(found for one in case.requests for found in _for_request(case, one)),
        *_for_unemployment(case),
        *_for_clerk(case),
    )


def tag_of(event: Struct) -> str:
    """The name under which an event or action is stored."""
    return str(event.__struct_config__.tag)


def _due(case: Case, delay: Delay, about: UUID) -> datetime | None:
    found = (
        one.due_at for one in case.deadlines.values() if one.delay is delay and about in one.about
    )
    return max(found, default=None)


def _for_consultations(case: Case) -> Iterator[Waiting]:
    for role, one in case.consultations.items():
        last = one.asked[-1]
        if one.progress is Progress.ASKED:
            party, delay = Party.NETWORK, Delay.CONSULTATION
        elif one.progress is Progress.FAILED:
            party, delay = Party.CIRCUIT, Delay.RETRY
        else:
            continue
        yield Waiting(
            party=party,
            what=role,
            since=one.since,
            due_at=_due(case, delay, last),
            paragraph=CONSULTED_BY[role],
        )


def _for_holder(case: Case) -> Iterator[Waiting]:
    holder = case.holder
    if holder.sheet is Sheet.SENT and holder.action is not None:
        yield Waiting(
            party=Party.INSURED_PERSON,
            what="holder-sheet",
            since=holder.since,
            due_at=_due(case, Delay.HOLDER_SHEET, holder.action),
            paragraph="05/022 §5(2)",
        )


def _for_request(case: Case, one: Request) -> Iterator[Waiting]:
    if one.standing not in {Standing.SENT, Standing.SUPPRESSED, Standing.STUCK}:
        return
    insured = bool(one.sent) and one.sent[-1].medium is Medium.PAPER_INSURED
    to = one.sent[-1].to if one.sent else one.destination
    other = to is not None and not to.meets(one.employer)
    party = Party.MANDATARY if other else Party.EMPLOYER
    yield Waiting(
        party=Party.INSURED_PERSON if insured else party,
        what="declaration",
        since=one.since,
        due_at=_due(case, Delay.DECLARATION, one.id),
        paragraph="05/022 §23" if one.standing is Standing.SUPPRESSED else "05/022 §4-5",
        enterprise=to.code if to else None,
    )


def _for_unemployment(case: Case) -> Iterator[Waiting]:
    now = case.unemployment
    if now.settled or not now.asked:
        return
    counted = now.expected is not None
    party = Party.PAYMENT_INSTITUTIONS if counted else Party.NETWORK
    failed = now.state is Replies.FAILED
    yield Waiting(
        party=Party.CIRCUIT if failed else party,
        what="unemployment",
        since=now.since,
        due_at=_due(case, Delay.RETRY if failed else Delay.UNEMPLOYMENT, now.asked[-1]),
        paragraph="05/022 §5(6)-5(11), §36-38",
    )


def _for_clerk(case: Case) -> Iterator[Waiting]:
    for one in case.notices.values():
        yield Waiting(
            party=Party.CLERK,
            what=one.matter,
            since=one.since,
            due_at=None,
            paragraph=one.paragraph,
        )
