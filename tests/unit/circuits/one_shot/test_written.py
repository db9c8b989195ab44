"""The one-time file on disk: what was written is read, and every broken rule is named by line."""

from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.circuits.one_shot import (
    Amount,
    OneShotRecord,
    Part,
    WrongFile,
    read_records,
    records_of,
    whole_file,
    write_records,
)
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId, Ssin, check_digits

FLOW: Final = FlowId("degressivity.file")


def person(counter: int) -> Ssin:
    head = 800101000 + counter
    return Ssin(f"{head}{check_digits(head):02d}")


def drops(count: int) -> tuple[Amount, ...]:
    return tuple(
        Amount(begin=date(2021, 10, 1) + timedelta(days=90 * n), daily_cents=60_00 - n)
        for n in range(count)
    )


def records(*counts: int) -> list[OneShotRecord]:
    return [
        OneShotRecord(ssin=person(n + 1), drops=drops(count)) for n, count in enumerate(counts)
    ]


def a_part(found: list[OneShotRecord], *, most: int) -> Part:
    return Part.of(
        found,
        flow=FLOW,
        purpose=PurposeId("benefits"),
        consumer=InstitutionCode("node"),
        file=whole_file(FLOW),
        most=most,
    )


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 12))
def test_what_is_written_read_and_cut_into_batches_stays_the_same(counts: list[int], most: int):
    """OS-6, §43: every amount, and the day from which it counts."""
    written = list(write_records(records(*counts)))
    read = list(read_records(written))
    part = a_part(read, most=most)

    assert read == records(*counts)
    assert [one for n in range(len(part.batches)) for one in records_of(part.content(n))] == read
    assert max(map(len, part.batches)) <= most
    assert len({part.mail(n) for n in range(len(part.batches))}) == len(part.batches)


def test_r_once_the_same_content_is_the_same_part_and_any_other_is_another():
    first = a_part(records(2, 1), most=10)

    assert first == a_part(records(2, 1), most=10)
    for other in (a_part(records(1, 2), most=10), a_part(records(2, 1), most=1)):
        assert other.id != first.id
        assert other.file == first.file


LINES: Final = list(write_records(records(2, 1)))
HEAD, ONE, TWO, THREE, END = LINES


@pytest.mark.parametrize(
    ("line", "rule", "lines"),
    [
        (1, "expected the columns", [HEAD.replace("ssin", "inss"), *LINES[1:]]),
        (1, "expected the columns", []),
        (2, "check digits", [HEAD, "80010100199" + ONE[11:], TWO, THREE, END]),
        (2, "check digits", [HEAD, "x" + ONE, TWO, THREE, END]),
        (3, "expected 3 columns, found 4", [HEAD, ONE, TWO.strip() + ",x\n", THREE, END]),
        (3, "yyyy-mm-dd", [HEAD, ONE, TWO.replace("2021-12-30", "2021-13-01"), THREE, END]),
        (3, "in their order", [HEAD, ONE, ONE, THREE, END]),
        (3, "less than", [HEAD, ONE, TWO.replace("59.99", "60.00"), THREE, END]),
        (2, "two digits", [HEAD, ONE.replace("60.00", "60"), TWO, THREE, END]),
        (5, "each person once", [HEAD, ONE, TWO, THREE, ONE, END]),
        (4, "cut off", LINES[:-1]),
        (4, "not whole", [HEAD, ONE, TWO, END]),
        (6, "nothing behind", [*LINES, THREE]),
    ],
)
def test_a_line_that_breaks_a_rule_is_named_and_tells_no_number(
    line: int, rule: str, lines: list[str]
):
    with pytest.raises(WrongFile) as wrong:
        list(read_records(lines))

    assert (wrong.value.line, rule in wrong.value.rule) == (line, True), str(wrong.value)
    assert person(1).digits not in str(wrong.value)


@given(st.integers(1, 200))
def test_a_file_that_is_cut_off_anywhere_is_never_taken(cut: int):
    text = "".join(LINES)
    short = text[: max(0, len(text) - 1 - cut)]

    with pytest.raises(WrongFile):
        list(read_records(short.splitlines(keepends=True)))
