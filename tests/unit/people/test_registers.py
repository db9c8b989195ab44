from datetime import date

import polars as pl
import pytest

from kruispunt.people import Country, Population, generate, number_rows
from kruispunt.vocabulary import NumberStatus, Ssin


def of_status(people: Population, status: NumberStatus) -> pl.DataFrame:
    return people.numbers.filter(pl.col("status") == status.value)


def test_all_numbers_differ_and_unknown_ones_stand_in_no_register(people: Population):
    issued = pl.concat([people.numbers["ssin"], people.unknown["ssin"]])

    assert issued.n_unique() == len(issued)
    assert people.unknown.height > 0


def test_every_person_has_one_current_number(people: Population):
    current = people.numbers.filter(
        pl.col("status").is_in([NumberStatus.KNOWN.value, NumberStatus.DECEASED.value])
    )

    assert current["ssin"].sort().equals(people.persons["ssin"].sort())


def test_a_replaced_number_is_a_bis_number_and_leads_to_a_national_register_number(
    people: Population,
):
    replaced = of_status(people, NumberStatus.REPLACED)

    assert replaced.height > 50
    for old, new in replaced.select("ssin", "successor").iter_rows():
        assert Ssin.of(old).is_bis
        assert not Ssin.of(new).is_bis
    known = of_status(people, NumberStatus.KNOWN)
    assert replaced.join(known, left_on="successor", right_on="ssin").height == replaced.height


def test_only_the_deceased_have_a_day_of_decease(people: Population):
    dead = people.numbers.filter(pl.col("deceased_on").is_not_null())

    assert dead["status"].unique().to_list() == [NumberStatus.DECEASED.value]
    assert dead.height == of_status(people, NumberStatus.DECEASED).height > 500


def test_sex_and_birth_date_of_a_person_are_those_of_the_number(people: Population):
    persons = people.persons.select("ssin", "sex", "birth_date", "bis").head(3_000)

    for number, sex, birth_date, bis in persons.iter_rows():
        ssin = Ssin.of(number)
        assert str(ssin.birth_date) == birth_date
        assert ssin.sex in {sex, None}
        assert ssin.is_bis == bis
        assert ssin.sex is not None or bis


@pytest.mark.parametrize("today", [date(2000, 1, 1), date(2023, 6, 30), date(2099, 12, 31)])
def test_numbers_tell_the_birth_date_whatever_the_year(country: Country, today: date):
    made = generate(country, size=2_000, seed=1, today=today)

    for number, birth_date in made.persons.select("ssin", "birth_date").iter_rows():
        assert str(Ssin.of(number).birth_date) == birth_date


@pytest.mark.parametrize("today", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_year_that_numbers_cannot_tell_is_refused(country: Country, today: date):
    with pytest.raises(ValueError, match="expected a day in 2000 to 2099"):
        generate(country, size=10, seed=1, today=today)


def test_some_birth_dates_are_incomplete_and_some_bis_numbers_do_not_tell_the_sex(
    people: Population,
):
    dates = people.persons["birth_date"]
    bis = people.persons.filter("bis")["ssin"]

    assert dates.str.ends_with("-00-00").sum() > 5
    assert (dates.str.ends_with("-00") & ~dates.str.ends_with("-00-00")).sum() > 5
    assert {Ssin.of(number).sex for number in bis} == {"male", "female", None}


def test_rows_for_a_register_bear_its_codes_of_status(people: Population):
    codes = {
        NumberStatus.KNOWN: 1,
        NumberStatus.REPLACED: 2,
        NumberStatus.CANCELLED: 3,
        NumberStatus.DECEASED: 4,
    }

    rows = number_rows(people, codes)

    assert rows.columns == ["ssin", "status", "successor", "deceased_on"]
    assert rows.filter(pl.col("successor").is_not_null())["status"].unique().to_list() == [2]
    assert rows.filter(pl.col("deceased_on").is_not_null())["status"].unique().to_list() == [4]
