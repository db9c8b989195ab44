from datetime import date

import polars as pl

from kruispunt.people import Country, Population, generate
from kruispunt.vocabulary import EnterpriseNumber, EstablishmentNumber, NssoNumber

FAR = date(9999, 12, 31)
ALIVE = pl.col("deceased_on").is_null()


def real(value: object) -> float:
    """A figure that a frame with rows always has."""
    assert isinstance(value, int | float)
    return float(value)


def age(people: Population) -> pl.Expr:
    return (pl.lit(people.today) - pl.col("born_on")).dt.total_days() / 365.25


def test_the_same_seed_gives_the_same_people_and_another_seed_others(country: Country):
    def make(seed: int) -> Population:
        return generate(country, size=3_000, seed=seed, today=date(2026, 1, 15))

    first, again, other = make(3), make(3), make(4)

    for name, frame in first.frames().items():
        assert frame.equals(again.frames()[name], null_equal=True), name
        assert not frame.equals(other.frames()[name]), name


def test_there_are_exactly_as_many_people_as_asked_for(country: Country):
    for size in (1, 2, 17, 500):
        made = generate(country, size=size, seed=1, today=date(2026, 1, 15))
        assert made.persons.height == size


def test_nobody_works_before_15_or_after_death(people: Population):
    work = people.dimona.join(people.persons, on="ssin").select(
        "deceased_on", "end_date", since=(pl.col("begin_date") - pl.col("born_on")).dt.total_days()
    )

    assert work.height == people.dimona.height
    assert real(work["since"].min()) > 15 * 365.25
    dead = work.filter(~ALIVE)
    assert dead.height > 100
    assert dead["end_date"].null_count() == 0
    assert dead.filter(pl.col("end_date") > pl.col("deceased_on")).height == 0


def test_nobody_has_a_file_after_death_or_before_arrival(people: Population):
    who = people.persons.select("ssin", "born_on", "deceased_on", "arrived_on")
    files = people.hub_lines.filter(pl.col("quality") != 999).join(who, on="ssin")

    late = files.filter(pl.col("end").fill_null(FAR) > pl.col("deceased_on").fill_null(FAR))
    early = files.filter(pl.col("begin") < pl.coalesce("arrived_on", "born_on"))

    assert late.height == 0
    assert early.height == 0


def test_no_period_is_reversed_or_begins_after_today(people: Population):
    for frame in (people.hub_lines, people.node_lines, people.memberships, people.unemployment):
        assert frame.filter(pl.col("end") < pl.col("begin")).height == 0
        assert frame.filter(pl.col("begin") > people.today).height == 0
    assert people.dimona.filter(pl.col("end_date") > people.today).height == 0


def test_every_household_has_one_reference_person_and_adult_partners(people: Population):
    lives = people.persons.filter(ALIVE)
    adults = lives.filter(pl.col("role").is_in(["reference", "partner"]))

    assert lives["household"].null_count() == 0
    assert people.households["reference_ssin"].null_count() == 0
    references = lives.filter(pl.col("role") == "reference")
    assert references["household"].n_unique() == references.height == people.households.height
    assert adults.select(age(people).min()).item() >= 18
    assert lives.filter(pl.col("role") == "partner")["household"].is_duplicated().sum() == 0


def test_parents_are_older_than_their_children(people: Population):
    lives = people.persons.filter(ALIVE)
    children = lives.filter(pl.col("role") == "child")
    parents = lives.filter(pl.col("role") == "reference").select("household", parent="born_on")

    gap = children.join(parents, on="household").select(
        (pl.col("born_on") - pl.col("parent")).dt.total_days() / 365.25
    )

    assert gap.height == children.height > 3_000
    assert real(gap.to_series().min()) > 13


def test_every_employment_has_a_dimona_relation_that_covers_it(people: Population):
    relations = people.dimona.rename({"nsso_number": "nsso"}).select(
        "ssin", "nsso", "begin_date", last=pl.col("end_date").fill_null(FAR)
    )
    covered = people.employments.with_row_index("row").join(relations, on="ssin").filter(
        (pl.col("nsso") == pl.col("nsso_number"))
        & (pl.col("begin_date") <= pl.col("employment_begin_date"))
        & (pl.col("last") >= pl.col("employment_end_date").fill_null(FAR))
    )  # fmt: skip

    assert covered["row"].n_unique() == people.employments.height


def test_an_employment_goes_beyond_quarters(people: Population):
    ended = people.employments.drop_nulls("employment_end_date")
    days = ended.select(
        (pl.col("employment_end_date") - pl.col("employment_begin_date")).dt.total_days()
    ).to_series()

    assert real((days > 92).mean()) > 0.5
    keys = ["ssin", "cbe_number", "employment_begin_date"]
    assert real(people.employments.select(keys).is_duplicated().mean()) < 0.001


