"""nginx with TLS and client certificates before the hub, filled in from `deploy/nginx`."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.house import Running
from bench.legs import Front
from bench.load import Tls
from bench.peers import Peer, child_of, free_port, listening, nginx_program
from kruispunt.cli.supervisor import program

TEMPLATE = Path(__file__).resolve().parents[1] / "deploy/nginx/kruispunt.conf"
HOST = "localhost"

AROUND = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/kruispunt.conf;
}}
"""


def front_url() -> str:
    """A public address that is free now, for the settings of a house that is about to start."""
    return f"https://{HOST}:{free_port()}"


@asynccontextmanager
async def fronted(place: Running, folder: Path) -> AsyncGenerator[Front | None]:
    """nginx at the public address of the hub; None: nginx or openssl is not installed here, or
    the house has no room for a proxy.
    """
    found, url = nginx_program(), place.house.settings.front.urls.get(place.hub)
    if found is None or url is None or shutil.which("openssl") is None:
        yield None
        return
    tls = await _certificates(place)
    config = _write_config(place, folder, port=urlsplit(url).port or 443)
    command = (found, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log"))
    async with child_of(command) as child:
        await listening(urlsplit(url).port or 443)
        yield Front(url=url.rstrip("/"), tls=tls, peer=Peer(port=0, pid=child.pid))


async def _certificates(place: Running) -> Tls:
    """An authority of our own, and a client certificate for the node."""
    state = place.house.place.state
    words = program("key", "certificate", "make", "--host", HOST, "--state", str(state))
    made = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
    if await made.wait() != 0:
        raise RuntimeError("expected certificates for the proxy to be made")
    home = place.house.place.home(place.node).folder
    return Tls(
        authority=str(state / "authority/authority.pem"),
        certificate=str(home / "client.pem"),
        key=str(home / "client.key"),
        host=HOST,
    )


def _write_config(place: Running, folder: Path, *, port: int) -> Path:
    """The template filled in as its page says, and what nginx needs around it."""
    folder.mkdir(parents=True, exist_ok=True)
    own, hub = place.house.place, place.hub
    doors = Path(place.house.settings.front.folder or own.state / "doors")
    filled = {
        "SEAT": "hub",
        "SOCKET": doors / f"{hub.lower()}.sock",
        "LISTEN": f"127.0.0.1:{port}",
        "NAME": HOST,
        "SERVER": own.home(hub).folder / "server",
        "AUTHORITY": own.state / "authority/authority.pem",
        "LOG": folder / "access.log",
    }
    text = TEMPLATE.read_text("utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", str(value))
    (folder / "kruispunt.conf").write_text(text, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, user=user), "utf-8")
    return config
