"""What payment institutions hold of the synthetic people fits their lives and 05/022 §38-§42."""

from datetime import date

import polars as pl

from kruispunt.people import Country, Population

FAR = date(9999, 12, 31)
FROZEN = date(2020, 4, 1)
THAWED = date(2021, 10, 1)
LAST = pl.col("end_date").fill_null(FAR)


def real(value: object) -> float:
    """A figure that a frame with rows always has."""
    assert isinstance(value, int | float)
    return float(value)


def in_spell(frame: pl.DataFrame, people: Population) -> pl.DataFrame:
    """Each row with the spell paid by the same institution in which it begins."""
    spells = people.benefits.spells.select(
        "ssin", "member", spell_begin="begin_date", spell_end=LAST
    )
    return frame.join(spells, on=["ssin", "member"]).filter(
        pl.col("begin_date").is_between("spell_begin", "spell_end")
    )


def amounts(people: Population) -> pl.DataFrame:
    """Each amount beside the one before it in the same spell at the same institution."""
    order = ["ssin", "member", "spell_begin"]
    rows = in_spell(people.benefits.amounts, people).sort([*order, "begin_date"])
    return rows.with_columns(
        pl.col("daily_cents", "end_date", "period", "family_burden_seniority_code")
        .shift()
        .over(order)
        .name.prefix("last_")
    )


def test_every_day_of_unemployment_is_paid_by_exactly_one_institution(people: Population):
    days = (LAST - pl.col("begin_date")).dt.total_days() + 1
    paid = people.benefits.spells.group_by("ssin").agg(days=days.sum())
    spells = people.unemployment.rename({"begin": "begin_date", "end": "end_date"})

    told = spells.group_by("ssin").agg(days=days.sum())

    assert paid.sort("ssin").equals(told.sort("ssin"))
    within = people.benefits.spells.join(spells, on="ssin", suffix="_told").filter(
        (pl.col("begin_date") >= pl.col("begin_date_told"))
        & (pl.col("end_date_told").fill_null(FAR) >= LAST)
    )
    assert within.height == people.benefits.spells.height


def test_some_people_have_files_at_two_institutions_in_one_month(people: Population):
    files = people.benefits.files
    pairs = files.join(files, on="ssin", suffix="_other").filter(
        (pl.col("member") != pl.col("member_other"))
        & (pl.col("begin") < pl.col("begin_other"))
        & (pl.col("end").fill_null(FAR) >= pl.col("begin_other"))
    )

    assert pairs.height > 100
    assert pairs.filter(pl.col("end") > pl.col("begin_other").dt.month_end()).is_empty()
    assert pairs.filter(pl.col("end_other").is_null()).height > 10


def test_institutions_are_those_of_the_country_and_people_stay_after_a_change(
    people: Population, country: Country
):
    codes = {one.code for one in country.parameters.payers}
    per_person = people.benefits.spells.group_by("ssin").agg(
        runs=pl.col("member").sort_by("begin_date").rle().len(),
        changes=pl.col("member").n_unique(),
    )

    assert set(people.benefits.spells["member"]) == codes
    assert real(per_person["changes"].max()) > 1
    assert per_person.filter(pl.col("runs") > 1).height < 0.3 * per_person.height


def test_amounts_follow_each_other_without_a_day_between_through_each_paid_spell(
    people: Population,
):
    rows = amounts(people)

    firsts = rows.filter(pl.col("last_end_date").is_null())
    assert rows.height == people.benefits.amounts.height
    assert firsts.height == people.benefits.spells.height
    assert (firsts["begin_date"] == firsts["spell_begin"]).all()
    later = rows.filter(pl.col("last_end_date").is_not_null())
    step = (pl.col("begin_date") - pl.col("last_end_date")).dt.total_days()
    assert later.filter(step != 1).is_empty()
    ends = rows.group_by("ssin", "member", "spell_begin").agg(
        LAST.max().alias("last"), pl.col("spell_end").first()
    )
    assert ends.filter(pl.col("last") != pl.col("spell_end")).is_empty()


