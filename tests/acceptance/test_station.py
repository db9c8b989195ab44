"""An institution puts a source on the network: its own process, its own database, one file."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.contract.station_house import House, a_house, connected
from tests.unit.sources.wire_station import ANN, a_recorded_grant

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    LookBody,
    PeriodBody,
    StationRequest,
    canonical,
)
from kruispunt.sources import Cause, Patience, SilentSource, StationRoute, Stations
from kruispunt.vocabulary import FlowId, InstitutionCode
from kruispunt.web import Http, HttpSilent, read_ring, sign_request

COW, ODD = FlowId("cow.consult"), FlowId("cow.odd")
RUN = "from kruispunt.cli.station import station; station()"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Generator[House]:
    with a_house(tmp_path, database_url, now=now()) as house:
        yield house


@contextmanager
def a_process(house: House, *words: str, port: int = 0) -> Generator[tuple[str, int]]:
    """The station as its own process, on a socket that we hand down. Gives its address and pid."""
    with socket.create_server(("127.0.0.1", port)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        command = [sys.executable, "-c", RUN, "serve", str(house.file), "--fd", str(door.fileno())]
        process = subprocess.Popen([*command, *words], pass_fds=[door.fileno()], env=environment())
    try:
        yield url, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in (0, -signal.SIGKILL)


def environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@asynccontextmanager
async def a_hub(
    house: House, routes: Mapping[FlowId, tuple[str, str]], patience: Patience | None = None
) -> AsyncGenerator[Stations]:
    async with await Http.open() as http:
        yield Stations(
            http=http,
            key=house.hub_key,
            ring=read_ring(house.folder / "keys.toml"),
            routes={
                flow: StationRoute(supplier=InstitutionCode(supplier), url=url, max_rows=9)
                for flow, (supplier, url) in routes.items()
            },
            now=now,
            random_bytes=os.urandom,
            patience=patience,
        )


async def until_healthy(url: str) -> None:
    async with await Http.open() as http:
        for _ in range(200):
            try:
                reply = await http.get(f"{url}/health", headers={}, timeout_s=5, max_bytes=999)
            except HttpSilent:
                await asyncio.sleep(0.05)
            else:
                assert (reply.status, msgspec.json.decode(reply.body)["status"]) == (200, "UP")
                return
    raise AssertionError("the station did not come up")


async def test_the_hub_gets_rows_from_an_institution_that_has_only_a_file(house: House):
    with a_process(house) as (url, _):
        await until_healthy(url)
        async with a_hub(house, {COW: ("FARM", url)}) as hub:
            granted = a_recorded_grant(flow=COW, fields=("name", "weight"))
            reply = await hub.fetch(granted, timeout_s=5.0)

    assert [dict(row) for row in reply.rows] == [{"name": "Bella", "weight": "612.50"}]
    async with connected(house.owner_dsn) as connection:
        rows = await connection.fetch("select entry, rows from station.look")
    assert [tuple(row) for row in rows] == [(granted.entry.id, 1)]


async def test_a_station_killed_at_once_still_refuses_what_it_answered_before(house: House):
    look = LookBody(
        entry=uuid4(),
        ssin=ANN.digits,
        period=PeriodBody(begin_date=date(2025, 1, 1)),
        fields=("name",),
        clause="01/001.a",
    )
    question = StationRequest(flow=COW, deadline_ms=5000, looks=(look,))
    body, path, created = canonical(question), ANSWER_PATH + COW, int(time.time())
    status: list[int] = []
    url = "http://farm.test"
    headers = sign_request(
        house.hub_key,
        method="POST",
        target_uri=url + path,
        body=body,
        created=created,
        expires=created + 60,
        nonce=os.urandom(16),
        tag=ANSWER_TAG,
    )
    headers["content-type"] = "application/json"

    for _ in range(2):
        with a_process(house, "--url", url) as (door, pid):
            await until_healthy(door)
            async with await Http.open() as http:
                reply = await http.post(
                    door + path, body=body, headers=headers, timeout_s=5, max_bytes=9999
                )
            status.append(reply.status)
            os.kill(pid, signal.SIGKILL)

    assert status == [200, 401]


@asynccontextmanager
async def a_silent_server() -> AsyncGenerator[str]:
    """A server that takes every connection and never says a word."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_silent_source_does_not_slow_the_others_and_gets_a_rest(house: House):
    patience = Patience(at_once=8, waiting=8, silences=1, rest_s=60)
    with a_process(house) as (url, _):
        await until_healthy(url)
        routes = {COW: ("FARM", url), ODD: ("SILENT", "")}
        async with a_silent_server() as silent:
            routes[ODD] = ("SILENT", silent)
            async with a_hub(house, routes, patience) as hub:
                crowd = [asyncio.create_task(cause_of(hub, ODD)) for _ in range(24)]
                await asyncio.sleep(0.05)
                began = time.monotonic()
                for _ in range(20):
                    await hub.fetch(a_recorded_grant(flow=COW, fields=("name",)), timeout_s=5.0)
                twenty_s = time.monotonic() - began
                causes = await asyncio.gather(*crowd)
                afterwards = await cause_of(hub, ODD)

    assert twenty_s < 1.0
    assert set(causes) == {Cause.NO_ANSWER, Cause.CROWDED}
    assert causes.count(Cause.NO_ANSWER) >= 8
    assert causes.count(Cause.CROWDED) >= 8
    assert afterwards is Cause.RESTING


async def cause_of(hub: Stations, flow: FlowId) -> Cause:
    with pytest.raises(SilentSource) as silent:
        await hub.fetch(a_recorded_grant(flow=flow, fields=("name",)), timeout_s=1.5)
    return silent.value.cause


def run(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    command: Sequence[str] = [sys.executable, "-c", RUN, *words]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=60
    )


def test_check_says_what_each_flow_gives(house: House):
    told = run(house, "check", str(house.file))

    assert told.returncode == 0, told.stderr
    assert "cow.consult: ssin, name, weight, born, died, sold, legs" in told.stdout


def test_a_wrong_file_stops_the_station_with_file_and_path(house: House):
    house.file.write_text(house.file.read_text().replace("max_rows = 2", "max_rows = 0"))

    told = run(house, "serve", str(house.file))

    assert told.returncode == 2
    assert f"{house.file}: $.flows[...].max_rows" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_that_is_away_is_told_as_such(house: House):
    (house.folder / "log.dsn").write_text("postgresql://farmer@127.0.0.1:1/farm")

    told = run(house, "serve", str(house.file))

    assert told.returncode == 75
    assert "Traceback" not in told.stderr
