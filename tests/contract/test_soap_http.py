"""SOAP over real sockets: a password on loopback, each proof alone through a real nginx."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.acceptance.fronted import AROUND, NGINX, TEMPLATE, a_free_port, running
from tests.unit.gateway.soap.soap_house import (
    ENTERPRISE,
    FUND,
    PASSWORD,
    Held,
    House,
    a_certificate,
    an_envelope,
    forwarded,
)
from tests.unit.gateway.soap.test_signed import signed

from kruispunt.vocabulary import ProofKind
from kruispunt.web import Address, App, Http, HttpReply, Server

BASIC = {
    "content-type": "text/xml; charset=utf-8",
    "soapaction": '""',
    "authorization": "Basic " + b64encode(f"E{ENTERPRISE}:{PASSWORD}".encode()).decode("ascii"),
}
BARE = {name: BASIC[name] for name in ("content-type", "soapaction")}


@dataclass(frozen=True, kw_only=True)
class Serving:
    house: House
    url: str
    socket: Path


@asynccontextmanager
async def serving(folder: Path) -> AsyncGenerator[Serving]:
    """The door of a house, on loopback and on a private socket."""
    house = House(folder=folder / "house")
    app = App(house.door.routes, random_bytes=lambda size: b"1" * size)
    socket = folder / "seat.sock"
    server = Server(app, Address(), private=Address(path=socket))
    task = asyncio.create_task(server.run(signals=False))
    try:
        yield Serving(house=house, url=f"http://127.0.0.1:{server.port}", socket=socket)
    finally:
        server.stop()
        await task


async def post(http: Http, url: str, headers: dict[str, str], body: bytes = b"") -> HttpReply:
    return await http.post(
        url + "/soap/parrot",
        body=body or an_envelope(),
        headers=headers,
        timeout_s=20,
        max_bytes=2**20,
    )


async def test_a_password_is_believed_on_loopback(tmp_path: Path) -> None:
    async with serving(tmp_path) as door, await Http.open() as http:
        right = await post(http, door.url, BASIC)
        none = await post(http, door.url, BARE)
        forged = a_certificate(tmp_path, "fund")
        door.house.believe(forged, FUND)
        written_down = await post(http, door.url, {**BARE, **forwarded(forged)})
        described = await http.get(
            door.url + "/soap/parrot?wsdl", headers={}, timeout_s=5, max_bytes=2**20
        )
        json = await post(http, door.url, {**BASIC, "content-type": "application/json"})
        large = await post(http, door.url, BASIC, b"<a>" + b"x" * (2 * 2**20) + b"</a>")

    assert (right.status, none.status, written_down.status) == (200, 401, 401)
    assert none.body == written_down.body
    assert (described.status, json.status, large.status) == (200, 415, 413)
    assert [one.proof.kind for one in door.house.parrot.callers] == [ProofKind.BASIC]


def configure(folder: Path, socket: Path, port: int, *, server: Held, trusted: Path) -> None:
    filled = {
        "SEAT": "hub",
        "SOCKET": socket,
        "LISTEN": f"127.0.0.1:{port}",
        "NAME": "localhost",
        "SERVER": server.pem.with_suffix(""),
        "AUTHORITY": trusted,
        "LOG": folder / "access.log",
    }
    text = TEMPLATE.read_text("utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", str(value))
    (folder / "kruispunt.conf").write_text(text, "utf-8")
    around = AROUND.format(folder=folder, user="user root;")
    (folder / "nginx.conf").write_text(around, "utf-8")


def tls(server: Held, own: Held | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(server.pem))
    context.check_hostname = False
    if own is not None:
        context.load_cert_chain(own.pem, own.key)
    return context


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
async def test_through_nginx_one_proof_is_enough_and_a_stranger_hears_nginx(
    tmp_path: Path,
) -> None:
    names = ("server", "fund", "other", "stranger")
    server, fund, other, stranger = (a_certificate(tmp_path, name) for name in names)
    trusted, port = tmp_path / "trusted.pem", a_free_port()
    trusted.write_bytes(fund.pem.read_bytes() + other.pem.read_bytes())
    heard: dict[str, HttpReply] = {}
    async with serving(tmp_path) as door:
        door.house.believe(fund, FUND)
        configure(tmp_path, door.socket, port, server=server, trusted=trusted)
        with await asyncio.to_thread(entered, running(tmp_path, port)):
            url = f"https://localhost:{port}"
            calls: dict[str, tuple[Held | None, dict[str, str], bytes]] = {
                "own": (fund, BARE, b""),
                "both": (fund, BASIC, b""),
                "password": (None, BASIC, b""),
                "signature": (None, BARE, signed(fund, door.house.clock())),
                "unknown": (other, BARE, b""),
                "forged": (other, {**BARE, **forwarded(fund)}, b""),
                "none": (None, {**BARE, **forwarded(fund)}, b""),
                "stranger": (stranger, BASIC, b""),
            }
            for name, (held, headers, body) in calls.items():
                async with await Http.open(tls=tls(server, held)) as http:
                    heard[name] = await post(http, url, headers, body)
            async with await Http.open(tls=tls(server, None)) as http:
                strange = [await got(http, url + path) for path in ("/v1/x", "/openapi.json", "/")]
                described = await got(http, url + "/soap/parrot?wsdl")
            crooked = [
                await line(port, tls(server, None), path)
                for path in (
                    "/v1/../soap/parrot?wsdl", "/soap/../v1/x", "/soap/%2e%2e/v1/x",
                    "/v1/x?/soap/", "//soap/parrot?wsdl", "/v1/x#/soap/", "/soap/parrot?wsdl",
                )
            ]  # fmt: skip

    assert {name: reply.status for name, reply in heard.items()} == {
        "own": 200, "both": 200, "password": 200, "signature": 200,
        "unknown": 401, "forged": 401, "none": 401, "stranger": 401,
    }  # fmt: skip
    assert heard["unknown"].body == heard["forged"].body == heard["none"].body
    assert b"a client certificate that counts" in heard["stranger"].body
    assert [reply.status for reply in strange] == [401] * 3
    assert {reply.body for reply in strange} == {heard["stranger"].body}
    assert described.status == 200
    assert crooked == [401] * 6 + [200]
    kinds = [one.proof.kind for one in door.house.parrot.callers]
    certificate = ProofKind.CLIENT_CERTIFICATE
    assert kinds == [certificate, certificate, ProofKind.BASIC, ProofKind.WS_SECURITY]


async def line(port: int, context: ssl.SSLContext, path: str) -> int:
    """The status of a path that no client straightens."""
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    heard = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return int(heard.split()[1])


async def got(http: Http, url: str) -> HttpReply:
    return await http.get(url, headers={}, timeout_s=5, max_bytes=2**20)


class entered:  # noqa: N801 - reads as a word
    """A proxy that was waited for in another thread, so that ours can answer it."""

    def __init__(self, proxy: running) -> None:
        proxy.__enter__()
        self._proxy = proxy

    def __enter__(self) -> None:
        """It runs already."""

    def __exit__(self, *_: object) -> None:
        self._proxy.__exit__()
