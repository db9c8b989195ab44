"""Answers are held against each other to the byte, and a row says where it is worth nothing."""

from dataclasses import replace
from random import Random

import pytest
from bench.asks import Person
from bench.legs import HUB, NODE
from bench.telltale import Figures, gross_twice, of_row, rows
from bench.telltale_ask import shape
from bench.telltale_rows import Answers, Row, Said, Told
from bench.telltale_whom import Whom

from kruispunt.vocabulary import InstitutionCode, Ssin

PERSON = Person(ssin=Ssin("85073003328"), member=InstitutionCode("CM"))
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"signature: %s\r\n\r\n"
)
OK = "HTTP/1.1 200 OK\n"


def an_answer(body: bytes, *, signature: bytes = b"a") -> bytes:
    return HEAD % (len(body), signature) + body


def a_row(*, seat: str = HUB, grants: bool = True) -> Row:
    return Row(name="control", seat=seat, kinds=((PERSON,), (PERSON,)), status=200, grants=grants)


def a_pair(*, first: int, ms: tuple[float, float] = (1.0, 2.0), shape: str = OK) -> Answers:
    """A pair of which this kind was asked first; `ms` by kind."""
    said = (Said(0, ms[0], 10, OK), Said(1, ms[1], 11, shape))
    return (said[first], said[1 - first])


def what_is_told(*pairs: Answers, row: Row | None = None) -> Told:
    many = len(pairs)
    sent, row = (many, many), row or a_row()
    return Told(row=row, pairs=pairs, entries=2 * many, grants=many, sent=sent, beside=0)


def test_ticket_receipt_and_moment_are_no_part_of_the_shape() -> None:
    one = b'{"ticket":"1","outcome":"empty","receipt":{"index":0,"path":[]},"period":null}'
    other = b'{"ticket":"22","outcome":"empty","receipt":{"index":1,"path":["a"]},"period":null}'

    assert shape(an_answer(one)) == shape(an_answer(other, signature=b"b"))


@pytest.mark.parametrize(
    "other",
    [
        an_answer(b'{"ticket":"1","outcome":"given"}'),
        an_answer(b'{"outcome":"empty","ticket":"1"}'),
        an_answer(b'{"ticket":"1","outcome":"empty","receipt":{}}'),
        an_answer(b'{"ticket":"1","outcome":"empty"}').replace(b"200 OK", b"403 Forbidden"),
        an_answer(b'{"ticket":"1","outcome":"empty"}').replace(b"signature", b"Signature"),
        an_answer(b'{"ticket":"1","outcome":"empty"}').replace(b"/json", b"/problem+json"),
    ],
)
def test_anything_else_is(other: bytes) -> None:
    assert shape(an_answer(b'{"ticket":"1","outcome":"empty"}')) != shape(other)


def test_a_proof_without_its_usual_members_is_seen() -> None:
    whole, less = b'{"receipt":{"index":0,"path":[]}}', b'{"receipt":{"index":0}}'

    assert shape(an_answer(whole)) != shape(an_answer(less))


def test_figures_are_sorted_by_kind_whichever_was_asked_first() -> None:
    told = what_is_told(a_pair(first=0), a_pair(first=1))

    assert told.times == [(1.0, 2.0), (1.0, 2.0)]
    assert told.sizes == [(10, 11), (10, 11)]
    assert told.faults == []


def test_the_question_after_is_the_first_of_the_next_pair() -> None:
    """Within a pair the second question is of the other kind: its own time would speak."""
    told = what_is_told(
        a_pair(first=0, ms=(10.0, 20.0)),  # kind 1 last
        a_pair(first=1, ms=(30.0, 40.0)),  # 40 follows kind 1; kind 0 last
        a_pair(first=0, ms=(50.0, 60.0)),  # 50 follows kind 0
    )

    assert told.after == [(50.0, 40.0)]


def test_one_answer_of_another_shape_is_a_fault() -> None:
    told = what_is_told(a_pair(first=0), a_pair(first=0, shape=OK + "x"))

    assert told.faults == ["bodies differ"]


