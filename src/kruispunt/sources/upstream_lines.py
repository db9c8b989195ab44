"""A node brings lines to the hub above it, and takes them, in its own name."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from time import monotonic
from typing import Annotated, Final, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from kruispunt.client import AskFailed, AskRefused, AskReply, LinesRequest, PeriodBody, canonical
from kruispunt.sources.fault import Cause, WrongSource
from kruispunt.sources.lane import Lanes, Patience
from kruispunt.sources.upstream import GRACE_S, failed_above, refused_above
from kruispunt.vocabulary import (
    DirectoryLine,
    Entry,
    FlowId,
    LinesAsked,
    Period,
    Quality,
    Sector,
    Ssin,
    WrongPeriod,
)
from kruispunt.web import traceparent

Code = Annotated[str, Meta(pattern="^[0-9]{3}$")]


class LineRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A line as the hub tells it."""

    sector: Code
    quality: Code
    begin_date: date
    end_date: date | None = None


_ROWS: Final = list[LineRow]


class LinesAsker(Protocol):
    """What asks the hub: `client.Client`, or a twin of it."""

    async def lines_written(
        self, flow: str, request: LinesRequest, /, *, traceparent: str | None = None
    ) -> AskReply: ...


class UpstreamLines:
    """The hub above a node, of which it asks what its members asked of it. One lane per flow."""

    def __init__(
        self,
        client: LinesAsker,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = client
        self._lanes = Lanes(patience=patience or Patience(), clock=clock)

    @property
    def resting(self) -> tuple[str, ...]:
        """Flows for which the hub was silent too often lately."""
        return self._lanes.resting

    async def lines(
        self, entry: Entry, asked: LinesAsked, about: Period, *, timeout_s: float
    ) -> tuple[DirectoryLine, ...]:
        """Ask, once for each thing asked of an entry, however often it is asked again.

        Who of ours asks, and about which file, stays with us.

        Raises:
            RefusedUpstream: the hub gives no leave.
            SilentSource: no answer in time, or not asked since crowded or resting; asking again
                is safe.
            WrongSource: an answer that is not as agreed; the cause says how.
        """
        lane = self._lanes.of(entry.question.flow)
        request = _request(entry, asked, about)
        reply = await lane.take(
            lambda: self._ask(entry.question.flow, request), timeout_s=timeout_s + GRACE_S
        )
        return _lines(reply, entry.question.ssin)

    async def _ask(self, flow: FlowId, request: LinesRequest) -> AskReply:
        try:
            return await self._client.lines_written(flow, request, traceparent=traceparent())
        except AskRefused as refused:
            raise refused_above(refused) from None
        except AskFailed as failed:
            raise failed_above(failed) from None


def _request(entry: Entry, asked: LinesAsked, about: Period) -> LinesRequest:
    request = LinesRequest(
        message_id=entry.ticket,
        purpose=entry.question.purpose,
        ssin=entry.question.ssin.digits,
        act=asked.act.value,
        period=None if asked.whole else PeriodBody.of(about),
        sector=asked.sector,
        quality=None if asked.quality is None else f"{asked.quality:03d}",
        phase=asked.phase,
        line_begin=asked.line_begin,
        ticket=str(entry.ticket),
    )
    own = UUID(bytes=sha256(canonical(request)).digest()[:16], version=4)
    return msgspec.structs.replace(request, message_id=own)


def _lines(reply: AskReply, ssin: Ssin) -> tuple[DirectoryLine, ...]:
    try:
        return tuple(
            DirectoryLine(
                ssin=ssin,
                sector=Sector(int(row.sector)),
                quality=Quality(int(row.quality)),
                period=Period.through(row.begin_date, row.end_date),
            )
            for row in msgspec.convert(reply.rows, _ROWS)
        )
    except (msgspec.ValidationError, WrongPeriod):
        raise WrongSource(Cause.WRONG_SHAPE) from None
