"""What the select for the one-time file lists is what frames say, computed another way.

05/022 §7.4: a payment institution chooses from its own tables (OS-4, OS-5).
"""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from tests.contract.station_house import connected
from tests.property.test_payers_answer import TODAY, Payer, opened

from kruispunt.circuits.one_shot import (
    LISTED,
    Amount,
    OneShotRecord,
    days_of_freeze,
    paid_of,
    select,
)
from kruispunt.law import read_lawbook
from kruispunt.people import Population, generate, read_country
from kruispunt.station import (
    ListingFailed,
    StationFileWrong,
    StationSettings,
    open_listing,
)
from kruispunt.vocabulary import FlowId, Ssin

FILE: Final = FlowId("degressivity.file")
FREEZE: Final = days_of_freeze(read_lawbook(), on=date(2021, 11, 22))
FROZEN: Final = pl.lit(date(2020, 4, 1)), pl.lit(date(2021, 9, 30))
FAR: Final = date(9999, 12, 31)


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=12_000, seed=1, today=TODAY)


@pytest.fixture
async def payer(people: Population, empty_database: str, tmp_path: Path) -> AsyncGenerator[Payer]:
    async with opened(people, empty_database, tmp_path) as payer:
        yield payer


async def selected(settings: StationSettings) -> dict[Ssin, OneShotRecord]:
    found: dict[Ssin, OneShotRecord] = {}
    async with (
        open_listing(settings, FILE, fields=LISTED) as listing,
        aclosing(listing.rows(FREEZE, LISTED)) as rows,
    ):
        async for row in rows:
            paid = paid_of(row)
            record = select(paid, FREEZE)
            if record is not None:
                assert paid.ssin not in found
                found[paid.ssin] = record
    return found


def expected(payer: Payer) -> dict[Ssin, tuple[Amount, ...]]:
    """Persons asked about in the freeze who were paid on its last day, and dropped after it."""
    frames = payer.frames
    asked = frames["sheet"].filter(pl.col("asked_on").is_between(*FROZEN))["ssin"].unique()
    spells = frames["spell"].filter(
        pl.col("ssin").is_in(asked.implode())
        & (pl.col("begin_date") <= FROZEN[1])
        & (pl.col("end_date").fill_null(FAR) >= FROZEN[1])
    )
    found: dict[Ssin, tuple[Amount, ...]] = {}
    for spell in spells.iter_rows(named=True):
        own = payer.own("amount", spell["ssin"]).sort("begin_date")
        own = own.filter(
            pl.col("begin_date").is_between(spell["begin_date"], spell["end_date"] or FAR)
        )
        told = set(payer.own("told", spell["ssin"]).select("begin_date", "daily_cents").rows())
        stood = own.filter(pl.col("end_date").fill_null(FAR) >= FROZEN[0])["daily_cents"][0]
        later = own.filter(
            (pl.col("begin_date") > FROZEN[1]) & pl.col("cause").is_in(["period", "age"])
        )
        drops: list[Amount] = []
        for begin, cents in later.select("begin_date", "daily_cents").iter_rows():
            if cents < stood:
                stood = cents
                drops += [Amount(begin=begin, daily_cents=cents)] * ((begin, cents) not in told)
        if drops:
            found[Ssin.of(spell["ssin"])] = tuple(drops)
    return found


async def test_os_5_who_is_selected_from_the_tables_is_who_the_frames_say(payer: Payer):
    wanted = expected(payer)

    found = await selected(payer.settings)

    assert {ssin: record.drops for ssin, record in found.items()} == wanted
    assert len(wanted) >= 3
    asked = payer.frames["sheet"]["ssin"].n_unique()
    assert asked > 2 * len(wanted), Counter(payer.frames["sheet"]["asked_on"].dt.year())


async def test_r_once_what_a_sheet_told_before_is_not_listed_again(payer: Payer, tmp_path: Path):
    before = await selected(payer.settings)
    ssin, record = next(iter(before.items()))
    rows = ", ".join(
        f"({ssin.number}, '2021-05-01', '{one.begin}', {one.daily_cents})" for one in record.drops
    )

    async with connected(payer.dsn) as connection:
        await connection.execute(f"insert into payment.told values {rows}")

    assert set(before) - set(await selected(payer.settings)) == {ssin}


async def test_a_file_without_a_select_or_a_column_is_refused_by_name(payer: Payer):
    wrong: dict[str, dict[FlowId, str]] = {
        "expected a select": {},
        "expected columns told, told.begin_date": {FILE: "select '' as ssin"},
        "does not exist": {FILE: "select nothing from payment.sheet"},
    }

    for said, files in wrong.items():
        settings = replace(payer.settings, files=files)
        with pytest.raises(StationFileWrong, match=said):
            async with open_listing(settings, FILE, fields=("told", "told.begin_date")):
                pass


async def test_a_select_that_fails_on_the_tables_says_so_without_a_number(payer: Payer):
    odd = "select (sheet.ssin / 0)::text as ssin from payment.sheet where sheet.asked_on < :end"
    settings = replace(payer.settings, files={FILE: odd})

    async with open_listing(settings, FILE, fields=("ssin",)) as listing:
        with pytest.raises(ListingFailed, match="the select failed: 22012"):
            async with aclosing(listing.rows(FREEZE, ("ssin",))) as rows:
                assert [row async for row in rows] == []
