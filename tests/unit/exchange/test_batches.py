"""A one-time file from a member of the supplier's node, by the hub, to a member of another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec
import pytest
from tests.circuit_house import a_mail_request, body_of
from tests.house import NOON, Clock
from tests.law.inventing import (
    FIELDS,
    FLOW,
    FUND,
    HUB,
    NODE,
    OFFICE,
    OTHER_FUND,
    PERSON,
    PURPOSE,
    SUCCESSOR,
    SUPPLIED,
    a_clause,
    a_control,
    a_flow,
    a_line,
)
from tests.post_house import LAW, ONE, TWO, Seat, a_seat

from kruispunt.client import BatchContent, ListedBody, MailBody, canonical
from kruispunt.law import PeriodRule, Side, Supply
from kruispunt.vocabulary import (
    DirectoryLine,
    FileSentBefore,
    Forbidden,
    InstitutionCode,
    KeyId,
    MailKind,
    Malformed,
    Period,
    Quality,
    Reason,
    Refusal,
    SameMessageOtherContent,
    Sector,
    Ssin,
)
from kruispunt.web import HttpReply

DAY: Final = date(2031, 3, 15)
NOW: Final = Period(date(2031, 1, 1))
RISK: Final = (Sector(5), Quality(2))
GLOBAL, PART, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
GRANTED: Final = dict.fromkeys(FIELDS[:2], True)
FILED: Final = replace(
    LAW,
    flows={FLOW: replace(a_flow(), supply=Supply.FILE, about=DAY)},
    clauses=(
        a_clause(
            controls=(
                a_control(rule=PeriodRule.NOW),
                a_control(of=RISK),
                a_control(Side.SUPPLIER, of=SUPPLIED, rule=PeriodRule.NOW),
            )
        ),
    ),
)
KNOWN: Final = (a_line(period=NOW), a_line(RISK, NOW), a_line(SUPPLIED, NOW))
LEFT: Final = a_line(period=Period(date(2030, 1, 1), date(2031, 5, 1)), member=FUND)
MEMBERS: Final = (a_line(period=NOW, member=FUND), a_line(RISK, NOW, member=OTHER_FUND))


class Way:
    """The three seats of a file, and what passes between them."""

    def __init__(
        self,
        *,
        at_hub: Sequence[DirectoryLine] = KNOWN,
        at_node: Sequence[DirectoryLine] = MEMBERS,
    ) -> None:
        self.clock = Clock()
        self.office = a_seat(OFFICE, self.clock, (), law=FILED)
        self.hub = a_seat(HUB, self.clock, at_hub, law=FILED)
        self.node = a_seat(NODE, self.clock, at_node, law=FILED)

    async def send(
        self,
        *persons: Ssin,
        by: InstitutionCode = ONE,
        mail: int = 7,
        part: UUID | None = PART,
        file: UUID = GLOBAL,
        row: dict[str, bool | int] | None = None,
    ) -> object:
        told = dict.fromkeys(FIELDS, True) if row is None else row
        content = BatchContent(
            file=file,
            purpose=PURPOSE,
            consumer=NODE,
            persons=tuple(ListedBody(ssin=one.digits, rows=({**told},)) for one in persons),
            part=part,
            batches=1 if part else 0,
        )
        body = MailBody(
            id=UUID(int=mail),
            kind=MailKind.BATCH,
            flow=FLOW,
            ticket=str(file),
            sealed=f"for {OFFICE}: ".encode() + canonical(content),
            sealed_for=KeyId(f"{OFFICE}/1"),
            sent_at=NOON,
        )
        return await self.office.take(a_mail_request(body, by=by, clock=self.clock))

    async def carry(self) -> None:
        for at, to in ((self.office, self.hub), (self.hub, self.node)):
            for mail in at.mails():
                request = a_mail_request(body_of(mail), by=at.code, clock=self.clock)
                assert isinstance(await to.take(request), HttpReply)

    @property
    def seats(self) -> tuple[Seat, Seat, Seat]:
        return (self.office, self.hub, self.node)

    def told(self) -> dict[str, list[dict[str, object]]]:
        """What each insurer is told, by its code."""
        found: dict[str, list[dict[str, object]]] = {}
        for mail in self.node.mails():
            content = msgspec.json.decode(mail.sealed.partition(b": ")[2], type=BatchContent)
            assert (content.part, content.batches) == (None, 0)
            found[mail.recipient] = [
                {"ssin": one.ssin, "rows": list(one.rows)} for one in content.persons
            ]
        return found


async def test_os_9_each_seat_has_an_entry_for_the_person_and_the_member_of_now_its_amounts():
    """OS-8, 05/022 §7.4: the risk ran at another fund; who knows the person now gets the rows."""
    way = Way()

    assert isinstance(await way.send(PERSON), HttpReply)
    await way.carry()

    assert way.told() == {FUND: [{"ssin": PERSON.digits, "rows": [GRANTED]}]}
    assert [seat.ended for seat in way.seats] == [[("given", 1, "")]] * 3
    consumers = [entry.question.consumer for seat in way.seats for entry in seat.entries]
    assert consumers == [NODE, NODE, FUND]
    (entry,) = way.node.entries
    assert entry.question.about == Period.through(DAY, DAY)
    assert [line.member for line in entry.facts.lines] == [FUND, None]
    assert all(one.file_reference == str(GLOBAL) for one in (entry.question,))


@pytest.mark.parametrize(
    ("period", "current"),
    [
        (Period(DAY), True),
        (Period.through(date(2030, 1, 1), DAY), True),
        (Period(DAY + timedelta(days=1)), False),
        (Period(date(2030, 1, 1), DAY), False),
    ],
)
@pytest.mark.parametrize("at", ["hub", "node"])
async def test_os_3_the_risk_is_still_current_on_the_day_of_the_law_at_each_seat(
    at: str, period: Period, current: bool
):
    """05/022 §7.4: risico's die op 1 oktober 2021 nog steeds actueel zijn."""
    hub, node = a_line(RISK, period), a_line(RISK, period, member=OTHER_FUND)
    way = Way(at_hub=(KNOWN[0], hub, KNOWN[2])) if at == "hub" else Way(at_node=(MEMBERS[0], node))

    await way.send(PERSON)
    await way.carry()

    assert list(way.told()) == ([FUND] if current else [])
    assert len(way.hub.entries) == 1


