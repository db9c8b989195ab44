"""Values of an answer's rows, as elements hold them."""

from datetime import date
from typing import Final

from kruispunt.vocabulary import FieldName, Period, Row

LONG_AGO: Final = date(1900, 1, 1)
"""The begin of all that registers have, for who asks for everything until today (assumption)."""


def text(row: Row, field: str) -> str:
    """A value as it is written; empty: not known, or not granted."""
    value = row.get(FieldName(field))
    return "" if value is None else str(value)


def flag(row: Row, field: str) -> str:
    """Yes as 1, no as 0; empty: not known, or not granted."""
    value = row.get(FieldName(field))
    return "" if value is None else str(int(bool(value)))


def period_of(row: Row) -> Period:
    """The period of a row, which has its last day."""
    last = text(row, "end_date")
    return Period.through(
        date.fromisoformat(text(row, "begin_date")), date.fromisoformat(last) if last else None
    )


def until(today: Period) -> Period:
    """From the begin of all that registers have until today."""
    return Period(LONG_AGO, today.end)
