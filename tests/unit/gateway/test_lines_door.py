"""Lines through the whole door: who has no file hears what it hears of a number nobody has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from tests.bringing_house import BRINGING, Bringing, a_file, a_seat
from tests.house import a_hub
from tests.law.inventing import FUND, HUB, NODE, OTHER_FUND, a_number
from tests.unit.gateway.givens import Heard, a_body, a_door, a_request, call, without

from kruispunt.client import LINES_PATH
from kruispunt.vocabulary import InstitutionCode, NumberFact, NumberStatus

NEVER_THE_SAME = ("ticket", "receipt", "instance")
UNKNOWN = NumberFact(status=NumberStatus.UNKNOWN)
ASKED: Final[Mapping[str, dict[str, object]]] = {
    "list": {"act": "list"},
    "list-of-one": {"act": "list", "quality": "002"},
    "remove": {"act": "remove", "quality": "002"},
    "remove-all": {"act": "remove", "sector": 5},
}


async def told(seat: Bringing, asked: dict[str, object], by: InstitutionCode = NODE) -> Heard:
    lawbook = seat.integration.laws.now.lawbook
    door = a_door(a_hub(lawbook=lawbook))
    entrance = replace(door.entrance, lawbook=lawbook)
    app = replace(door, entrance=entrance, integration=seat.integration).app()
    return await call(app, a_request(a_body(**asked), by=by, flow=BRINGING, path=LINES_PATH))


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_nobody_hears_whether_a_person_is_unknown_or_has_no_file(asked: dict[str, object]):
    no_file = await told(a_seat(), asked)
    nobody = await told(a_seat(number=UNKNOWN), asked)

    assert (no_file.status, nobody.status) == (403, 403)
    assert no_file.headers.keys() == nobody.headers.keys()
    assert without(no_file.body, *NEVER_THE_SAME) == without(nobody.body, *NEVER_THE_SAME)
    assert len(no_file.body) == len(nobody.body)


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_at_a_node_the_member_of_another_reads_as_nobody(asked: dict[str, object]):
    others, nobody = a_seat(NODE), a_seat(NODE, number=a_number(NumberStatus.LEFT_TO_HUB))
    others.files.lines.kept = frozenset({a_file(member=OTHER_FUND)})

    not_ours, nobodys = [await told(seat, asked, FUND) for seat in (others, nobody)]

    assert not_ours.status == 403
    assert without(not_ours.body, *NEVER_THE_SAME) == without(nobodys.body, *NEVER_THE_SAME)


async def test_who_has_a_file_is_told_its_lines():
    seat = a_seat(HUB)
    seat.files.lines.kept = frozenset({a_file()})

    listed = await told(seat, ASKED["list"])

    assert [row["quality"] for row in listed.answer.rows] == ["002"]
