"""Declarations of social risks (ASR): who was asked answers here, one at a time or in batch.

P-GROUND (05/022 §2.1): a declaration starts from the declarant and needs no deliberation. Who
quotes a request must have been asked, by its key; whoever declares on its own initiative
(R-SPONTANEOUS, §4) is heard, and learns nothing by it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID, uuid5

import msgspec

from kruispunt.circuits import Cases, Initiatives, is_asked, request_of
from kruispunt.circuits import benefits as b
from kruispunt.client import (
    DECLARATIONS_PATH,
    DECLARE_TAG,
    MOST_LINES,
    NDJSON,
    DeclarationReply,
    LastLine,
    LineReply,
    chained,
)
from kruispunt.gateway.declared import Quoting, read_declaration, unasked
from kruispunt.gateway.places import Place, Places
from kruispunt.gateway.proven import Proven
from kruispunt.vocabulary import (
    Forbidden,
    InstitutionCode,
    Malformed,
    Problem,
    SameMessageOtherContent,
    TooLarge,
)
from kruispunt.web import HttpReply, Request, Route, Signer, json_reply, sign_part

MAX_ONE: Final = 64 * 1024
MAX_BATCH: Final = 16 * 1024 * 1024
BATCHES: Final = 4
"""Batches that are answered at once in one process."""

TOGETHER: Final = 32
"""Lines of a batch that are done together: they share commits."""

PARAGRAPH: Final = "05/022 §2.1"
NOT_ASKED: Final = "no request of this reference was sent to you"

_encode: Final = msgspec.json.Encoder().encode
_LINES: Final = {"content-type": NDJSON, "cache-control": "no-store"}


def _places() -> Places:
    return Places(most=BATCHES, words="too many batches at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationDoor:
    """The route by which employers and mandataries declare. The same declaration is done once."""

    proven: Proven
    cases: Cases
    initiatives: Initiatives
    key: Signer
    now: Callable[[], datetime]
    places: Places = field(default_factory=_places)

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(
                method="POST",
                template=DECLARATIONS_PATH,
                handler=self.declare,
                other_type=NDJSON,
                max_body=MAX_BATCH,
            )
        ]

    async def declare(self, request: Request) -> HttpReply:
        """One declaration as JSON, or a batch of one on each line."""
        declarant = self.proven.caller(request, tag=DECLARE_TAG).institution
        kind = request.headers["content-type"].partition(";")[0].strip().lower()
        if kind == NDJSON:
            return self._batch(request, declarant)
        if len(request.body) > MAX_ONE:
            raise TooLarge(f"expected at most {MAX_ONE} bytes for one declaration")
        return json_reply(_encode(await self.take(request.body, declarant, b.Means.ONLINE)))

    async def take(
        self, sent: bytes, declarant: InstitutionCode, means: b.Means
    ) -> DeclarationReply:
        """One declaration, durable once this returns.

        Raises:
            Malformed: a field is wrong.
            Forbidden: nobody asked this declarant, or there is no such request: the same words.
            SameMessageOtherContent: its id was used for another declaration.
            Unavailable: the store is away; sending it again is safe.
        """
        body = read_declaration(sent)
        if not isinstance(body, Quoting):
            one = unasked(body, declarant=declarant, means=means, at=self.now())
            is_new = await self.initiatives.take(one)
            return _received(body.id, None, one.event.at, is_new=is_new)
        case, asked = await self._asked(body.request, declarant)
        event = b.DeclarationReceived(
            id=uuid5(body.id, declarant),
            at=self.now(),
            request=asked.id,
            employer=asked.employer,
            means=means,
            content=body.content,
        )
        is_new = await self._is_new(case, event)
        if is_new:
            is_new = b.advance(case, event)[0] is not case
            await self.cases.add(case.id, event)
        return _received(body.id, asked.id, event.at, is_new=is_new)

    async def _asked(
        self, reference: UUID, declarant: InstitutionCode
    ) -> tuple[b.Case, b.Request]:
        """The case and the request of this reference, where it was sent to this declarant."""
        found = await self.cases.store.ticket(str(reference))
        filed = await self.cases.find(found.case) if found else None
        case = filed.case if filed else None
        asked = request_of(case, reference) if case else None
        if not isinstance(case, b.Case) or asked is None or not is_asked(asked, declarant):
            raise Forbidden(NOT_ASKED)
        return case, asked

    async def _is_new(self, case: b.Case, event: b.DeclarationReceived) -> bool:
        """False where this very declaration stands in the case already."""
        if not await self.cases.store.knows(case.id, event.id):
            return True
        after = 0
        while happened := await self.cases.events(case.id, after, 500):
            for one in happened:
                first = one.event
                if first.id == event.id and isinstance(first, b.DeclarationReceived):
                    if (first.request, first.content) == (event.request, event.content):
                        return False
                    raise SameMessageOtherContent("this id was used for another declaration")
            after = happened[-1].n
        return True

    def _batch(self, request: Request, declarant: InstitutionCode) -> HttpReply:
        lines = [line for line in request.body.split(b"\n") if line.strip()]
        if not lines:
            raise Malformed("expected a declaration on each line")
        if len(lines) > MOST_LINES:
            raise TooLarge(f"expected at most {MOST_LINES} declarations in a batch")
        results = Results(
            lines=lines,
            take=partial(self._line, declarant=declarant),
            key=self.key,
            bound=request.headers["signature"],
            place=self.places.take(),
        )
        return HttpReply(status=200, headers=_LINES, body=b"", parts=results)

    async def _line(self, place: int, line: bytes, *, declarant: InstitutionCode) -> LineReply:
        """What a line is told: what it would be told alone."""
        try:
            if len(line) > MAX_ONE:
                raise TooLarge(f"expected at most {MAX_ONE} bytes for one declaration")
            told = await self.take(line, declarant, b.Means.BATCH)
        except Problem as problem:
            return LineReply(
                line=place,
                status=problem.status,
                type=problem.type,
                detail=problem.detail or problem.title,
                issues=tuple({"name": one.name, "detail": one.detail} for one in problem.issues),
            )
        return LineReply(
            line=place,
            status=200,
            id=told.id,
            new=told.new,
            ground=told.ground,
            paragraph=told.paragraph,
        )


def _received(
    declaration: UUID, request: UUID | None, at: datetime, *, is_new: bool
) -> DeclarationReply:
    return DeclarationReply(
        id=declaration,
        request=request,
        received_at=at,
        ground=b.NOT_REQUIRED,
        paragraph=PARAGRAPH,
        new=is_new,
    )


@dataclass(slots=True, kw_only=True)
class Results:
    """A result for each line of a batch, in their order, as they are done; the last line signs.

    Who leaves before the end finds what was done done, and may send all of it again.
    """

    lines: Sequence[bytes]
    take: Callable[[int, bytes], Awaitable[LineReply]]
    key: Signer
    bound: str
    place: Place
    done: int = 0
    received: int = 0
    chain: bytes = b""
    is_over: bool = False

    async def next(self) -> bytes | None:
        """The results of the next lines."""
        if self.is_over:
            return None
        if self.done == len(self.lines):
            self.is_over = True
            return self._last()
        some = enumerate(self.lines[self.done : self.done + TOGETHER], start=self.done + 1)
        told = await asyncio.gather(*(self.take(place, line) for place, line in some))
        self.done += len(told)
        self.received += sum(one.status == 200 for one in told)
        written = [_encode(one) for one in told]
        for line in written:
            self.chain = chained(self.chain, line)
        return b"".join(line + b"\n" for line in written)

    async def close(self) -> None:
        """No more is told."""
        self.place.leave()

    def _last(self) -> bytes:
        proof = sign_part(self.key, self.chain, request_signature=self.bound)
        last = LastLine(lines=self.done, received=self.received, proof=proof)
        return _encode(last) + b"\n"
