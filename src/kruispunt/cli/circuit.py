"""`kruispunt circuit`: the processes of an institution that runs cases."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import App, Parameter

from kruispunt.cli.chair import Chair, take_chair
from kruispunt.cli.circuit_seat import open_circuit, open_printer
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.lasting import until_told
from kruispunt.cli.network import read_network
from kruispunt.cli.place import Place
from kruispunt.cli.settings import read_settings
from kruispunt.cli.watch import watch_address, watching
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Address, Server, configure_log

NICER = 10
"""Letters wait for questions."""

circuit_app = App(name="circuit", help="Run the cases of an institution.")

At = Annotated[str, Parameter(help="The institution whose cases these are.")]
NetworkFile = Annotated[Path | None, Parameter(help="The network file; else the country's.")]


@circuit_app.command
def serve(
    *,
    at: At,
    state: Path,
    network: NetworkFile = None,
    fd: Annotated[int | None, Parameter(help="A listening socket that we inherited.")] = None,
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
    """Run cases, and serve their door, until SIGTERM or SIGINT.

    Whatever is under way when this ends goes on when it starts again.

    Exit codes: 1, the law, the network or a key is wrong; the log says which.
    """
    chair = _chair(at, state, network, worker=worker)
    address = Address(host=host, port=port, fd=fd)
    watch = watch_address(chair.settings.watch.host, fd=watch_fd, port=watch_port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(chair, address, watch=watch))


@circuit_app.command(name="print")
def print_letters(*, at: At, state: Path, network: NetworkFile = None) -> None:
    """Print the letters that cases want sent, until SIGTERM or SIGINT.

    They stand as PDF in the institution's own folder, where only it may read them.

    Exit codes: 1, the law, the network or a key is wrong; the log says which.
    """
    chair = _chair(at, state, network, worker=f"{at.lower()}-letters")
    os.nice(NICER)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_print(chair))


def _chair(at: str, state: Path, network: Path | None, *, worker: str) -> Chair:
    settings = read_settings(state)
    tell = configure_log(now=now, level=settings.processes.log_level)
    return take_chair(
        InstitutionCode(at),
        place=Place(state=state.absolute()),
        network=read_network(read_lawbook(), network),
        settings=settings,
        now=now,
        random_bytes=random_bytes,
        worker=worker,
        tell=tell,
    )


async def _serve(chair: Chair, address: Address, *, watch: Address | None) -> None:
    async with (
        open_circuit(chair) as app,
        watching(app, chair.meters, watch, random_bytes=random_bytes),
    ):
        server = Server(app, address)
        structlog.get_logger(__name__).info("circuit.ready", seat=chair.code, url=chair.url)
        leave_the_start_alone()
        await server.run()


async def _print(chair: Chair) -> None:
    async with open_printer(chair):
        structlog.get_logger(__name__).info("letters.ready", seat=chair.code)
        leave_the_start_alone()
        await until_told(asyncio.Event().wait())
