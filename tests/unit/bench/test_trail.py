"""The trail's benchmark: room is asked for first, entries are real, and COPY gets real rows."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import disk_usage

import pytest
from bench.limits import judged
from bench.trail import ENTRIES, LIMITS, ROWS, no_room
from bench.trail_entries import Entries, entry_id, noon, outcome_of, ssin
from bench.trail_pages import FIELDS, MONTHS, NAMES, month_at

from kruispunt.audit import encode_entry
from kruispunt.vocabulary import Grant


def test_a_disk_without_room_is_refused_with_what_would_help(tmp_path: Path):
    words = no_room(tmp_path, disk_usage(tmp_path).total // 100)

    assert "--entries" in words
    assert "--folder" in words
    assert no_room(tmp_path, 0) == ""


def test_every_limit_is_of_a_figure_that_is_told():
    assert {limit.figure for limit in LIMITS} <= set(ROWS)


def test_a_page_out_of_fewer_entries_tells_nothing_about_thirty_million():
    figures = dict.fromkeys((limit.figure for limit in LIMITS), 1.0)

    few = judged(LIMITS, {**figures, "page_entries": 300_000})
    many = judged(LIMITS, {**figures, "page_entries": ENTRIES})

    assert few["page_p99_ms"]["holds"] is None
    assert many["page_p99_ms"]["holds"] is True


def test_entries_are_granted_by_the_law_and_all_differ():
    entries = Entries.of()
    made = list(entries.since(noon(entries.first_day), 3))

    assert all(isinstance(one.decision, Grant) for one in made)
    assert len({encode_entry(one) for one in made}) == 3
    assert [outcome_of(one).entry for one in made] == [one.id for one in made]


@pytest.mark.parametrize("place", [0, 1, 996, 997, 28_000_000, 1_999_999])
def test_there_is_a_valid_number_for_every_place(place: int):
    assert ssin(place) != ssin(place + 1)


def test_an_id_tells_its_moment():
    at = datetime(2031, 6, 1, tzinfo=UTC)

    made = entry_id(at, Random(1))

    assert (made.version, made.int >> 80) == (7, int(at.timestamp() * 1000))


def test_the_months_are_ten_years_and_every_column_has_a_kind():
    assert len({month_at(place) for place in range(MONTHS)}) == 120
    assert len(NAMES) == len(FIELDS)
