"""Inquiries into incomes for increased reimbursement (05/022 §6), as cases of any kind."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.circuits import benefits as b
from kruispunt.circuits.circuit import Action, Event, Heading, RulesOn, State, Task, Wish
from kruispunt.circuits.reimbursement import (
    Applied,
    Decide,
    InquireUnemployment,
    Inquiry,
    InquiryBegun,
    InquiryEvent,
    InquiryRulesChanged,
    Noticed,
    Phase,
    Reimbursement,
    SetDay,
    WantProof,
    check_met,
    inquire,
    keep_needed,
)

_decode: Final = msgspec.msgpack.Decoder(Inquiry).decode

ON_REQUEST: Final = "on-request"
EX_OFFICIO: Final = "ex-officio"
ASKED_BY: Final = "05/022 §6, §7.5-7.6"

ACTED: Final[Mapping[str, tuple[b.Party, str]]] = {
    "inquiry-rules-changed": (b.Party.CIRCUIT, "assumption"),
    "unemployment-accepted": (b.Party.NETWORK, ASKED_BY),
    "unemployment-refused": (b.Party.NETWORK, "05/022 §6, §11"),
    "unemployment-counted": (b.Party.NETWORK, ASKED_BY),
    "unemployment-answered": (b.Party.PAYMENT_INSTITUTIONS, "05/022 §6, §7.6, §38, §40"),
    "unemployment-failed": (b.Party.NETWORK, ASKED_BY),
    "income-proved": (b.Party.INSURED_PERSON, "05/022 §6"),
    "deadline-passed": (b.Party.CLOCK, "assumption"),
    "number-replaced": (b.Party.NETWORK, "assumption"),
    "person-moved": (b.Party.INSURED_PERSON, "05/022 §7.4, §11"),
    "case-withdrawn": (b.Party.INSURED_PERSON, "05/022 §2.2"),
}
"""Who acts in each event but the first, and which paragraph speaks of it."""


class IncomeInquiry:
    """The circuit of increased reimbursement, on request and ex officio."""

    kind: str = "reimbursement"

    def new(self, case: UUID) -> State:
        return Inquiry(id=case)

    def opens(self, event: Event) -> bool:
        return isinstance(event, InquiryBegun)

    def advance(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        if not isinstance(event, InquiryEvent):
            return state, ()
        return inquire(_own(state), event)

    def meet(self, state: State, law: RulesOn, told: UUID, at: datetime, /) -> Event | None:
        """Amounts of the day on which the conditions are met (fn 2) may be set after that day."""
        now = _own(state)
        if now.stage is not b.Stage.OPEN or not (now.matter and now.rules):
            return None
        try:
            rules = law.inquiry(now.rules.day(at))
            check_met(now.matter, rules)
        except LookupError:
            return None
        return None if rules == now.rules else InquiryRulesChanged(id=told, at=at, rules=rules)

    def keep(self, event: Event) -> Event:
        return keep_needed(event) if isinstance(event, InquiryEvent) else event

    def wants(self, state: State, task: Task) -> bool:
        now = _own(state)
        if now.stage is not b.Stage.OPEN or not now.asked:
            return False
        return now.asked[-1] == task.id and now.ticket is None and not now.failed

    def waiting(self, state: State) -> tuple[b.Waiting, ...]:
        now = _own(state)
        if now.stage is not b.Stage.OPEN:
            return ()
        party, what, paragraph = _awaited(now)
        due_at = min((one.due_at for one in now.deadlines.values()), default=None)
        return (
            b.Waiting(party=party, what=what, since=now.since, due_at=due_at, paragraph=paragraph),
        )

    def heading(self, state: State) -> Heading:
        now = _own(state)
        matter = _matter(now)
        return Heading(
            about=way_of(matter.begun), begin=matter.met_on, unemployment=_question(now, matter)
        )

    def acted(self, state: State, event: Event) -> tuple[b.Party, str]:
        _own(state)
        match event:
            case InquiryBegun(begun=Applied()):
                return b.Party.INSURED_PERSON, "05/022 §2.2, §6(1)"
            case InquiryBegun():
                return b.Party.CIRCUIT, "05/022 §2.2, §6(2)"
            case _:
                # Of a declared risk, and nothing to an inquiry.
                return ACTED.get(b.tag_of(event), (b.Party.CLERK, "assumption"))

    def wish(self, action: Action) -> Wish:
        wish = Wish(id=action.id, what=b.tag_of(action), paragraph=action.paragraph)
        match action:
            case InquireUnemployment(flow=flow):
                return replace(wish, about="unemployment", flow=flow)
            case WantProof():
                return replace(wish, about="unemployment")
            case SetDay(wait=wait, due_at=due_at):
                return replace(wish, about=wait.value, due_at=due_at)
            case Decide():
                why = f", {action.why}" if action.why else ""
                about = action.ending.value + why
                return replace(wish, about=about, cents=action.ceiling_cents, on=action.on)
            case _:
                raise AssertionError("expected an action of an inquiry")

    def decode(self, state: bytes) -> State:
        return _decode(state)


def _awaited(now: Inquiry) -> tuple[b.Party, str, str]:
    """Whom an open inquiry waits for, for what, by which paragraph."""
    matter = _matter(now)
    match matter.phase:
        case Phase.PROOF_ASKED:
            return b.Party.INSURED_PERSON, "proof-of-income", "05/022 §6"
        case _ if now.failed:
            return b.Party.CIRCUIT, "unemployment", ASKED_BY
        case _ if matter.expected is None:
            return b.Party.NETWORK, "unemployment", ASKED_BY
        case _:
            return b.Party.PAYMENT_INSTITUTIONS, "unemployment", ASKED_BY


def _question(now: Inquiry, matter: Reimbursement) -> str:
    """Where the one question stands."""
    if not now.asked:
        return "not-needed"
    if matter.expected is not None:
        state = "complete" if matter.is_complete else "partial"
        return f"{state}: {len(matter.answers)} of {matter.expected}"
    return "accepted" if now.ticket else "failed" if now.failed else "created"


def way_of(begun: Applied | Noticed) -> str:
    """On request (§6(1)) or ex officio (§6(2))."""
    return ON_REQUEST if isinstance(begun, Applied) else EX_OFFICIO


def _matter(now: Inquiry) -> Reimbursement:
    assert now.matter, "expected a case that was opened"
    return now.matter


def _own(state: State) -> Inquiry:
    assert isinstance(state, Inquiry), "a case of another kind"
    return state
