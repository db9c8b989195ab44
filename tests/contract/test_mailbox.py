"""A mailbox, in memory and on PostgreSQL: all mail is there, in order, until it is taken."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import UUID

import pytest
from msgspec.structs import replace as replace_mail
from tests.contract.mailbox_house import (
    DAY,
    MOMENT,
    MailHouse,
    a_mail,
    in_memory,
    on_postgres,
)

from kruispunt.mailbox import EXPIRED, Mode
from kruispunt.vocabulary import MailKind, WrongMode


@pytest.fixture(params=[in_memory, on_postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[MailHouse]:
    async with request.param(empty_database) as found:
        yield found


async def test_mail_is_read_whole_and_in_order_by_its_recipient_only(house: MailHouse):
    mails = [a_mail(number) for number in (3, 1, 2)]
    await house.put(*mails, a_mail(9, to="BERT"))

    batch = await house.store.read("ANNA")

    assert [letter.mail for letter in batch.letters] == mails
    positions = [letter.position for letter in batch.letters]
    assert positions == sorted(set(positions))
    assert await house.numbers("BERT") == [9]
    assert await house.numbers("CARL") == []


async def test_who_reads_on_from_a_position_gets_what_came_after_it(house: MailHouse):
    await house.put(a_mail(1), a_mail(2))
    batch = await house.store.read("ANNA")

    await house.put(a_mail(3))

    assert await house.numbers(after=batch.letters[0].position) == [2, 3]
    assert await house.numbers(after=batch.letters[-1].position) == [3]


async def test_a_mail_that_is_put_again_stands_once_also_after_it_was_delivered(house: MailHouse):
    await house.put(a_mail(1), a_mail(1))
    await house.put(a_mail(1), a_mail(2))
    assert await house.numbers() == [1, 2]

    await house.store.acknowledge("ANNA", [UUID(int=1)])
    await house.put(a_mail(1))

    assert await house.numbers() == [2]


async def test_one_id_may_be_put_for_two_recipients(house: MailHouse):
    await house.put(a_mail(1), a_mail(1, to="BERT"))

    assert await house.numbers() == await house.numbers("BERT") == [1]


async def test_what_is_acknowledged_is_gone_and_the_rest_stays(house: MailHouse):
    await house.put(*(a_mail(number) for number in range(1, 6)))

    done = await house.store.acknowledge("ANNA", [UUID(int=number) for number in (2, 4, 4, 99)])

    assert done == 2
    assert await house.numbers() == [1, 3, 5]
    assert await house.store.acknowledge("BERT", [UUID(int=1)]) == 0
    assert await house.numbers() == [1, 3, 5]


async def test_two_readers_see_the_same_mail_until_one_of_them_has_it(house: MailHouse):
    await house.put(a_mail(1), a_mail(2), a_mail(3))
    first, second = await house.numbers(), await house.numbers()

    by_first = await house.store.acknowledge("ANNA", [UUID(int=1), UUID(int=2)])
    by_second = await house.store.acknowledge("ANNA", [UUID(int=2), UUID(int=3)])

    assert first == second == [1, 2, 3]
    assert (by_first, by_second) == (2, 1)
    assert await house.numbers() == []


async def test_a_reader_gets_no_more_than_it_takes_but_always_the_first(house: MailHouse):
    await house.put(*(a_mail(number, content=bytes(100)) for number in range(1, 6)))

    async def read(*, limit: int = 10, max_bytes: int = 10_000) -> list[int]:
        batch = await house.store.read("ANNA", limit=limit, max_bytes=max_bytes)
        return [letter.mail.id.int for letter in batch.letters]

    assert await read(limit=2) == [1, 2]
    assert await read(max_bytes=300) == [1, 2, 3]
    assert await read(max_bytes=299) == [1, 2]
    assert await read(max_bytes=1) == [1]


async def test_a_mail_is_found_by_its_owner_while_it_waits_held_or_not(house: MailHouse):
    mails = [a_mail(number, person=7) for number in (1, 2, 3)]
    await house.put(*mails)
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)
    await house.store.acknowledge("ANNA", [UUID(int=3)])

    found = [await house.store.find("ANNA", mail.id) for mail in mails]

    assert found == [None, mails[1], None]
    assert await house.store.find("BERT", UUID(int=2)) is None


async def test_later_mail_about_the_same_person_waits_behind_a_dead_letter(house: MailHouse):
    await house.put(a_mail(1, person=7), a_mail(2, person=7), a_mail(3, person=7), a_mail(4))

    assert await house.store.dead("ANNA", UUID(int=2), "can't be opened", at=MOMENT)
    await house.put(a_mail(5, person=7), a_mail(6))

    assert await house.numbers() == [1, 4, 6]
    assert await house.held() == 2
    (letter,) = await house.store.dead_letters("ANNA")
    assert (letter.id.int, letter.reason, letter.whole) == (2, "can't be opened", True)
    assert not await house.store.dead("ANNA", UUID(int=2), "again", at=MOMENT)


async def test_dead_requests_of_all_are_told_page_by_page_the_oldest_first(house: MailHouse):
    asked = [
        replace_mail(a_mail(n, to=to), kind=MailKind.REQUEST)
        for n, to in ((1, "ANNA"), (2, "BERT"), (3, "ANNA"))
    ]
    await house.put(*asked, a_mail(4))
    for number, to, day in ((3, "ANNA", 0), (4, "ANNA", 0), (2, "BERT", 1), (1, "ANNA", 1)):
        await house.store.dead(to, UUID(int=number), "old", at=MOMENT + day * DAY)

    first = await house.store.dead_requests(limit=2)
    rest = await house.store.dead_requests(first[-1], limit=2)

    assert [one.id.int for one in (*first, *rest)] == [3, 1, 2]
    assert await house.store.dead_requests(rest[-1]) == []


async def test_a_released_letter_comes_again_with_all_that_waited_in_order_after_it(
    house: MailHouse,
):
    await house.put(*(a_mail(number, person=7) for number in (1, 2, 3)), a_mail(4))
    seen = (await house.store.read("ANNA")).letters[-1].position
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)
    await house.put(a_mail(5, person=7))

    assert await house.store.release("ANNA", UUID(int=1), at=MOMENT + DAY)

    assert await house.numbers(after=seen) == [1, 2, 3, 5]
    assert await house.held() == 0
    assert await house.store.dead_letters() == []
    assert not await house.store.release("ANNA", UUID(int=1), at=MOMENT)
    assert await house.store.acknowledge("ANNA", [UUID(int=n) for n in (1, 2, 3, 5)]) == 4


async def test_a_dropped_letter_is_gone_and_what_waited_goes_on(house: MailHouse):
    await house.put(a_mail(1, person=7), a_mail(2, person=7))
    seen = (await house.store.read("ANNA")).letters[-1].position
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)

    assert await house.store.drop("ANNA", UUID(int=1))
    await house.put(a_mail(1, person=7), a_mail(3, person=7))

    assert await house.numbers(after=seen) == [2, 3]
    assert not await house.store.drop("ANNA", UUID(int=1))
    assert not await house.store.drop("ANNA", UUID(int=2))


async def test_a_dead_letter_of_which_all_is_told_has_no_content_and_holds_nothing(
    house: MailHouse,
):
    await house.put(*(a_mail(number, person=7) for number in (1, 2, 3)))
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)

    told = [
        await house.store.dead("ANNA", UUID(int=2), "poison", at=MOMENT, told=True)
        for _ in range(2)
    ]
    before = await house.numbers()
    await house.store.drop("ANNA", UUID(int=1))

    assert told == [True, False]
    assert (before, await house.numbers()) == ([], [3])
    (letter,) = await house.store.dead_letters("ANNA")
    assert (letter.id, letter.reason, letter.whole) == (UUID(int=2), "poison", False)
    assert not await house.store.release("ANNA", UUID(int=2), at=MOMENT)


async def test_behind_two_dead_letters_mail_waits_for_the_one_that_it_stands_after(
    house: MailHouse,
):
    await house.put(*(a_mail(number, person=7) for number in (1, 2, 3, 4)))
    for number in (1, 3):
        await house.store.dead("ANNA", UUID(int=number), "poison", at=MOMENT)
    assert await house.numbers() == []

    await house.store.release("ANNA", UUID(int=1), at=MOMENT)
    assert await house.numbers() == [1, 2]
    assert await house.held() == 1
    await house.store.dead("ANNA", UUID(int=1), "poison still", at=MOMENT)
    assert await house.numbers() == []

    await house.store.release("ANNA", UUID(int=3), at=MOMENT)
    assert await house.numbers() == []
    await house.store.release("ANNA", UUID(int=1), at=MOMENT)
    assert await house.numbers() == [1, 2, 3, 4]


async def test_a_mail_that_waits_behind_a_dead_letter_may_still_be_acknowledged(house: MailHouse):
    await house.put(a_mail(1, person=7), a_mail(2, person=7))
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)

    assert await house.store.acknowledge("ANNA", [UUID(int=1), UUID(int=2)]) == 1

    await house.store.release("ANNA", UUID(int=1), at=MOMENT)
    assert await house.numbers() == [1]


async def test_mail_that_nobody_took_in_time_is_a_dead_letter_without_content_and_holds_nothing(
    house: MailHouse,
):
    await house.put(a_mail(1, person=7), a_mail(2, person=7, sent_at=MOMENT + 2 * DAY))

    now = MOMENT + 31 * DAY
    ended = await house.store.end(before=MOMENT + DAY, now=now)

    assert ended.lost == 1
    assert await house.numbers() == [2]
    (letter,) = await house.store.dead_letters("ANNA")
    assert (letter.id.int, letter.reason, letter.whole) == (1, EXPIRED, False)
    assert not await house.store.release("ANNA", UUID(int=1), at=now)
    assert (await house.store.end(before=MOMENT + DAY, now=now)).lost == 0


async def test_the_content_of_an_old_dead_letter_ends_and_what_waited_behind_it_goes_on(
    house: MailHouse,
):
    late = MOMENT + 20 * DAY
    await house.put(a_mail(1, person=7, sent_at=late), a_mail(2, person=7, sent_at=late))
    seen = (await house.store.read("ANNA")).letters[-1].position
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)

    ended = await house.store.end(before=MOMENT + DAY, now=MOMENT + 31 * DAY)

    assert ended.let_go == 1
    assert await house.numbers(after=seen) == [2]
    (letter,) = await house.store.dead_letters()
    assert not letter.whole


async def test_a_mailbox_is_emptied_in_one_way(house: MailHouse):
    await house.put(a_mail(1))
    await house.store.set_modes(["ANNA", "BERT"], Mode.PUSH)

    with pytest.raises(WrongMode):
        await house.store.read("ANNA")
    batch = await house.store.read("ANNA", mode=Mode.PUSH)
    assert [letter.mail.id.int for letter in batch.letters] == [1]

    await house.store.set_modes(["ANNA"], Mode.POLL)
    assert await house.numbers() == [1]


async def test_an_operator_sees_how_much_waits_and_for_whom_and_nothing_of_anyone(
    house: MailHouse,
):
    later = MOMENT + DAY
    await house.put(a_mail(1, person=7), a_mail(2, person=7), a_mail(3, sent_at=later))
    await house.put(a_mail(4, to="BERT"))
    await house.store.dead("ANNA", UUID(int=1), "poison", at=MOMENT)

    anna, bert = await house.store.boxes()

    assert (anna.recipient, anna.mode, anna.waiting, anna.held, anna.dead) == (
        "ANNA",
        Mode.POLL,
        2,
        1,
        1,
    )
    assert anna.oldest == MOMENT
    assert (bert.recipient, bert.waiting, bert.held, bert.dead) == ("BERT", 1, 0, 0)
    await house.store.acknowledge("BERT", [UUID(int=4)])
    assert replace(bert, waiting=0, oldest=None) in await house.store.boxes()
