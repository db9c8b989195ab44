"""Who may read the trail, on a real database: each reader sees its own, and is written down."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.reading_house import (
    INSPECTION,
    LAST_ID,
    PORTAL,
    SECRET,
    SUPERVISOR,
    Read,
    a_read_trail,
    asking,
    one_entry,
    random_entries,
)
from tests.contract.seal_house import a_sealer, seal_all
from tests.contract.trail_house import a_trail
from tests.law.inventing import CLOSED_FUND, FUND, NODE, OFFICE
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT

from kruispunt.audit import Pages, Published, Verification, Wrong
from kruispunt.exchange import Asking, Page
from kruispunt.law import Reads
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Forbidden,
    InstitutionCode,
    Period,
    Reason,
    Ssin,
    WrongSignature,
)

LATER = RECORDED_AT + timedelta(seconds=1)
LONG = timedelta(days=9)


@pytest.fixture
async def house(empty_database: str) -> AsyncGenerator[Read]:
    async with a_read_trail(empty_database) as house:
        yield house


def of_anna(*, limit: int = 100) -> Asking:
    return asking(Reads.PERSON, institution=PORTAL, role="citizen", ssin=ANNA, limit=limit)


async def all_pages(house: Read, first: Asking) -> list[Page]:
    found: list[Page] = []
    request = first
    while True:
        page = await house.shelf.read(request)
        found.append(page)
        if page.next is None:
            return found
        nonce = asking(Reads.ALL, institution=SUPERVISOR, role="auditor").proof
        request = replace(first, before=page.next, proof=nonce)


def looking_at(house: Read, most: int) -> None:
    """From now on a consumer's looks are looked for among so many at once."""
    house.shelf = replace(house.shelf, pages=Pages(reader=house.trail.reader, most=most))


def is_unseen(entry: Entry) -> bool:
    asked = entry.question
    granted_secret = asked.purpose == SECRET and entry.decision.ground is not None
    return asked.consumer == INSPECTION or granted_secret


async def test_a_person_sees_exact_reasons_and_no_facts(house: Read):
    await house.record(one_entry(1, reason=Reason.NO_FILE_AT_SUPPLIER))
    await house.record(one_entry(2, at=LATER), Ending.FAILED)

    page = await house.shelf.read(of_anna())

    assert [one.reason for one in page.looks] == [None, Reason.NO_FILE_AT_SUPPLIER]
    assert [one.ending for one in page.looks] == [Ending.FAILED, None]
    assert {(one.facts, one.user) for one in page.looks} == {(None, "")}


async def test_a_person_is_told_how_many_looks_law_keeps_and_on_which_ground(house: Read):
    await house.record(one_entry(1))
    await house.record(one_entry(2, consumer=INSPECTION))
    await house.record(one_entry(3, consumer=INSPECTION, purpose=SECRET))
    await house.record(one_entry(4, purpose=SECRET))
    await house.record(one_entry(5, ssin=BORIS, consumer=INSPECTION))
    claimed = await house.record(one_entry(6, purpose=SECRET, reason=Reason.NO_CLAUSE, at=LATER))

    page = await house.shelf.read(of_anna())

    assert [one.ticket for one in page.looks] == [claimed.id, one_entry(1).id], (
        "a purpose that no clause gave hides nothing"
    )
    assert [(one.id, one.paragraph, one.looks) for one in page.kept] == [("inspection", "§ 9", 3)]


async def test_a_reading_by_whom_law_hides_is_counted_and_not_shown(house: Read):
    await house.record(one_entry(1, consumer=INSPECTION))
    await house.shelf.read(
        asking(Reads.INSTITUTION, institution=INSPECTION, role="officer", ssin=ANNA)
    )
    await house.shelf.read(
        asking(Reads.INSTITUTION, institution=INSPECTION, role="officer", ssin=BORIS)
    )

    page = await house.shelf.read(of_anna())
    audited = await house.shelf.read(asking(Reads.ALL, institution=SUPERVISOR, role="auditor"))

    assert [(one.institution, one.id) for one in page.readings] == [(PORTAL, page.entry)]
    assert [one.looks for one in page.kept] == [2], "a look, and a reading about the person"
    assert [one.institution for one in audited.readings].count(INSPECTION) == 2


async def test_a_person_is_not_told_who_sat_at_the_desk_of_a_reader(house: Read):
    page = await house.shelf.read(of_anna())
    audited = await house.shelf.read(asking(Reads.ALL, institution=SUPERVISOR, role="auditor"))

    assert {one.user for one in page.readings} == {""}
    assert {one.user for one in audited.readings} == {"jan"}