def test_two_kinds_that_both_met_two_answers_are_a_fault() -> None:
    other = Said(0, 1.0, 10, OK + "x")
    told = what_is_told(a_pair(first=0), (other, replace(other, kind=1)), a_pair(first=0))

    assert "bodies differ" in told.faults


def test_another_status_than_meant_is_a_fault() -> None:
    told = what_is_told(a_pair(first=0), row=replace(a_row(), status=403))

    assert told.faults == ["expected another status"]


def test_the_trail_must_say_what_was_meant() -> None:
    told = what_is_told(a_pair(first=0), a_pair(first=1))

    assert replace(told, grants=1).faults == ["others were granted than meant"]
    assert replace(told, entries=3).faults == ["not asked as often as told"]
    assert replace(told, beside=5, entries=9, grants=7).faults == []


def test_of_what_a_node_refuses_the_hub_has_no_entry() -> None:
    told = what_is_told(a_pair(first=0), row=a_row(seat=NODE, grants=False))

    assert replace(told, entries=0, grants=0).faults == []
    assert replace(told, entries=2, grants=0).faults == ["not asked as often as told"]


def test_every_pair_is_asked_alone_and_among_others_and_the_supplier_may_be_silent() -> None:
    kinds = dict.fromkeys(("unknown", "others", "strangers", "nothing", "empty"), (PERSON,))
    found = list(rows(Whom(**kinds), load=50.0))

    settings = [(row.name, row.seat, row.load, row.silent, row.status) for row in found]
    both = [("number", HUB), ("number", NODE), ("control", HUB), ("control", NODE)]
    statuses = {"number": 403, "control": 200}
    assert settings == [
        *((*pair, 0.0, False, statuses[pair[0]]) for pair in both),
        *((*pair, 50.0, False, statuses[pair[0]]) for pair in both),
        *((*pair, 0.0, True, 503) for pair in both[2:]),
    ]


def test_a_row_gives_figures_of_every_measure() -> None:
    told = what_is_told(*(a_pair(first=n % 2) for n in range(400)))

    found = {one.measure: one for one in of_row(told)}

    assert list(found) == ["time", "after", "size"]
    assert (found["time"].median_first, found["time"].median_second) == (1.0, 2.0)
    assert (found["time"].accuracy, found["time"].beside) == (1.0, 1.0)
    assert found["time"].tells
    assert found["size"].auc == 1.0


def figures(*, right: float, measure: str = "time", pairs: int = 400) -> list[Figures]:
    """A row in which one who sees both side by side is right so often."""
    lucky = round(right * pairs)
    ms = [(1.0, 2.0)] * lucky + [(2.0, 1.0)] * (pairs - lucky)
    told = what_is_told(*(a_pair(first=n % 2, ms=one) for n, one in enumerate(shuffled(ms))))
    return [one for one in of_row(told) if one.measure == measure]


def shuffled(ms: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return Random(1).sample(ms, len(ms))


def test_kinds_that_are_told_apart_grossly_twice_are_a_fault() -> None:
    """As they are where a look is no longer sent for one of them."""
    (what,) = gross_twice(figures(right=1.0), figures(right=0.99))

    assert what == "told apart by how long it takes, 99 of 100, twice"


@pytest.mark.parametrize(
    ("first", "again"), [(1.0, 0.5), (0.5, 1.0), (0.6, 0.6), (0.63, 0.63), (0.5, 0.5)]
)
def test_once_or_a_little_is_published_and_no_fault(first: float, again: float) -> None:
    assert list(gross_twice(figures(right=first), figures(right=again))) == []


def test_two_measures_once_each_are_no_fault() -> None:
    size = figures(right=1.0, measure="size")

    assert size[0].gross
    assert list(gross_twice(figures(right=1.0), size)) == []


def test_of_a_few_pairs_nothing_is_gross() -> None:
    (few,) = figures(right=1.0, pairs=99)

    assert not few.gross
