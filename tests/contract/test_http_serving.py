"""The real server on real sockets: limits on what comes in, and a graceful end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract.http_talk import an_app, dice, raw, served

from kruispunt.web import (
    Address,
    App,
    Http,
    HttpReply,
    Request,
    Route,
    Server,
    connection,
    json_reply,
)


async def post(http: Http, server: Server, path: str, body: bytes = b"{}") -> HttpReply:
    return await http.post(
        f"http://127.0.0.1:{server.port}{path}",
        body=body,
        headers={"content-type": "application/json"},
        timeout_s=3,
        max_bytes=10_000,
    )


async def test_a_request_is_answered_without_naming_the_server():
    async with served() as server, await Http.open() as http:
        reply = await post(http, server, "/echo", b'{"a":1}')

    assert (reply.status, reply.body) == (200, b'{"a":1}')
    assert "server" not in reply.headers


async def test_a_body_beyond_the_limit_leaves_the_connection_usable():
    async with served() as server, await Http.open(per_host=1) as http:
        large = await post(http, server, "/echo", b"x" * 1001)
        small = await post(http, server, "/echo", b"{}")

    assert (large.status, small.status) == (413, 200)


async def test_a_head_beyond_the_limit_is_refused_while_it_is_read():
    endless = b"POST /echo HTTP/1.1\r\nhost: x\r\n" + b"x-long: " + b"y" * 200 + b"\r\n"

    async with served() as server:
        reply = await raw(server.port, endless + (b"x: " + b"y" * 100 + b"\r\n") * 200)
        long_target = await raw(server.port, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n")
        whole = await raw(server.port, endless.replace(b"y" * 200, b"y" * 17_000) + b"\r\n{}")

    for got in (reply, long_target, whole):
        assert got.startswith(b"HTTP/1.1 431 ")
        assert got.count(b"HTTP/1.1") == 1


async def test_a_head_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "HEAD_S", 0.1)

    async with served() as server:
        slow = await raw(server.port, b"POST /echo HTTP/1.1\r\nhost: x\r\n")
        mute = await raw(server.port, b"")

    assert slow == mute == b""


async def test_who_hangs_up_while_sending_leaves_the_server_well():
    async with served() as server, await Http.open() as http:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: 100\r\n\r\n{")
        await asyncio.sleep(0.05)
        writer.transport.abort()
        reply = await post(http, server, "/echo")

    assert reply.status == 200


async def test_what_is_under_way_is_answered_before_the_end():
    async with await Http.open() as http:
        async with served() as server:
            asking = asyncio.create_task(post(http, server, "/ponder"))
            await asyncio.sleep(0.1)
        reply = await asking

    assert reply.status == 200


async def test_a_unix_socket_is_for_owner_and_group_and_replaces_a_dead_one(tmp_path: Path):
    path = tmp_path / "door.sock"
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()

    async with served(Address(path=path)) as server:
        mode = path.stat().st_mode & 0o777
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"GET /echo HTTP/1.0\r\n\r\n")
        got = await reader.read()
        writer.close()

    assert server.port == 0
    assert mode == 0o660
    assert got.startswith(b"HTTP/1.1 405 ")


async def test_a_socket_that_was_inherited_is_served():
    door = socket.create_server(("127.0.0.1", 0))

    async with served(Address(fd=door.detach())) as server, await Http.open() as http:
        reply = await post(http, server, "/echo")

    assert reply.status == 200


PROGRAM = """
import asyncio, os, uvloop
from kruispunt.web import Address, App, Server

async def main():
    server = Server(App([], random_bytes=os.urandom), Address())
    running = asyncio.create_task(server.run())
    await asyncio.sleep(0.05)
    print("ready", flush=True)
    await running
    print("ended", flush=True)

with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_gracefully(number: signal.Signals):
    command, paths = [sys.executable, "-c", PROGRAM], {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | paths) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"

        process.send_signal(number)

        assert process.stdout.readline() == b"ended\n"
        assert process.wait(5) == 0


async def test_only_what_comes_over_a_unix_socket_is_private(tmp_path: Path):
    heard: list[bool] = []

    async def listen(request: Request) -> HttpReply:
        heard.append(request.private)
        return json_reply(b"{}")

    app = App([Route(method="GET", template="/heard", handler=listen)], random_bytes=dice)
    server = Server(app, Address(), private=Address(path=tmp_path / "door"))
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    for reach in (
        asyncio.open_connection("127.0.0.1", server.port),
        asyncio.open_unix_connection(tmp_path / "door"),
    ):
        reader, writer = await reach
        # Whatever the caller writes down: how it came is not his to say.
        writer.write(b"GET /heard HTTP/1.1\r\nhost: x\r\nkruispunt.private: 1\r\n\r\n")
        await asyncio.wait_for(reader.readline(), 3)
        writer.close()
    server.stop()
    await running

    assert heard == [False, True]


def test_a_private_door_that_anyone_on_the_machine_can_reach_is_refused():
    with pytest.raises(ValueError, match="expected a unix socket"):
        Server(an_app(), Address(), private=Address())
