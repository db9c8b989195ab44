from datetime import date

import polars as pl

from kruispunt.people import LINE_COLUMNS, Country, Population, merge
from kruispunt.people.parameters import LineKind
from kruispunt.vocabulary import REPLACED, NumberStatus

PERIODS = {"ssin": pl.Int64, "begin": pl.Date, "end": pl.Date}


def of_kind(lines: pl.DataFrame, kind: LineKind) -> pl.DataFrame:
    return lines.filter((pl.col("sector") == kind.sector) & (pl.col("quality") == kind.quality))


def numbers(people: Population, status: NumberStatus) -> pl.DataFrame:
    return people.numbers.filter(pl.col("status") == status.value)


def test_periods_that_touch_become_one_and_a_day_between_keeps_them_apart():
    periods = pl.DataFrame(
        [
            (1, date(2020, 1, 1), date(2020, 1, 31)),
            (1, date(2020, 2, 1), date(2020, 2, 10)),
            (1, date(2020, 2, 5), date(2020, 2, 7)),
            (1, date(2020, 2, 12), None),
            (1, date(2021, 1, 1), date(2021, 1, 2)),
            (2, date(2019, 1, 1), date(2019, 1, 1)),
        ],
        schema=PERIODS,
        orient="row",
    )

    assert merge(periods).rows() == [
        (1, date(2020, 1, 1), date(2020, 2, 10)),
        (1, date(2020, 2, 12), None),
        (2, date(2019, 1, 1), date(2019, 1, 1)),
    ]


def test_no_periods_give_no_lines():
    assert merge(pl.DataFrame(schema=PERIODS)).height == 0


def test_the_hub_never_names_a_member_and_the_node_always_does(people: Population):
    assert people.hub_lines.columns == people.node_lines.columns == list(LINE_COLUMNS)
    assert people.hub_lines["member"].null_count() == people.hub_lines.height
    assert people.node_lines["member"].null_count() == 0


def test_every_line_follows_from_a_life(people: Population, country: Country):
    kinds = country.parameters.directory
    lives = {
        kinds.membership: people.memberships["ssin"],
        kinds.incapacity: people.incapacities["ssin"],
        kinds.dimona: people.dimona["ssin"],
        kinds.employment: people.employments["ssin"],
        kinds.unemployment: people.unemployment["ssin"],
    }
    mistaken = set(numbers(people, NumberStatus.CANCELLED)["ssin"])

    counted = 0
    for kind, ssins in lives.items():
        lines = of_kind(people.hub_lines, kind)
        counted += lines.height
        assert set(lines["ssin"]) - mistaken == set(ssins)
    replaced = people.hub_lines.filter(pl.col("quality") == REPLACED)
    centres = people.hub_lines["sector"] == country.parameters.centres.sector
    assert counted + replaced.height + centres.sum() == people.hub_lines.height


def test_lines_of_one_kind_never_overlap_at_the_hub(people: Population, country: Country):
    kinds = country.parameters.directory
    every = (kinds.membership, kinds.incapacity, kinds.dimona, kinds.employment)
    for kind in (*every, kinds.unemployment):
        lines = of_kind(people.hub_lines, kind).sort("ssin", "begin")
        before = pl.col("end").fill_null(date.max).shift(1).over("ssin")
        assert lines.filter(before >= pl.col("begin")).height == 0


def test_insurers_merge_into_one_line_at_the_hub(people: Population, country: Country):
    kind = country.parameters.directory.membership
    changed = people.memberships.filter(pl.col("ssin").is_duplicated())["ssin"].unique()

    lines = of_kind(people.hub_lines, kind).filter(pl.col("ssin").is_in(changed.implode()))

    assert lines.height == len(changed) > 500


def test_an_old_number_has_only_lines_that_say_it_was_replaced(people: Population):
    old = numbers(people, NumberStatus.REPLACED)

    lines = people.hub_lines.join(old, on="ssin")
    known = people.hub_lines.join(old.select(ssin="successor", old="ssin"), on="ssin")

    assert lines["quality"].unique().to_list() == [REPLACED]
    pairs = known.select(ssin="old", sector="sector").unique().sort("ssin", "sector")
    assert lines.select("ssin", "sector").sort("ssin", "sector").equals(pairs)
    assert lines.filter(pl.col("begin") != pl.col("replaced_on")).height == 0


def test_the_node_keeps_a_replaced_member_under_both_numbers(people: Population):
    old = numbers(people, NumberStatus.REPLACED)
    periods = ["member", "begin", "end"]

    under_old = people.node_lines.join(old.select("ssin"), on="ssin").select(periods)
    under_new = people.node_lines.join(old.select(ssin="successor"), on="ssin").select(periods)

    assert under_old.height > 50
    assert under_old.sort(periods).equals(under_new.sort(periods))


def test_a_cancelled_number_still_has_the_line_of_its_insurer(people: Population):
    wrong = numbers(people, NumberStatus.CANCELLED).select("ssin")

    assert people.node_lines.join(wrong, on="ssin", how="semi").height > 10
    assert people.hub_lines.join(wrong, on="ssin", how="semi").height > 10
