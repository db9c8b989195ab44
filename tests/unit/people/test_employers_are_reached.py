"""Where requests for employers go: mandates, choices, users of the portal, and the directory."""

import re
from datetime import date

import polars as pl
import pytest

from kruispunt.people import Country, Population, generate
from kruispunt.vocabulary import EnterpriseNumber, NssoNumber

FAR = date(9999, 12, 31)
OPEN = pl.col("end_date").is_null()


def share(frame: pl.DataFrame, of: pl.DataFrame) -> float:
    return frame.height / of.height


def choices(people: Population) -> pl.DataFrame:
    """Choices in force today, with `own`: the employer itself is the destination."""
    return people.routing.filter(OPEN).with_columns(
        own=pl.col("employer_cbe") == pl.col("destination_cbe")
    )


def test_every_mandate_names_an_employer_and_a_mandatary(people: Population):
    mandates = people.mandates

    assert 0.6 < mandates["employer_cbe"].n_unique() / people.employers.height < 0.9
    assert set(mandates["employer_cbe"]) <= set(people.employers["cbe_number"])
    assert set(mandates["mandatary_cbe"]) <= set(people.mandataries["cbe_number"])
    languages = people.employers.select(employer_cbe="cbe_number", employer="language")
    spoken = people.mandataries.select(mandatary_cbe="cbe_number", mandatary="language")
    both = mandates.join(languages, on="employer_cbe").join(spoken, on="mandatary_cbe")
    assert both.filter(pl.col("employer") != pl.col("mandatary")).height == 0


@pytest.mark.parametrize("frame", ["mandates", "routing"])
def test_an_employer_has_one_mandate_and_one_choice_on_a_day(people: Population, frame: str):
    periods = people.frames()[frame].sort("employer_cbe", "begin_date")

    before = pl.col("end_date").fill_null(FAR).shift(1).over("employer_cbe")
    assert periods.filter(before >= pl.col("begin_date")).height == 0
    assert periods.filter(pl.col("end_date") < pl.col("begin_date")).height == 0
    assert periods.filter(pl.col("begin_date") > people.today).height == 0
    assert periods.filter(pl.col("end_date") >= people.today).height == 0


def test_mandates_begin_and_end_with_a_quarter(people: Population):
    begin, end = pl.col("begin_date"), pl.col("end_date").dt.offset_by("1d")

    for day in (begin, end):
        held = people.mandates.select(day=day).drop_nulls()
        assert held.height > 50
        assert held.filter(pl.col("day") != pl.col("day").dt.truncate("1q")).height == 0


def test_requests_go_to_the_employer_or_to_one_that_was_given_its_mandate(people: Population):
    to_others = people.routing.filter(pl.col("employer_cbe") != pl.col("destination_cbe"))
    given = people.mandates.select("employer_cbe", "mandatary_cbe", since="begin_date")

    known = to_others.join(
        given,
        left_on=("employer_cbe", "destination_cbe", "begin_date"),
        right_on=("employer_cbe", "mandatary_cbe", "since"),
        how="semi",
    )

    assert known.height == to_others.height > 500


def test_a_mandate_that_ended_leaves_some_choices_that_still_name_it(people: Population):
    ended = people.mandates.filter(~OPEN).select("employer_cbe", "mandatary_cbe")
    stale = choices(people).join(
        ended,
        left_on=("employer_cbe", "destination_cbe"),
        right_on=("employer_cbe", "mandatary_cbe"),
        how="semi",
    )

    assert 5 < stale.height < 0.1 * people.employers.height


def test_some_employers_have_no_choice_and_the_others_choose_each_of_four_ways(people: Population):
    known = choices(people)

    assert 0.03 < 1 - known["employer_cbe"].n_unique() / people.employers.height < 0.15
    ways = known.group_by("channel", "request_scope").len()
    assert ways.height == 4
    assert share(known.filter(pl.col("channel") == "ELECTRONIC"), known) > 0.6


def test_a_mandatary_has_one_channel_and_one_wish_for_all_its_employers(people: Population):
    others = people.routing.filter(pl.col("employer_cbe") != pl.col("destination_cbe"))

    wishes = others.select("destination_cbe", "channel", "request_scope").unique()

    assert wishes["destination_cbe"].is_unique().all()


def test_electronic_destinations_have_an_address_but_for_some_conflicts(people: Population):
    electronic = choices(people).filter(pl.col("channel") == "ELECTRONIC")
    addresses = people.portal_users.filter(pl.col("email").is_not_null()).select("cbe_number")

    without = electronic.join(
        addresses, left_on="destination_cbe", right_on="cbe_number", how="anti"
    )

    assert 0 < share(without, electronic) < 0.1
    assert without["own"].all()
    unreached = without.join(
        people.portal_users, left_on="destination_cbe", right_on="cbe_number", how="anti"
    )
    assert 0 < unreached.height < without.height


