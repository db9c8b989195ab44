"""Parts of a set of questions: how much is held at once, and what each question is told."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from kruispunt.vocabulary import Accepted, Answer, FlowId, NoAnswer, Problem, Question

PART: Final = 256
"""Questions that are decided together: few enough to be asked soon after their facts were read."""

AT_ONCE: Final = 32
"""Questions of sets that are recorded and asked at once, of one flow, in a whole process: half of
the turns at one source, so that who asks alone finds one."""

Told = Answer | Accepted | NoAnswer | Problem
"""What a question is told, alone or in a set."""

LOG: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns for questions of sets, flow by flow: a slow source of one holds no other up."""

    of: dict[FlowId, asyncio.Semaphore] = field(default_factory=dict[FlowId, asyncio.Semaphore])

    def at(self, flow: FlowId) -> asyncio.Semaphore:
        """The turns of a flow, which the law knows: there are not many."""
        return self.of.setdefault(flow, asyncio.Semaphore(AT_ONCE))


def parts(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """A set in parts, in its order."""
    for first in range(0, len(questions), PART):
        yield questions[first : first + PART]


def rounds(questions: Sequence[Question]) -> list[list[int]]:
    """Places of questions that may be answered at once: a message that comes again waits.

    In the first round is the first time of each message, in the second round the second time.
    """
    times: dict[UUID, int] = {}
    found: list[list[int]] = []
    for place, question in enumerate(questions):
        turn = times[question.message_id] = times.get(question.message_id, -1) + 1
        if turn == len(found):
            found.append([])
        found[turn].append(place)
    return found


def check_one_request(questions: Sequence[Question]) -> None:
    """Nothing, where one signature of one consumer covers all questions.

    Raises:
        ValueError: it does not.
    """
    signed = {(question.consumer, question.proof) for question in questions}
    if len(signed) > 1:
        raise ValueError("expected the questions of one request")


def note_part(fault: Exception, questions: int) -> None:
    """Tell in the log that a part could not be decided together, for a fault of one of them."""
    LOG.warning("exchange.part_one_by_one", questions=questions, fault=type(fault).__name__)


def told_of(came: Told | BaseException) -> Told:
    """What one question is told, whatever came of it: what nobody expected is told in the log."""
    if isinstance(came, Answer | Accepted | NoAnswer | Problem):
        return came
    LOG.error("exchange.fault", exc_info=came)
    return Problem()
