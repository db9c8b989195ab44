"""What the payment institutions' select answers is what frames say, computed another way.

05/022 §38: amounts of the last day of the month before the risk, drops to come, holidays, career.
"""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import polars as pl
import pytest
from tests.contract.station_house import as_role

from kruispunt.client import LookFault
from kruispunt.law import ValueType, read_lawbook
from kruispunt.people import Population, generate, load_table, read_country
from kruispunt.postgres import Connection
from kruispunt.postgres.driver import connect
from kruispunt.station import Source, StationSettings, open_sources, read_station
from kruispunt.station.source import Key
from kruispunt.vocabulary import FlowId, Period, Ssin, data_folder

TODAY: Final = date(2026, 1, 15)
COUNTRY: Final = data_folder("country")
FAR: Final = date(9999, 12, 31)
L500: Final = FlowId("L500")
FLOW: Final = read_lawbook().flows[L500]
FIELDS: Final = tuple(field.name for field in FLOW.fields)
MEMBER: Final = "ACV"
TABLES: Final = {
    "spell": "benefit_spells",
    "amount": "benefit_amounts",
    "exemption": "benefit_exemptions",
    "holiday": "benefit_holidays",
    "quarter": "benefit_quarters",
    "sheet": "benefit_sheets",
    "told": "benefit_told",
}
LAST: Final = pl.col("end_date").fill_null(FAR)

Answered = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """One institution: its frames, and its station's select over the same in tables."""

    frames: dict[str, pl.DataFrame]
    source: Source
    settings: StationSettings
    dsn: str

    async def ask(self, ssin: int, risk: date) -> list[Answered]:
        [found] = await self.source.rows([Key.of(Ssin.of(ssin), Period(risk, None))])
        assert not isinstance(found, LookFault)
        return [dict(one) for one in self.source.offer.sheets(found, FIELDS)]

    def own(self, table: str, ssin: int) -> pl.DataFrame:
        return self.frames[table].filter(pl.col("ssin") == ssin)


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=4_000, seed=11, today=TODAY)


@pytest.fixture
async def payer(people: Population, empty_database: str, tmp_path: Path) -> AsyncGenerator[Payer]:
    async with opened(people, empty_database, tmp_path) as payer:
        yield payer


@asynccontextmanager
async def opened(people: Population, dsn: str, folder: Path) -> AsyncGenerator[Payer]:
    """One institution's own tables, filled, and its station's selects over them."""
    frames = {
        table: people.frames()[frame].filter(pl.col("member") == MEMBER).drop("member")
        for table, frame in TABLES.items()
    }
    role = "reads_" + urlsplit(dsn).path.strip("/")
    connection = await connect(dsn, name="kruispunt tests", timeout_s=60)
    try:
        await load(connection, frames, role)
        (folder / "log.dsn").write_text(dsn)
        (folder / "reader.dsn").write_text(as_role(dsn, role, "open"))
        file = COUNTRY / "stations" / "payment.toml"
        settings = read_station(file, state=folder, institution=MEMBER)
        async with open_sources(settings) as sources:
            yield Payer(frames=frames, source=sources[L500], settings=settings, dsn=dsn)
        await connection.execute(f"drop owned by {role}; drop role {role}")
    finally:
        await connection.close()


async def load(connection: Connection, frames: dict[str, pl.DataFrame], role: str) -> None:
    await connection.execute((COUNTRY / "tables" / "payment.sql").read_text("utf-8"))
    for table, frame in frames.items():
        await load_table(connection, "payment", table, frame)
    await connection.execute(
        f"create role {role} login password 'open';"
        f"grant usage on schema payment to {role};"
        f"grant select on all tables in schema payment to {role};"
    )


def some_risks(payer: Payer, size: int = 200) -> list[tuple[int, date]]:
    """Risks within, before, just after and long after what is paid, many at an edge."""
    chance = random.Random(20260115)
    rows = payer.frames["amount"].select("ssin", "begin_date", "end_date").rows()
    found: list[tuple[int, date]] = []
    for ssin, begin, end in chance.sample(rows, size):
        near = chance.choice([begin, min(end or TODAY, TODAY)])
        found.append((ssin, near + timedelta(days=chance.choice([-40, -1, 0, 1, 2, 33, 400]))))
    return found


def month_before(risk: date) -> list[date]:
    last = risk.replace(day=1) - timedelta(days=1)
    return [last.replace(day=n + 1) for n in range(last.day)]


def at(frame: pl.DataFrame, day: date) -> dict[str, object] | None:
    rows = frame.filter((pl.col("begin_date") <= day) & (day <= LAST))
    return rows.row(0, named=True) if rows.height else None


def euro(cents: object) -> str | None:
    assert cents is None or isinstance(cents, int)
    return None if cents is None else f"{cents // 100}.{cents % 100:02}"


def the_spell(payer: Payer, ssin: int, risk: date) -> dict[str, object] | None:
    past = payer.own("spell", ssin).filter(pl.col("begin_date") < risk).sort("begin_date")
    return past.tail(1).row(0, named=True) if past.height else None


def days_paid(payer: Payer, ssin: int, risk: date) -> int:
    spells = payer.own("spell", ssin)
    return sum(day.weekday() < 6 and at(spells, day) is not None for day in month_before(risk))


