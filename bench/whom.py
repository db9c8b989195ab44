"""Whom to ask about: people loaded into a house once, and the chosen ones remembered beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import polars as pl

from bench.asks import Person, people_with_work
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House
from kruispunt.cli.fill import Filling, Loaded
from kruispunt.people import Population
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import InstitutionCode, Ssin, day_of_asking

SEED = 1
VACUUM_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Persons of the whole population, in an order by chance, and the last day of their lives."""

    today: date
    persons: Sequence[Person]


async def asked_about(
    house: House,
    insurers: Sequence[InstitutionCode],
    *,
    people: int,
    tell: Callable[[str], None],
) -> Whom:
    """Members of these insurers who work, in a house that runs and holds so many people.

    Raises:
        OtherPeople: the house holds others.
    """

    def working(made: Population) -> pl.DataFrame:
        return people_with_work(made, insurers, seed=SEED)

    today, rows = await chosen(house, "asked-about", working, people=people, tell=tell)
    return Whom(today=today, persons=_persons(rows))


async def chosen(
    house: House,
    name: str,
    choose: Callable[[Population], pl.DataFrame],
    *,
    people: int,
    tell: Callable[[str], None],
) -> tuple[date, pl.DataFrame]:
    """Whom a bench chose among so many people, and the last day of their lives.

    The people are loaded where there are none. Making two million again takes a minute: so who
    was chosen stands in the state folder by this name, under the law that chose, for next time.

    Raises:
        OtherPeople: the house holds others.
    """
    digest = house.network.lawbook.digest.rpartition(":")[2][:12]
    file = house.place.state / f"{name}-{digest}.parquet"
    noted = house.place.people
    if file.exists() and noted.exists():
        held = msgspec.json.decode(noted.read_bytes(), type=Loaded)
        if held.whole and (held.size, held.seed) == (people, SEED):
            return held.today, pl.read_parquet(file)
    filling = Filling(place=house.place, network=house.network, tell=tell)
    today = day_of_asking(now(), house.network.zone)
    made = await filling.people(size=people, seed=SEED, today=today)
    await _tidy(house, tell)
    rows = choose(made)
    rows.write_parquet(file)
    return made.today, rows


def _persons(chosen: pl.DataFrame) -> list[Person]:
    return [Person(ssin=Ssin.of(ssin), member=member) for ssin, member in chosen.iter_rows()]


async def _tidy(house: House, tell: Callable[[str], None]) -> None:
    """Do now what the server does by itself in the minutes after a load."""
    network = house.network
    codes = [network.hub, *(node.institution for node in network.nodes)]
    for code in [*codes, *(code for code, _ in network.sources)]:
        tell(f"vacuum of {code}")
        dsn = house.place.home(code).dsn.read_text("utf-8").strip()
        connection = await connect(dsn, name="kruispunt bench", timeout_s=VACUUM_S)
        try:
            await connection.execute("vacuum (analyze)")
        finally:
            await connection.close()
