"""A station on a plain PostgreSQL: what leaves, what stays, and what is written down before."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from tests.contract.station_house import House, a_house, connected
from tests.contract.station_talk import (
    ANN,
    BOB,
    NOBODY,
    NOW,
    a_look,
    a_question,
    a_station,
    ask,
    call,
    found_of,
    looks,
    problem_of,
    rows_of,
    signed,
)

from kruispunt.client import ANSWER_PATH, LookFault, PeriodBody, StationRequest, canonical
from kruispunt.web import read_ring, verify_reply

DAYS_THE_WRONG_WAY = PeriodBody(begin_date=date(2025, 1, 2), end_date=date(2025, 1, 1))


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with a_house(tmp_path, database_url, now=NOW) as house:
        yield house


async def test_values_travel_with_their_digits_and_days_as_days(house: House):
    async with a_station(house) as app:
        reply, _ = await ask(app, house)

    assert rows_of(reply) == [
        {
            "ssin": ANN,
            "name": "Bella",
            "weight": "612.50",
            "born": "2020-03-01",
            "died": None,
            "sold": False,
            "legs": 4,
        }
    ]


async def test_the_period_chooses_the_rows_and_may_be_without_end(house: House):
    open_end = a_question(period=PeriodBody(begin_date=date(2024, 12, 31)))

    async with a_station(house) as app:
        reply, _ = await ask(app, house, open_end)

    assert [row["name"] for row in rows_of(reply)] == ["Bella", "Clara"]


async def test_only_the_fields_asked_for_leave_the_station(house: House):
    async with a_station(house) as app:
        reply, _ = await ask(app, house, a_question(fields=("born",)))

    found = b'{"found":[{"ssin":"%b","rows":[{"born":"2020-03-01"}]}]}'
    assert reply.body == found % ANN.encode()


async def test_someone_without_rows_gets_an_empty_answer_and_a_line_in_the_log(house: House):
    async with a_station(house) as app:
        reply, _ = await ask(app, house, a_question(ssin=NOBODY))

    assert rows_of(reply) == []
    assert [look[-1] for look in await looks(house)] == [0]


async def test_the_log_says_who_was_looked_at_and_never_what_was_seen(house: House):
    async with a_station(house) as app:
        await ask(app, house)

    assert await looks(house) == [(NOW, UUID(int=7), "cow.consult", int(ANN), "01/001.a", 1)]


async def test_the_reply_is_signed_and_bound_to_its_request(house: House):
    ring = read_ring(house.folder / "keys.toml")
    async with a_station(house) as app:
        answer, signature = await ask(app, house)
        problem, problem_signature = await ask(app, house, a_question(flow="pig.consult"), nonce=2)

    for reply, bound in ((answer, signature), (problem, problem_signature)):
        verify_reply(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            request_signature=bound,
            ring=ring,
            now=int(NOW.timestamp()),
            signer=house.own_key.institution,
        )


async def test_many_questions_at_once_each_get_their_own_rows(house: House):
    people = [ANN, BOB, NOBODY] * 20
    questions = [a_question(ssin=ssin, entry=UUID(int=n)) for n, ssin in enumerate(people)]

    async with a_station(house) as app:
        replies = await asyncio.gather(
            *(ask(app, house, question, nonce=n) for n, question in enumerate(questions))
        )

    names = {ANN: ["Bella"], BOB: ["Dora"], NOBODY: []}
    for ssin, (reply, _) in zip(people, replies, strict=True):
        assert [row["name"] for row in rows_of(reply)] == names[ssin]
        assert [found.ssin for found in found_of(reply)] == [ssin]
    assert [look[1] for look in await looks(house)] == [UUID(int=n) for n in range(60)]


async def test_more_rows_than_an_answer_may_hold_are_a_fault_and_never_cut_off(house: House):
    async with a_station(house) as app:
        reply, _ = await ask(app, house, a_question("cow.twins", fields=("name",)))

    assert [found.fault for found in found_of(reply)] == [LookFault.TOO_MANY_ROWS]
    assert b"Bella" not in reply.body
    assert [look[-1] for look in await looks(house)] == [None]


async def test_looks_that_travel_together_each_get_their_own_answer(house: House):
    people = (ANN, None, NOBODY, BOB)
    together = StationRequest(
        flow="cow.odd",
        deadline_ms=2000,
        looks=tuple(
            a_look(entry=UUID(int=n), ssin=ssin, fields=("odd",)) for n, ssin in enumerate(people)
        ),
    )

    async with a_station(house) as app:
        reply, _ = await ask(app, house, together)

    found = found_of(reply)
    assert [one.ssin for one in found] == list(people)
    assert [[row["odd"] for row in one.rows] for one in found] == [[1, 2], [], [], []]
    assert [one.fault for one in found] == [None, None, None, LookFault.SELECT_FAILED]
    assert [(look[1], look[3], look[5]) for look in await looks(house)] == [
        (UUID(int=0), int(ANN), 2),
        (UUID(int=1), None, 0),
        (UUID(int=2), int(NOBODY), 0),
        (UUID(int=3), int(BOB), None),
    ]


async def test_a_field_that_the_select_does_not_give_fails_its_own_look_only(house: House):
    together = StationRequest(
        flow="cow.consult",
        deadline_ms=2000,
        looks=(a_look(fields=("name",)), a_look(entry=UUID(int=8), fields=("name", "secret"))),
    )

    async with a_station(house) as app:
        reply, _ = await ask(app, house, together)

    first, second = found_of(reply)
    assert [row["name"] for row in first.rows] == ["Bella"]
    assert (second.rows, second.fault) == ((), LookFault.NO_SUCH_FIELD)


async def test_one_persons_odd_row_does_not_silence_the_others(house: House):
    both = [a_question("cow.odd", fields=("odd",), ssin=ssin) for ssin in (BOB, ANN)]

    async with a_station(house) as app:
        (bad, _), (good, _) = await asyncio.gather(
            *(ask(app, house, question, nonce=n) for n, question in enumerate(both))
        )

    assert [found.fault for found in found_of(bad)] == [LookFault.SELECT_FAILED]
    assert b"not a number" not in bad.body
    assert sorted(str(look[-1]) for look in await looks(house)) == ["2", "None"]
    assert [row["odd"] for row in rows_of(good)] == [1, 2]


async def test_a_slow_table_is_given_up_at_the_deadline(house: House):
    question = a_question("cow.slow", fields=("nap",), deadline_ms=100)

    async with a_station(house) as app:
        reply, _ = await ask(app, house, question)

    assert reply.status == 503
    assert await looks(house) == []


async def test_the_same_request_twice_is_answered_once(house: House):
    async with a_station(house) as app:
        first, _ = await ask(app, house)
        again, _ = await ask(app, house)

    assert first.status == 200
    assert again.status == 401
    assert len(await looks(house)) == 1


async def test_a_replay_after_a_restart_fails_and_so_does_one_at_a_second_process(house: House):
    async with a_station(house) as app:
        await ask(app, house)
    async with a_station(house) as app, a_station(house) as other:
        after_restart, _ = await ask(app, house)
        both = await asyncio.gather(ask(app, house, nonce=2), ask(other, house, nonce=2))

    assert after_restart.status == 401
    assert sorted(reply.status for reply, _ in both) == [200, 401]
    assert len(await looks(house)) == 2


async def test_only_the_hub_may_ask(house: House):
    question = a_question()
    path, body = ANSWER_PATH + question.flow, canonical(question)
    wrong = {
        "another institution": signed(house.other_key, path, body),
        "the station itself": signed(house.own_key, path, body),
        "another tag": signed(house.hub_key, path, body, tag="kruispunt-ask"),
        "another flow": signed(house.hub_key, ANSWER_PATH + "cow.twins", body),
        "another station": signed(house.hub_key, path, body, url="https://other.test"),
        "another body": signed(house.hub_key, path, body + b" "),
        "no signature": {},
    }

    async with a_station(house) as app:
        status = {why: (await call(app, path, body, given)).status for why, given in wrong.items()}

    assert status == dict.fromkeys(wrong, 401)
    assert await looks(house) == []


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"ssin": "85073003329"}, "looks[1].ssin"),
        ({"period": DAYS_THE_WRONG_WAY}, "looks[1].period"),
    ],
)
async def test_a_malformed_question_is_told_which_field(
    house: House, change: dict[str, object], issue: str
):
    async with a_station(house) as app:
        looks_of_it = (a_look(), a_look(**change))
        question = StationRequest(flow="cow.consult", deadline_ms=2000, looks=looks_of_it)
        reply, _ = await ask(app, house, question)

    assert reply.status == 400
    assert problem_of(reply).issues[0].name.startswith(issue)
    assert b"85073003329" not in reply.body
    assert await looks(house) == []


async def test_a_question_under_the_path_of_another_flow_is_malformed(house: House):
    body, path = canonical(a_question("cow.odd", fields=("name",))), ANSWER_PATH + "cow.twins"

    async with a_station(house) as app:
        reply = await call(app, path, body, signed(house.hub_key, path, body))

    assert [issue.name for issue in problem_of(reply).issues] == ["flow"]


async def test_an_unknown_flow_is_not_found(house: House):
    async with a_station(house) as app:
        reply, _ = await ask(app, house, a_question("pig.consult"))

    assert reply.status == 404


async def test_where_the_log_can_not_be_written_nothing_leaves(house: House):
    async with a_station(house) as app:
        async with connected(house.owner_dsn) as connection:
            await connection.execute("alter table station.look add check (rows is null)")
        reply, _ = await ask(app, house)

    assert reply.status == 500
    assert b"Bella" not in reply.body
    assert await looks(house) == []
