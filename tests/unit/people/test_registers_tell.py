"""What registers, centres and insurers hold fits the lives that it is about."""

from datetime import timedelta

import polars as pl

from kruispunt.people import Country, Population
from kruispunt.vocabulary import NumberStatus


def test_everybody_stands_in_a_register_once_with_the_names_of_every_other_file(
    people: Population,
) -> None:
    told = people.registered.persons
    same = ["ssin", "last_name", "first_name", "birth_date", "sex", "nationality"]

    assert told["ssin"].n_unique() == told.height == people.persons.height
    shared = told.join(people.workers, on="ssin", how="semi").select(same).sort("ssin")
    assert shared.equals(people.workers.select(same).sort("ssin"))


def test_the_place_of_birth_and_the_second_name_are_those_of_the_personnel_file(
    people: Population,
) -> None:
    both = people.registered.persons.join(people.workers, on="ssin")
    initial = pl.col("middle_name").str.head(1)

    assert both.filter(initial.ne_missing(pl.col("second_name_initial"))).is_empty()
    here = both.filter(pl.col("birth_municipality").is_not_null())
    named = (pl.col("birth_municipality") == pl.col("birth_place_nl")) | (
        pl.col("birth_municipality") == pl.col("birth_place_fr")
    )
    assert not here.is_empty()
    assert here.filter(~named).is_empty()
    abroad = both.filter(pl.col("birth_municipality").is_null())
    assert abroad.filter(pl.col("birth_place") != pl.col("birth_country")).is_empty()


def test_who_has_a_bis_number_comes_from_the_complementary_register(
    people: Population, country: Country
) -> None:
    rule = country.parameters.register
    bis = people.persons.filter("bis").select("ssin")
    told = people.registered.persons.join(bis, on="ssin", how="semi")

    assert set(told["origin"]) == {rule.complementary}
    assert set(told["register"]) == {rule.abroad}
    assert told["identity_card_number"].is_null().all()
    others = people.registered.persons.join(bis, on="ssin", how="anti")
    assert set(others["origin"]) == {rule.national}


def test_residences_follow_each_other_without_gap_or_overlap(people: Population) -> None:
    homes = people.registered.addresses
    after = homes.with_columns(next=pl.col("begin_date").shift(-1).over("ssin"))
    moved = after.filter(pl.col("next").is_not_null())

    assert not moved.is_empty()
    assert moved.filter(pl.col("end_date") + timedelta(days=1) != pl.col("next")).is_empty()
    assert homes["ssin"].n_unique() == people.persons.height


def test_the_last_residence_ends_when_the_person_dies_and_never_else(people: Population) -> None:
    last = people.registered.addresses.group_by("ssin").agg(pl.col("end_date").last())
    both = people.persons.join(last, on="ssin")

    assert both.filter(pl.col("end_date").ne_missing(pl.col("deceased_on"))).is_empty()


def test_a_household_lives_at_one_address_which_is_that_of_letters(people: Population) -> None:
    now = people.registered.addresses.filter(pl.col("end_date").is_null())
    street = pl.coalesce("street_nl", "street_fr", "street_de")
    line = pl.format("{} {}", street, "house_number")
    homes = now.select("ssin", "municipality", home=line)
    at = people.registered.members.join(homes, on="ssin")
    letters = people.insured.filter(pl.col("address").is_not_null()).select("ssin", "address")

    assert at.group_by("household").agg(pl.col("home").n_unique())["home"].max() == 1
    same = letters.join(homes, on="ssin").select(
        pl.col("address").str.starts_with(pl.col("home") + ",")
    )
    assert letters["address"].n_unique() > people.households.height / 10
    assert same.height > 0
    assert same.to_series().all()
    lived = people.persons.filter(~pl.col("bis")).join(now, on="ssin")
    assert lived.filter(pl.col("municipality") != pl.col("municipality_right")).is_empty()


def test_partners_have_one_civil_state_since_one_day(people: Population, country: Country) -> None:
    words = country.parameters.register
    pairs = people.registered.members.filter(
        pl.col("relationship").is_in([words.relations.reference, words.relations.spouse])
        & (pl.len().over("household", "relationship") == 1)
    ).join(people.registered.persons, on="ssin")
    couples = pairs.filter(
        (pl.col("relationship") == words.relations.spouse).any().over("household")
    )

    assert not couples.is_empty()
    assert set(couples["civil_state"]) == {words.civil_states.married}
    days = couples.group_by("household").agg(pl.col("civil_state_since").n_unique())
    assert set(days["civil_state_since"]) == {1}


def test_cards_have_numbers_of_their_own_that_check(people: Population) -> None:
    numbers = people.registered.persons["identity_card_number"].drop_nulls()
    check = numbers.str.slice(0, 10).cast(pl.Int64) % 97

    assert numbers.n_unique() == len(numbers) > 0
    found = numbers.str.slice(10).cast(pl.Int64)
    assert (found == check.replace(0, 97)).all()
    social = people.registered.persons["sis_card_number"].drop_nulls()
    assert social.n_unique() == len(social) > 0


def test_a_centre_has_files_on_grown_people_of_its_own_municipality(
    people: Population, country: Country
) -> None:
    rule = country.parameters.centres
    places = {one.code: one.municipality for one in rule.of}
    known = people.registered.centres.join(people.persons, on="ssin")

    assert set(people.registered.centres["member"]) <= set(places)
    home = pl.col("member").replace_strict(places)
    assert known.filter(home != pl.col("municipality")).is_empty()
    assert known.filter(pl.col("born_on") + timedelta(days=18 * 365) > pl.col("begin")).is_empty()
    numbers = people.numbers.filter(pl.col("status") != NumberStatus.KNOWN.value)
    assert known.join(numbers, on="person", how="semi").is_empty()


def test_what_is_under_examination_is_so_for_two_months_at_most(
    people: Population, country: Country
) -> None:
    rule = country.parameters.centres
    files = people.registered.centres.filter(pl.col("quality") == rule.examination)
    until = pl.col("end").fill_null(people.today)

    assert not files.is_empty()
    lasted = (until - pl.col("begin")).dt.total_days()
    assert files.filter(~lasted.is_between(0, rule.examination_days)).is_empty()


def test_the_hub_knows_of_a_file_at_a_centre_but_not_which_centre(
    people: Population, country: Country
) -> None:
    sector = country.parameters.centres.sector
    hub = people.hub_lines.filter(pl.col("sector") == sector)
    shared = ["ssin", "sector", "quality", "begin", "end"]

    assert hub["member"].is_null().all()
    node = people.registered.centres.select(shared).unique().sort(shared)
    assert hub.select(shared).sort(shared).equals(node)


def test_insurability_is_each_membership_with_one_right_for_a_household(
    people: Population, country: Country
) -> None:
    rule = country.parameters.insurability
    told = people.registered.insurability

    assert told.height == people.memberships.height
    numbers = people.memberships["member"].replace_strict(rule.insurers)
    assert (
        told["insurer_number"]
        .value_counts(sort=True)
        .equals(numbers.alias("insurer_number").value_counts(sort=True))
    )
    rights = told.join(people.persons, on="ssin").filter(pl.col("household").is_not_null())
    one = rights.group_by("household").agg(pl.col("increased_reimbursement").n_unique())
    assert set(one["increased_reimbursement"]) == {1}
