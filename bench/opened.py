"""A house opened for loads: its state folder, its people, and what may be asked about them."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.asks import Builder, Chance, people_with_work
from bench.house import SEED, Running, running
from bench.legs import FLOW, PURPOSE, Crossing
from kruispunt.cli.clock import now, random_bytes
from kruispunt.law import Clause
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
) -> AsyncGenerator[Crossing]:
    """The house on this folder, ready to be asked; `command` starts it, else `kruispunt up`."""
    async with running(folder, people=people, tell=tell, command=command) as place:
        chance = Chance(now=now, random_bytes=random_bytes)
        builder = Builder(purpose=PURPOSE, today=place.people.today, chance=chance)
        with tempfile.TemporaryDirectory(prefix=PREFIX) as loads:
            yield Crossing(
                running=place,
                people=people_with_work(place.people, _insurers(place), seed=SEED),
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
