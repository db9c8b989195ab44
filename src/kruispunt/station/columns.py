"""What a select offers: its columns, of types that travel, in the form in which they travel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

Cell = str | int | bool | None
"""A value on the wire: decimals as their digits, days as yyyy-mm-dd."""

Form = Callable[[object], Cell]


def _as_it_is(value: object) -> Cell:
    assert value is None or isinstance(value, str | int)
    return value


def _digits(value: object) -> Cell:
    assert value is None or isinstance(value, Decimal)
    return None if value is None else format(value, "f")


def _text(value: object) -> Cell:
    return None if value is None else str(value)


FORMS: Final[Mapping[str, Form]] = {
    "text": _as_it_is,
    "varchar": _as_it_is,
    "bool": _as_it_is,
    "int2": _as_it_is,
    "int4": _as_it_is,
    "int8": _as_it_is,
    "numeric": _digits,
    "date": _text,
}
"""The PostgreSQL types that travel. Others are cast in the select, where one sees how."""


class WrongColumns(ValueError):
    """A select whose columns can't be given: no name, twice the same name, or another type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as PostgreSQL describes it."""

    name: str
    type: str


class Offer:
    """The columns of a select, and how each is given."""

    def __init__(self, columns: Sequence[Column]) -> None:
        _check(columns)
        self.names = tuple(column.name for column in columns)
        self._at: Mapping[str, tuple[int, Form]] = {
            column.name: (place, FORMS[column.type]) for place, column in enumerate(columns)
        }

    def missing(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Which of the fields, by place, are not columns of the select."""
        return tuple(at for at, field in enumerate(fields) if field not in self._at)

    def given(
        self, rows: Iterable[Sequence[object]], fields: Iterable[str]
    ) -> list[dict[str, Cell]]:
        """The rows with exactly these fields: what was not asked for stays here."""
        chosen = [(field, *self._at[field]) for field in fields]
        return [{field: form(row[at]) for field, at, form in chosen} for row in rows]


def _check(columns: Sequence[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name == "?column?" or column.name in seen:
            raise WrongColumns(f"column {column.name!r}: expected a name of its own")
        if column.type not in FORMS:
            known = ", ".join(FORMS)
            raise WrongColumns(
                f"column {column.name!r}: expected one of the types {known}, found {column.type}"
            )
        seen.add(column.name)
