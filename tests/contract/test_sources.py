"""The simulator and the stations over their wire behave alike towards the waist."""

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest
from tests.unit.sources.wire_station import (
    ANN,
    BOB,
    FLOW,
    OTHER_KEY,
    WireStation,
    a_recorded_grant,
    the_stations,
)

from kruispunt.sources import Cause, SilentSource, Simulator, WrongSource
from kruispunt.vocabulary import Grant, Recorded, Reply
from kruispunt.web import HttpSilent, HttpWrong

ROWS: list[Mapping[str, object]] = [{"ssin": ANN.digits, "a": "1.50"}]


class Port(Protocol):
    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply: ...


def simulator(fault: Cause | None) -> Port:
    source = Simulator({(FLOW, ANN): ROWS})
    source.fault = fault
    return source


OVER_THE_WIRE: Mapping[Cause | None, Mapping[str, object]] = {
    None: {},
    Cause.NO_ANSWER: {"fail": HttpSilent("x")},
    Cause.BUSY: {"status": 503, "body": b""},
    Cause.UNREADABLE: {"fail": HttpWrong("x")},
    Cause.UNSIGNED: {"signer": None},
    Cause.WRONGLY_BOUND: {"signer": OTHER_KEY},
    Cause.NOT_JSON: {"body": b"{"},
    Cause.WRONG_SHAPE: {"body": b"{}"},
    Cause.WRONG_STATUS: {"status": 500},
    Cause.TOO_MANY_ROWS: {"rows": ROWS * 99},
    Cause.OTHER_PERSON: {"ssin": BOB.digits},
}


def stations(fault: Cause | None) -> Port:
    wire = WireStation()
    wire.rows = list(ROWS)
    for name, value in OVER_THE_WIRE[fault].items():
        setattr(wire, name, value)
    return the_stations(wire)


@pytest.mark.parametrize("port", [simulator, stations])
async def test_rows_of_the_person_come_back(port: Callable[[Cause | None], Port]):
    reply = await port(None).fetch(a_recorded_grant(), timeout_s=1.0)

    assert reply.ssin == ANN
    assert [dict(row) for row in reply.rows] == ROWS


@pytest.mark.parametrize("port", [simulator, stations])
@pytest.mark.parametrize("fault", [Cause.NO_ANSWER, Cause.BUSY])
async def test_silence_is_silence(port: Callable[[Cause | None], Port], fault: Cause):
    with pytest.raises(SilentSource) as silent:
        await port(fault).fetch(a_recorded_grant(), timeout_s=0.05)

    assert silent.value.cause is fault
    assert silent.value.retry_after_s


@pytest.mark.parametrize("port", [simulator, stations])
@pytest.mark.parametrize(
    "fault",
    [
        Cause.UNREADABLE,
        Cause.UNSIGNED,
        Cause.WRONGLY_BOUND,
        Cause.NOT_JSON,
        Cause.WRONG_SHAPE,
        Cause.WRONG_STATUS,
        Cause.TOO_MANY_ROWS,
        Cause.OTHER_PERSON,
    ],
)
async def test_a_lie_is_a_lie(port: Callable[[Cause | None], Port], fault: Cause):
    with pytest.raises(WrongSource) as wrong:
        await port(fault).fetch(a_recorded_grant(), timeout_s=0.05)

    assert wrong.value.cause is fault


async def test_the_simulator_tells_only_what_is_asked_unless_it_is_talkative():
    source = Simulator({(FLOW, ANN): [{"ssin": ANN.digits, "a": "1", "secret": "x"}]})

    modest = await source.fetch(a_recorded_grant(fields=("a",)), timeout_s=1.0)
    source.talkative = True
    talkative = await source.fetch(a_recorded_grant(fields=("a",)), timeout_s=1.0)

    assert [dict(row) for row in modest.rows] == [{"a": "1"}]
    assert [set(row) for row in talkative.rows] == [{"ssin", "a", "secret"}]
    assert len(source.asked) == 2


async def test_the_simulator_is_silent_when_it_takes_too_long():
    source = Simulator({(FLOW, ANN): ROWS})
    source.takes_s = 5.0

    with pytest.raises(SilentSource):
        await source.fetch(a_recorded_grant(), timeout_s=0.01)


@pytest.mark.parametrize("fault", [Cause.WRONG_TYPE, Cause.MISSING_FIELD])
async def test_some_lies_are_for_who_minimises_to_find(fault: Cause):
    source = Simulator({(FLOW, ANN): ROWS})
    source.fault = fault

    reply = await source.fetch(a_recorded_grant(), timeout_s=1.0)

    assert [dict(row) for row in reply.rows] != ROWS


@pytest.mark.parametrize("fault", [Cause.CROWDED, Cause.RESTING, Cause.NO_ROUTE])
async def test_some_silences_never_reach_the_source(fault: Cause):
    source = Simulator({(FLOW, ANN): ROWS})
    source.fault = fault

    with pytest.raises(SilentSource):
        await source.fetch(a_recorded_grant(), timeout_s=1.0)

    assert source.asked == []