async def test_asking_day_by_day_does_not_tell_when_a_hidden_look_was(house: Read):
    await house.record(one_entry(1, consumer=INSPECTION))
    day = RECORDED_AT.date()
    days = [Period(day + timedelta(days=n), day + timedelta(days=n + 1)) for n in (-1, 0, 1)]

    pages = [await house.shelf.read(replace(of_anna(), days=one)) for one in days]

    assert [[one.looks for one in page.kept] for page in pages] == [[1], [1], [1]]


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (2, 5), (7, 2), (500, 3), (500, 500)])
async def test_every_reader_sees_all_its_rows_once_and_no_other(
    house: Read, limit: int, most: int
):
    looking_at(house, most)
    for entry, outcome in random_entries(3, 40):
        await house.record(entry, None if outcome is None else outcome.ending)
    kinds: tuple[tuple[Asking, Callable[[Entry], bool]], ...] = (
        (of_anna(limit=limit), lambda e: e.question.ssin == ANNA and not is_unseen(e)),
        (
            asking(Reads.INSTITUTION, institution=OFFICE, role="officer", limit=limit),
            lambda e: e.question.consumer == OFFICE,
        ),
        (asking(Reads.ALL, institution=SUPERVISOR, role="auditor", limit=limit), lambda _: True),
    )

    for request, may in kinds:
        pages = await all_pages(house, request)
        seen = [one.ticket for page in pages for one in page.looks]

        assert len(seen) == len(set(seen))
        assert set(seen) == {entry.id for entry in house.entries if may(entry)}


async def test_a_page_that_ends_early_names_no_entry_of_another(house: Read):
    looking_at(house, 2)
    for number in range(1, 8):
        at = RECORDED_AT + timedelta(milliseconds=number)
        await house.record(one_entry(number, consumer=OFFICE if number == 1 else FUND, at=at))

    page = await house.shelf.read(asking(Reads.INSTITUTION, institution=OFFICE, role="officer"))

    assert page.looks == ()
    assert page.next is not None, "there may be more, and it is said"
    assert page.next[1] not in {entry.id for entry in house.entries}
    assert page.next[1].int % (1 << 80) == 0, "a millisecond, nothing else"


async def test_readings_are_found_by_whom_and_about_whom(house: Read):
    await house.shelf.read(of_anna())
    for ssin in (None, ANNA, BORIS):
        await house.shelf.read(
            asking(Reads.INSTITUTION, institution=OFFICE, role="officer", ssin=ssin)
        )
    pages, far = Pages(reader=house.trail.reader), (RECORDED_AT - LONG, RECORDED_AT + LONG)

    async def found(institution: InstitutionCode | None, ssin: Ssin | None) -> int:
        return len(
            await pages.readings(
                far, before=(far[1], LAST_ID), institution=institution, ssin=ssin, limit=9
            )
        )

    assert [await found(None, None), await found(OFFICE, None), await found(None, ANNA)] == [
        4,
        3,
        2,
    ]
    assert [await found(OFFICE, ANNA), await found(PORTAL, BORIS)] == [1, 0]


@pytest.mark.parametrize("limit", [1, 3, 500])
async def test_no_reading_is_lost_however_many_strangers_ask_in_vain(house: Read, limit: int):
    await house.record(one_entry(1))
    first = (await house.shelf.read(of_anna())).entry
    for _ in range(7):
        with pytest.raises(Forbidden):
            await house.shelf.read(
                asking(Reads.PERSON, institution=NODE, role="citizen", ssin=ANNA)
            )
    written = {one.id for one in await house.readings()}

    mine = await all_pages(house, of_anna(limit=limit))
    all_of_it = asking(Reads.ALL, institution=SUPERVISOR, role="auditor", limit=limit)
    audited = await all_pages(house, all_of_it)

    for pages in (mine, audited):
        read = [one.id for page in pages for one in page.readings]
        assert first in read
        assert len(read) == len(set(read))
        assert written <= set(read)
        assert sum(len(page.looks) for page in pages) == 1
        assert all(len(page.looks) + len(page.readings) <= limit for page in pages)


async def test_an_officer_sees_who_read_in_the_own_name_and_no_other(house: Read):
    await house.shelf.read(of_anna())
    own = asking(Reads.INSTITUTION, institution=NODE, role="officer")

    page = await house.shelf.read(own)

    assert [(one.institution, one.user) for one in page.readings] == [(NODE, "jan")]


async def test_an_officer_can_not_tell_why_nothing_came(house: Read):
    """A control of the supplier that failed, no data, a fault, a crash: one and the same."""
    for number, (reason, ending) in enumerate(
        [
            (Reason.NO_FILE_AT_SUPPLIER, None),
            (None, Ending.EMPTY),
            (None, Ending.FAILED),
            (None, None),
        ]
    ):
        await house.record(one_entry(number, reason=reason), ending)

    page = await house.shelf.read(asking(Reads.INSTITUTION, institution=NODE, role="officer"))

    blank = page.looks[0]
    told = {replace(one, ticket=blank.ticket, message_id=blank.message_id) for one in page.looks}
    assert len(page.looks) == 4
    assert len(told) == 1
    assert (blank.granted, blank.reason, blank.ending, blank.shown) == (True, None, None, None)


