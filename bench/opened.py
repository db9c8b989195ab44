"""A house opened for loads: its state folder, its people, and what may be asked about them."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.asks import Builder, Chance
from bench.fronted import front_url
from bench.house import Running, running, write_settings
from bench.legs import FLOW, PURPOSE, Crossing
from bench.whom import asked_about
from kruispunt.cli.clock import now, random_bytes
from kruispunt.law import Clause, read_lawbook
from kruispunt.vocabulary import InstitutionCode

PREFIX = "kruispunt-bench-"


@asynccontextmanager
async def state_folder(state: Path | None) -> AsyncGenerator[Path]:
    """The state folder that was given, or a new one that is removed afterwards."""
    if state is not None:
        yield state
        return
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def opened(
    folder: Path,
    people: int,
    *,
    tell: Callable[[str], None],
    command: Sequence[str] | None = None,
    workers: int = 1,
    fronted: bool = False,
) -> AsyncGenerator[Crossing]:
    """The house on this folder, ready to be asked; `command` starts it, else `kruispunt up`.

    Where the folder is new: so many processes of the hub, and `fronted`: room for a proxy.
    """
    front = {read_lawbook().hub: front_url()} if fronted else {}
    write_settings(folder, workers=workers, front=front)
    async with running(folder, tell=tell, command=command) as place:
        whom = await asked_about(place.house, _insurers(place), people=people, tell=tell)
        chance = Chance(now=now, random_bytes=random_bytes)
        builder = Builder(purpose=PURPOSE, today=whom.today, chance=chance)
        with tempfile.TemporaryDirectory(prefix=PREFIX) as loads:
            yield Crossing(
                running=place,
                people=whom.persons,
                clause=_clause(place),
                builder=builder,
                chance=chance,
                folder=Path(loads),
            )


def _insurers(place: Running) -> Sequence[InstitutionCode]:
    """The members of the node to whom a clause gives this flow."""
    network = place.house.network
    law = network.lawbook.jurisdiction(place.node)
    members = network.members(network.nodes[0])
    return [one for one in members if law.clauses(consumer=one, flow=FLOW, purpose=PURPOSE)]


def _clause(place: Running) -> Clause:
    law = place.house.network.lawbook.jurisdiction(place.hub)
    return law.clauses(consumer=place.node, flow=FLOW, purpose=PURPOSE)[-1]
