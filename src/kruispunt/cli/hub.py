"""`kruispunt hub serve`: one process of a hub or node."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import App, Parameter

from kruispunt.cli.chair import Chair, take_chair
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.network import read_network
from kruispunt.cli.place import Place
from kruispunt.cli.seat import open_seat
from kruispunt.cli.settings import read_settings
from kruispunt.cli.watch import watch_address, watching
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
    private_fd: Annotated[
        int | None, Parameter(help="A listening unix socket for the proxy in front.")
    ] = None,
    private: Annotated[
        Path | None, Parameter(help="The unix socket to make for the proxy in front.")
    ] = None,
    host: str = "127.0.0.1",
    port: int = 0,
    watch_fd: Annotated[
        int | None, Parameter(help="A listening socket for metrics that we inherited.")
    ] = None,
    watch_port: Annotated[
        int | None, Parameter(help="Port for metrics, on the private address of the settings.")
    ] = None,
    worker: Annotated[str, Parameter(help="Name of this process in metrics.")] = "",
) -> None:
    """Answer questions until SIGTERM or SIGINT, then finish what is under way.

    Exit codes: 1, the law, the network or a key is wrong; the log says which.
    """
    settings = read_settings(state)
    tell = configure_log(now=now, level=settings.processes.log_level)
    chair = take_chair(
        InstitutionCode(at),
        place=Place(state=state.absolute()),
        network=read_network(read_lawbook(), network),
        settings=settings,
        now=now,
        random_bytes=random_bytes,
        worker=worker,
        tell=tell,
    )
    address = Address(host=host, port=port, fd=fd)
    given = private_fd is not None or private is not None
    watch = watch_address(settings.watch.host, fd=watch_fd, port=watch_port)
    front = Address(fd=private_fd, path=private) if given else None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(chair, address, private=front, watch=watch))


async def _serve(
    chair: Chair, address: Address, *, private: Address | None, watch: Address | None
) -> None:
    async with (
        open_seat(chair) as app,
        watching(app, chair.meters, watch, random_bytes=random_bytes),
    ):
        server = Server(app, address, private=private)
        structlog.get_logger(__name__).info("seat.ready", seat=chair.code, url=chair.url)
        leave_the_start_alone()
        await server.run()
