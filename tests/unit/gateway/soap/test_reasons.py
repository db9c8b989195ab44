"""The one table of reasons: whole, and silent about who is known (promise 5)."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from kruispunt import sources
from kruispunt.cli.generate import NOTE
from kruispunt.cli.reasons_page import reasons_page
from kruispunt.gateway.reply import WORDS
from kruispunt.gateway.soap.reasons import (
    BY_PROBLEM,
    BY_REASON,
    BY_REMARK,
    FOUND,
    NO_DATA,
    RETURN_CODES,
    Severity,
    Ssdn,
    Status,
    Words,
    for_problem,
    for_reason,
)
from kruispunt.vocabulary import Problem, Reason, SourceSilent

ROOT = Path(__file__).resolve().parents[4]
DIGITS = {Severity.INFORMATION: "1", Severity.WARNING: "2", Severity.ERROR: "3"}


def _kinds(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _rows() -> list[Words]:
    return [FOUND, NO_DATA, *BY_REASON.values(), *BY_PROBLEM.values()]


def test_every_reason_stands_in_it() -> None:
    assert set(BY_REASON) == set(Reason)


def test_every_problem_that_a_caller_may_be_told_stands_in_it() -> None:
    told = {
        kind
        for kind in _kinds()
        if kind.__module__.startswith(("kruispunt.vocabulary", "kruispunt.web"))
    }

    assert told == set(BY_PROBLEM)


def test_a_problem_of_another_room_is_told_as_what_it_is_a_kind_of() -> None:
    silent = next(kind for kind in _kinds(SourceSilent) if kind is not SourceSilent)

    assert silent.__module__.startswith(sources.__name__)
    assert for_problem(silent) == for_problem(SourceSilent)


@pytest.mark.parametrize("column", ["a1", "ssdn", "soa", "belgif"])
def test_nobody_can_tell_an_unknown_person_from_one_without_a_file(column: str) -> None:
    unknown, no_file = for_reason(Reason.NUMBER_UNKNOWN), for_reason(Reason.NO_FILE)

    assert getattr(unknown, column) == getattr(no_file, column)


@pytest.mark.parametrize("column", ["a1", "ssdn", "soa", "belgif"])
def test_a_control_that_failed_at_the_supplier_reads_as_no_data(column: str) -> None:
    assert getattr(for_reason(Reason.NO_FILE_AT_SUPPLIER), column) == getattr(NO_DATA, column)


def test_what_is_told_as_one_reason_has_one_row_in_the_table_too() -> None:
    for reason in Reason:
        assert BY_REASON[reason] == for_reason(reason)


def test_only_reasons_that_are_told_apart_in_words_have_codes_of_their_own() -> None:
    told = {reason for reason in Reason if reason.told is reason}

    assert told == set(WORDS)


def test_the_first_digit_of_a_code_of_ssdn_is_its_severity() -> None:
    codes: list[Ssdn] = [*(row.ssdn for row in _rows()), *BY_REMARK.values()]

    for one in codes:
        assert len(one.code) == 8
        assert one.code[0] == DIGITS[one.severity]
    assert set(RETURN_CODES) == set(Severity)


def test_no_code_of_ours_is_taken_for_one_that_was_seen() -> None:
    ours = {row.ssdn.code for row in _rows() if not row.ssdn.seen}
    seen = {one.code for one in BY_REMARK.values() if one.seen}

    assert not ours & seen


def test_a_code_of_a1_has_six_digits_and_a_fault_has_no_status() -> None:
    for row in _rows():
        assert len(row.a1.code) == 6
        assert row.a1.code.isdecimal()
        assert (row.soa.value is Status.FAULT) <= (row.soa.code == "MSG00003")


def test_a_code_that_is_said_to_be_seen_is_in_the_list_of_seen_codes() -> None:
    with (Path(__file__).parent / "seen_codes.csv").open(encoding="utf-8") as file:
        listed = {(line["family"], line["code"]) for line in csv.DictReader(file)}

    for row in _rows():
        for family, one in (("A1", row.a1), ("SSDN", row.ssdn), ("SOA", row.soa)):
            assert not one.seen or (family, one.code) in listed, one
    assert {("SSDN", one.code) for one in BY_REMARK.values()} <= listed


def test_the_page_is_current() -> None:
    page = ROOT / "docs/reference/reasons.md"

    assert page.read_text(encoding="utf-8") == NOTE + reasons_page().rstrip() + "\n"
