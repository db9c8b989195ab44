"""Reading the trail at the door: a signed POST for each reader, and pages as JSON or CSV."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from kruispunt.audit import Change, Part, Reading, Seen
from kruispunt.client import (
    INVALID_INPUT,
    MAX_DAYS,
    READ_PATH,
    READ_TAG,
    ChangeBody,
    EntryBody,
    FactsBody,
    FileBody,
    KeptBody,
    LineBody,
    PartBody,
    PeriodBody,
    Reader,
    ReadingBody,
    ReadReply,
    ReadRequest,
    SpoiledBody,
    WithheldBody,
    read_period,
    read_ssin,
)
from kruispunt.exchange import Asking, Kept, Page
from kruispunt.gateway.csv_page import csv_of
from kruispunt.gateway.parse import Entrance, read_moment
from kruispunt.gateway.said_once import check_said_once
from kruispunt.law import Reads
from kruispunt.vocabulary import Facts, InstitutionCode, Issue, Malformed, Period
from kruispunt.web import HttpReply, Request, Route, json_reply

MAX_BODY: Final = 4 * 1024
CSV: Final = "text/csv"
Before = tuple[datetime, UUID]

_read: Final = Reader(ReadRequest).read
_encode: Final = msgspec.json.Encoder().encode
_HEADERS: Final = {"content-type": "text/csv; charset=utf-8", "cache-control": "no-store"}


class Shelf(Protocol):
    """Shows pages to those who may read them."""

    async def read(self, asking: Asking) -> Page: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDoor:
    """One route for each reader whom the law knows: person, institution, all."""

    entrance: Entrance
    shelf: Shelf

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(
                method="POST",
                template=READ_PATH + reads.value,
                handler=self.read,
                max_body=MAX_BODY,
            )
            for reads in Reads
        ]

    async def read(self, request: Request) -> HttpReply:
        """One page. The reading is recorded before anything is shown, a refused one too."""
        page = await self.shelf.read(self._asking(request))
        body = page_body(page)
        if wants_csv(request.headers.get("accept", "")):
            return HttpReply(status=200, headers=_HEADERS, body=csv_of(body))
        return json_reply(_encode(body))

    def _asking(self, request: Request) -> Asking:
        caller = self.entrance.caller(request, tag=READ_TAG)
        body = _read(request.body)
        check_said_once(request.body, body)
        reads = Reads(request.target.partition("?")[0].removeprefix(READ_PATH))
        days = None if body.period is None else read_period(body.period)
        _check(body, reads, days)
        return Asking(
            institution=caller.institution,
            role=body.role,
            user=body.user,
            reads=reads,
            ssin=None if body.ssin is None else read_ssin(body.ssin),
            days=days,
            consumer=None if body.consumer is None else InstitutionCode(body.consumer),
            before=read_cursor(body.cursor),
            after=body.cursor,
            limit=body.limit,
            why=body.why,
            received_at=caller.received_at,
            proof=caller.proof,
        )


def _check(body: ReadRequest, reads: Reads, days: Period | None) -> None:
    """What each reader must say, and may not."""
    if reads is Reads.PERSON and body.ssin is None:
        raise _wrong("ssin", "expected the person whose entries are read")
    if reads is not Reads.ALL and body.consumer is not None:
        raise _wrong("consumer", "only who reads all may choose an institution")
    short = days is not None and days.end is not None and (days.end - days.begin).days <= MAX_DAYS
    if reads is not Reads.PERSON and not short:
        raise _wrong("period", f"expected at most {MAX_DAYS} days, with a last day")


def wants_csv(accept: str) -> bool:
    """True where CSV is asked for, and JSON not before it."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return CSV in kinds and "application/json" not in kinds[: kinds.index(CSV)]


def write_cursor(before: Before | None) -> str | None:
    """Where the next page begins, as it travels."""
    if before is None:
        return None
    text = f"{before[0].isoformat()}~{before[1]}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Before | None:
    """Where a page begins; None: with the latest.

    Raises:
        Malformed: no page ever told this.
    """
    if not text:
        return None
    try:
        told = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        moment, _, entry = told.partition("~")
        before = (datetime.fromisoformat(moment), UUID(entry))
    except ValueError:
        raise _wrong("cursor", "expected what a page told as next") from None
    if before[0].tzinfo is None:
        raise _wrong("cursor", "expected what a page told as next")
    return read_moment(before[0], name="cursor"), before[1]


