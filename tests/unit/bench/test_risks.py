"""The risks of the bench of cases take the whole circuit."""

from datetime import date

import polars as pl
import pytest
from bench.risks import risks_of, whole_circuits

from kruispunt.people import Population, generate, read_country
from kruispunt.vocabulary import InstitutionCode

INSURER = InstitutionCode("CM")


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=8000, seed=1, today=date(2026, 1, 15))


@pytest.fixture(scope="module")
def rows(people: Population) -> pl.DataFrame:
    found = whole_circuits(people, INSURER)
    assert found.height > 2
    return found


def test_two_payment_institutions_and_no_third_have_a_file_during_the_risk(
    people: Population, rows: pl.DataFrame
):
    for risk in risks_of(rows):
        files = people.benefits.files.filter(
            (pl.col("ssin") == risk.ssin.number)
            & (pl.col("begin") <= risk.until)
            & (pl.col("end").is_null() | (pl.col("end") >= risk.begin))
        )

        assert files["member"].n_unique() == 2


def test_there_is_one_employer_to_ask_and_it_wishes_every_request(
    people: Population, rows: pl.DataFrame
):
    for risk in risks_of(rows):
        held = people.dimona.filter(
            (pl.col("ssin") == risk.ssin.number)
            & (pl.col("begin_date") <= risk.begin)
            & (pl.col("end_date").is_null() | (pl.col("end_date") >= risk.begin))
        )
        wishes = people.routing.filter(
            pl.col("employer_cbe").is_in(held["employer_cbe"].implode())
            & pl.col("end_date").is_null()
        )

        assert held.height == 1
        assert set(wishes["request_scope"]) <= {"ALL"}


def test_the_insurer_insures_the_person_on_every_day_of_the_risk(
    people: Population, rows: pl.DataFrame
):
    for risk in risks_of(rows):
        held = people.memberships.filter(
            (pl.col("ssin") == risk.ssin.number)
            & (pl.col("member") == INSURER)
            & (pl.col("begin") <= risk.begin)
            & (pl.col("end").is_null() | (pl.col("end") >= risk.until))
        )

        assert held.height == 1


def test_the_same_people_give_the_same_risks_each_person_once(
    people: Population, rows: pl.DataFrame
):
    assert whole_circuits(people, INSURER).equals(rows)
    assert rows["ssin"].n_unique() == rows.height
