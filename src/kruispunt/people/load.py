"""Loading: the frames in the columns of the tables they go to, and COPY as fast as it goes."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import polars as pl

from kruispunt.people.population import Population
from kruispunt.postgres import Connection
from kruispunt.vocabulary import NumberStatus, Sex

ROWS_PER_CHUNK: Final = 50_000

EMPLOYER_COLUMNS: Final = {
    "cbe_number": "cbe_number",
    "nsso_number": "nsso_number",
    "nsso_number_origin": "nsso_number_origin",
    "establishment_number": "establishment_number",
    "employer_category": "employer_category_code",
    "nace": "nace",
    "language": "language",
    "municipality": "municipality",
    "curatorship": "curatorship",
    "denomination": "denomination",
    "address": "address",
    "curator_id": "curator_id",
    "curator_name": "curator_name",
    "curator_address": "curator_address",
    "provisional_number": "provisional_number",
}


def number_rows(people: Population, codes: Mapping[NumberStatus, int]) -> pl.DataFrame:
    """Numbers for a register: (ssin, status, successor, deceased_on), with its codes of status."""
    status = pl.col("status").replace_strict(
        {name.value: code for name, code in codes.items()}, return_dtype=pl.Int16
    )
    return people.numbers.select("ssin", status, "successor", "deceased_on")


def person_rows(persons: pl.DataFrame, codes: Mapping[Sex, int]) -> pl.DataFrame:
    """Persons to be found by name: (ssin, born, sex, last_name, given_names), with codes of sex.

    `born` is yyyymmdd, with 00 for what is not known. In its order, so that those born on one day
    stand together.
    """
    rows = persons.select(
        "ssin",
        pl.col("birth_date").str.replace_all("-", "").cast(pl.Int32).alias("born"),
        pl.col("sex").replace_strict(dict(codes), return_dtype=pl.Int16),
        "last_name",
        pl.col("first_name").alias("given_names"),
    )
    return rows.sort("born", "ssin")


def employer_rows(people: Population) -> pl.DataFrame:
    """Employers as an institution keeps them."""
    return people.employers.select(
        pl.col(column).alias(name) for name, column in EMPLOYER_COLUMNS.items()
    )


async def copy_csv(frame: pl.DataFrame) -> AsyncIterator[bytes]:
    """The frame as CSV for COPY, chunk by chunk: nothing stands for null, "" for an empty text."""
    for chunk in frame.iter_slices(ROWS_PER_CHUNK):
        yield chunk.write_csv(include_header=False).encode()


async def load_table(connection: Connection, schema: str, table: str, frame: pl.DataFrame) -> int:
    """COPY a frame into the columns of its own names; returns the number of rows, all or none."""
    status = await connection.copy_to_table(
        table,
        schema_name=schema,
        columns=frame.columns,
        source=copy_csv(frame),
        format="csv",
    )
    return int(status.removeprefix("COPY "))
