"""Whom payment institutions choose for the one-time file, among synthetic people."""

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest

from kruispunt.circuits import one_shot
from kruispunt.cli.one_shot_seat import clause_of
from kruispunt.cli.story_chosen import chosen
from kruispunt.law import read_lawbook
from kruispunt.people import Population, generate, read_country
from kruispunt.vocabulary import InstitutionCode

TODAY = date(2026, 1, 15)
Chosen = Mapping[InstitutionCode, tuple[one_shot.OneShotRecord, ...]]


@pytest.fixture(scope="module")
def freeze() -> one_shot.Freeze:
    return one_shot.Freeze.of(read_lawbook(), on=TODAY)


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=20_000, seed=1, today=TODAY)


@pytest.fixture(scope="module")
def parts(people: Population, freeze: one_shot.Freeze) -> Chosen:
    return chosen(people, freeze)


def test_each_institution_tells_later_and_lower_amounts_of_whom_it_pays(
    people: Population, freeze: one_shot.Freeze, parts: Chosen
):
    files = people.benefits.files

    assert len(parts) > 2
    for code, records in parts.items():
        paid = set(files.filter(pl.col("member") == code)["ssin"])
        assert {int(one.ssin.digits) for one in records} <= paid
        assert all(drop.begin not in freeze.days for one in records for drop in one.drops)
        text = one_shot.write_records(records)
        assert tuple(one_shot.read_records(text)) == records


def test_it_is_about_who_fell_ill_while_amounts_were_frozen(
    people: Population, freeze: one_shot.Freeze, parts: Chosen
):
    begun = {
        ssin
        for ssin, begin in people.incapacities.select("ssin", "begin").iter_rows()
        if begin in freeze.days
    }

    told = {int(one.ssin.digits) for records in parts.values() for one in records}

    assert told
    assert told <= begun


def test_some_of_them_are_ill_no_more_on_the_day_that_counts(people: Population, parts: Chosen):
    """OS-3: so the demonstration shows both, who is passed on and who stays behind."""
    flow, _ = clause_of(read_lawbook())
    day = flow.about
    assert day is not None
    ill = people.incapacities.filter(
        (pl.col("begin") <= day) & (pl.col("end").is_null() | (pl.col("end") >= day))
    )

    told = {int(one.ssin.digits) for records in parts.values() for one in records}

    assert told & set(ill["ssin"])
    assert told - set(ill["ssin"])


def test_the_same_people_make_the_same_file(people: Population, freeze: one_shot.Freeze):
    assert chosen(people, freeze) == chosen(people, freeze)
