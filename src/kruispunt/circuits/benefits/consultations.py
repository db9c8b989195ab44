"""The consultations: which the gates allow, in parallel where the text allows; their answers."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits.action import Close, Consult, Delay, Ending, Matter
from kruispunt.circuits.benefits.case import Case, Consultation, Progress, Stage, Standing
from kruispunt.circuits.benefits.event import (
    ConsultationAnswered,
    ConsultationFailed,
    ConsultationRefused,
)
from kruispunt.circuits.benefits.reading import WrongAnswer, read
from kruispunt.circuits.benefits.rules import CONSULTED_BY, Role
from kruispunt.circuits.benefits.turn import Turn
from kruispunt.vocabulary import DAY, Period, Reason

ABOUT_EMPLOYERS: Final = (Role.DIMONA, Role.ROUTING, Role.UAM, Role.EMPLOYER)


def ask_what_is_due(turn: Turn) -> None:
    """Ask every consultation that the gates allow now and that was not asked, all at once."""
    new = [role for role in due(turn.case) if role not in turn.case.consultations]
    _guard(turn, [_ask(turn, role, about_of(turn, role)) for role in new])


def about_of(turn: Turn, role: Role) -> Period:
    """The days of the risk; for employers of who had left, the last day of service."""
    day = turn.case.left_on
    return Period(day, day + DAY) if day and role in ABOUT_EMPLOYERS else turn.known.risk.period


def due(case: Case) -> Iterator[Role]:
    """R-GATE (05/022 §5(3)(a), §11, §23, §37): which consultations may be made now.

    First L609 (R-L609). Not known at RSZ, then none of (b)–(g). The employer preset (NG1), then no
    Dimona. Hours serve to know whether the unemployment sector is asked (§19): only where that is
    still open (assumption). Every request suppressed, then no UAM.
    """
    yield Role.REFERENCE
    reference, risk = case.facts.reference, case.risk
    if reference is None or risk is None or not reference.rsz_known:
        return
    if risk.employer is None:
        yield Role.DIMONA
    if reference.unemployment_known and not risk.direct:
        yield Role.EMPLOYMENT
    yield from (Role.ROUTING, Role.PERSONNEL, Role.EMPLOYER)
    if any(one.standing is Standing.PLANNED for one in case.requests):
        yield Role.UAM


def is_settled(case: Case, *roles: Role) -> bool:
    """True where nothing more is to come of these consultations."""
    made = case.consultations
    return all(role in made and made[role].settled for role in roles)


def take_answer(turn: Turn, event: ConsultationAnswered) -> bool:
    """An answer counts once, also when it is late and was asked for again meanwhile."""
    role = _role_of(turn.case, event.action)
    if role is None:
        return False
    try:
        facts = read(turn.case.facts, role, event.rows)
    except WrongAnswer:
        return _fail(turn, role, event.action)
    turn.learn(facts)
    _end(turn, role, Progress.ANSWERED)
    return True


def take_refusal(turn: Turn, event: ConsultationRefused) -> bool:
    """R-L609-BLOCK (§11): who has no file at the insurer has no consultation at all.

    A replaced number is asked under the new one. Any other refusal is as no rows, and a clerk is
    told: what no ground gives can't be waited for. Of L609 a clerk says whether to ask again: §11
    speaks of the file alone, and nothing goes on without L609 (R-GATE).
    """
    role = _role_of(turn.case, event.action)
    if role is None:
        return False
    if event.successor is not None and event.successor != turn.case.person:
        turn.case = replace(turn.case, person=event.successor)
        turn.tell(Matter.NUMBER_REPLACED, role, paragraph=CONSULTED_BY[role])
        ask_again_open(turn)
        return True
    matter, paragraph = Matter.CONSULTATION_REFUSED, CONSULTED_BY[role]
    if event.reason is Reason.NO_FILE:
        _end(turn, role, Progress.REFUSED)
        turn.tell(Matter.REFUSED, role, paragraph="05/022 §11")
        close(turn, Ending.REFUSED, paragraph="05/022 §11")
    elif role is Role.REFERENCE:
        _end(turn, role, Progress.STUCK)
        turn.ask_clerk(matter, role, event.action, paragraph=paragraph)
    else:
        _end(turn, role, Progress.REFUSED)
        turn.tell(matter, role, paragraph=paragraph)
    return True


def take_failure(turn: Turn, event: ConsultationFailed) -> bool:
    """Only the last asking can fail: an earlier one has been followed by another."""
    role = _role_of(turn.case, event.action)
    return role is not None and _fail(turn, role, event.action)


def take_lateness(turn: Turn, about: tuple[UUID, ...]) -> None:
    """No answer came in time to any of these: as failed."""
    for action in about:
        role = _role_of(turn.case, action)
        if role is not None:
            _fail(turn, role, action)


def take_retry(turn: Turn, about: tuple[UUID, ...]) -> None:
    """It is time to ask again, under the same message id: asking again is safe."""
    asked: list[UUID] = []
    for action in about:
        role = _role_of(turn.case, action)
        if role is not None and turn.case.consultations[role].progress is Progress.FAILED:
            before = turn.case.consultations[role].asked
            asked.append(_ask(turn, role, turn.case.consultations[role].about, before=before))
    _guard(turn, asked)


def ask_again(turn: Turn, role: Role, about: Period | None = None) -> None:
    """Ask anew, as another question: what the earlier one brings is no longer looked at."""
    before = turn.case.consultations.get(role)
    if before is not None:
        turn.settle(*before.asked)
    period = about or (before.about if before else turn.known.risk.period)
    _guard(turn, [_ask(turn, role, period)])


def ask_again_open(turn: Turn) -> None:
    """The number changed: what is not settled is asked about the new one."""
    for role, one in turn.case.consultations.items():
        if not one.settled:
            ask_again(turn, role)


def ask_about_last_day(turn: Turn, day: date) -> None:
    """NG2 (§23, §28): who had left is asked about on the last day of service, once."""
    facts = replace(turn.case.facts, relations=(), choices=(), owners=())
    turn.case = replace(turn.case, left_on=day, facts=facts)
    for role in ABOUT_EMPLOYERS:
        if role in turn.case.consultations:
            ask_again(turn, role, about_of(turn, role))


def skip(turn: Turn, about: UUID) -> bool:
    """A clerk goes on without it; never without L609, which opens the gate (R-GATE)."""
    role = _role_of(turn.case, about)
    if role is None or role is Role.REFERENCE:
        return False
    _end(turn, role, Progress.SKIPPED)
    return True


def retry(turn: Turn, about: UUID) -> bool:
    """A clerk wants it asked again."""
    role = _role_of(turn.case, about)
    if role is None:
        return False
    ask_again(turn, role)
    return True


def close(turn: Turn, ending: Ending, *, paragraph: str) -> None:
    """End the case: nothing is asked or sent any more, nothing is waited for."""
    turn.add(Close(id=turn.next_id(), paragraph=paragraph, ending=ending))
    turn.case = replace(turn.case, stage=Stage.CLOSED, ending=ending, deadlines={}, notices={})


def _ask(turn: Turn, role: Role, about: Period, *, before: tuple[UUID, ...] = ()) -> UUID:
    known, action = turn.known, turn.next_id()
    turn.add(
        Consult(
            id=action,
            paragraph=CONSULTED_BY[role],
            role=role,
            flow=known.rules.flows[role],
            purpose=known.rules.purpose,
            person=known.person,
            about=about,
            message_id=before[0] if before else action,
        )
    )
    asked = Consultation(
        progress=Progress.ASKED, about=about, asked=(*before, action), since=turn.at
    )
    turn.consultation(role, asked)
    return action


def _guard(turn: Turn, asked: list[UUID]) -> None:
    """One deadline for all that is asked at once: an answer that never comes is noticed."""
    if asked:
        wait = timedelta(minutes=turn.rules.delays.consultation_minutes)
        turn.set_deadline(Delay.CONSULTATION, *asked, wait=wait)


def _role_of(case: Case, action: UUID) -> Role | None:
    """The open consultation that was asked under this id."""
    for role, one in case.consultations.items():
        if action in one.asked and not one.settled:
            return role
    return None


def _end(turn: Turn, role: Role, progress: Progress) -> None:
    one = turn.case.consultations[role]
    turn.consultation(role, replace(one, progress=progress, since=turn.at))
    turn.settle(*one.asked)


def _fail(turn: Turn, role: Role, action: UUID) -> bool:
    one, delays = turn.case.consultations[role], turn.rules.delays
    if one.progress is not Progress.ASKED or one.asked[-1] != action:
        return False
    again = len(one.asked) < delays.attempts
    progress = Progress.FAILED if again else Progress.STUCK
    turn.consultation(role, replace(one, progress=progress, since=turn.at))
    if again:
        turn.set_deadline(Delay.RETRY, action, wait=timedelta(minutes=delays.retry_minutes))
    else:
        turn.ask_clerk(Matter.CONSULTATION_FAILED, role, action, paragraph=CONSULTED_BY[role])
    return True