@pytest.mark.parametrize(
    ("insured", "told"),
    [
        ((a_line(period=NOW, member=FUND),), [FUND]),
        ((LEFT, a_line(period=NOW, member=OTHER_FUND)), [OTHER_FUND]),
        ((LEFT,), []),
        ((a_line(period=NOW, member=FUND), a_line(period=NOW, member=OTHER_FUND)), []),
    ],
    ids=["stays", "moved", "left", "of-two"],
)
async def test_os_8_only_the_insurer_that_knows_the_person_now_gets_the_amounts(
    insured: Sequence[DirectoryLine], told: list[InstitutionCode]
):
    """05/022 §7.4: op basis van het sectoraal verwijzingsrepertorium van het NIC."""
    way = Way(at_node=(*insured, MEMBERS[1]))

    await way.send(PERSON)
    await way.carry()

    assert list(way.told()) == told
    assert len(way.node.entries) == 1


@pytest.mark.parametrize(
    ("at_hub", "at_node", "stops", "reason"),
    [
        (KNOWN[:2], MEMBERS, 1, Reason.NO_FILE_AT_SUPPLIER),
        ((KNOWN[0], KNOWN[2]), MEMBERS, 1, Reason.NO_FILE),
        (KNOWN, MEMBERS[1:], 2, Reason.NO_FILE),
        (KNOWN, (*MEMBERS, a_line(period=NOW, member=OTHER_FUND)), 2, Reason.NO_FILE),
        (KNOWN, MEMBERS[:1], 2, Reason.NO_FILE),
        (KNOWN, KNOWN, 2, Reason.NO_FILE),
    ],
    ids=["not-integrated", "no-risk-at-hub", "nobodys", "of-two", "no-risk-at-node", "nameless"],
)
async def test_who_is_refused_at_a_seat_is_recorded_there_counted_and_goes_no_further(
    at_hub: Sequence[DirectoryLine],
    at_node: Sequence[DirectoryLine],
    stops: int,
    reason: Reason,
):
    """OS-3, OS-7, OS-8: also where two insurers say that the person is theirs."""
    way = Way(at_hub=at_hub, at_node=at_node)

    await way.send(PERSON)
    await way.carry()

    assert way.told() == {}
    assert [len(seat.entries) for seat in way.seats] == [1] * (stops + 1) + [0] * (2 - stops)
    decision = way.seats[stops].entries[0].decision
    assert isinstance(decision, Refusal)
    assert decision.reason is reason
    (counted,) = way.seats[stops].commit.spent.batches
    assert (counted.persons, counted.passed) == (1, 0)


