"""A node brings lines to the hub above it, and takes them, in its own name."""

from datetime import date
from hashlib import sha256
from typing import Annotated, Final, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from kruispunt.client import AskFailed, AskRefused, AskReply, LinesRequest, PeriodBody, canonical
from kruispunt.sources.fault import Cause, WrongSource
from kruispunt.sources.upstream import failed_above, refused_above
from kruispunt.vocabulary import (
    DirectoryLine,
    Entry,
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
    """The hub above a node, of which it asks what its members asked of it."""

    def __init__(self, client: LinesAsker) -> None:
        self._client = client

    async def lines(
        self, entry: Entry, asked: LinesAsked, about: Period
    ) -> tuple[DirectoryLine, ...]:
        """Ask, once for each thing asked of an entry, however often it is asked again.

        Who of ours asks, and about which file, stays with us.

        Raises:
            RefusedUpstream: the hub gives no leave.
            SilentSource: no answer in time; asking again is safe.
            WrongSource: an answer that is not as agreed; the cause says how.
        """
        request = _request(entry, asked, about)
        try:
            reply = await self._client.lines_written(
                entry.question.flow, request, traceparent=traceparent()
            )
        except AskRefused as refused:
            raise refused_above(refused) from None
        except AskFailed as failed:
            raise failed_above(failed) from None
        return _lines(reply, entry.question.ssin)


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
