from datetime import date
from decimal import Decimal

import pytest

from kruispunt.station.columns import Column, Offer, WrongColumns


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
