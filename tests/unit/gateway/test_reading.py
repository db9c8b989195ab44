"""Pages of the trail as they travel: cursors, CSV that no spreadsheet runs, and who wants it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.audit.entries import entries, moments

from kruispunt.audit import Look, seen_by_auditor
from kruispunt.exchange import Kept, Page
from kruispunt.gateway.reading import csv_of, page_body, read_cursor, wants_csv, write_cursor
from kruispunt.vocabulary import Entry, Malformed

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


@given(entry=entries())
def test_a_csv_page_holds_every_line_and_no_formula(entry: Entry):
    seen = replace(seen_by_auditor(Look(entry=entry)), user='=cmd|"/c calc"!A1', role="a,b\n")
    kept = Kept(id="inspection", titles={"en": "x"}, paragraph="§ 9", looks=3)
    page = Page(entry=ENTRY, looks=(seen,), kept=(kept,), next=(NOON, ENTRY))

    text = csv_of(page_body(page)).decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [one["line"] for one in lines] == ["entry", "kept", "next"]
    assert lines[0]["user"] == '\'=cmd|"/c calc"!A1'
    assert lines[0]["role"] == "a,b\n"
    assert lines[1]["count"] == "3"
    assert read_cursor(lines[2]["cursor"]) == (NOON, ENTRY)
