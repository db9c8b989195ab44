"""Looks of one moment travel to a station in one call, and each fails or succeeds alone."""

import asyncio

import msgspec
import pytest
from tests.unit.sources.wire_station import (
    ANN,
    BOB,
    WireStation,
    a_recorded_grant,
    the_stations,
)

from kruispunt.client import StationRequest
from kruispunt.sources import Cause, Patience, SilentSource, Stations, WrongSource
from kruispunt.sources.stations import CALLS
from kruispunt.vocabulary import Reply
from kruispunt.web import HttpSilent, HttpTooLarge, HttpWrong


def gated(gate: asyncio.Event) -> WireStation:
    """A station that answers once the gate is open."""
    wire = WireStation()

    async def wait(_body: bytes) -> None:
        await gate.wait()

    wire.before = wait
    return wire


def refuses_bob() -> WireStation:
    """A station that finds a whole request malformed where Bob is in it."""
    wire = WireStation()

    async def look(body: bytes) -> None:
        wire.status = 400 if BOB.digits.encode() in body else 200

    wire.before = look
    return wire


def only_alone() -> WireStation:
    """A station whose answer to several looks at once is larger than is read."""
    wire = WireStation()

    async def weigh(body: bytes) -> None:
        if len(msgspec.json.decode(body, type=StationRequest).looks) > 1:
            raise HttpTooLarge("x")

    wire.before = weigh
    return wire


async def test_looks_that_come_together_travel_together_and_each_gets_its_own():
    gate = asyncio.Event()
    wire = gated(gate)
    stations = the_stations(wire)
    wire.people[BOB.digits] = {"ssin": BOB.digits, "rows": [{"a": 1.5}]}
    people = [ANN, BOB] * 8

    asking = [
        asyncio.create_task(stations.fetch(a_recorded_grant(ssin=ssin), timeout_s=1.0))
        for ssin in people
    ]
    blank = asyncio.create_task(stations.blank(a_recorded_grant(), timeout_s=1.0))
    await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    await blank

    assert len(wire.calls) == 1
    assert [look.ssin for look in wire.looks()[0]] == [*(ssin.digits for ssin in people), None]
    for ssin, reply in zip(people, found, strict=True):
        if ssin is ANN:
            assert isinstance(reply, Reply)
            assert [dict(row) for row in reply.rows] == [{"ssin": ANN.digits, "a": "1.50"}]
        else:
            assert isinstance(reply, WrongSource)
            assert reply.cause is Cause.WRONG_SHAPE


async def test_each_look_that_fails_with_others_raises_a_problem_of_its_own():
    wire = WireStation()
    wire.fail = HttpSilent("x")
    stations = the_stations(wire)

    failed = await asyncio.gather(
        *(stations.fetch(a_recorded_grant(), timeout_s=1.0) for _ in range(4)),
        return_exceptions=True,
    )

    assert len(wire.calls) == 1
    assert len({id(one) for one in failed}) == 4


async def test_answers_too_large_together_are_asked_for_one_by_one():
    wire = only_alone()
    stations = the_stations(wire)

    replies = await asyncio.gather(
        *(stations.fetch(a_recorded_grant(), timeout_s=1.0) for _ in range(3))
    )

    assert [len(looks) for looks in wire.looks()] == [1, 1, 1]
    assert [reply.ssin for reply in replies] == [ANN] * 3


async def test_one_call_that_is_lost_is_one_silence_however_many_looks_left_with_it():
    wire = WireStation()
    wire.fail = HttpSilent("x")
    stations = the_stations(wire, patience=Patience(silences=2, rest_s=60))

    lost = await asyncio.gather(*(the_fault(stations) for _ in range(32)))
    wire.fail = None
    reply = await stations.fetch(a_recorded_grant(), timeout_s=1.0)

    assert lost == [Cause.NO_ANSWER] * 32
    assert len(wire.calls) == 2
    assert reply.ssin == ANN


async def the_fault(stations: Stations, *, timeout_s: float = 1.0) -> Cause:
    with pytest.raises((SilentSource, WrongSource)) as fault:
        await stations.fetch(a_recorded_grant(), timeout_s=timeout_s)
    assert isinstance(fault.value, SilentSource | WrongSource)
    return fault.value.cause


async def test_a_look_that_waited_for_a_call_until_its_end_was_not_asked_and_is_no_silence():
    gate = asyncio.Event()
    wire = gated(gate)
    stations = the_stations(wire, patience=Patience(silences=CALLS + 1))

    under_way: list[asyncio.Task[Cause]] = []
    for _ in range(CALLS):
        under_way.append(asyncio.create_task(the_fault(stations, timeout_s=0.2)))
        await asyncio.sleep(0.005)
    waiting = await asyncio.gather(*(the_fault(stations, timeout_s=0.05) for _ in range(40)))
    gate.set()

    assert waiting == [Cause.CROWDED] * 40
    assert not stations.resting
    for task in under_way:
        task.cancel()


async def test_what_is_no_http_is_not_asked_again():
    wire = WireStation()
    wire.fail = HttpWrong("x")
    stations = the_stations(wire)

    causes = await asyncio.gather(*(the_fault(stations) for _ in range(8)))

    assert causes == [Cause.UNREADABLE] * 8
    assert len(wire.calls) == 1


async def test_a_call_that_is_refused_for_one_of_its_looks_is_asked_again_without_it():
    wire = refuses_bob()
    stations = the_stations(wire)

    found = await asyncio.gather(
        *(
            stations.fetch(a_recorded_grant(ssin=ssin), timeout_s=1.0)
            for ssin in (ANN, ANN, BOB, ANN)
        ),
        return_exceptions=True,
    )

    assert [isinstance(one, Reply) for one in found] == [True, True, False, True]
    assert isinstance(found[2], WrongSource)
    assert found[2].cause is Cause.WRONG_STATUS
