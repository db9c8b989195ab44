"""The desk of one process: what its own cases want done, without a look at the store."""

import asyncio
from typing import Final

from kruispunt.circuits.filed import Wanted

MOST_WANTED: Final = 1024


class Desk:
    """What lies here is in the store too, leased to this process: nothing is lost with it.

    What finds no room is left to the sweep, which takes what is due. A desk without room is for a
    process that does nothing itself.
    """

    def __init__(self, *, room: int = MOST_WANTED) -> None:
        self._room = room
        self._promised = 0
        self._lying: asyncio.Queue[Wanted] = asyncio.Queue()

    @property
    def lying(self) -> int:
        """How much nobody has taken up yet."""
        return self._lying.qsize()

    @property
    def room(self) -> int:
        """How much more may be laid here."""
        return self._room - self._promised - self.lying

    def promise(self, count: int) -> bool:
        """Keep room for so many; False: there is none."""
        if count == 0 or count > self.room:
            return False
        self._promised += count
        return True

    def take_back(self, count: int) -> None:
        """What was promised does not come."""
        self._promised -= count

    def put(self, *wanted: Wanted, promised: bool = True) -> None:
        """Lay these here."""
        if promised:
            self._promised -= len(wanted)
        for one in wanted:
            self._lying.put_nowait(one)

    async def take(self) -> Wanted:
        """The next, as soon as there is one."""
        return await self._lying.get()
