"""`kruispunt up`: start every process of a network and keep it running."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter, validators

from kruispunt.cli.clock import now
from kruispunt.cli.compose import open_house
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_state import StateTaken
from kruispunt.cli.up import up
from kruispunt.postgres import WrongCluster

FAILED: Final = 1
WRONG: Final = 2
TAKEN: Final = 3

up_app = App(name="up", help="Start every process of a network and keep it running.")


@up_app.default
def start(
    *,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
    network: Annotated[Path | None, Parameter(help="Network file; else the country's.")] = None,
    workers: Annotated[
        int | None,
        Parameter(help="Processes of the hub.", validator=validators.Number(gte=1, lte=64)),
    ] = None,
    once_ready: Annotated[
        bool, Parameter(negative="", help="Stop as soon as everything is up.")
    ] = False,
) -> int:
    """Start database, stations, hub and nodes; bring back what ends; stop at SIGTERM or Ctrl-C.

    Exit codes: 0 stopped; 1 something did not start, and its log says why; 2 law, network or
    settings are wrong; 3 another supervisor owns the state folder.
    """
    try:
        house = open_house(state, network_file=network)
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return WRONG
    if workers is not None:
        processes = msgspec.structs.replace(house.settings.processes, workers=workers)
        house = house.with_settings(msgspec.structs.replace(house.settings, processes=processes))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(up(house.place.state, house.stages(), now=now, once_ready=once_ready))
    except StateTaken as taken:
        print(taken, file=sys.stderr)
        return TAKEN
    except (StartFailed, WrongCluster) as failed:
        print(failed, file=sys.stderr)
        return FAILED
    return 0