async def test_an_officer_hears_an_unknown_number_as_no_file(house: Read):
    await house.record(one_entry(1, reason=Reason.NUMBER_UNKNOWN))
    await house.record(one_entry(2), Ending.GIVEN)

    page = await house.shelf.read(asking(Reads.INSTITUTION, institution=NODE, role="officer"))

    assert [(one.reason, one.ending) for one in page.looks] == [
        (None, Ending.GIVEN),
        (Reason.NO_FILE, None),
    ]


async def test_an_auditor_sees_facts_and_every_reason(house: Read):
    await house.record(one_entry(1, reason=Reason.NO_FILE_AT_SUPPLIER))

    page = await house.shelf.read(asking(Reads.ALL, institution=SUPERVISOR, role="auditor"))

    assert [one.reason for one in page.looks] == [Reason.NO_FILE_AT_SUPPLIER]
    assert page.looks[0].facts == one_entry(1).facts


async def test_every_reading_is_an_entry_before_it_is_shown(house: Read):
    page = await house.shelf.read(of_anna())

    (reading,) = await house.readings()
    assert (reading.id, reading.institution, reading.role) == (page.entry, PORTAL, "citizen")
    assert (reading.ssin, reading.why, reading.refused) == (ANNA, "because", "")
    again = await house.shelf.read(of_anna())
    assert {one.id for one in again.readings} == {page.entry, again.entry}, "persons see it too"


@pytest.mark.parametrize(
    ("reads", "institution", "role"),
    [
        (Reads.PERSON, NODE, "citizen"),
        (Reads.PERSON, PORTAL, "officer"),
        (Reads.ALL, PORTAL, "auditor"),
        (Reads.ALL, SUPERVISOR, "officer"),
        (Reads.INSTITUTION, NODE, "auditor"),
        (Reads.INSTITUTION, CLOSED_FUND, "officer"),
        (Reads.INSTITUTION, InstitutionCode("nobody"), "officer"),
    ],
)
async def test_who_has_no_leave_sees_nothing_and_is_written_down(
    house: Read, reads: Reads, institution: InstitutionCode, role: str
):
    await house.record(one_entry(1))
    ssin = ANNA if reads is Reads.PERSON else None

    with pytest.raises(Forbidden):
        await house.shelf.read(asking(reads, institution=institution, role=role, ssin=ssin))

    assert [one.refused for one in await house.readings()] == ["no-leave"]


async def test_the_same_signature_reads_once(house: Read):
    request = of_anna()
    await house.shelf.read(request)

    with pytest.raises(WrongSignature):
        await house.shelf.read(request)
    assert len(await house.readings()) == 1


async def test_readings_have_their_place_in_the_tree_and_changes_are_named(
    house: Read, tmp_path: Path
):
    await house.record(one_entry(1))
    page = await house.shelf.read(of_anna())
    async with a_sealer(house.database, tmp_path) as sealer:
        await seal_all(sealer)

    async def wrong() -> list[tuple[Wrong, object]]:
        published = Published(tmp_path)
        checkpoint = published.checkpoint()
        assert checkpoint is not None
        found = await Verification(
            reader=a_trail(house.database).reader, published=published, checkpoint=checkpoint
        ).run()
        assert found.readings == (await count_readings(house))
        return [(one.wrong, one.entry) for one in found.faults]

    assert await wrong() == []
    for change in ("institution = 'other'", "ssin = null", "encoded = substr(encoded, 2)"):
        before = await row_of(house)
        await sql(house, f"update audit.reading set {change}")
        assert await wrong() == [(Wrong.CHANGED, page.entry)]
        await sql(
            house,
            "update audit.reading set institution = $1, ssin = $2, encoded = $3",
            *before,
        )
    await sql(house, "delete from audit.reading")
    assert await wrong() == [(Wrong.MISSING, page.entry)]


async def test_an_officer_of_one_fund_never_sees_another(house: Read):
    await house.record(one_entry(1, consumer=FUND))

    page = await house.shelf.read(
        asking(Reads.INSTITUTION, institution=OFFICE, role="officer", ssin=ANNA)
    )

    assert page.looks == ()


async def sql(house: Read, words: str, *values: object) -> None:
    async with house.database.transaction() as connection:
        await connection.execute(words, *values)


async def count_readings(house: Read) -> int:
    async with house.database.transaction() as connection:
        return int(await connection.fetchval("select count(*) from audit.reading"))


async def row_of(house: Read) -> tuple[object, ...]:
    async with house.database.transaction() as connection:
        row = await connection.fetchrow("select institution, ssin, encoded from audit.reading")
    assert row is not None
    return tuple(row)


async def test_an_auditor_of_one_person_loses_no_look_of_the_same_millisecond(house: Read):
    """Ids of one millisecond do not stand in the order of time, which is that of this page."""
    for number, since in ((2, 100), (1, 200)):
        at = RECORDED_AT + timedelta(microseconds=since)
        await house.record(one_entry(number, at=at))
    first = asking(Reads.ALL, institution=SUPERVISOR, role="auditor", ssin=ANNA, limit=1)

    pages = await all_pages(house, first)

    looks = [look.ticket for page in pages for look in page.looks]
    assert sorted(looks) == sorted(entry.id for entry in house.entries)
