"""The trail's benchmark: room is asked for first, entries are real, and COPY gets real rows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import disk_usage
from uuid import UUID

import pytest
from bench.limits import TRAIL, judged
from bench.trail import ENTRIES, PAGE, PAGES, RECORDING, ROWS, no_room
from bench.trail_entries import Entries, entry_id, noon, outcome_of, ssin
from bench.trail_pages import FULL, KINDS, SHORT
from bench.trail_rows import APART, EACH, FIELDS, MONTHS, NAMES, Crowd, Month, Template, month_at

from kruispunt.audit import MonthKey, encode_entry
from kruispunt.audit.blinding import Tampered
from kruispunt.vocabulary import Grant


def test_a_disk_without_room_is_refused_with_what_would_help(tmp_path: Path):
    words = no_room(tmp_path, disk_usage(tmp_path).total // 100)

    assert "--entries" in words
    assert "--folder" in words
    assert no_room(tmp_path, 0) == ""


def test_every_limit_is_of_a_figure_that_is_told():
    assert {limit.figure for limit in TRAIL} <= set(ROWS)


def test_a_page_out_of_fewer_entries_tells_nothing_about_thirty_million():
    figures = dict.fromkeys((limit.figure for limit in TRAIL), 1.0)

    few = judged(TRAIL, {**figures, "page_entries": 300_000})
    many = judged(TRAIL, {**figures, "page_entries": ENTRIES})

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


def test_every_column_of_a_recorded_row_is_told():
    assert {*RECORDING, *PAGES} <= {*ROWS, "entries"}


def test_every_limit_has_a_row_in_the_page():
    lines = PAGE.read_text("utf-8").splitlines()

    for limit in TRAIL:
        (row,) = [line for line in lines if line.startswith(f"| `{limit.figure}` |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 6
        assert (cells[1], cells[2]) == (limit.told, limit.words)


def test_a_part_of_a_run_tells_nothing_about_the_other():
    verdicts = judged(TRAIL, {"page_entries": ENTRIES, "page_p99_ms": 21.0})

    assert verdicts["page_p99_ms"]["holds"] is False
    assert verdicts["record_us"] == {"is": None, "limit": 15, "holds": None}


def test_everyone_is_looked_at_fifteen_times_eight_months_apart():
    crowd = Crowd.of(40, opened=5)
    months = [set(crowd.month(place).tolist()) for place in range(MONTHS)]

    for person in range(40):
        seen = [place for place, looked in enumerate(months) if person in looked]
        assert len(seen) == EACH
        assert {later - sooner for sooner, later in pairwise(seen)} == {APART}


def test_nobody_is_asked_twice():
    for asked in (FULL, SHORT):
        persons = list(map(ssin, range(asked.persons)))
        shares = [
            asked.who(persons, round_=number, kind=kind)
            for number in range(asked.rounds)
            for kind in range(KINDS)
        ]

        assert sum(map(len, shares)) == asked.persons
        assert set().union(*shares) == set(persons)


def test_facts_open_of_those_who_are_asked_and_of_no_others():
    key, facts = MonthKey.of(bytes(32)), b"what decided"
    names, fields = ("recorded_at", "received_at", "sent_at", "ssin", "id"), "tttqu"
    moment = datetime(2031, 6, 1, tzinfo=UTC)
    model = (moment, moment, moment, 1, UUID(int=1), UUID(int=1), bytes(len(facts) + 16))
    template = Template.of(model, names=(*names, "message_id", "facts"), fields=fields + "ub")
    crowd = Crowd.of(80, opened=20)
    asked = {int(crowd.numbers[place]) for place in crowd.opened}

    month = Month.of(crowd, 0, key=key)
    _, rows, _ = month.decisions(template, facts=facts, seed=1)

    opened, size = set[int](), len(template.row)
    for begin in range(0, len(rows), size):
        row = {name: rows[begin:][place] for name, place in template.places.items()}
        try:
            text = key.unseal(row["facts"], entry=UUID(bytes=row["id"]))
        except Tampered:
            continue
        assert text == facts
        opened.add(int.from_bytes(row["ssin"]))
    assert opened == asked & set(month.numbers.tolist())
    assert 0 < len(opened) < len(month.numbers)


def test_ids_of_a_month_are_of_version_seven_and_come_in_order_of_time():
    month = Month.of(Crowd.of(800, opened=1), 3, key=MonthKey.of(bytes(32)))
    ids = [UUID(bytes=one.tobytes()) for one in month.ids]
    moments = [
        datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at)) for at in month.at
    ]

    assert {one.version for one in ids} == {7}
    assert ids == sorted(ids)
    assert [one.int >> 80 for one in ids] == [int(at.timestamp() * 1000) for at in moments]
    assert {at.month for at in moments} == {4}
