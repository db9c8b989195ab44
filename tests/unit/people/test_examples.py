from datetime import date

import polars as pl
import pytest

from kruispunt.people import Country, Example, Population, examples, generate
from kruispunt.vocabulary import InstitutionCode

ASKS = InstitutionCode("CM")
OTHER = InstitutionCode("SOLIDARIS")


@pytest.fixture(scope="module")
def stories(people: Population) -> dict[str, Example]:
    return examples(people, member=ASKS, other=OTHER)


def covering(lines: pl.DataFrame, one: Example, *, sector: int, quality: int) -> pl.DataFrame:
    return lines.filter(
        (pl.col("ssin") == one.ssin.number)
        & (pl.col("sector") == sector)
        & (pl.col("quality") == quality)
        & (pl.col("begin") <= one.until)
        & (pl.col("end").is_null() | (pl.col("end") >= one.begin))
    )


def test_every_story_finds_somebody_among_20_000(stories: dict[str, Example]):
    assert set(stories) == {
        "before-membership",
        "bis",
        "cancelled",
        "changed-insurer",
        "curator",
        "deceased",
        "dimona-only",
        "full-time",
        "lapsed-mandate",
        "never-worked",
        "no-electronic-address",
        "not-insured",
        "other-member",
        "part-time",
        "part-time-and-unemployed",
        "replaced",
        "routed-to-employer",
        "routed-to-mandatary",
        "two-payers",
        "unemployed",
        "unknown",
    }


@pytest.mark.parametrize(
    ("story", "member", "hub", "dimona", "employment", "unemployment"),
    [
        ("full-time", True, True, True, True, False),
        ("part-time", True, True, True, True, False),
        ("part-time-and-unemployed", True, True, True, True, True),
        ("two-payers", True, True, True, True, True),
        ("unemployed", True, True, False, False, True),
        ("never-worked", True, True, False, False, False),
        ("dimona-only", True, True, True, False, None),
        ("before-membership", False, False, True, True, None),
        ("not-insured", False, False, True, True, None),
        ("other-member", False, True, True, True, None),
        ("unknown", False, False, False, False, False),
        ("deceased", True, True, None, None, None),
        ("bis", True, True, True, True, None),
        ("routed-to-mandatary", True, True, True, True, None),
        ("routed-to-employer", True, True, True, True, None),
        ("no-electronic-address", True, True, True, True, None),
        ("lapsed-mandate", True, True, True, True, None),
        ("curator", True, True, True, True, None),
    ],
)
def test_the_lines_of_a_story_are_those_that_its_telling_needs(
    people: Population,
    stories: dict[str, Example],
    country: Country,
    story: str,
    member: bool | None,
    hub: bool | None,
    dimona: bool | None,
    employment: bool | None,
    unemployment: bool | None,
):
    one, kinds = stories[story], country.parameters.directory
    at_node = people.node_lines.filter(pl.col("member") == ASKS)

    found = [
        covering(lines, one, sector=kind.sector, quality=kind.quality).height > 0
        for lines, kind in (
            (at_node, kinds.membership),
            (people.hub_lines, kinds.membership),
            (people.hub_lines, kinds.dimona),
            (people.hub_lines, kinds.employment),
            (people.hub_lines, kinds.unemployment),
        )
    ]

    for expected, is_found in zip(
        (member, hub, dimona, employment, unemployment), found, strict=True
    ):
        assert expected in {None, is_found}


def test_the_replaced_number_is_a_member_s_at_the_node_and_leads_on(
    people: Population, stories: dict[str, Example], country: Country
):
    one, kind = stories["replaced"], country.parameters.directory.membership

    assert one.successor is not None
    held = covering(people.node_lines, one, sector=kind.sector, quality=kind.quality)
    assert held["member"].to_list() == [ASKS]


def test_the_same_people_are_found_again(people: Population, stories: dict[str, Example]):
    assert examples(people, member=ASKS, other=OTHER) == stories


def test_stories_that_nobody_fits_are_left_out(country: Country):
    few = generate(country, size=5, seed=1, today=date(2026, 1, 15))

    found = examples(few, member=ASKS, other=OTHER)

    assert "unknown" in found
    assert len(found) < 20


def test_two_payment_institutions_have_a_file_on_every_day_asked_about(
    people: Population, stories: dict[str, Example]
):
    one = stories["two-payers"]

    lines = people.payer_lines.filter(
        (pl.col("ssin") == one.ssin.number)
        & (pl.col("begin") <= one.begin)
        & (pl.col("end").is_null() | (pl.col("end") >= one.until))
    )

    assert lines["member"].n_unique() == 2