def test_amounts_drop_with_each_period_and_never_rise_while_the_family_stays_as_it_is(
    people: Population,
):
    rows = amounts(people).filter(pl.col("last_daily_cents").is_not_null())
    drops = rows.filter(pl.col("cause") == "period")
    later = drops.filter(pl.col("period") > pl.col("last_period"))

    assert drops.height > 1_000
    assert drops.filter(pl.col("daily_cents") > pl.col("last_daily_cents")).is_empty()
    assert rows.filter(pl.col("period") < pl.col("last_period")).is_empty()
    assert later.filter(pl.col("daily_cents") < pl.col("last_daily_cents")).height > 100


def test_periods_last_as_long_as_the_text_says(people: Population):
    """05/022 §41: 12 months, at most 36, and the third after at most 48, but for the freeze."""
    after = pl.col("spell_begin") >= THAWED
    rows = amounts(people).filter(after & (pl.col("cause") == "period"))
    months = (pl.col("begin_date") - pl.col("spell_begin")).dt.total_days() / 30.4375

    second = rows.filter((pl.col("period") == 2) & (pl.col("last_period") == 1)).select(m=months)
    third = rows.filter((pl.col("period") == 3) & (pl.col("last_period") == 2)).select(m=months)

    assert real(second["m"].max()) <= 12.1
    assert second.filter(pl.col("m") > 11.9).height > 100
    assert real(third["m"].max()) <= 48.1


def test_no_amount_changes_in_the_freeze_and_that_of_its_first_day_is_kept(people: Population):
    """05/022 §42: from 1 April 2020 to 30 September 2021."""
    changed = amounts(people).filter(
        pl.col("last_daily_cents").is_not_null()
        & (pl.col("begin_date") > FROZEN)
        & (pl.col("begin_date") < THAWED)
    )
    held = people.benefits.amounts.filter(
        (pl.col("begin_date") <= FROZEN) & (date(2021, 9, 30) <= LAST)
    )

    assert changed.is_empty()
    assert held.height > 20


def test_amounts_of_each_situation_are_told_and_the_present_one_is_among_them(
    people: Population, country: Country
):
    letters = country.parameters.benefits.letters
    rows = people.benefits.amounts
    own = (
        pl.when(pl.col("family_burden_seniority_code").str.starts_with(letters.with_family_burden))
        .then("burden_cents")
        .when(pl.col("family_burden_seniority_code").str.starts_with(letters.single))
        .then("single_cents")
        .otherwise("cohabiting_cents")
    )
    known = ~pl.col("scale_code").str.starts_with(letters.company_supplement)

    assert rows.filter(known & (pl.col("daily_cents") != own)).is_empty()
    assert rows.filter(pl.col("cohabiting_cents") > pl.col("single_cents")).is_empty()
    assert rows.filter(pl.col("single_cents") > pl.col("burden_cents")).is_empty()
    changed = amounts(people).filter(known & (pl.col("cause") == "family"))
    assert changed.height > 50
    assert changed.filter(
        pl.col("family_burden_seniority_code") == pl.col("last_family_burden_seniority_code")
    ).is_empty()


def test_seniority_and_company_supplements_are_for_the_old(people: Population, country: Country):
    rule = country.parameters.benefits
    born = people.persons.select("ssin", "born_on")
    age = (pl.col("begin_date") - pl.col("born_on")).dt.total_days() / 365.25
    senior = people.benefits.amounts.filter(pl.col("supplement_cents") > 0).join(born, on="ssin")
    supplied = people.benefits.spells.filter(
        pl.col("full_unemployment_code") == rule.full_codes.company_supplement
    ).join(born, on="ssin")

    assert senior.height > 100
    assert real(senior.select(age)["begin_date"].min()) >= rule.supplement_age - 0.01
    assert real(senior["period"].min()) == 2
    assert supplied.height > 20
    # A spell may have begun before this institution took over.
    assert real(supplied.select(age)["begin_date"].min()) >= rule.company_supplement_age - 0.01


