"""Requests for declarations, one for each employer: planned, sent, reminded (05/022 §4-5)."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits import consultations
from kruispunt.circuits.benefits.action import Delay, Matter, Medium, SendRequest
from kruispunt.circuits.benefits.case import Case, Declared, Request, Sending, Standing
from kruispunt.circuits.benefits.destination import (
    NonGeneric,
    is_wished,
    non_generic,
    route_of,
    way_of,
)
from kruispunt.circuits.benefits.employers import employers_of, last_day_of, left, worker_of
from kruispunt.circuits.benefits.enquiry import content_of
from kruispunt.circuits.benefits.event import DeclarationReceived
from kruispunt.circuits.benefits.risk import Enterprise
from kruispunt.circuits.benefits.rules import Role
from kruispunt.circuits.benefits.turn import Turn
from kruispunt.circuits.benefits.unemployment import digest_of

NEEDED: Final = (Role.ROUTING, Role.PERSONNEL)


def plan(turn: Turn) -> None:
    """R-DEST (§5(3) end): who is asked for a declaration, once the consultations have told."""
    case, risk = turn.case, turn.known.risk
    if case.planned or case.facts.reference is None:
        return
    if not case.facts.reference.rsz_known:
        turn.case = replace(case, planned=True)
        return
    needed = NEEDED if risk.employer else (*NEEDED, Role.DIMONA)
    if not consultations.is_settled(case, *needed):
        return
    found = employers_of(case)
    if not found and case.left_on is None:
        last = last_day_of(case, turn.rules)
        if last is not None:
            consultations.ask_about_last_day(turn, last)
            return
    if not found:
        turn.tell(Matter.NO_EMPLOYER, "requests", paragraph="05/022 §13")
    for employer in found:
        _plan_one(turn, employer)
    turn.case = replace(turn.case, planned=True)


def send_what_is_due(turn: Turn) -> None:
    """Send every planned request, once channel and addresses are known (§24, §31)."""
    if consultations.is_settled(turn.case, Role.UAM, Role.EMPLOYER):
        for one in turn.case.requests:
            if one.standing is Standing.PLANNED:
                _send(turn, one)


def take_declaration(turn: Turn, event: DeclarationReceived) -> bool:
    """P-GROUND (§2.1): needs no deliberation. R-FREE-CHANNEL (§3): however it comes.

    The same again is nothing, also where it quotes the request by now; another one of the same
    declarant is told, since it corrects. R-SPONTANEOUS (§4): who declares before being asked is
    not asked.
    """
    one = _find(turn.case, event)
    digest = digest_of(event.content)
    if one is None:
        return event.request is None and _unasked(turn, event, digest)
    if one.standing is Standing.ANSWERED:
        if one.digest == digest:
            return False
        turn.tell(Matter.CONTRADICTION, str(one.id), paragraph="05/022 §2.1, §4")
        return True
    turn.settle(one.id)
    turn.request(replace(one, standing=Standing.ANSWERED, since=turn.at, digest=digest))
    return True


def take_arrival(turn: Turn, action: UUID, *, medium: Medium | None) -> bool:
    """A sending arrived, or is with the post."""
    found = _sending(turn.case, action, electronic=medium is Medium.ELECTRONIC)
    if found is None:
        return False
    one, sending = found
    if sending.arrived is not None:
        return False
    turn.request(_marked(one, sending, arrived=True))
    return True


def take_loss(turn: Turn, action: UUID, *, electronic: bool) -> bool:
    """A sending did not arrive: the next way is tried (§5(4)), until there is none."""
    found = _sending(turn.case, action, electronic=electronic)
    if found is None:
        return False
    one, sending = found
    if one.settled or sending.arrived is False:
        return False
    one = _marked(one, sending, arrived=False)
    one = replace(one, failed=one.failed | {sending.medium})
    last = sending.action == one.sent[-1].action
    if last and sending.medium is Medium.PAPER_INSURED:
        turn.request(replace(one, standing=Standing.STUCK, since=turn.at))
        turn.ask_clerk(Matter.LETTER_UNDELIVERABLE, str(one.id), one.id, paragraph="05/022 §5(4)")
    elif last:
        again = sending.reminder
        turn.request(replace(one, standing=Standing.PLANNED, since=turn.at, again=again))
    else:
        turn.request(one)
    return True


def take_lateness(turn: Turn, deadline: UUID) -> None:
    """NG3 (§23): what is reminded of is no longer generic; after that a clerk is asked."""
    one = next((one for one in turn.case.requests if one.deadline == deadline), None)
    if one is None or one.standing not in {Standing.SUPPRESSED, Standing.SENT}:
        return
    if one.reminders < turn.rules.delays.reminders:
        _remind(turn, one)
    else:
        turn.request(replace(one, standing=Standing.STUCK, since=turn.at))
        turn.ask_clerk(Matter.DECLARATION_MISSING, str(one.id), one.id, paragraph="05/022 §4")


def skip(turn: Turn, about: UUID) -> bool:
    """A clerk goes on without this declaration."""
    one = next((one for one in turn.case.requests if one.id == about), None)
    if one is None or one.settled:
        return False
    turn.settle(one.id)
    turn.request(replace(one, standing=Standing.GIVEN_UP, since=turn.at))
    return True


def retry(turn: Turn, about: UUID) -> bool:
    """A clerk wants another reminder sent, by whichever way there is now."""
    one = next((one for one in turn.case.requests if one.id == about), None)
    if one is None or one.settled:
        return False
    turn.settle(one.id)
    _remind(turn, replace(one, failed=one.failed - {Medium.PAPER_INSURED}))
    return True


def _plan_one(turn: Turn, employer: Enterprise) -> None:
    """R-ROUTE: send, or leave to the mandatary what it finds in its own payroll (R-GENERIC)."""
    case, risk = turn.case, turn.known.risk
    route = route_of(employer, case.facts.choices, turn.rules.day(turn.at))
    why = non_generic(risk, left=left(case, employer), reminder=False)
    one = Request(
        id=turn.next_id(),
        employer=employer,
        destination=route.destination,
        standing=Standing.PLANNED,
        since=turn.at,
        why=why,
    )
    declared = next((other for other in case.declared if _answers(one, other)), None)
    if declared is not None:
        one = replace(one, standing=Standing.ANSWERED, digest=declared.digest)
    elif not is_wished(route, why):
        one = replace(one, standing=Standing.SUPPRESSED, deadline=_wait(turn, one))
    turn.request(one)


def _send(turn: Turn, one: Request) -> None:
    known, case = turn.known, turn.case
    route = route_of(one.employer, case.facts.choices, turn.rules.day(turn.at))
    way = way_of(route, case.facts, one.failed)
    action = turn.next_id()
    turn.add(
        SendRequest(
            id=action,
            paragraph=way.paragraph,
            rule=way.rule,
            request=one.id,
            medium=way.medium,
            to=way.to,
            content=content_of(known, case.facts, one.employer, worker_of(case, one.employer)),
            prefilled=way.prefilled,
            reminder=one.again,
            language=way.language if way.destination else known.risk.language,
        )
    )
    sending = Sending(
        action=action, medium=way.medium, to=way.destination, at=turn.at, reminder=one.again
    )
    one = replace(
        one,
        standing=Standing.SENT,
        destination=route.destination,
        sent=(*one.sent, sending),
        again=False,
        since=turn.at,
    )
    turn.request(replace(one, deadline=_wait(turn, one)))


def _wait(turn: Turn, one: Request) -> UUID:
    turn.settle(one.id)
    wait = timedelta(days=turn.rules.delays.declaration_days)
    return turn.set_deadline(Delay.DECLARATION, one.id, wait=wait)


def _remind(turn: Turn, one: Request) -> None:
    turn.request(
        replace(
            one,
            standing=Standing.PLANNED,
            why=one.why | {NonGeneric.REMINDER},
            reminders=one.reminders + 1,
            again=True,
            since=turn.at,
        )
    )


def _find(case: Case, event: DeclarationReceived) -> Request | None:
    if event.request is not None:
        return next((one for one in case.requests if one.id == event.request), None)
    return next((one for one in case.requests if _answers(one, event)), None)


def _answers(one: Request, declared: Declared | DeclarationReceived) -> bool:
    """R-GENERIC (§23): an employer declares for itself, its mandatary for it, nobody else does.

    A mandatary is whoever is a destination of the request (R-ROUTE-DEST, §22). Who declares proved
    its own number only: what it says of the employer never tells that it may speak for it.
    """
    by, said = declared.declarant, declared.employer
    if not one.employer.meets(said) or one.employer.contradicts(said):
        return False
    known = (one.employer, one.destination, *(each.to for each in one.sent))
    return by is None or any(by.meets(place) for place in known if place)


def _unasked(turn: Turn, event: DeclarationReceived, digest: str) -> bool:
    made = Declared(employer=event.employer, declarant=event.declarant, digest=digest)
    if not made.employer.code or made in turn.case.declared:
        return False
    before = [one for one in turn.case.declared if replace(one, digest=digest) == made]
    others = (one for one in turn.case.declared if one not in before)
    turn.case = replace(turn.case, declared=(*others, made))
    if before:
        turn.tell(Matter.CONTRADICTION, made.employer.code, paragraph="05/022 §2.1, §4")
    else:
        turn.tell(Matter.DECLARATION_UNASKED, made.employer.code, paragraph="05/022 §4")
    return True


def _sending(case: Case, action: UUID, *, electronic: bool) -> tuple[Request, Sending] | None:
    for one in case.requests:
        for sending in one.sent:
            if sending.action == action:
                fits = electronic == (sending.medium is Medium.ELECTRONIC)
                return (one, sending) if fits else None
    return None


def _marked(one: Request, sending: Sending, *, arrived: bool) -> Request:
    changed = replace(sending, arrived=arrived)
    sent = tuple(changed if other.action == sending.action else other for other in one.sent)
    return replace(one, sent=sent)
