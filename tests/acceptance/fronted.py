"""A network of which one node is asked through a real nginx, with certificates of its own."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.acceptance.standing import (
    House,
    a_standing_house,
    holds_a_number,
    kruispunt,
)

from kruispunt.cli.network import read_network
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    Http,
    HttpReply,
    write_client_cert,
)

NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL: Final = shutil.which("openssl")
TEMPLATE: Final = Path(__file__).resolve().parents[2] / "deploy/nginx/kruispunt.conf"
BODY_S: Final = 1

AROUND: Final = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/kruispunt.conf;
}}
"""


@dataclass(frozen=True, kw_only=True)
class Fronted(House):
    """The network, where the node is asked through nginx."""

    front: str
    log: Path

    def url(self, code: InstitutionCode) -> str:
        return self.front if code == self.node else super().url(code)

    def inner(self) -> House:
        """The same network, asked at its own doors."""
        return House(
            place=self.place, network=self.network, stories=self.stories, persons=self.persons
        )

    def tls(self, code: InstitutionCode | None) -> ssl.SSLContext:
        """TLS with the certificate of an institution, or with none."""
        authority = self.place.state / "authority/authority.pem"
        context = ssl.create_default_context(cafile=str(authority))
        if code is not None:
            folder = self.place.home(code).folder
            context.load_cert_chain(folder / "client.pem", folder / "client.key")
        return context

    def header(self, code: InstitutionCode) -> str:
        """The header that nginx would write for the certificate of an institution."""
        return write_client_cert(self.der(code))

    def der(self, code: InstitutionCode) -> bytes:
        pem = (self.place.home(code).folder / "client.pem").read_text("ascii")
        return ssl.PEM_cert_to_DER_cert(pem)

    @asynccontextmanager
    async def http(self, code: InstitutionCode | None) -> AsyncGenerator[Http]:
        async with await Http.open(tls=self.tls(code)) as http:
            yield http

    async def come(
        self,
        certificate: InstitutionCode | None,
        *,
        by: InstitutionCode | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> HttpReply:
        """A question signed by one institution, brought with the certificate of another."""
        async with self.http(certificate) as http:
            return await self.ask_raw(self.request(by=by, headers=headers), http=http)


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


@pytest.fixture(scope="module")
def house() -> Generator[Fronted]:
    port = a_free_port()
    front = f"https://localhost:{port}"
    node = read_network(read_lawbook()).nodes[0].institution
    with a_standing_house(workers=1, settings=f'[front.urls]\n{node} = "{front}"\n') as standing:
        state = ("--state", str(standing.place.state))
        made = kruispunt("key", "certificate", "make", *state)
        assert made.returncode == 0, made.stderr
        folder = Path(tempfile.mkdtemp(prefix="kruispunt-nginx-"))
        configure(standing, folder, port)
        house = Fronted(
            place=standing.place,
            network=standing.network,
            stories=standing.stories,
            persons=standing.persons,
            front=front,
            log=folder / "access.log",
        )
        with running(folder, port):
            yield house
        told = (folder / "access.log").read_text() + (folder / "stderr").read_text()
        assert not holds_a_number(told)
        assert "messageId" not in told
        assert standing.numbers_in_logs() == []
        shutil.rmtree(folder)


def configure(house: House, folder: Path, port: int) -> None:
    """Fill in the template as its page says, with less patience for a body."""
    node, state = house.place.home(house.node).folder, house.place.state
    filled = {
        "SEAT": "node",
        "SOCKET": state / "doors" / f"{house.node.lower()}.sock",
        "LISTEN": f"127.0.0.1:{port}",
        "NAME": "localhost",
        "SERVER": node / "server",
        "AUTHORITY": state / "authority/authority.pem",
        "LOG": folder / "access.log",
    }
    text = TEMPLATE.read_text("utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", str(value))
    text = text.replace("client_body_timeout 10s", f"client_body_timeout {BODY_S}s")
    (folder / "kruispunt.conf").write_text(text, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), "utf-8")


class running:  # noqa: N801 - reads as a word
    """nginx as a process of ours, for a while."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port

    def __enter__(self) -> None:
        assert NGINX is not None
        words = [NGINX, "-c", str(self._folder / "nginx.conf"), "-p", str(self._folder)]
        with (self._folder / "stderr").open("wb") as told:
            self._nginx = subprocess.Popen([*words, "-e", "stderr"], stdout=told, stderr=told)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                told_so_far = (self._folder / "stderr").read_text()
                assert self._nginx.poll() is None, told_so_far
                assert time.monotonic() < deadline, told_so_far
                time.sleep(0.05)
            else:
                return

    def __exit__(self, *_: object) -> None:
        self._nginx.send_signal(signal.SIGQUIT)
        self._nginx.wait(timeout=20)
