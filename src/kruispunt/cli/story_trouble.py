"""Breaking a station for a story, and mending it: it falls silent, or lies under its true key."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kruispunt.cli.place import Place
from kruispunt.cli.story import Trouble
from kruispunt.cli.supervisor_state import RunNote, StateFolder, birth
from kruispunt.vocabulary import InstitutionCode

READY_S: Final = 60.0
LOOK_S: Final = 0.05


class NotBroken(RuntimeError):
    """The station could not be broken, or not be mended."""


@dataclass(slots=True, kw_only=True)
class Breakage:
    """One station and what is wrong with it now. Leave by `mend`, also when a story fails."""

    place: Place
    institution: InstitutionCode
    truth: Path
    """The selects with which the station answers when it answers truly."""

    lies: Path
    now: Trouble = ""

    async def turn(self, trouble: Trouble) -> None:
        """Make the station what a story needs it to be.

        Raises:
            NotBroken: no such station runs here, or it did not come back.
        """
        if trouble == self.now:
            return
        await self.mend()
        self.now = trouble
        match trouble:
            case "silent":
                self._signal(signal.SIGSTOP)
            case "lying":
                await self._answer_from(self.lies)
            case "":
                pass

    async def mend(self) -> None:
        """Let it go on, and answer truly: also what a demonstration that was killed left broken.

        Raises:
            NotBroken: no such station runs here, or it did not come back.
        """
        self._signal(signal.SIGCONT)
        await self._answer_from(self.truth)
        self.now = ""

    async def _answer_from(self, mapping: Path) -> None:
        """Give the station other selects, end its process, and wait for who comes in its place."""
        served = self.place.home(self.institution).station
        if served.read_bytes() == mapping.read_bytes():
            return
        draft = served.with_suffix(".draft")
        draft.write_bytes(mapping.read_bytes())
        draft.replace(served)
        ended = self._note().pid
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_S):
                while not self._is_back(ended):
                    await asyncio.sleep(LOOK_S)
                return
        raise NotBroken(f"the station of {self.institution} did not come back")

    def _is_back(self, ended: int) -> bool:
        notes = [note for note in self._notes() if note.pid != ended and note.ready]
        return bool(notes)

    def _signal(self, number: signal.Signals) -> None:
        note = self._note()
        if birth(note.pid) == note.born:
            os.kill(note.pid, number)

    def _note(self) -> RunNote:
        for note in self._notes():
            return note
        raise NotBroken(f"no station of {self.institution} runs here")

    def _notes(self) -> list[RunNote]:
        name = f"{self.institution.lower()}-station"
        return [n for n in StateFolder.at(self.place.state).notes() if n.name == name]
