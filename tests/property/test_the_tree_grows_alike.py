"""What is public of the trail grows alike for all questions that are told the same."""

import asyncio
from collections import defaultdict
from itertools import product
from typing import Final

import msgspec
import pytest
from tests.house import ROW, Twin, a_hub
from tests.law.inventing import FILE, FLOW, FUND, HUB, NODE, PERSON, SUPPLIED, a_line, a_number
from tests.unit.gateway.givens import NOW, Heard, a_body, a_door, a_request, call, without

from kruispunt.sources import Cause, Simulator
from kruispunt.vocabulary import (
    DirectoryLine,
    Ending,
    InstitutionCode,
    NumberStatus,
    Outcome,
    Reason,
    Refusal,
)

NEVER_THE_SAME: Final = ("ticket", "receipt", "instance")
FAULTS: Final = (None, Cause.BUSY, Cause.CROWDED, Cause.UNSIGNED, Cause.WRONG_SHAPE)
"""A fault that strikes whoever is asked about, or nobody."""

MESSAGE: Final = "00000000-0000-4000-8000-000000000001"
World = tuple[NumberStatus, tuple[DirectoryLine, ...], Cause | None, int]


def worlds(*, at_node: bool) -> list[World]:
    """All that may be known of a person, with each way in which a source may answer."""
    member = FUND if at_node else None
    own, supplied = a_line(FILE, member=member), a_line(SUPPLIED)
    at_hub = [one for one in NumberStatus if one is not NumberStatus.LEFT_TO_HUB]
    statuses = [NumberStatus.LEFT_TO_HUB] if at_node else at_hub
    lines = [(), (own,), (supplied,), (own, supplied)]
    return list(product(statuses, lines, FAULTS, (0, 1)))


def a_world(world: World, *, seat: InstitutionCode = HUB) -> Twin:
    status, lines, fault, rows = world
    source = Simulator({(FLOW, PERSON): (ROW,) * rows})
    source.fault = fault
    return a_hub(seat=seat, lines=lines, number=a_number(status), source=source)


async def asked_twice(twin: Twin, *, by: InstitutionCode) -> list[tuple[Heard, int]]:
    """What is heard, first and when the same message comes again, and what waits for the tree."""
    app, told = a_door(twin).app(), list[tuple[Heard, int]]()
    for _ in range(2):
        before = len(twin.trail.pending)
        heard = await call(app, a_request(a_body(messageId=MESSAGE), by=by, created=NOW))
        told.append((heard, len(twin.trail.pending) - before))
    return told


def words(heard: Heard) -> tuple[int, bytes]:
    body = without(heard.body, *NEVER_THE_SAME)
    return heard.status, msgspec.json.encode(body, order="deterministic")


@pytest.mark.parametrize(("seat", "by"), [(HUB, NODE), (NODE, FUND)])
def test_all_questions_that_are_told_the_same_make_as_many_leaves(
    seat: InstitutionCode, by: InstitutionCode
):
    """Leaves alone are public, and their number says how busy a house is, and no more."""
    grown = defaultdict[tuple[int, bytes], set[int]](set)
    for world in worlds(at_node=seat == NODE):
        for heard, leaves in asyncio.run(asked_twice(a_world(world, seat=seat), by=by)):
            grown[words(heard)].add(leaves)

    assert {status for status, _ in grown} == {200, 403, 502, 503}
    assert {words: leaves for words, leaves in grown.items() if len(leaves) > 1} == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_hidden_refusal_leaves_what_an_empty_grant_leaves_but_the_reason(fault: Cause | None):
    hidden, granted = (
        a_world((NumberStatus.KNOWN, lines, fault, 0))
        for lines in ((a_line(),), (a_line(), a_line(SUPPLIED)))
    )

    for twin in (hidden, granted):
        asyncio.run(asked_twice(twin, by=NODE))

    (refused, again), others = hidden.entries, granted.entries
    assert isinstance(refused.decision, Refusal)
    assert refused.decision.reason is Reason.NO_FILE_AT_SUPPLIER
    assert [again.repeats, others[1].repeats] == [refused.id, others[0].id]
    assert ends(hidden) == ends(granted)
    assert ends(hidden) == 2 * [(Ending.FAILED, 0, fault) if fault else (Ending.EMPTY, 0, "")]


def ends(twin: Twin) -> list[tuple[Ending, int, str]]:
    outcomes: list[Outcome] = [twin.trail.outcomes[entry.id] for entry in twin.entries]
    return [(one.ending, one.rows, one.cause) for one in outcomes]
