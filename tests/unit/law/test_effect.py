"""Who may see what, and what a change of law changes in it."""

from dataclasses import replace
from datetime import date

from tests.law.inventing import FIELDS, a_clause, a_lawbook

from kruispunt.law import Turn, compare, sights
from kruispunt.vocabulary import ClauseId


def test_a_sight_says_who_sees_which_field_since_when_under_which_controls() -> None:
    first, _ = sights(a_lawbook(a_clause(end=date(2032, 1, 1))))

    assert (first.consumer, first.field, first.begin) == ("node", "members", date(2031, 1, 1))
    assert first.until == date(2031, 12, 31)
    assert first.controls == ("consumer 5/001 OVERLAP", "supplier 9/030 EVER")


def test_a_field_more_is_opened_a_field_less_is_closed() -> None:
    narrow, wide = a_lawbook(), a_lawbook(a_clause(fields=FIELDS, withheld=()))

    (opened,) = compare(sights(narrow), sights(wide))
    (closed,) = compare(sights(wide), sights(narrow))

    assert (opened.turn, opened.after[0].field) == (Turn.OPENED, "income")
    assert (closed.turn, closed.before[0].field) == (Turn.CLOSED, "income")


def test_a_control_less_or_another_day_is_a_change() -> None:
    before = sights(a_lawbook())

    for after in (a_clause(controls=()), a_clause(begin=date(2031, 2, 1))):
        turns = {one.turn for one in compare(before, sights(a_lawbook(after)))}
        assert turns == {Turn.CHANGED}


def test_another_name_for_the_same_clause_is_no_change() -> None:
    renamed = replace(a_clause(), id=ClauseId("renamed"))

    assert compare(sights(a_lawbook()), sights(a_lawbook(renamed))) == ()
