"""Files of insurers on members who fell ill: coherent with lives, and known at node and hub."""

from datetime import date

import polars as pl

from kruispunt.people import Country, Population


def test_who_has_a_file_was_a_member_of_that_insurer_on_all_its_days(people: Population):
    files = people.incapacities.with_row_index("file")
    held = people.memberships.rename({"begin": "since", "end": "left"})

    covered = files.join(held, on=("ssin", "member")).filter(
        (pl.col("since") <= pl.col("begin"))
        & (pl.col("left").is_null() | (pl.col("end") <= pl.col("left")))
    )

    assert files.height > 1000
    assert covered["file"].n_unique() == files.height


def test_somebody_falls_ill_at_work_or_while_unemployed_and_not_in_days_to_come(
    people: Population,
):
    work = people.employments.select(
        "ssin", since="employment_begin_date", left="employment_end_date"
    )
    idle = people.unemployment.select("ssin", since="begin", left="end")
    files = people.incapacities.with_row_index("file")

    fell = files.join(pl.concat([work, idle]), on="ssin").filter(
        (pl.col("since") <= pl.col("begin"))
        & (pl.col("left").is_null() | (pl.col("begin") <= pl.col("left")))
    )

    assert fell["file"].n_unique() == files.height
    assert files.filter(pl.col("begin") > people.today).height == 0
    assert files.filter(pl.col("end") > people.today).height == 0
    assert files["end"].null_count() > 100


def test_the_node_names_the_insurer_of_a_file_and_the_hub_knows_that_there_is_one(
    people: Population, country: Country
):
    kind = country.parameters.directory.incapacity
    of_kind = (pl.col("sector") == kind.sector) & (pl.col("quality") == kind.quality)

    at_node = people.node_lines.filter(of_kind)
    at_hub = people.hub_lines.filter(of_kind)

    assert people.incapacities.join(at_node, on=("ssin", "member", "begin"), how="anti").is_empty()
    assert set(people.incapacities["ssin"]) == set(at_hub["ssin"])


def test_of_those_asked_about_in_the_freeze_some_are_ill_on_the_day_that_counts(
    people: Population,
):
    """OS-3: so a demonstration of the one-time file shows who is passed on, and who stays."""
    day, frozen = date(2021, 10, 1), (date(2020, 4, 1), date(2021, 9, 30))
    sheets = people.benefits.sheets.filter(pl.col("asked_on").is_between(*frozen))
    ill = people.incapacities.filter(
        (pl.col("begin") <= day) & (pl.col("end").is_null() | (pl.col("end") >= day))
    )

    asked = set(sheets["ssin"])

    assert len(asked & set(ill["ssin"])) > 10
    assert len(asked - set(ill["ssin"])) > 10
