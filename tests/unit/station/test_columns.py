from datetime import date
from decimal import Decimal

import pytest

from kruispunt.station.columns import Column, Offer, WrongColumns, WrongGroup


def an_offer(*columns: tuple[str, str]) -> Offer:
    return Offer([Column(name=name, type=kind) for name, kind in columns])


def test_only_the_fields_that_were_asked_for_are_given():
    offer = an_offer(("a", "text"), ("b", "int4"), ("c", "bool"))

    given = offer.given([("x", 1, True), (None, None, None)], ["c", "a"])

    assert given == [{"c": True, "a": "x"}, {"c": None, "a": None}]


def test_decimals_keep_their_digits_and_days_are_written_in_full():
    offer = an_offer(("s", "numeric"), ("day", "date"))
    rows = [(Decimal("38.00"), date(2024, 10, 1)), (Decimal("0E-8"), None)]

    given = offer.given(rows, ["s", "day"])

    assert given == [{"s": "38.00", "day": "2024-10-01"}, {"s": "0.00000000", "day": None}]


def test_fields_that_are_no_columns_are_told_by_place():
    assert an_offer(("a", "text")).missing(["a", "b", "c"]) == (1, 2)


@pytest.mark.parametrize("kind", ["float8", "timestamptz", "json", "bpchar", "bytea"])
def test_a_type_that_does_not_travel_is_refused_before_the_first_question(kind: str):
    with pytest.raises(WrongColumns, match=kind):
        an_offer(("a", kind))


@pytest.mark.parametrize("names", [("a", "a"), ("?column?", "a")])
def test_each_column_has_a_name_of_its_own(names: tuple[str, str]):
    with pytest.raises(WrongColumns, match="a name of its own"):
        an_offer(*((name, "text") for name in names))


def test_a_group_is_given_with_the_names_asked_for_in_each_of_its_objects():
    offer = an_offer(("a", "text"), ("g", "jsonb"))
    rows = [("x", '[{"m": "1.00", "n": 1, "o": null}, {"m": "0.50", "n": 2, "o": null}]')]

    told = offer.sheets(rows, ["a", "g", "g.n", "g.m"])

    assert offer.missing(["g", "g.n", "h", "h.n"]) == (2, 3)
    assert told == [{"a": "x", "g": [{"n": 1, "m": "1.00"}, {"n": 2, "m": "0.50"}]}]
    assert offer.sheets(rows, ["a"]) == [{"a": "x"}]
    assert offer.sheets([("x", None)], ["g", "g.n"]) == [{"g": []}]


@pytest.mark.parametrize("held", ["[{}]", '{"n": 1}', '[{"n": 1.5}]', '[{"n": [1]}]', "3"])
def test_a_group_that_does_not_hold_what_was_asked_for_is_wrong(held: str):
    with pytest.raises(WrongGroup):
        an_offer(("g", "jsonb")).sheets([(held,)], ["g", "g.n"])
