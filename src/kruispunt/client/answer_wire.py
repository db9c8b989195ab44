"""Answers by mail that an institution keeps for whoever asked without a case, as JSON."""

from typing import Final
from uuid import UUID

from kruispunt.client.mail_wire import AnswerContent, CountContent, FailureContent
from kruispunt.client.wire import Body, Moment

ANSWERS_PATH: Final = "/v1/answers"
TAKE_PATH: Final = ANSWERS_PATH + "/acknowledge"


class MailedBody(Body, frozen=True, omit_defaults=True):
    """One mail that answers a question: how many to expect, an answer, or that none will come."""

    id: UUID
    position: int
    ticket: str
    """The asker's own reference, or the ticket that accepting the question told."""

    flow: str
    sent_at: Moment
    came_at: Moment | None = None
    """None where it still waits in the mailbox at the node."""

    count: CountContent | None = None
    answer: AnswerContent | None = None
    failure: FailureContent | None = None


class AnswersReply(Body, frozen=True, omit_defaults=True):
    """Answers in the order in which they came."""

    answers: tuple[MailedBody, ...]
    next: int | None = None
    """The position to go on after, where there may be more."""


def mailed_body(
    content: CountContent | AnswerContent | FailureContent,
    *,
    id_: UUID,
    position: int,
    ticket: str,
    flow: str,
    sent_at: Moment,
    came_at: Moment | None = None,
) -> MailedBody:
    """One mail as it is told."""
    return MailedBody(
        id=id_,
        position=position,
        ticket=ticket,
        flow=flow,
        sent_at=sent_at,
        came_at=came_at,
        count=content if isinstance(content, CountContent) else None,
        answer=content if isinstance(content, AnswerContent) else None,
        failure=content if isinstance(content, FailureContent) else None,
    )