def test_nobody_is_unemployed_on_a_day_of_full_time_work(people: Population):
    full = people.employments.filter(
        pl.col("mean_weekly_hours_worker_q") >= pl.col("mean_weekly_hours_reference_s")
    ).select(
        "ssin",
        first="employment_begin_date",
        last=pl.col("employment_end_date").fill_null(FAR),
    )
    clash = people.unemployment.join(full, on="ssin").filter(
        (pl.col("begin") <= pl.col("last")) & (pl.col("first") <= pl.col("end").fill_null(FAR))
    )

    assert people.unemployment.height > 1_000
    assert clash.height == 0


def test_nobody_is_a_member_of_two_insurers_on_one_day(people: Population):
    ordered = people.memberships.sort("ssin", "begin")
    clash = ordered.with_columns(
        pl.col("end").fill_null(FAR).shift(1).over("ssin").alias("before")
    ).filter(pl.col("before") >= pl.col("begin"))
    changed = (
        ordered.group_by("ssin").agg(pl.col("member").n_unique()).filter(pl.col("member") > 1)
    )

    assert clash.height == 0
    assert changed.height > 500


def test_hours_of_most_workers_do_not_exceed_the_reference(people: Population):
    hours = people.employments.select(
        over=pl.col("mean_weekly_hours_worker_q") > pl.col("mean_weekly_hours_reference_s"),
        part=pl.col("mean_weekly_hours_worker_q") < pl.col("mean_weekly_hours_reference_s"),
        full=pl.col("mean_weekly_hours_worker_q") == pl.col("mean_weekly_hours_reference_s"),
    ).mean()

    assert 0 < hours["over"].item() < 0.01
    assert 0.2 < hours["part"].item() < 0.5
    assert 0.5 < hours["full"].item() < 0.8


def test_some_people_have_several_employments_at_once(people: Population):
    running = people.employments.filter(pl.col("employment_end_date").is_null())

    assert running["ssin"].is_duplicated().sum() > 50


def test_numbers_of_employers_are_valid_and_differ(people: Population):
    for cbe, nsso, unit in people.employers.select(
        "cbe_number", "nsso_number", "establishment_number"
    ).iter_rows():
        EnterpriseNumber(cbe)
        EstablishmentNumber(unit)
        assert NssoNumber(nsso).fits
    assert people.employers["cbe_number"].n_unique() == people.employers.height
    assert people.employers["nsso_number"].n_unique() == people.employers.height


def test_a_few_employers_have_most_of_the_jobs(people: Population):
    sizes = people.dimona.group_by("employer_cbe").len().sort("len", descending=True)["len"]

    assert real(sizes.head(len(sizes) // 10).sum()) > 0.35 * people.dimona.height


def test_dimona_periods_have_twelve_digits_and_grow_with_time(people: Population):
    periods = people.dimona["dimona_period_id"]

    assert periods.n_unique() == people.dimona.height
    assert periods.cast(pl.String).str.len_chars().unique().to_list() == [12]
    assert people.dimona.sort("dimona_period_id")["begin_date"].is_sorted()


def test_the_living_follow_the_age_pyramid(people: Population, country: Country):
    bands = country.parameters.ages
    total = sum(band.weight for band in bands)
    ages = people.persons.filter(ALIVE).select(age(people)).to_series()

    for youngest, until in ((0, 20), (20, 40), (40, 65), (65, 121)):
        target = sum(b.weight for b in bands if youngest <= b.from_ < until) / total
        share = real(((ages >= youngest) & (ages < until)).mean())
        assert abs(share - target) < 0.03, (youngest, share, target)


def test_shares_are_those_of_a_country(people: Population):
    lives = people.persons.filter(ALIVE)
    grown = lives.filter((age(people) >= 20) & (age(people) < 60))
    working = people.dimona.filter(pl.col("end_date").is_null())
    women = real((lives["sex"] == "female").mean())

    assert 0.48 < women < 0.53
    assert 0.4 < grown.join(working, on="ssin", how="semi").height / grown.height < 0.8
    idle = people.unemployment.filter(pl.col("end").is_null())["ssin"].n_unique()
    assert 0.02 < idle / working["ssin"].n_unique() < 0.12
    assert 1.9 < real(people.households["size"].mean()) < 2.5
    assert 0.005 < real(lives["bis"].mean()) < 0.06
    assert set(lives["language"].unique()) == {"nl", "fr", "de"}


def test_nobody_lives_longer_than_people_do(people: Population):
    until = pl.coalesce("deceased_on", pl.lit(people.today))
    days = people.persons.select((until - pl.col("born_on")).dt.total_days()).to_series()

    assert real(days.min()) >= 0
    assert real(days.max()) < 110 * 366
