"""Cases of a declared risk (05/022 §5), as those of any kind."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.circuits import benefits as b
from kruispunt.circuits.benefits.follow import ACTED
from kruispunt.circuits.circuit import Action, Event, Heading, RulesOn, State, Task, Wish

_decode: Final = msgspec.msgpack.Decoder(b.Case).decode


class DeclaredRisk:
    """The circuit of the benefits sector."""

    kind: str = "benefits"

    def new(self, case: UUID) -> State:
        return b.Case(id=case)

    def opens(self, event: Event) -> bool:
        return isinstance(event, b.RiskDeclared)

    def advance(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        if not isinstance(event, b.Event):
            return state, ()
        return b.advance(_own(state), event)

    def meet(self, state: State, law: RulesOn, told: UUID, at: datetime, /) -> Event | None:
        case = _own(state)
        if case.stage is not b.Stage.OPEN or not (case.risk and case.rules):
            return None
        try:
            rules = law.risk(case.risk.period.begin, case.rules.day(at))
        except LookupError:
            return None
        return None if rules == case.rules else b.RulesChanged(id=told, at=at, rules=rules)

    def keep(self, event: Event) -> Event:
        return event

    def wants(self, state: State, task: Task) -> bool:
        """P-WHO (05/022 §11): nothing is asked of a person who is another insurer's meanwhile.

        R-SPONTANEOUS (§4): who declared is not asked, however late the printer is.
        """
        case = _own(state)
        if case.stage is not b.Stage.OPEN:
            return False
        if isinstance(task, b.Consult):
            one = case.consultations.get(task.role)
            return (
                one is not None and one.asked[-1] == task.id and one.progress is b.Progress.ASKED
            )
        if isinstance(task, b.AskUnemployment):
            now = case.unemployment
            return bool(now.asked) and now.asked[-1] == task.id and not (now.ticket or now.ended)
        if isinstance(task, b.SendRequest):
            return _is_to_send(request_of(case, task.request), task)
        return case.holder.action == task.id and not case.holder.settled

    def waiting(self, state: State) -> tuple[b.Waiting, ...]:
        return b.waiting(_own(state))

    def heading(self, state: State) -> Heading:
        case = _own(state)
        assert case.risk, "expected a case that was opened"
        return Heading(
            about=case.risk.type.value,
            begin=case.risk.period.begin,
            last_day=case.risk.period.last_day,
            unemployment=_unemployment(case),
            notices=tuple(case.notices.items()),
        )

    def acted(self, state: State, event: Event) -> tuple[b.Party, str]:
        """A declaration of the mandatary is not the employer's own."""
        party, paragraph = ACTED[b.tag_of(event)]
        if isinstance(event, b.DeclarationReceived) and _is_mandatarys(_own(state), event):
            return b.Party.MANDATARY, paragraph
        return party, paragraph

    def wish(self, action: Action) -> Wish:
        return wish_of(action)

    def decode(self, state: bytes) -> State:
        return _decode(state)


def wish_of(action: Action) -> Wish:
    """An action of a declared risk without what it says of anyone."""
    wish = Wish(id=action.id, what=b.tag_of(action), paragraph=action.paragraph)
    match action:
        case b.Consult(role=role, flow=flow):
            return replace(wish, about=role.value, flow=flow)
        case b.AskUnemployment(flow=flow):
            return replace(wish, about="unemployment", flow=flow)
        case b.SendHolderSheet():
            return replace(wish, about="holder-sheet")
        case b.SendRequest():
            reminder = ", reminder" if action.reminder else ""
            return replace(
                wish,
                about=action.medium.value + reminder,
                rule=action.rule,
                to=action.to.mailbox or "",
                request=action.request,
                sensitivity=action.sensitivity,
            )
        case b.SetDeadline(delay=delay, due_at=due_at):
            return replace(wish, about=delay.value, due_at=due_at)
        case b.TellClerk(matter=matter):
            return replace(wish, about=matter.value)
        case b.Close(ending=ending):
            return replace(wish, about=ending.value)
        case _:
            raise AssertionError("expected an action of a declared risk")


def _is_to_send(request: b.Request | None, task: b.SendRequest) -> bool:
    if request is None or request.standing is not b.Standing.SENT:
        return False
    return request.sent[-1].action == task.id


def _is_mandatarys(case: b.Case, event: b.DeclarationReceived) -> bool:
    if event.request is None:
        return event.declarant is not None and not event.declarant.meets(event.employer)
    request = request_of(case, event.request)
    return request is not None and not request.destination.meets(request.employer)


def request_of(case: State, reference: UUID) -> b.Request | None:
    """The request of a case with this reference."""
    if not isinstance(case, b.Case):
        return None
    return next((one for one in case.requests if one.id == reference), None)


def is_asked(request: b.Request, number: str) -> bool:
    """True where this enterprise is a destination that was asked (R-ROUTE-DEST, 05/022 §22).

    That of every sending counts, since a destination may change between request and reminder;
    and that of a request that was not sent, whose mandatary declares by itself (§23).
    """
    places = [request.destination, *(one.to for one in request.sent if one.to is not None)]
    return bool(number) and any(number in (place.cbe, place.nsso) for place in places)


def _unemployment(case: b.Case) -> str:
    state = case.unemployment
    if state.expected is None:
        return state.state.value
    return f"{state.state.value}: {len(state.parts)} of {state.expected}"


def _own(state: State) -> b.Case:
    assert isinstance(state, b.Case), "a case of another kind"
    return state
