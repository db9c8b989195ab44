"""Valid but extreme input: days and moments at the ends of time are answered, and kept."""

import pytest
from tests.acceptance.standing import House, Json, a_message


@pytest.mark.parametrize(
    "change",
    [
        {"period": {"beginDate": "0001-01-01"}},
        {"period": {"beginDate": "0001-01-01", "endDate": "9999-12-30"}},
        {"period": {"beginDate": "9999-12-31"}},
        {"sentAt": "0001-01-01T00:00:00.000001Z"},
        {"sentAt": "9999-12-31T23:59:59.999998Z"},
        {"sentAt": "1969-12-31T23:59:59Z"},
        {"ticket": "é€😀" * 33, "user": "\n\t", "role": "\u202e", "fileReference": "\ufeff"},
        {"ticket": "'; drop table audit.decision; --"},
        {"messageId": "00000000-0000-0000-0000-000000000000"},
        {"messageId": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    ],
    ids=str,
)
async def test_the_ends_of_time_are_answered_and_stop_nobody(house: House, change: Json):
    reply = await house.ask_raw(house.request(house.changed(change)))

    neighbour = await house.ask_raw(house.request())
    assert reply.status in (200, 403), reply.body
    assert neighbour.status == 200


async def test_what_was_said_beside_the_question_stands_in_the_trail_as_it_was(house: House):
    message, words = a_message(), "é€😀\n'; --"

    await house.ask_raw(
        house.request(house.body(messageId=str(message), ticket=words, user=words, role=words))
    )

    (row,) = await house.fetch(
        house.node,
        "select ticket, asked_by, role from audit.decision where message_id = $1",
        message,
    )
    assert row == {"ticket": words, "asked_by": words, "role": words}
