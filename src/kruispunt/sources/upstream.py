"""A node's one source: the hub above it, which decides again and asks whoever answers the flow."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

from msgspec import UNSET

from kruispunt.client import (
    AcceptedReply,
    AskFailed,
    AskRefused,
    AskReply,
    AskRequest,
    Fault,
    PeriodBody,
    ProblemBody,
)
from kruispunt.sources.fault import BUSY, Cause, RefusedUpstream, SilentSource, WrongSource
from kruispunt.sources.lane import Lanes, Patience
from kruispunt.sources.person import reply_about
from kruispunt.vocabulary import (
    Decision,
    Grant,
    Reason,
    Recorded,
    Refusal,
    Reply,
    Ssin,
    WrongNumber,
)
from kruispunt.web import traceparent

GRACE_S: Final = 1.0
"""We wait this much longer than the hub waits for its source: so it tells us which one is silent,
and a slow source of one flow never looks like a silent hub."""

BAD_GATEWAY: Final = 502

CAUSES: Final[Mapping[Fault, Cause]] = {
    Fault.NOT_HTTP: Cause.UNREADABLE,
    Fault.NOT_PROVEN: Cause.WRONGLY_BOUND,
    Fault.UNREADABLE: Cause.WRONG_SHAPE,
    Fault.RECEIPT_WRONG: Cause.RECEIPT_WRONG,
}


class Asker(Protocol):
    """What asks the hub: `client.Client`, or a twin of it."""

    async def send(
        self, flow: str, question: AskRequest, /, *, traceparent: str | None = None
    ) -> AskReply: ...

    async def request_written(
        self, flow: str, question: AskRequest, /, *, traceparent: str | None = None
    ) -> AcceptedReply: ...


class Upstream:
    """The hub above a node. One lane per flow: a slow source behind it slows no other."""

    def __init__(
        self,
        *,
        client: Asker,
        patience: Patience | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = client
        self._lanes = Lanes(patience=patience or Patience(), clock=clock)

    @property
    def resting(self) -> tuple[str, ...]:
        """Flows for which the hub was silent too often lately."""
        return self._lanes.resting

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        """Ask the hub in the node's name; this entry is the message, and its id the opaque ticket.

        Raises:
            RefusedUpstream: the hub gives no leave.
            SilentSource: no answer in time, or not asked since crowded or resting.
            WrongSource: an answer that is not as agreed; the cause says how.
        """
        lane = self._lanes.of(recorded.entry.question.flow)
        return await lane.take(lambda: self._ask(recorded), timeout_s=timeout_s + GRACE_S)

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:
        """Ask the hub, which answers by mail under the ticket of this node.

        A repeat is the same message to the hub, so nothing is carried on twice.

        Raises:
            As `fetch`.
        """
        lane = self._lanes.of(recorded.entry.question.flow)
        await lane.take(lambda: self._carry_on(recorded), timeout_s=timeout_s + GRACE_S)

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:  # noqa: ARG002 - the port's
        """Never asked: the control of a supplier is the hub's, so no node refuses for it."""
        raise AssertionError("expected no refusal for a supplier's control at a node")

    async def _carry_on(self, recorded: Recorded[Grant]) -> None:
        entry = recorded.entry
        question = _request(recorded, message_id=entry.ticket)
        try:
            await self._client.request_written(
                entry.question.flow, question, traceparent=traceparent()
            )
        except AskRefused as refused:
            raise refused_above(refused) from None
        except AskFailed as failed:
            raise failed_above(failed) from None

    async def _ask(self, recorded: Recorded[Grant]) -> Reply:
        question = recorded.entry.question
        try:
            reply = await self._client.send(
                question.flow,
                _request(recorded, message_id=recorded.entry.id),
                traceparent=traceparent(),
            )
        except AskRefused as refused:
            raise refused_above(refused) from None
        except AskFailed as failed:
            raise failed_above(failed) from None
        return reply_about(question.ssin, reply.rows)


def _request(recorded: Recorded[Grant], *, message_id: UUID) -> AskRequest:
    """What the hub needs to decide: who of ours asks, and about which file, stays with us."""
    entry = recorded.entry
    return AskRequest(
        message_id=message_id,
        purpose=entry.question.purpose,
        ssin=entry.question.ssin.digits,
        period=PeriodBody.of(recorded.decision.about or entry.question.about),
        ticket=str(message_id),
        details=dict(entry.question.details) or UNSET,
    )


def refused_above(refused: AskRefused) -> RefusedUpstream | WrongSource:
    """What a refusal of the hub comes to at a node."""
    try:
        reason = Reason(refused.reason)
        successor = Ssin(refused.problem.replaced_by) if refused.problem.replaced_by else None
    except (ValueError, WrongNumber):
        return WrongSource(Cause.WRONG_SHAPE)
    return RefusedUpstream(Refusal(reason=reason, successor=successor))


def failed_above(failed: AskFailed) -> SilentSource | WrongSource:
    """What no answer of the hub comes to at a node."""
    if failed.fault is Fault.SILENT:
        return SilentSource(Cause.NO_ANSWER)
    if failed.fault is Fault.PROBLEM:
        return _problem(failed.problem or ProblemBody())
    return WrongSource(CAUSES[failed.fault])


def _problem(problem: ProblemBody) -> SilentSource | WrongSource:
    if problem.status in BUSY:
        return SilentSource(Cause.BUSY)
    return WrongSource(Cause.UPSTREAM if problem.status == BAD_GATEWAY else Cause.WRONG_STATUS)
