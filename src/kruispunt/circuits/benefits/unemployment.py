"""The L500: whether it is asked, how many answers it has, what came (05/022 §36-38)."""

from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from kruispunt.circuits.benefits import consultations
from kruispunt.circuits.benefits.action import AskUnemployment, Delay, Ending, Matter
from kruispunt.circuits.benefits.case import Case, Part, Progress, Replies, Unemployment
from kruispunt.circuits.benefits.event import (
    Cell,
    Rows,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.benefits.hours import Verdict, judge
from kruispunt.circuits.benefits.rules import Role
from kruispunt.circuits.benefits.turn import Turn
from kruispunt.vocabulary import Reason

ASKED_BY: Final = "05/022 §5(6)(a), §36-37"
SUBJECT: Final = "unemployment"


def ask_if_due(turn: Turn) -> None:
    """R-L500 (§5(6), §36): ask as soon as the consultations show that it makes sense."""
    if turn.case.unemployment.state is not Replies.NOT_ASKED:
        return
    verdict = verdict_of(turn.case)
    if verdict is None:
        return
    if verdict is Verdict.UNDETERMINED:
        turn.tell(Matter.HOURS_UNDETERMINED, SUBJECT, paragraph="05/022 §19")
    if verdict.routes:
        _ask(turn, verdict)
    else:
        turn.unemployment(Unemployment(verdict=verdict, ended=Replies.NOT_NEEDED, since=turn.at))


def verdict_of(case: Case) -> Verdict | None:
    """F2b (§11), then R-JC and R-QS (§19); None: not known yet.

    R-DIRECT-L500 (§37 end): asked at once, without consulting hours; F1 is still needed, so L609
    comes first. Without unemployment in the period of the risk it makes no sense otherwise.
    """
    reference, risk, rules = case.facts.reference, case.risk, case.rules
    if reference is None or risk is None or rules is None:
        return None
    if risk.direct:
        return Verdict.FORCED
    if not reference.unemployment_known:
        return Verdict.STOPPED
    if not reference.rsz_known:
        return Verdict.NO_EMPLOYMENT
    if not consultations.is_settled(case, Role.EMPLOYMENT):
        return None
    if case.consultations[Role.EMPLOYMENT].progress is not Progress.ANSWERED:
        return Verdict.UNDETERMINED
    return judge(case.facts.employments, risk.period.begin, rules)


def take_ticket(turn: Turn, event: UnemploymentAccepted) -> bool:
    """The network took it: answers come later."""
    now = turn.case.unemployment
    if event.action not in now.asked or now.ticket is not None or now.settled:
        return False
    turn.unemployment(replace(now, ticket=event.ticket, ended=_unless_failed(now)))
    return True


def take_refusal(turn: Turn, event: UnemploymentRefused) -> bool:
    """Refused in words: no answers will come. A replaced number is asked under the new one."""
    now = turn.case.unemployment
    if event.action not in now.asked or now.ticket is not None or now.settled:
        return False
    turn.settle(*now.asked)
    if event.successor is not None and event.successor != turn.case.person:
        turn.case = replace(turn.case, person=event.successor)
        turn.tell(Matter.NUMBER_REPLACED, SUBJECT, paragraph=ASKED_BY)
        consultations.ask_again_open(turn)
        ask_again(turn)
        return True
    turn.unemployment(replace(now, ended=Replies.REFUSED, since=turn.at))
    if event.reason is Reason.NO_FILE:
        turn.tell(Matter.REFUSED, SUBJECT, paragraph="05/022 §11")
        consultations.close(turn, Ending.REFUSED, paragraph="05/022 §11")
    else:
        turn.tell(Matter.UNEMPLOYMENT_REFUSED, SUBJECT, paragraph=ASKED_BY)
    return True


def take_count(turn: Turn, event: UnemploymentCounted) -> bool:
    """R-COUNT (§5(6)(b)): how many answers to expect. A second, other count is a contradiction."""
    now = turn.case.unemployment
    if not _listens(now, event.action) or event.count < 0 or now.expected == event.count:
        return False
    highest = max((one.place for one in now.parts), default=0)
    if now.expected is not None or event.count < highest:
        turn.tell(Matter.CONTRADICTION, SUBJECT, paragraph="05/022 §5(6)(b)")
    if now.expected is None:
        now = replace(now, expected=max(event.count, highest), since=turn.at)
        turn.unemployment(replace(now, ended=_unless_failed(now)))
    _settle_if_complete(turn)
    return True


def take_part(turn: Turn, event: UnemploymentAnswered) -> bool:
    """One answer, by its number. The same again is nothing; another contradicts it."""
    now = turn.case.unemployment
    if event.action is None:
        turn.tell(Matter.UNEMPLOYMENT_UNASKED, SUBJECT, paragraph="05/022 §4")
        return True
    if not _listens(now, event.action) or event.place < 1:
        return False
    part = Part(place=event.place, digest=digest_of(event.rows), refused=bool(event.refused))
    if part in now.parts:
        return False
    beyond = now.expected is not None and event.place > now.expected
    if beyond or any(one.place == part.place for one in now.parts):
        turn.tell(Matter.CONTRADICTION, SUBJECT, paragraph="05/022 §5(6)(b), §5(8)-5(11)")
        return True
    if part.refused:
        turn.tell(Matter.UNEMPLOYMENT_PART_REFUSED, SUBJECT, paragraph="05/022 §5(8), §38")
    now = replace(now, parts=(*now.parts, part), ended=_unless_failed(now), since=turn.at)
    turn.unemployment(now)
    _settle_if_complete(turn)
    return True


def take_failure(turn: Turn, event: UnemploymentFailed) -> bool:
    """Not asked: again, a few times. Asked but not answered in time: timed out."""
    now = turn.case.unemployment
    if event.action not in now.asked or now.settled or now.ended is not None:
        return False
    if now.ticket is not None or now.expected is not None or now.parts:
        _time_out(turn)
        return True
    if event.action != now.asked[-1]:
        return False
    delays = turn.rules.delays
    if len(now.asked) >= delays.attempts:
        _time_out(turn)
        return True
    turn.unemployment(replace(now, ended=Replies.FAILED, since=turn.at))
    wait = timedelta(minutes=delays.retry_minutes)
    turn.set_deadline(Delay.RETRY, event.action, wait=wait)
    return True


def take_lateness(turn: Turn, deadline: UUID) -> None:
    """Its time passed with answers missing: timed out; a late answer still counts."""
    now = turn.case.unemployment
    if now.deadline == deadline and not now.settled and now.ended is not Replies.TIMED_OUT:
        _time_out(turn)


def take_retry(turn: Turn, about: tuple[UUID, ...]) -> None:
    """It is time to ask again, under the same message id."""
    now = turn.case.unemployment
    if now.ended is Replies.FAILED and set(about) & set(now.asked):
        _ask(turn, now.verdict, before=now.asked)


def ask_again(turn: Turn) -> None:
    """Ask anew, as another question: what the earlier one brings is no longer looked at."""
    turn.settle(*turn.case.unemployment.asked)
    _ask(turn, turn.case.unemployment.verdict)


def ask_again_if_not_accepted(turn: Turn) -> None:
    """The number changed before the network took the question."""
    if turn.case.unemployment.state in {Replies.CREATED, Replies.FAILED}:
        ask_again(turn)


def skip(turn: Turn, about: UUID) -> bool:
    """A clerk goes on with the answers there are."""
    now = turn.case.unemployment
    if about not in now.asked:
        return False
    turn.settle(*now.asked)
    turn.unemployment(replace(now, ended=Replies.GIVEN_UP, since=turn.at))
    return True


def retry(turn: Turn, about: UUID) -> bool:
    """A clerk wants it asked again."""
    if about not in turn.case.unemployment.asked:
        return False
    ask_again(turn)
    return True


def digest_of(content: Rows | dict[str, Cell]) -> str:
    """One word for a content, so that the same again is known without keeping it."""
    return sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _ask(turn: Turn, verdict: str, *, before: tuple[UUID, ...] = ()) -> None:
    known, action = turn.known, turn.next_id()
    direct = "05/022 §37" if known.risk.direct else ASKED_BY
    turn.add(
        AskUnemployment(
            id=action,
            paragraph=direct,
            flow=known.rules.unemployment,
            purpose=known.rules.purpose,
            person=known.person,
            about=known.risk.period,
            risk=known.risk.type,
            insurability_only=known.risk.insurability_only,
            card_number=known.risk.card_number,
            message_id=before[0] if before else action,
        )
    )
    wait = timedelta(days=known.rules.delays.unemployment_days)
    deadline = turn.set_deadline(Delay.UNEMPLOYMENT, action, wait=wait)
    turn.unemployment(
        Unemployment(asked=(*before, action), verdict=verdict, deadline=deadline, since=turn.at)
    )


def _listens(now: Unemployment, action: UUID) -> bool:
    """True while a count or an answer means something, also after it timed out."""
    return action in now.asked and now.ended not in {
        Replies.REFUSED,
        Replies.GIVEN_UP,
    }


def _unless_failed(now: Unemployment) -> Replies | None:
    """What came shows that it was asked after all."""
    return None if now.ended is Replies.FAILED else now.ended


def _time_out(turn: Turn) -> None:
    now = turn.case.unemployment
    turn.unemployment(replace(now, ended=Replies.TIMED_OUT, since=turn.at))
    turn.ask_clerk(
        Matter.UNEMPLOYMENT_MISSING, SUBJECT, now.asked[-1], paragraph="05/022 §5(6)(b)"
    )


def _settle_if_complete(turn: Turn) -> None:
    if turn.case.unemployment.settled:
        turn.settle(*turn.case.unemployment.asked)
