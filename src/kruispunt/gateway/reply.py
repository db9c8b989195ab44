"""Answers and refusals leave here: the same shape for the same words, whoever the person is."""

from collections.abc import Mapping
from typing import Final

import msgspec

from kruispunt.client import (
    AcceptedReply,
    AskReply,
    GroundBody,
    PeriodBody,
    ReceiptBody,
    WireRow,
    WithheldBody,
)
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    Forbidden,
    Ground,
    Issue,
    NoAnswer,
    Problem,
    Reason,
    Row,
)
from kruispunt.web import HttpReply, json_reply, render

_encode: Final = msgspec.json.Encoder().encode
"""Rows leave in the ground's order of fields; only questions need the canonical one."""

REPLACED: Final = "urn:problem-type:cbss:input-validation:replacedSsin"

WORDS: Final[Mapping[Reason, str]] = {
    Reason.NO_CLAUSE: "no clause gives you this flow for this purpose",
    Reason.NOT_YET_IN_FORCE: "the clause for this flow and purpose is not in force yet",
    Reason.NO_LONGER_IN_FORCE: "the clause for this flow and purpose is no longer in force",
    Reason.NO_FILE: "no file of yours covers this person and period",
    Reason.NUMBER_REPLACED: "the number of this person was replaced",
    Reason.NUMBER_CANCELLED: "the number of this person was cancelled",
    Reason.DECEASED_BEFORE: "the person died before the period asked about",
}
"""What the consumer hears, by told reason. No reason has words of its own that
would tell whether a person is known."""


def told_reply(told: Answer | Accepted | NoAnswer | Problem, *, instance: str) -> HttpReply:
    """What one question is told, alone or among others.

    A look that failed after it was recorded tells its ticket, so that it can be found again.
    """
    match told:
        case Answer():
            return answer_reply(told)
        case Accepted():
            return accepted_reply(told)
        case NoAnswer():
            return refusal_reply(told, instance=instance)
        case Problem():
            return render(told, instance=instance, ticket=told.ticket)


def answer_reply(answer: Answer) -> HttpReply:
    """An answer with rows, or without: "no data" and a supplier's failed control look the same."""
    ground = answer.ground
    body = AskReply(
        ticket=answer.ticket,
        outcome="given" if answer.rows else "empty",
        rows=[_row(row) for row in answer.rows],
        fields=list(ground.fields),
        withheld=_withheld(ground),
        ground=_ground(ground),
        receipt=ReceiptBody.of(answer.receipt),
        repeated=answer.repeated,
        period=PeriodBody.of(answer.about) if answer.about else None,
    )
    return json_reply(_encode(body))


def accepted_reply(accepted: Accepted) -> HttpReply:
    """That answers will come by mail: a grant and a supplier's failed control look the same."""
    ground = accepted.ground
    body = AcceptedReply(
        ticket=accepted.ticket,
        fields=list(ground.fields),
        withheld=_withheld(ground),
        ground=_ground(ground),
        receipt=ReceiptBody.of(accepted.receipt),
        repeated=accepted.repeated,
        period=PeriodBody.of(accepted.about) if accepted.about else None,
    )
    return json_reply(_encode(body), status=202)


def _withheld(ground: Ground) -> list[WithheldBody]:
    return [
        WithheldBody(field=w.field, reason=w.reason, paragraph=w.paragraph)
        for w in ground.withheld
    ]


def _ground(ground: Ground) -> GroundBody:
    return GroundBody(
        clause=ground.clause, deliberation=ground.deliberation, paragraph=ground.paragraph
    )


def _row(row: Row) -> WireRow:
    return dict(row.items())


def refusal_reply(refused: NoAnswer, *, instance: str) -> HttpReply:
    """A refusal as a problem: the told reason in words, the receipt, and nothing else."""
    refusal = refused.refusal
    told = refusal.reason.told or Reason.NO_FILE
    successor = refusal.successor if told is Reason.NUMBER_REPLACED else None
    problem = Forbidden(WORDS[told], issues=_issues(told))
    return render(
        problem,
        instance=instance,
        reason=told.value,
        ticket=refused.ticket,
        receipt=ReceiptBody.of(refused.receipt),
        repeated=True if refused.repeated else None,
        replacedBy=successor.digits if successor else None,
    )


def _issues(told: Reason) -> tuple[Issue, ...]:
    if told is not Reason.NUMBER_REPLACED:
        return ()
    return (Issue(type=REPLACED, where="body", name="ssin", detail=WORDS[told]),)
