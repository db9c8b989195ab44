"""No reader is shown a row that it may not see, whatever stands in the trail and whoever asks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.contract.reading_house import (
    INSPECTION,
    PORTAL,
    SECRET,
    SUPERVISOR,
    a_reading_law,
    asking,
    random_entries,
)
from tests.law.inventing import BANK, CLOSED_FUND, FUND, NODE, OFFICE
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT, a_change, a_reading

from kruispunt.audit import Change, Hidden, KeptBack, Look, Reading, Seen, Stretch
from kruispunt.exchange import TrailReading
from kruispunt.law import Reads
from kruispunt.postgres import Bundle, Committed, Group, Query, Statement, Write
from kruispunt.vocabulary import Ending, Forbidden, InstitutionCode, Reason, Ssin

WHO = (NODE, OFFICE, FUND, BANK, CLOSED_FUND, INSPECTION, PORTAL, SUPERVISOR)
ROLES = ("citizen", "officer", "auditor", "clerk")
Before = tuple[datetime, UUID]
NOTHING = Statement(Query(name="nothing", sql="select"), width=0)


@dataclass
class Shelf:
    """The pages of a trail in memory, and the one who writes readings down."""

    looks: list[Look]
    most: int = 1000
    written: list[Reading] = field(default_factory=list[Reading])
    made: list[Change] = field(default_factory=list[Change])

    def _latest(self, looks: Sequence[Look]) -> list[Look]:
        return sorted(looks, key=key_of, reverse=True)

    async def about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> list[Look]:
        mine = [one for one in self.looks if one.entry.question.ssin == ssin]
        open_ = [one for one in mine if not hidden.hides(one.entry) and begin <= key_of(one)[0]]
        return self._latest([one for one in open_ if key_of(one) < before])[:limit]

    async def unseen(self, ssin: Ssin, *, hidden: Hidden) -> KeptBack:
        asked = [one.entry.question for one in self.looks if hidden.hides(one.entry)]
        rows = [(one.consumer, one.purpose, 1) for one in asked if one.ssin == ssin]
        return KeptBack(rows=tuple(rows))

    async def between(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        consumer: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Stretch:
        found = [one for one in self.looks if one.entry.id < before[1]]
        found.sort(key=lambda one: one.entry.id, reverse=True)
        behind = found[self.most].entry.id if consumer and len(found) > self.most else None
        rest = None if behind is None else UUID(int=behind.int >> 80 << 80)
        own = [
            one
            for one in found
            if consumer in (None, one.entry.question.consumer)
            and ssin in (None, one.entry.question.ssin)
            and (rest is None or rest <= one.entry.id)
        ]
        return Stretch(looks=tuple(own[:limit]), rest=rest)

    async def readings_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> list[Reading]:
        found = [
            one
            for one in self.written
            if one.ssin == ssin
            and one.institution not in hidden.consumers
            and begin <= one.recorded_at
            and (one.recorded_at, one.id) < before
        ]
        return sorted(found, key=lambda one: (one.recorded_at, one.id), reverse=True)[:limit]

    async def readings(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Reading]:
        return written_by(self.written, before[1], institution, ssin)[:limit]

    async def changes_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, limit: int
    ) -> list[Change]:
        found = [one for one in self.made if one.ssin == ssin and begin <= one.recorded_at]
        found = [one for one in found if (one.recorded_at, one.id) < before]
        return sorted(found, key=lambda one: (one.recorded_at, one.id), reverse=True)[:limit]

    async def changes(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Change]:
        return written_by(self.made, before[1], institution, ssin)[:limit]

    async def prepare_reading(self, reading: Reading) -> Write:
        self.written.append(reading)
        return Write(NOTHING, ())

    async def run(self, bundle: Bundle) -> Committed:
        return Committed(Group(()), -1)


Written = TypeVar("Written", Reading, Change)


def written_by(
    rows: Sequence[Written], before: UUID, institution: InstitutionCode | None, ssin: Ssin | None
) -> list[Written]:
    """Those of an institution and about a person, where these are given; latest ids first."""
    found = [
        one
        for one in rows
        if institution in (None, one.institution) and ssin in (None, one.ssin) and one.id < before
    ]
    return sorted(found, key=lambda one: one.id, reverse=True)


def key_of(look: Look) -> Before:
    return look.entry.recorded_at, look.entry.id


def may_see(seen: Seen, look: Look, *, reads: Reads, by: InstitutionCode, ssin: Ssin) -> bool:
    asked, ground = look.entry.question, look.entry.decision.ground
    if reads is Reads.PERSON:
        secret = asked.purpose == SECRET and ground is not None
        hidden = asked.consumer == INSPECTION or secret
        return by == PORTAL and asked.ssin == ssin and not hidden and seen.facts is None
    if reads is Reads.INSTITUTION:
        told = (None, *(one.told for one in Reason))
        collapsed = seen.reason in told and seen.ending in (None, Ending.GIVEN)
        return asked.consumer == by and collapsed and (seen.facts, seen.cause) == (None, "")
    return by == SUPERVISOR


def may_see_reading(read: Reading, *, reads: Reads, by: InstitutionCode, ssin: Ssin) -> bool:
    if reads is Reads.PERSON:
        return (read.ssin, read.user) == (ssin, "") and read.institution != INSPECTION
    return reads is Reads.ALL or read.institution == by


def may_see_change(made: Change, *, reads: Reads, by: InstitutionCode, ssin: Ssin) -> bool:
    if reads is Reads.PERSON:
        return (made.ssin, made.user) == (ssin, "")
    return reads is Reads.ALL or (made.institution, made.part) == (by, None)


def random_changes(seed: int, size: int) -> list[Change]:
    """Operators everywhere changed lines of everybody, and loaded files."""
    chance = Random(seed)
    people = (ANNA, BORIS, None)
    return [
        a_change(number, ssin=chance.choice(people), institution=chance.choice(WHO))
        for number in range(size)
    ]


def changes_of(shelf: Shelf, *, reads: Reads, by: InstitutionCode, ssin: Ssin) -> set[UUID]:
    """All that this reader may see of them."""
    person = reads is Reads.PERSON
    return {
        one.id
        for one in shelf.made
        if (one.ssin == ssin if person else reads is Reads.ALL or one.institution == by)
    }


def random_readings(seed: int, size: int) -> list[Reading]:
    """Everybody read about everybody and about nobody."""
    chance = Random(seed)
    return [
        a_reading(
            number,
            institution=chance.choice(WHO),
            ssin=chance.choice((ANNA, BORIS, None)),
            refused=chance.choice(("", "no-leave")),
        )
        for number in range(size)
    ]


@given(
    seed=st.integers(0, 10_000),
    by=st.sampled_from(WHO),
    role=st.sampled_from(ROLES),
    reads=st.sampled_from(Reads),
    ssin=st.sampled_from((ANNA, BORIS)),
    limit=st.integers(1, 30),
    most=st.integers(1, 30),
)
def test_every_reader_sees_all_rows_that_it_may_once_and_no_other(
    seed: int, by: InstitutionCode, role: str, reads: Reads, ssin: Ssin, limit: int, most: int
):
    looks = [Look(entry=entry, outcome=outcome) for entry, outcome in random_entries(seed, 20)]
    shelf = Shelf(looks, most, random_readings(seed, 20), random_changes(seed, 20))
    by_id = {one.entry.id: one for one in looks}
    others = len(shelf.written)
    reading = TrailReading(
        lawbook=a_reading_law(),
        pages=shelf,
        trail=shelf,
        commit=shelf,
        now=lambda: RECORDED_AT + len(shelf.written) * timedelta(seconds=1),
        random_bytes=Random(1).randbytes,
    )
    about = ssin if reads is Reads.PERSON else None
    request = asking(reads, institution=by, role=role, ssin=about, limit=limit)

    shown: list[Seen] = []
    read: list[Reading] = []
    made: list[Change] = []
    refused = False
    while True:
        try:
            page = asyncio.run(reading.read(request))
        except Forbidden:
            refused = True
            break
        shown += page.looks
        read += page.readings
        made += page.changes
        if page.next is None:
            break
        request = replace(request, before=page.next)

    own = shelf.written[others:]
    assert own, "every reading is written down, refused or not"
    assert all(bool(one.refused) == refused for one in own)
    assert all(may_see_reading(one, reads=reads, by=by, ssin=ssin) for one in read)
    assert all(may_see_change(one, reads=reads, by=by, ssin=ssin) for one in made)
    assert len({one.id for one in (*read, *made)}) == len(read) + len(made)
    assert refused or {one.id for one in made} == changes_of(shelf, reads=reads, by=by, ssin=ssin)
    for seen in shown:
        assert may_see(seen, by_id[seen.ticket], reads=reads, by=by, ssin=ssin)
    tickets = {one.ticket for one in shown}
    assert len(tickets) == len(shown)
    own = {one.entry.id for one in looks if one.entry.question.consumer == by}
    if reads is not Reads.PERSON and not refused:
        assert tickets == (set(by_id) if reads is Reads.ALL else own)
