"""Who answers a flow: a station, or the hub's own directory from the facts of the entry."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.house import a_hub, a_question, again, another_law
from tests.law.inventing import (
    BOTH_FILES,
    FIELDS,
    FILE,
    HUB,
    SUPPLIED,
    a_check,
    a_clause,
    a_flow,
    a_lawbook,
    a_line,
)

from kruispunt.exchange import KeptLaws
from kruispunt.law import Flow, Lawbook, Supply, keep_lawbook, read_lawbook
from kruispunt.vocabulary import Answer, DirectoryLine, LawDigest, Quality, Sector

ELSEWHERE = (Sector(7), Quality(1))
YES, NO = {FIELDS[0]: True}, {FIELDS[0]: False}


def a_directory_flow() -> Flow:
    """Asks the directory for two files, one of which the clause withholds."""
    checks = [a_check(FIELDS[0], of=ELSEWHERE), a_check(FIELDS[1], of=SUPPLIED)]
    flow = a_flow(checks=checks)
    return replace(flow, supply=Supply.DIRECTORY, fields=flow.fields[:2])


def a_directory_law() -> Lawbook:
    clause = a_clause(fields=FIELDS[:1], withheld=FIELDS[1:2])
    return a_lawbook(clause, flows=[a_directory_flow()])


@pytest.mark.parametrize(
    ("lines", "row"), [(BOTH_FILES, NO), ((*BOTH_FILES, a_line(ELSEWHERE)), YES)]
)
async def test_the_directory_answers_by_its_lines_and_no_station_is_asked(
    lines: tuple[DirectoryLine, ...], row: dict[str, bool]
):
    twin = a_hub(lawbook=a_directory_law(), lines=lines)

    answer = await twin.hub.serve(a_question())

    assert isinstance(answer, Answer)
    assert answer.rows == (row,)
    assert twin.asked == []


async def test_the_directory_answers_from_the_facts_of_the_entry():
    twin, question = (
        a_hub(lawbook=a_directory_law(), lines=(*BOTH_FILES, a_line(ELSEWHERE))),
        a_question(),
    )
    await twin.hub.serve(question)
    twin.directory.lines.kept = frozenset(BOTH_FILES)

    answer = await twin.hub.serve(again(question))

    assert isinstance(answer, Answer)
    assert answer.rows == (YES,)
    assert a_line(ELSEWHERE) in twin.entries[1].facts.lines


async def test_a_repeated_question_to_the_directory_is_checked_as_the_law_of_then_says():
    old = another_law(a_directory_law(), "a")
    flow = a_directory_flow()
    checks = (a_check(FIELDS[0], of=FILE), *flow.checks[1:])
    new = another_law(a_lawbook(old.clauses[0], flows=[replace(flow, checks=checks)]), "b")
    twin, question = a_hub(lawbook=old), a_question()
    await twin.hub.serve(question)
    now = a_hub(lawbook=new, earlier_laws=[old])
    hub = replace(twin.hub, laws=now.laws, sources=now.hub.sources)

    answer = await hub.serve(again(question))

    assert isinstance(answer, Answer)
    assert answer.rows == (NO,)


async def test_a_flow_that_is_answered_in_parts_is_no_question_for_the_waist():
    flow = replace(a_flow(), supply=Supply.BY_DIRECTORY)
    twin = a_hub(lawbook=a_lawbook(flows=[flow]))

    with pytest.raises(AssertionError, match="without a desk"):
        await twin.hub.serve(a_question())

    assert twin.asked == []


def test_the_law_of_now_is_at_hand_without_any_folder():
    twin = a_hub()

    assert twin.laws.of(twin.laws.now.lawbook.digest) is twin.laws.now


def test_an_older_law_is_read_once_from_its_folder_for_the_same_seat(tmp_path: Path):
    country = read_lawbook()
    keep_lawbook(country, tmp_path)
    now = another_law(country, "f").jurisdiction(country.hub)
    laws = KeptLaws(now=now, folder=tmp_path)

    first, second = laws.of(country.digest), laws.of(country.digest)

    assert first is second
    assert first.seat == country.hub
    assert first.lawbook.clauses == country.clauses
    assert first.lawbook.digest == country.digest


def test_a_law_that_was_never_kept_is_not_made_up(tmp_path: Path):
    laws = KeptLaws(now=a_lawbook().jurisdiction(HUB), folder=tmp_path)

    with pytest.raises(FileNotFoundError):
        laws.of(LawDigest("e" * 64))


def test_each_seat_reads_an_older_law_as_its_own(tmp_path: Path):
    country = read_lawbook()
    keep_lawbook(country, tmp_path)
    node = next(one.consumer for one in country.clauses if one.members)
    laws = KeptLaws(now=another_law(country, "f").jurisdiction(node), folder=tmp_path)

    assert laws.of(country.digest).is_node
    assert laws.of(country.digest).seat == node
