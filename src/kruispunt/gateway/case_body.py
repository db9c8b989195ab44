"""Cases as they travel: heads, steps and waits, without a number of a person in them."""

from collections.abc import Sequence

from kruispunt.circuits import CIRCUITS, Filed, Told, Wish
from kruispunt.circuits import benefits as b
from kruispunt.client import CaseHead, CaseReply, DoneBody, NoticeBody, StepBody, WaitingBody


def case_body(filed: Filed, steps: Sequence[Told] = (), *, more: bool = False) -> CaseReply:
    """A case with some of its steps."""
    return CaseReply(
        head=head_body(filed),
        steps=tuple(map(step_body, steps)),
        notices=tuple(
            NoticeBody(id=id_, matter=one.matter.value, since=one.since, paragraph=one.paragraph)
            for id_, one in CIRCUITS[filed.kind].heading(filed.case).notices
        ),
        more=more,
    )


def head_body(filed: Filed) -> CaseHead:
    """A case as it is now."""
    case, circuit = filed.case, CIRCUITS[filed.kind]
    heading = circuit.heading(case)
    return CaseHead(
        case=case.id,
        kind=filed.kind,
        stage=case.stage.value,
        risk=heading.about,
        begin_date=heading.begin,
        end_date=heading.last_day,
        opened_at=filed.opened_at,
        closed_at=filed.closed_at,
        ending=str(case.ending or ""),
        steps=filed.version,
        next_due=filed.next_due if case.stage is b.Stage.OPEN else None,
        unemployment=heading.unemployment,
        waiting_for=tuple(map(waiting_body, circuit.waiting(case))),
    )


def step_body(told: Told) -> StepBody:
    """One step, with what followed from it and who is waited for then."""
    return StepBody(
        n=told.n,
        at=told.at,
        party=told.party.value,
        what=told.what,
        paragraph=told.paragraph,
        about=told.about,
        detail=told.detail,
        took_ms=None if told.took is None else round(told.took.total_seconds() * 1000, 1),
        changed=told.changed,
        ground=told.ground,
        wants=tuple(map(_done_body, told.wishes)),
        waiting_for=tuple(map(waiting_body, told.waiting_for)),
        ending=told.ending,
    )


def waiting_body(wait: b.Waiting) -> WaitingBody:
    """Who must act now."""
    return WaitingBody(
        party=wait.party.value,
        what=str(wait.what),
        paragraph=wait.paragraph,
        since=wait.since,
        due_at=wait.due_at,
        number=wait.enterprise or "",
    )


def _done_body(wish: Wish) -> DoneBody:
    return DoneBody(
        id=wish.id,
        what=wish.what,
        paragraph=wish.paragraph,
        about=wish.about,
        flow=wish.flow,
        rule=wish.rule,
        to=wish.to,
        request=wish.request,
        due_at=wish.due_at,
        cents=wish.cents,
        on=wish.on,
        sensitivity=wish.sensitivity,
    )
