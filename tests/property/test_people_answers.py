"""What the shipped selects answer is what the frames of the people say, computed another way."""

import random
import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import polars as pl
import pytest

from kruispunt.people import Population, employer_rows, generate, load_table, read_country
from kruispunt.postgres import Connection
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import data_folder

TODAY: Final = date(2026, 1, 15)
COUNTRY: Final = data_folder("country")
ASKED: Final = 150
PLACES: Final = {"ssin": "$1::text", "begin": "$2::date", "end": "$3::date"}
FAR: Final = date(9999, 12, 31)
last_day: Final = pl.col("end_date").fill_null(FAR)

Ask = tuple[int, date, date | None]


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=2_000, seed=11, today=TODAY)


async def load(connection: Connection, people: Population) -> None:
    await connection.execute((COUNTRY / "tables" / "rsz.sql").read_text("utf-8"))
    stations = tomllib.loads((COUNTRY / "network.toml").read_text("utf-8"))["stations"]
    [station] = [one for one in stations if one["mapping"] == "stations/rsz.toml"]
    frames = {**people.frames(), "employers": employer_rows(people)}
    for table, frame in station["fill"].items():
        await load_table(connection, "rsz", table, frames[frame])


def selects() -> Mapping[str, str]:
    """The select of each flow, with the places of its parameters numbered."""
    flows = tomllib.loads((COUNTRY / "stations" / "rsz.toml").read_text("utf-8"))["flows"]
    return {
        name: re.sub(r"(?<!:):(ssin|begin|end)\b", lambda at: PLACES[at[1]], flow["sql"])
        for name, flow in flows.items()
    }


def some_asks(people: Population) -> list[Ask]:
    """Workers and others, periods of all lengths, many of them at the edge of a relation."""
    chance = random.Random(20260115)
    edges = people.dimona.select("ssin", "begin_date", "end_date").rows()
    asks: list[Ask] = []
    for _ in range(ASKED):
        ssin, begin, end = chance.choice(edges)
        near = chance.choice([begin, end or TODAY]) + timedelta(days=chance.randint(-2, 2))
        until = chance.choice([None, near + timedelta(days=chance.choice([1, 30, 92, 2000]))])
        asks.append((ssin, near, until))
    never = people.persons.join(people.dimona, on="ssin", how="anti")["ssin"].head(3)
    return asks + [(ssin, date(2020, 1, 1), None) for ssin in never]


def relations(people: Population, ask: Ask) -> pl.DataFrame:
    """The relations that touch the period."""
    ssin, begin, end = ask
    own = people.dimona.filter((pl.col("ssin") == ssin) & (last_day >= begin))
    return own if end is None else own.filter(pl.col("begin_date") < end)


def employers(people: Population, ask: Ask) -> list[str]:
    return sorted(set(relations(people, ask)["employer_cbe"]))


def choices(people: Population, ask: Ask) -> pl.DataFrame:
    chosen = people.routing.filter(last_day >= ask[1])
    return chosen.filter(pl.col("employer_cbe").is_in(employers(people, ask)))


def routing(people: Population, ask: Ask) -> list[tuple[object, ...]]:
    """Each choice with the days of the destination's own mandate, if it is a mandatary."""
    mandates = people.mandates.select(
        "employer_cbe", "begin_date", destination_cbe="mandatary_cbe", until="end_date"
    )
    told = choices(people, ask).join(
        mandates.with_columns(since="begin_date"),
        on=["employer_cbe", "destination_cbe", "begin_date"],
        how="left",
    )
    columns = ("employer_cbe", "destination_cbe", "since", "until", "channel", "request_scope")
    return sorted(told.select(columns).rows(), key=str)


def contacts(people: Population, ask: Ask) -> list[str]:
    places = {*employers(people, ask), *choices(people, ask)["destination_cbe"]}
    users = people.portal_users.filter(pl.col("cbe_number").is_in(list(places)))
    return sorted(users["contact_person_id"])


def personnel(people: Population, ask: Ask) -> list[tuple[str, str | None]]:
    """Each relation that touches the period, else the last before it, with its status."""
    ssin, begin, _ = ask
    touching = relations(people, ask)
    if touching.height == 0:
        earlier = people.dimona.filter((pl.col("ssin") == ssin) & (last_day < begin))
        touching = earlier.filter(last_day == last_day.max())
        statuses: list[str | None] = ["OUT_OF_SERVICE"] * touching.height
    else:
        started = touching.select(pl.col("begin_date") <= begin).to_series()
        statuses = ["IN_SERVICE" if one else None for one in started]
    periods = (str(one) for one in touching["dimona_period_id"])
    return sorted(zip(periods, statuses, strict=True))


def activity(people: Population, ask: Ask) -> list[tuple[str, bool]]:
    """True where anybody was in service there in the quarter in which the period begins."""
    begin = ask[1]
    first = date(begin.year, (begin.month - 1) // 3 * 3 + 1, 1)
    last = (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)
    there = people.dimona.filter((pl.col("begin_date") <= last) & (last_day >= first))
    busy = set(there["employer_cbe"])
    return [(one, one in busy) for one in employers(people, ask)]


async def test_the_selects_and_the_frames_tell_the_same(people: Population, empty_database: str):
    connection = await connect(empty_database, name="kruispunt tests", timeout_s=60)
    await load(connection, people)
    sql, given = selects(), 0

    for ask in some_asks(people):
        parameters = (f"{ask[0]:011d}", ask[1], ask[2])
        rows = {name: await connection.fetch(text, *parameters) for name, text in sql.items()}

        given += sum(len(found) for found in rows.values())
        sent = [(r[0], r[1], r[6], r[7], r[8], r[9]) for r in rows["routing.consult"]]
        assert sorted(sent, key=str) == routing(people, ask)
        users = [r["contact_person_id"] for r in rows["uam.consult"]]
        assert sorted(users) == contacts(people, ask)
        statuses = [
            (r["dimona_period_id"], r["employment_status_at_risk"])
            for r in rows["personnel.consult"]
        ]
        assert sorted(statuses) == personnel(people, ask)
        active = [(r["cbe_number"], r["active_in_quarter"]) for r in rows["employer.consult"]]
        assert active == activity(people, ask)
    assert given > ASKED
    await connection.close()