def test_nobody_can_be_reached(people: Population, country: Country):
    users = people.portal_users

    for column in ("mobile_number", "phone_number", "fax_number"):
        for number in users[column].drop_nulls():
            assert re.fullmatch(r"\+32 0\d{3} \d{3} \d{3}", number)
    domains = users["email"].drop_nulls().str.split("@").list.last().unique().sort()
    assert domains.to_list() == ["example.net", "example.org"]


def test_every_user_has_a_number_of_its_own_and_a_local_manager_at_the_same_place(
    people: Population,
):
    users = people.portal_users
    managers = users.select("cbe_number", local_manager_id="contact_person_id")

    assert users["contact_person_id"].is_unique().all()
    assert users.join(managers, on=["cbe_number", "local_manager_id"]).height == users.height
    places = set(people.employers["cbe_number"]) | set(people.mandataries["cbe_number"])
    assert set(users["cbe_number"]) <= places
    employers = users.filter(pl.col("capacity") == "EMPLOYER")["cbe_number"]
    assert set(employers) <= set(people.employers["cbe_number"])


def test_mandataries_have_valid_numbers_that_no_employer_has(people: Population):
    for cbe, nsso in people.mandataries.select("cbe_number", "nsso_number").iter_rows():
        EnterpriseNumber(cbe)
        assert NssoNumber(nsso).fits
    for column in ("cbe_number", "nsso_number"):
        assert not set(people.mandataries[column]) & set(people.employers[column])


def test_an_employer_has_a_name_mostly_an_address_and_a_curator_only_under_curatorship(
    people: Population,
):
    employers = people.employers

    assert employers["denomination"].null_count() == 0
    assert 0.005 < employers["address"].null_count() / employers.height < 0.05
    for column in ("curator_id", "curator_name", "curator_address"):
        held = employers.filter(pl.col(column).is_not_null())
        assert held["curatorship"].all()
        assert held.height == employers["curatorship"].sum() > 0
    for number in employers["provisional_number"].drop_nulls():
        assert NssoNumber(number).digits.startswith("51")


def test_an_employer_is_active_in_every_quarter_in_which_somebody_worked_there(
    people: Population,
):
    worked = people.dimona.select(cbe_number="employer_cbe", day="begin_date").with_columns(
        quarter=pl.format("{}Q{}", pl.col("day").dt.year(), pl.col("day").dt.quarter())
    )
    covered = worked.join(people.activity, on="cbe_number").filter(
        (pl.col("first_quarter") <= pl.col("quarter"))
        & (pl.col("last_quarter").fill_null("9999Q4") >= pl.col("quarter"))
    )

    assert covered.height == worked.height
    idle = people.activity.filter(pl.col("last_quarter").is_not_null())
    assert idle.height > 100


def test_active_quarters_that_touch_are_one_run(people: Population):
    runs = people.activity.sort("cbe_number", "first_quarter")

    before = pl.col("last_quarter").shift(1).over("cbe_number")
    assert runs.filter(before >= pl.col("first_quarter")).height == 0
    again = runs.with_columns(before=before).drop_nulls("before")
    year, quarter = pl.col("before").str.head(4).cast(int), pl.col("before").str.tail(1).cast(int)
    next_one = pl.format("{}Q{}", year + quarter // 4, quarter % 4 + 1)
    assert again.height > 50
    assert again.filter(next_one == pl.col("first_quarter")).height == 0


def test_the_personnel_file_knows_everyone_who_was_ever_declared_and_nobody_else(
    people: Population,
):
    workers = people.workers
    known = workers.join(people.persons, on="ssin", suffix="_of_person")

    assert workers["ssin"].is_unique().all()
    assert set(workers["ssin"]) == set(people.dimona["ssin"])
    assert known.height == workers.height
    for column in ("last_name", "first_name", "birth_date", "nationality"):
        assert (known[column] == known[f"{column}_of_person"]).all()
    assert set(workers["sex"]) == {"F", "M"}
    assert (known["sex_of_person"].str.head(1).str.to_uppercase() == known["sex"]).all()


def test_a_place_of_birth_is_known_in_the_country_only(people: Population, country: Country):
    home = country.nationalities["nis_code"][0]
    here = people.workers["birth_country"] == home

    assert (people.workers["birth_municipality"].is_not_null() == here).all()
    assert 0.6 < (here.mean() or 0) < 0.95
    towns = set(country.municipalities["name_nl"]) | set(country.municipalities["name_fr"])
    assert set(people.workers["birth_municipality"].drop_nulls()) <= towns


def test_even_the_smallest_country_has_employers_that_are_reached(country: Country):
    few = generate(country, size=1, seed=1, today=date(2026, 1, 15))

    assert few.mandataries.height == country.mandataries.height
    assert few.routing.height > 0