def page_body(page: Page) -> ReadReply:
    """A page as it travels."""
    return ReadReply(
        entry=page.entry,
        entries=tuple(map(_entry, page.looks)),
        readings=tuple(map(_reading, page.readings)),
        changes=tuple(map(_change, page.changes)),
        kept=kept_body(page.kept),
        next=write_cursor(page.next),
        kept_whole=page.kept_whole,
        spoiled=tuple(
            SpoiledBody(entry=one.id, recorded_at=one.recorded_at) for one in page.spoiled
        ),
    )


def kept_body(kept: Sequence[Kept]) -> tuple[KeptBody, ...]:
    """What is kept, as it travels and as it stands in a proof."""
    return tuple(
        KeptBody(id=one.id, titles=dict(one.titles), paragraph=one.paragraph, looks=one.looks)
        for one in kept
    )


def _entry(seen: Seen) -> EntryBody:
    return EntryBody(
        ticket=seen.ticket,
        their_ticket=seen.their_ticket,
        message_id=seen.message_id,
        consumer=seen.consumer,
        user=seen.user,
        role=seen.role,
        flow=seen.flow,
        ssin=seen.ssin.digits,
        period=PeriodBody.of(seen.about),
        asked_on=seen.asked_on,
        sent_at=seen.sent_at,
        received_at=seen.received_at,
        recorded_at=seen.recorded_at,
        purpose=seen.purpose,
        file_reference=seen.file_reference,
        clause=seen.clause,
        deliberation=seen.deliberation,
        paragraph=seen.paragraph,
        decision="granted" if seen.granted else "refused",
        reason=None if seen.reason is None else seen.reason.value,
        fields=seen.fields,
        withheld=tuple(
            WithheldBody(field=one.field, reason=one.reason, paragraph=one.paragraph)
            for one in seen.withheld
        ),
        ending=None if seen.ending is None else seen.ending.value,
        rows=seen.shown,
        cause=seen.cause,
        repeats=seen.repeats,
        lawbook=seen.lawbook,
        facts=None if seen.facts is None else _facts(seen.facts),
        proof=seen.proof.value,
    )


def _facts(facts: Facts) -> FactsBody:
    return FactsBody(
        number=facts.number.status.value,
        lines=tuple(
            LineBody(
                sector=line.sector,
                quality=line.quality,
                period=PeriodBody.of(line.period),
                member=line.member,
            )
            for line in facts.lines
        ),
    )


def _reading(reading: Reading) -> ReadingBody:
    return ReadingBody(
        entry=reading.id,
        recorded_at=reading.recorded_at,
        institution=reading.institution,
        role=reading.role,
        user=reading.user,
        reads=reading.reads.value,
        ssin=None if reading.ssin is None else reading.ssin.digits,
        why=reading.why,
        refused=reading.refused,
    )


def _change(change: Change) -> ChangeBody:
    file = change.file
    return ChangeBody(
        entry=change.id,
        recorded_at=change.recorded_at,
        institution=change.institution,
        user=change.user,
        made=change.made.value,
        ssin=None if change.ssin is None else change.ssin.digits,
        part=None if change.part is None else _part(change.part),
        file=file and FileBody(sha256=file.digest.hex(), lines=file.lines, skipped=file.skipped),
        why=change.why,
    )


def _part(part: Part) -> PartBody:
    return PartBody(
        sector=part.sector,
        quality=part.quality,
        phase=part.phase,
        period=None if part.period is None else PeriodBody.of(part.period),
        line_begin=part.line_begin,
        member=part.member,
    )


def _wrong(name: str, detail: str) -> Malformed:
    issue = Issue(type=INVALID_INPUT, where="body", name=name, detail=detail)
    return Malformed("the request to read is not valid", issues=(issue,))