async def test_of_a_batch_each_is_decided_alone_and_the_rest_goes_on():
    way = Way()

    await way.send(SUCCESSOR, PERSON)  # the first is in no register
    await way.carry()

    assert [len(seat.entries) for seat in way.seats] == [2, 2, 1]
    assert list(way.told()) == [FUND]
    (counted,) = way.hub.commit.spent.batches
    assert (counted.persons, counted.passed) == (2, 1)


async def test_a_batch_that_comes_again_is_done_once():
    way = Way()

    assert isinstance(await way.send(PERSON), HttpReply)
    assert isinstance(await way.send(PERSON), HttpReply)
    await way.carry()
    await way.carry()

    assert [len(seat.entries) for seat in way.seats] == [1, 1, 1]


async def test_r_once_of_each_sender_one_part_and_of_all_one_file():
    way = Way()
    await way.send(PERSON)

    again = await way.send(PERSON, mail=8, part=OTHER)
    other_file = await way.send(PERSON, mail=9, by=TWO, part=OTHER, file=OTHER)
    other_part = await way.send(PERSON, mail=10, by=TWO, part=OTHER)

    assert isinstance(again, FileSentBefore)
    assert isinstance(other_file, FileSentBefore)
    assert isinstance(other_part, HttpReply)
    assert len(way.office.entries) == 2


async def test_r_once_of_a_part_no_more_batches_are_taken_than_were_told():
    """05/022 §44: who names the same part may not add to it for ever."""
    way = Way()
    await way.send(PERSON)

    more = await way.send(PERSON, mail=8)

    assert isinstance(more, FileSentBefore)
    assert len(way.office.entries) == 1


async def test_another_content_under_the_id_of_a_batch_is_refused_and_not_lost():
    way = Way()
    await way.send(PERSON)
    way.office.requests.said.clear()  # forgotten, as after months

    again = await way.send(PERSON)
    other = await way.send(SUCCESSOR)
    others = await way.send(PERSON, by=TWO)

    assert isinstance(again, HttpReply)
    assert isinstance(other, SameMessageOtherContent)
    assert isinstance(others, SameMessageOtherContent)
    assert len(way.office.entries) == 1


async def test_nothing_of_a_batch_is_done_where_one_of_its_rows_is_not_as_agreed():
    way = Way()

    told = await way.send(PERSON, row={FIELDS[0]: True, FIELDS[1]: 3})

    assert isinstance(told, Malformed)
    assert way.office.entries == []
    assert way.office.commit.spent.sent == {}


async def test_a_file_comes_from_behind_its_suppliers_node_and_says_which_part_it_is():
    way = Way()

    assert isinstance(await way.send(PERSON, by=FUND), Forbidden)
    assert isinstance(await way.send(PERSON, part=None), Malformed)
    assert isinstance(await way.send(PERSON, PERSON), Malformed)
    assert way.office.entries == []
