"""The house during a campaign: its processes by name, its health, and whether it is well again."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

import msgspec

from kruispunt.cli.compose import House
from kruispunt.cli.supervisor_state import RunNote, StateFolder, birth
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, HttpSilent, HttpWrong
from storm.ask import Asker, Wishes
from storm.disk import SmallDisk
from storm.kept import ANSWERED, Kept
from storm.load import Load
from storm.offset import write_offset
from storm.places import Places
from storm.proxy import Mode

DATABASE: Final = "database"
LOOK_S: Final = 0.1
SETTLE_S: Final = 0.15
"""The proxy looks at its file more often than this."""

WELL_S: Final = 60.0
"""Whoever is not well by then does not come back by himself."""


class NotWell(RuntimeError):
    """The house did not come back."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """Everything that a fault needs to be done, and undone."""

    house: House
    places: Places
    asker: Asker
    wishes: Wishes
    load: Load
    disk: SmallDisk
    """Under the database."""

    floor: SmallDisk
    """Under all else: notes, keys, logs."""

    http: Http
    chance: Random
    short: bool = False

    @property
    def hub(self) -> InstitutionCode:
        return self.house.network.hub

    @property
    def node(self) -> InstitutionCode:
        return self.house.network.nodes[0].institution

    @property
    def station(self) -> InstitutionCode:
        return self.house.network.stations[0].institution

    def seconds(self, least: float, most: float) -> float:
        """How long a fault lasts: by chance; the least in a short campaign."""
        return least if self.short else self.chance.uniform(least, most)

    def notes(self, name: str = "") -> list[RunNote]:
        """Processes whose name begins so."""
        try:
            found = StateFolder.at(self.places.state).notes()
        except FileNotFoundError:  # one was taken away while we looked
            return []
        return [note for note in found if note.name.startswith(name)]

    def of(self, code: InstitutionCode) -> list[RunNote]:
        """The processes of an institution that answer questions."""
        notes = self.notes(f"{code.lower()}-")
        return [note for note in notes if not note.name.endswith("-proxy")]

    def signal(self, note: RunNote, number: signal.Signals) -> None:
        """Tell one process, by its id, and only while it is still the one that we know."""
        if birth(note.pid) == note.born:
            os.kill(note.pid, number)

    def server(self) -> list[int]:
        """The database's main process, then its backends."""
        main = [note.pid for note in self.notes(DATABASE)]
        return main + [child for pid in main for child in _children(pid)]

    def strays(self) -> list[int]:
        """Processes that the supervisor started and does not know any more."""
        lock = StateFolder.at(self.places.state).run / "supervisor.lock"
        known = {note.pid for note in self.notes()}
        return [pid for pid in _children(int(lock.read_text("ascii"))) if pid not in known]

    async def set_mode(self, mode: Mode) -> None:
        """Tell the proxy what to do from now on."""
        draft = self.places.mode.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(mode))
        draft.replace(self.places.mode)
        await asyncio.sleep(SETTLE_S)

    def set_clocks(self, names: list[str], seconds: int) -> None:
        """Put the clocks of processes forward or back."""
        for name in names:
            write_offset(self.places.offset(name), seconds)

    async def well(self, *, within_s: float = WELL_S, gone: frozenset[int] = frozenset()) -> float:
        """Seconds until everything runs, none of it as who is gone, and answers come again.

        Raises:
            NotWell: they did not.
        """
        began, deadline = monotonic(), monotonic() + within_s
        while monotonic() < deadline:
            notes = self.notes()
            ready = len(notes) >= self.expected and all(note.ready for note in notes)
            if ready and not gone & {note.pid for note in notes} and await self._answers():
                return monotonic() - began
            await asyncio.sleep(LOOK_S)
        raise NotWell(f"not well again within {within_s:.0f} s")

    expected: int = 0
    """So many processes run when all is well."""

    async def health(self, code: InstitutionCode) -> str:
        """What a door says of itself; empty where it says nothing."""
        url = self.house.place.addresses()[code] + "/health"
        try:
            reply = await self.http.get(url, headers={}, timeout_s=3, max_bytes=65536)
            return str(msgspec.json.decode(reply.body, type=dict[str, object])["status"])
        except (HttpSilent, HttpWrong, msgspec.DecodeError, KeyError):
            return ""

    async def _answers(self) -> bool:
        """True where every door is up, and a question to each is answered by the source."""
        for code in (self.station, self.hub, self.node):
            if await self.health(code) not in ("UP", "DEGRADED"):
                return False
        return all([(await self.probe(seat)).status == ANSWERED for seat in (self.hub, self.node)])

    async def probe(self, seat: InstitutionCode) -> Kept:
        """One question to a seat about someone of whom there are data."""
        while True:
            wish = self.wishes.one("data")
            if wish.seat == seat:
                return await self.asker.send(self.asker.new(wish, kind="probe"))


def _children(pid: int) -> list[int]:
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [int(word) for word in words]
