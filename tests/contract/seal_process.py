"""A sealer in a process of its own, to be killed: address and folder are its arguments."""

import asyncio
import sys
from pathlib import Path

from tests.contract.seal_house import a_sealer

from kruispunt.postgres import Database


async def seal_on(dsn: str, folder: Path) -> None:
    database = await Database.open(dsn, size=1)
    async with a_sealer(database, folder) as sealer:
        while True:
            await sealer.round(limit=300)


asyncio.run(seal_on(sys.argv[1], Path(sys.argv[2])))
