"""`kruispunt audit seal`: the process that gives the leaves of a trail their places."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import structlog
import uvloop
from cyclopts import Parameter

from kruispunt.audit import MAX_LEAVES, HistoryChanged, NotWritten, Published, Sealer, open_sealer
from kruispunt.cli.clock import now
from kruispunt.cli.lasting import until_told
from kruispunt.cli.place import Place
from kruispunt.cli.settings import read_settings
from kruispunt.client import origin_of
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode, Problem, WrongCheckpoint, WrongTile
from kruispunt.web import Signer, SigningKeyFile, WrongNote, configure_log

EVERY_S: Final = 1.0
"""A leaf waits at most so long, and the time of a round: a checkpoint is younger than 2 s."""

AGAIN_S: Final = 1.0
SHOUT_S: Final = 10.0
KINDNESS: Final = 5
"""Who answers questions comes first."""

_log: Final = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Whose trail is sealed, and with what."""

    code: InstitutionCode
    place: Place
    signer: Signer

    @property
    def published(self) -> Published:
        return self.place.published(self.code)


def seal(
    *,
    at: Annotated[str, Parameter(help="The institution whose trail it is: the hub or a node.")],
    state: Path,
) -> None:
    """Give leaves their places and publish the tree, until SIGTERM or SIGINT.

    Any number may be started for one trail: one seals, the others wait. One that finds a database
    older than what was published, or files that were changed, seals nothing and says so in its log
    every ten seconds, until they are put right.

    Exit codes: 1, the key is wrong; the log says why.
    """
    configure_log(now=now, level=read_settings(state).processes.log_level)
    place, code = Place(state=state.absolute()), InstitutionCode(at)
    signer = SigningKeyFile.open(place.home(code).key, now=now)
    os.nice(KINDNESS)
    sealing = Sealing(code=code, place=place, signer=signer)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_told(seal_on(sealing)))


async def seal_on(sealing: Sealing) -> None:
    """Seal for ever; whatever happens, begin again from what is stored and published."""
    while True:
        try:
            await _seal(sealing)
        except (HistoryChanged, WrongTile, WrongNote, WrongCheckpoint) as wrong:
            _log.critical("seal.stopped", seat=sealing.code, why=str(wrong))
            await asyncio.sleep(SHOUT_S)
        except (Problem, OSError, NotWritten) as away:
            _log.warning("seal.away", seat=sealing.code, why=str(away))
            await asyncio.sleep(AGAIN_S)


async def _seal(sealing: Sealing) -> None:
    dsn = sealing.place.home(sealing.code).dsn.read_text("utf-8").strip()
    database = await Database.open(dsn, size=1, name=f"kruispunt seal {sealing.code}")
    try:
        async with open_sealer(
            database,
            published=sealing.published,
            signer=sealing.signer,
            origin=origin_of(sealing.code),
            now=now,
        ) as sealer:
            _log.info("seal.ready", seat=sealing.code, size=sealer.edge.size)
            await _rounds(sealer)
    finally:
        await database.close()


async def _rounds(sealer: Sealer) -> None:
    while True:
        sealed = await sealer.round()
        if sealed.leaves < MAX_LEAVES:
            await asyncio.sleep(EVERY_S)
