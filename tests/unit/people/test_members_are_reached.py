"""What insurers know of their members: a name and an address, one for each household."""

import polars as pl

from kruispunt.people import Population


def test_every_insurer_knows_whoever_the_node_says_is_its_member(people: Population):
    lines = people.node_lines.select("ssin", "member").unique()
    cancelled = people.numbers.filter(pl.col("status") == "cancelled").select("ssin")

    missing = lines.join(people.insured, on=["ssin", "member"], how="anti")

    assert missing.join(cancelled, on="ssin", how="anti").height == 0
    assert people.insured.select("ssin", "member").is_duplicated().sum() == 0
    assert people.insured["name"].null_count() == 0


def test_a_household_has_one_address_and_who_lives_abroad_has_none(people: Population):
    present = people.insured.join(people.persons, on="ssin")

    by_household = present.filter(pl.col("household").is_not_null() & ~pl.col("bis"))
    addresses = by_household.group_by("household", "municipality").agg(
        pl.col("address").n_unique()
    )
    assert addresses["address"].max() == 1
    assert present.filter("bis")["address"].null_count() == present.filter("bis").height > 0
    assert present.filter(~pl.col("bis"))["address"].null_count() == 0
