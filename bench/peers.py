"""What the hub is measured beside: a bare Python proxy and nginx, before the same station."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
STOP_S = 5.0
START_S = 5.0

NGINX = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream station {{
        server {station};
        keepalive 64;
        keepalive_requests 1000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{
            proxy_pass http://station;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host {station};
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A process that passes calls on to the station."""

    port: int
    pid: int


@asynccontextmanager
async def bare_proxy(station_url: str) -> AsyncGenerator[Peer]:
    """Our own server and client with nothing between them."""
    command = (sys.executable, "-m", "bench.proxy", station_url)
    async with child_of(command, stdout=asyncio.subprocess.PIPE) as child:
        assert child.stdout is not None
        port = int(await child.stdout.readline())
        yield Peer(port=port, pid=child.pid)


def nginx_program() -> str | None:
    """Where nginx is installed; None: it is not."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@asynccontextmanager
async def nginx(program: str, station_url: str, folder: Path) -> AsyncGenerator[Peer]:
    """nginx with a configuration of its own, on a free port of this machine only."""
    port, config = free_port(), folder / "nginx.conf"
    write_config(config, port=port, station_url=station_url)
    command = (program, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log"))
    async with child_of(command) as child:
        await listening(port)
        yield Peer(port=port, pid=child.pid)


def write_config(config: Path, *, port: int, station_url: str) -> None:
    """One worker, kept connections to the station, no log; its files beside the configuration."""
    folder = config.parent
    folder.mkdir(parents=True, exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    station = urlsplit(station_url).netloc
    text = NGINX.format(user=user, folder=folder, port=port, station=station)
    config.write_text(text, encoding="utf-8")


@asynccontextmanager
async def child_of(
    command: Sequence[str], *, stdout: int | None = None
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process of ours for the duration; it ends with us."""
    child = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "TERM"), *command, stdout=stdout, cwd=ROOT
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


async def listening(port: int) -> None:
    """Return once somebody listens there.

    Raises:
        OSError: nobody did in time.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + START_S
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if loop.time() > until:
                raise
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
