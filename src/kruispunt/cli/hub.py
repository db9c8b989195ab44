"""`kruispunt hub serve`: one process of a hub or node."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import App, Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.network import read_network
from kruispunt.cli.place import Place
from kruispunt.cli.seat import Chair, open_seat, take_chair
from kruispunt.cli.settings import read_settings
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Address, Server, configure_log

hub_app = App(name="hub", help="Run one process of a hub or node.")


@hub_app.command
def serve(
    *,
    at: Annotated[str, Parameter(help="The institution whose seat this is: the hub or a node.")],
    state: Path,
    network: Annotated[
        Path | None, Parameter(help="The network file; else the country's.")
    ] = None,
    fd: Annotated[int | None, Parameter(help="A listening socket that we inherited.")] = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> None:
    """Answer questions until SIGTERM or SIGINT, then finish what is under way.

    Exit codes: 1, the law, the network or a key is wrong; the log says which.
    """
    settings = read_settings(state)
    configure_log(now=now, level=settings.processes.log_level)
    chair = take_chair(
        InstitutionCode(at),
        place=Place(state=state.absolute()),
        network=read_network(read_lawbook(), network),
        settings=settings,
        now=now,
        random_bytes=random_bytes,
    )
    address = Address(host=host, port=port, fd=fd)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(chair, address))


async def _serve(chair: Chair, address: Address) -> None:
    async with open_seat(chair) as app:
        server = Server(app, address)
        structlog.get_logger(__name__).info("seat.ready", seat=chair.code, url=chair.url)
        await server.run()
