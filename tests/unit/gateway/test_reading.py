"""Pages of the trail as they travel: cursors, CSV that no spreadsheet runs, and who wants it."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.audit.entries import a_change, a_reading, an_entry, entries, moments

from kruispunt.audit import Look, seen_by_auditor
from kruispunt.client import EntryBody
from kruispunt.exchange import Kept, Page
from kruispunt.gateway.csv_page import csv_of
from kruispunt.gateway.reading import page_body, read_cursor, wants_csv, write_cursor
from kruispunt.vocabulary import Entry, InstitutionCode, Malformed

NOON = datetime(2031, 6, 1, 12, tzinfo=UTC)
ENTRY = UUID(int=7)


@given(moment=moments, entry=st.uuids())
def test_a_cursor_comes_back_as_it_went(moment: datetime, entry: UUID):
    assert read_cursor(write_cursor((moment, entry)) or "") == (moment, entry)


@pytest.mark.parametrize("text", ["x", "=", "é", "bm9uc2Vuc2U", "MjAzMS0wNi0wMX4w"])
def test_what_no_page_told_is_no_cursor(text: str):
    with pytest.raises(Malformed):
        read_cursor(text)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/csv", True),
        ("text/csv; q=1, application/json", True),
        ("application/json, text/csv", False),
        ("", False),
        ("*/*", False),
    ],
)
def test_csv_is_given_to_who_asks_for_it_first(accept: str, expected: bool):
    assert wants_csv(accept) is expected


def lines_of(page: Page) -> list[dict[str, str]]:
    text = csv_of(page_body(page)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@given(entry=entries())
def test_a_csv_page_holds_every_line_and_no_formula(entry: Entry):
    seen = replace(seen_by_auditor(Look(entry=entry)), user='=cmd|"/c calc"!A1', role="a,b\n")
    kept = Kept(id="inspection", titles={"en": "x"}, paragraph="§ 9", looks=3)
    read, changed = a_reading(institution=InstitutionCode("office")), a_change()
    page = Page(
        entry=ENTRY,
        looks=(seen,),
        readings=(read,),
        changes=(changed,),
        kept=(kept,),
        next=(NOON, ENTRY),
    )

    lines = lines_of(page)

    assert [one["line"] for one in lines] == ["entry", "reading", "change", "kept", "next"]
    assert lines[0]["user"] == '\'=cmd|"/c calc"!A1'
    assert lines[0]["role"] == "a,b\n"
    assert (lines[1]["ticket"], lines[1]["consumer"]) == (str(read.id), "office")
    assert (lines[2]["flow"], lines[2]["facts"]) == (
        "integration",
        "sector 11, quality 1, phase 0, member FUND",
    )
    assert lines[3]["count"] == "3"
    assert read_cursor(lines[4]["cursor"]) == (NOON, ENTRY)


def test_a_csv_page_holds_all_that_the_json_page_holds():
    entry = an_entry()
    (line,) = lines_of(Page(entry=ENTRY, looks=(seen_by_auditor(Look(entry=entry)),)))

    asked = entry.question
    told = {
        "ticket": str(entry.id),
        "their_ticket": asked.ticket,
        "message_id": str(asked.message_id),
        "asked_on": asked.asked_on.isoformat(),
        "received_at": asked.received_at.isoformat(),
        "sent_at": "" if asked.sent_at is None else asked.sent_at.isoformat(),
        "lawbook": entry.lawbook,
        "repeats": "",
        "withheld": "wage (not needed, § 5)",
        "fields": "employer begin",
    }
    assert {name: line[name] for name in told} == told
    assert line["facts"].startswith("known, 11/001 ")
    body = {one.name for one in msgspec.structs.fields(EntryBody)}
    assert body - {"period"} <= line.keys(), "each field of the JSON page has a column"


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
@pytest.mark.parametrize("before", ["", "\n", "x\n", "x;", ";", '"', 'x;"', "x; ", "\t", "x\r"])
def test_no_text_is_run_however_a_spreadsheet_splits_it(sign: str, before: str):
    seen = replace(seen_by_auditor(Look(entry=an_entry())), user=f"{before}{sign}1+1")

    data = csv_of(page_body(Page(entry=ENTRY, looks=(seen,)))).decode()

    # As a spreadsheet that splits at semicolons and line ends reads it, with or without quotes.
    for cell in re.split(r"[;\t\r\n]", data):
        assert cell.strip('" ')[:1] != sign
    assert '\r\n"entry",' in data, "every cell is quoted"


@pytest.mark.parametrize("text", ["a-b", "2 + 2 = 4", "kim@office.example", "a; b", "a\nb"])
def test_a_text_that_is_no_formula_is_left_as_it_is(text: str):
    seen = replace(seen_by_auditor(Look(entry=an_entry())), user=text)

    assert lines_of(Page(entry=ENTRY, looks=(seen,)))[0]["user"] == text
