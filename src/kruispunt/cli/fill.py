"""Filling a network with synthetic people: registers, directories, and the tables of sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from kruispunt.cli.network import Network, StationOf
from kruispunt.cli.place import Place
from kruispunt.directory import Lines, load_frame
from kruispunt.identity import CODES, Registers
from kruispunt.people import (
    Population,
    employer_rows,
    generate,
    load_table,
    number_rows,
    read_country,
)

EMPLOYERS: Final = "employers"

Tell = Callable[[str], None]


class OtherPeople(RuntimeError):
    """Other people were loaded here before: they are never replaced silently."""


class Loaded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which synthetic people a state folder holds: enough to make the same ones again.

    `whole` is false while they are being loaded.
    """

    size: int
    seed: int
    today: date
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Puts a population into the databases of a network that runs."""

    place: Place
    network: Network
    tell: Tell

    async def people(self, *, size: int, seed: int, today: date) -> Population:
        """The people of this state folder, loaded now where there were none.

        What stands already stays, with its trail; the day of loading stays theirs.

        Raises:
            OtherPeople: another number or seed was loaded, or loading broke off.
        """
        held = self._held()
        if held is not None:
            _check(held, size=size, seed=seed)
            return self._generate(size=size, seed=seed, today=held.today)
        people = self._generate(size=size, seed=seed, today=today)
        self._note(Loaded(size=size, seed=seed, today=today, whole=False))
        await self._load(people)
        self._note(Loaded(size=size, seed=seed, today=today))
        return people

    def _held(self) -> Loaded | None:
        file = self.place.people
        return msgspec.json.decode(file.read_bytes(), type=Loaded) if file.exists() else None

    def _note(self, loaded: Loaded) -> None:
        draft = self.place.people.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(loaded))
        draft.replace(self.place.people)

    def _generate(self, *, size: int, seed: int, today: date) -> Population:
        return generate(read_country(), size=size, seed=seed, today=today, tell=self.tell)

    async def _load(self, people: Population) -> None:
        self.tell("registers")
        async with self.place.home(self.network.hub).database() as hub:
            await Registers(hub).load(number_rows(people, CODES).iter_rows())
            self.tell("directory of the hub")
            await load_frame(Lines(database=hub), people.hub_lines)
        for node in self.network.nodes:
            self.tell(f"directory of {node.institution}")
            async with self.place.home(node.institution).database() as own:
                await load_frame(Lines(database=own), people.node_lines)
        for station in self.network.stations:
            self.tell(f"tables of {station.institution}")
            await self._fill(station, people)

    async def _fill(self, station: StationOf, people: Population) -> None:
        frames = {**people.frames(), EMPLOYERS: employer_rows(people)}
        home = self.place.home(station.institution)
        async with home.database() as own, own.transaction() as connection:
            for table, frame in station.fill.items():
                await load_table(connection, station.schema, table, frames[frame])


def _check(held: Loaded, *, size: int, seed: int) -> None:
    if not held.whole:
        raise OtherPeople("loading broke off here before: start with another state folder")
    if (held.size, held.seed) != (size, seed):
        raise OtherPeople(
            f"{held.size} people with seed {held.seed} stand here already: ask for the same, or "
            "give another state folder"
        )