def amounts(payer: Payer, ssin: int, risk: date) -> Answered:
    """The amount of the last day of the month before the risk."""
    reference = month_before(risk)[-1]
    now = at(payer.own("amount", ssin), reference)
    care = at(payer.own("exemption", ssin), reference)
    daily = (care or now or {}).get("daily_cents")
    told: Answered = {
        "scale_code": now and now["scale_code"],
        "daily_amount": euro(daily),
        "withholding_tax": now and now["withholding_tax"],
        "seniority_supplement": euro(now and now["supplement_cents"]),
        "care_exemption": care is not None,
        "daily_amount_after_exemption": None,
    }
    if care is not None and isinstance(care["end_date"], date):
        after = at(payer.own("amount", ssin), care["end_date"] + timedelta(days=1))
        told["daily_amount_after_exemption"] = euro(after and after["daily_cents"])
    return told


def drops(payer: Payer, ssin: int, risk: date, until: date | None) -> list[Answered]:
    rows = payer.own("amount", ssin).filter(
        (pl.col("begin_date") > month_before(risk)[-1])
        & (pl.col("begin_date") <= (until or FAR))
        & pl.col("cause").is_in(["period", "age"])
    )
    return [
        {
            "risk_begin_date": str(risk),
            "transition_date": str(row["begin_date"]),
            "full_scale_code": row["full_scale_code"],
            "daily_amount": euro(row["daily_cents"]),
            "withholding_tax": row["withholding_tax"],
            "family_burden_seniority_code": row["family_burden_seniority_code"],
            "seniority_supplement": euro(row["supplement_cents"]),
        }
        for row in rows.sort("begin_date").iter_rows(named=True)
    ]


def career(payer: Payer, ssin: int, risk: date) -> list[Answered]:
    quarter = f"{risk.year}Q{(risk.month + 2) // 3}"
    rows = payer.own("quarter", ssin).filter(pl.col("quarter") < quarter).sort("quarter")
    return rows.drop("ssin").tail(12).to_dicts()


def holidays(payer: Payer, ssin: int, risk: date) -> tuple[int | None, int | None]:
    year = payer.own("holiday", ssin).filter(pl.col("year") == risk.year)
    if year.is_empty():
        return None, None
    row = year.row(0, named=True)
    if row["taken_begin"] is None:
        return row["days_entitled"], 0
    taken = pl.date_range(row["taken_begin"], row["taken_end"], eager=True)
    return row["days_entitled"], sum(day < risk and day.weekday() < 6 for day in taken)


def expected(payer: Payer, ssin: int, risk: date) -> list[Answered]:
    """A part of the sheet, without the select."""
    spell = the_spell(payer, ssin, risk)
    if spell is None:
        return []
    entitled, taken = holidays(payer, ssin, risk)
    end = spell["end_date"]
    assert end is None or isinstance(end, date)
    return [
        {
            "last_period_begin_date": str(spell["begin_date"]),
            "last_controlled_day": str(min(end or FAR, risk - timedelta(days=1))),
            "full_unemployment_code": spell["full_unemployment_code"],
            "specific_status_code": spell["specific_status_code"],
            "thirteen_days_previous_month": days_paid(payer, ssin, risk) >= 13,
            **amounts(payer, ssin, risk),
            "degressivity": drops(payer, ssin, risk, end),
            "holiday_days_entitled": entitled,
            "holiday_days_taken_before_risk": taken,
            "career": career(payer, ssin, risk),
        }
    ]


def part(row: Answered, of: Answered) -> Answered:
    return {name: row[name] for name in of}


async def test_every_field_of_the_law_is_offered_and_no_other(payer: Payer):
    groups = {field.name for field in FLOW.fields if field.type is ValueType.GROUP}

    assert payer.source.offer.missing(FIELDS) == ()
    assert set(payer.source.offer.names) == {name for name in FIELDS if "." not in name}
    assert set(payer.source.offer.groups) == groups


async def test_the_sheet_says_what_the_frames_say(payer: Payer):
    risks = some_risks(payer)
    rows = 0

    for ssin, risk in risks:
        told = await payer.ask(ssin, risk)
        wanted = expected(payer, ssin, risk)

        assert [part(row, of) for row, of in zip(told, wanted, strict=True)] == wanted
        rows += len(told)

    assert rows > len(risks) / 2


async def test_who_drops_later_is_told_so_and_who_was_not_paid_has_no_amount(payer: Payer):
    sheets = [row for ssin, risk in some_risks(payer) for row in await payer.ask(ssin, risk)]

    dropping = [row for row in sheets if row["degressivity"]]
    unpaid = [row for row in sheets if row["daily_amount"] is None]
    assert len(dropping) > 20
    assert len(unpaid) > 20
    assert all(row["age_or_period_change_date"] is not None for row in dropping)
    assert all(row["family_change"] == [] for row in unpaid if not row["care_exemption"])
    assert any(row["career"] for row in sheets)


async def test_nobody_tells_of_nobody(payer: Payer, people: Population):
    others = people.benefits.spells.filter(pl.col("member") != MEMBER)
    never = others.join(payer.frames["spell"], on="ssin", how="anti")["ssin"].head(5)

    assert [await payer.ask(ssin, TODAY) for ssin in never] == [[]] * 5
