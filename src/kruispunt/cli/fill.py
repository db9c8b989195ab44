"""Filling a network with synthetic people: registers, directories, and the tables of sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec
import polars as pl

from kruispunt.cli.network import Network
from kruispunt.cli.place import Place
from kruispunt.directory import UNSEEN, Lines, loading
from kruispunt.identity import CODES, SEXES, Persons, Registers
from kruispunt.people import (
    Population,
    employer_rows,
    generate,
    load_table,
    number_rows,
    person_rows,
    read_country,
)
from kruispunt.vocabulary import InstitutionCode, Sex

EMPLOYERS: Final = "employers"
MEMBER: Final = "member"
"""A column of frames, and the table of an insurer's circuit that holds its own rows of one."""

REGISTERS: Final = ("identity.number", "identity.person", "identity.called", "identity.spelling")
SEX_CODES: Final[Mapping[Sex, int]] = {"female": SEXES["F"], "male": SEXES["M"]}
CIRCUITS: Final = "circuits"
SIZE: Final = 20_000
SEED: Final = 1

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

    async def people(
        self, *, today: date, size: int | None = None, seed: int | None = None
    ) -> Population:
        """The people of this state folder, loaded now where there were none.

        Who stands already stays, with the trail; the day of loading stays theirs. Without a size
        or a seed whoever stands here will do. Loading that broke off begins again.

        Raises:
            OtherPeople: another number or seed was loaded.
        """
        held = self._held()
        if held is not None and held.whole:
            _check(held, size=size, seed=seed)
            return self._generate(held)
        wanted = Loaded(size=size or SIZE, seed=SEED if seed is None else seed, today=today)
        people = self._generate(wanted)
        if held is not None:
            self.tell("clearing what broke off")
            await self._clear()
        self._note(msgspec.structs.replace(wanted, whole=False))
        await self._load(people)
        self._note(wanted)
        return people

    def _held(self) -> Loaded | None:
        file = self.place.people
        return msgspec.json.decode(file.read_bytes(), type=Loaded) if file.exists() else None

    def _note(self, loaded: Loaded) -> None:
        draft = self.place.people.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(loaded))
        draft.replace(self.place.people)

    def _generate(self, wanted: Loaded) -> Population:
        return generate(
            read_country(),
            size=wanted.size,
            seed=wanted.seed,
            today=wanted.today,
            tell=self.tell,
        )

    async def _clear(self) -> None:
        """Empty what loading fills. Nobody was told that these people are there."""
        network = self.network
        tables = {network.hub: [*REGISTERS, "directory.line"]}
        tables |= {node.institution: ["directory.line"] for node in network.nodes}
        for code, own in network.sources:
            tables[code] = [f"{own.schema}.{table}" for table in own.fill]
        for one in network.circuits:
            tables.setdefault(one.institution, []).append(f"{CIRCUITS}.{MEMBER}")
        for code, names in tables.items():
            home = self.place.home(code)
            async with home.database() as database, database.transaction() as connection:
                await connection.execute(f"truncate {', '.join(names)}")

    async def _load(self, people: Population) -> None:
        self.tell("registers")
        async with self.place.home(self.network.hub).database() as hub:
            await Registers(hub).load(number_rows(people, CODES).iter_rows())
            await Persons(hub).load(person_rows(people.persons, SEX_CODES).iter_rows())
            self.tell("directory of the hub")
            await loading.load_frame(Lines(hub, UNSEEN), people.hub_lines)
        frames = {**people.frames(), EMPLOYERS: employer_rows(people)}
        for node in self.network.nodes:
            self.tell(f"directory of {node.institution}")
            async with self.place.home(node.institution).database() as own:
                await loading.load_frame(Lines(own, UNSEEN), frames[node.lines])
        for code, tables in self.network.sources:
            self.tell(f"tables of {code}")
            await self._fill(code, tables.schema, tables.fill, frames)
        for one in self.network.circuits:
            if one.members:
                self.tell(f"members of {one.institution}")
                await self._fill(one.institution, CIRCUITS, {MEMBER: one.members}, frames)

    async def _fill(
        self,
        code: InstitutionCode,
        schema: str,
        fill: Mapping[str, str],
        frames: Mapping[str, pl.DataFrame],
    ) -> None:
        home = self.place.home(code)
        async with home.database() as own, own.transaction() as connection:
            for table, frame in fill.items():
                rows = own_rows(frames[frame], code)
                await load_table(connection, schema, table, rows)


def own_rows(frame: pl.DataFrame, code: InstitutionCode) -> pl.DataFrame:
    """What an institution keeps of a frame: where rows name a member, its own, unnamed."""
    if MEMBER not in frame.columns:
        return frame
    return frame.filter(pl.col(MEMBER) == code).drop(MEMBER)


def _check(held: Loaded, *, size: int | None, seed: int | None) -> None:
    if size not in (None, held.size) or seed not in (None, held.seed):
        raise OtherPeople(
            f"{held.size} people with seed {held.seed} stand here already: ask for the same, or "
            "give another state folder"
        )
