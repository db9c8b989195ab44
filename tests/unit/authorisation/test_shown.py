"""What the directory shows of its lines: those that the flow names, in the period asked about."""

from dataclasses import replace
from datetime import date

from msgspec import structs
from tests.law.inventing import (
    ABOUT,
    BOTH_FILES,
    FIELDS,
    FILE,
    SUPPLIED,
    a_check,
    a_flow,
    a_line,
    a_question,
    facts_of,
)

from kruispunt.authorisation import answer_of_directory, check_directory
from kruispunt.law import Flow, LineKind
from kruispunt.vocabulary import InstitutionCode, Period


def a_showing_flow() -> Flow:
    sector, quality = SUPPLIED
    kind = LineKind(sector=sector, qualities=frozenset({quality}), paragraph="§ 1")
    return replace(a_flow(), checks=(), shows=(kind,))


def test_a_line_that_the_flow_names_is_a_row_and_no_other_is() -> None:
    shown = answer_of_directory(a_showing_flow(), a_question(), facts_of(*BOTH_FILES))

    sector, quality = SUPPLIED
    assert [(row["sector"], row["quality"]) for row in shown] == [
        (f"{sector:03d}", f"{quality:03d}")
    ]


def test_a_line_includes_its_last_day_and_an_open_one_has_none() -> None:
    begin, end = ABOUT.begin, date(ABOUT.begin.year + 1, 1, 1)
    ended = structs.replace(a_line(SUPPLIED), period=Period(begin, end))
    still = structs.replace(a_line(SUPPLIED), period=Period(begin, None))

    shown = answer_of_directory(a_showing_flow(), a_question(), facts_of(ended, still))

    assert [row["end_date"] for row in shown] == [f"{begin.year}-12-31", None]
    assert {row["begin_date"] for row in shown} == {begin.isoformat()}


def test_a_line_of_other_days_than_those_asked_about_is_not_shown() -> None:
    before = structs.replace(a_line(SUPPLIED), period=Period(date(1990, 1, 1), ABOUT.begin))

    assert answer_of_directory(a_showing_flow(), a_question(), facts_of(before)) == ()


def test_who_stands_behind_a_node_is_never_shown() -> None:
    named = structs.replace(a_line(SUPPLIED), member=InstitutionCode("fund"))

    (row,) = answer_of_directory(a_showing_flow(), a_question(), facts_of(named))

    assert set(row) == {"sector", "quality", "begin_date", "end_date"}


def test_a_flow_of_checks_is_one_row_of_booleans() -> None:
    flow = a_flow(checks=[a_check(FIELDS[0], of=FILE)])
    question, facts = a_question(), facts_of(*BOTH_FILES)

    assert answer_of_directory(flow, question, facts) == (check_directory(flow, question, facts),)