def test_statuses_tell_what_belongs_to_them(people: Population, country: Country):
    rule = country.parameters.benefits
    by_code = {one.code: one for one in rule.statuses}
    spells = people.benefits.spells

    assert set(spells["specific_status_code"]) == {*by_code, None}
    for code, status in by_code.items():
        rows = spells.filter(pl.col("specific_status_code") == code)
        assert rows["half_benefits_per_week"].is_not_null().all() == status.half_benefits
        assert rows["igu_entitled"].is_not_null().all() == (status.guarantee is not None)
        entitled = rows["igu_entitled"].fill_null(value=False)
        assert (rows["igu_month_cents"].is_not_null() == entitled).all()
    plain = spells.filter(pl.col("specific_status_code").is_null())
    assert plain["half_benefits_per_week"].null_count() == plain.height


def test_care_lies_within_one_paid_spell_outside_the_freeze(people: Population):
    rows = in_spell(people.benefits.exemptions, people)

    assert rows.height == people.benefits.exemptions.height > 20
    assert rows.filter(pl.col("spell_end") < LAST).is_empty()
    assert rows.filter((pl.col("begin_date") < THAWED) & (LAST >= FROZEN)).is_empty()


def test_holidays_taken_are_days_paid_that_year_and_no_more_than_those_entitled_to(
    people: Population,
):
    rows = people.benefits.holidays
    taken = rows.filter(pl.col("days_taken") > 0).rename(
        {"taken_begin": "begin_date", "taken_end": "end_date"}
    )

    assert rows.unique(["ssin", "member", "year"]).height == rows.height
    assert rows.filter(pl.col("days_taken") > pl.col("days_entitled")).is_empty()
    assert real(rows["days_entitled"].max()) <= 24
    assert taken.height > 500
    within = in_spell(taken, people)
    assert within.height == taken.height
    assert within.filter(pl.col("spell_end") < LAST).is_empty()
    assert within.filter(pl.col("end_date").dt.year() != pl.col("year")).is_empty()
    counted = [
        sum(day.weekday() < 6 for day in pl.date_range(begin, end, eager=True))
        for begin, end in taken.select("begin_date", "end_date").head(300).iter_rows()
    ]
    assert counted == taken["days_taken"].head(300).to_list()


def test_quarters_count_each_paid_day_once_as_unemployed_or_on_holiday(people: Population):
    order = ["ssin", "member", "quarter"]
    some = people.benefits.spells.filter(pl.col("ssin") % 17 == 0)
    days = (
        some.select(
            "ssin",
            "member",
            day=pl.date_ranges(pl.col("begin_date"), pl.col("end_date").fill_null(people.today)),
        )
        .explode("day")
        .filter(pl.col("day").dt.weekday() < 7)
        .with_columns(
            quarter=pl.format("{}Q{}", pl.col("day").dt.year(), pl.col("day").dt.quarter())
        )
        .group_by(order)
        .agg(days=pl.len().cast(pl.Int64))
    )

    told = people.benefits.quarters.filter(pl.col("ssin") % 17 == 0).select(
        *order,
        days=pl.col("controlled_unemployment_days") + pl.col("holiday_days_covered"),
    )

    assert told.height > 300
    assert told.filter(pl.col("days") > 0).sort(order).equals(days.sort(order))
    assert real(people.benefits.quarters["controlled_unemployment_days"].min()) >= 0
    holidays = people.benefits.quarters["holiday_days_covered"].sum()
    assert holidays == people.benefits.holidays["days_taken"].sum()


def test_the_directory_of_the_payers_names_them_and_the_hub_only_the_sector(
    people: Population, country: Country
):
    kind = country.parameters.directory.unemployment
    lines = people.payer_lines
    hub = people.hub_lines.filter(
        (pl.col("sector") == kind.sector) & (pl.col("quality") == kind.quality)
    )

    assert (
        lines.select("ssin", "member", "begin", "end")
        .sort("ssin", "begin", "member")
        .equals(people.benefits.files.select("ssin", "member", "begin", "end"))
    )
    assert set(lines["sector"]) == {kind.sector}
    assert hub["member"].null_count() == hub.height
    covered = lines.join(hub, on="ssin", suffix="_hub").filter(
        (pl.col("begin") >= pl.col("begin_hub"))
        & (pl.col("end").fill_null(FAR) <= pl.col("end_hub").fill_null(FAR))
    )
    assert covered.height == lines.height
