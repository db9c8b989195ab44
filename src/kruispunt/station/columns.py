"""What a select offers: its columns, of types that travel, in the form in which they travel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from kruispunt.vocabulary import UNREADABLE

Cell = str | int | bool | None
"""A value on the wire: decimals as their digits, days as yyyy-mm-dd."""

Group = list[dict[str, Cell]]
"""What comes several times, as an array of objects: its names stand without that of the group."""

Sheet = dict[str, Cell | Group]

Form = Callable[[object], Cell]

_groups: Final = msgspec.json.Decoder(Group)


class WrongGroup(ValueError):
    """A group that is no array of objects with values that travel, or lacks a name asked for."""


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

GROUP: Final = "jsonb"
"""A column of this type is a group."""


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
            column.name: (place, FORMS[column.type])
            for place, column in enumerate(columns)
            if column.type != GROUP
        }
        self.groups: Mapping[str, int] = {
            column.name: place for place, column in enumerate(columns) if column.type == GROUP
        }
        """Place of each group. Groups travel by mail only."""

    def missing(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Which of the fields, by place, no column of the select gives.

        A dotted name is given with its group, of which only the rows will tell.
        """
        return tuple(
            at
            for at, field in enumerate(fields)
            if field not in self._at and field.partition(".")[0] not in self.groups
        )

    def given(
        self, rows: Iterable[Sequence[object]], fields: Iterable[str]
    ) -> list[dict[str, Cell]]:
        """The rows with exactly these fields: what was not asked for stays here."""
        chosen = [(field, *self._at[field]) for field in fields]
        return [{field: form(row[at]) for field, at, form in chosen} for row in rows]

    def sheets(self, rows: Iterable[Sequence[object]], fields: Sequence[str]) -> list[Sheet]:
        """As `given`, with groups: a dotted name stands in the objects of its group.

        Raises:
            WrongGroup: a group does not hold what was asked for.
        """
        chosen = [(field, *self._at[field]) for field in fields if field in self._at]
        groups = [(name, at, _inner(name, fields)) for name, at in self.groups.items()]
        asked = [(name, at, inner) for name, at, inner in groups if name in fields]
        return [
            {
                **{field: form(row[at]) for field, at, form in chosen},
                **{name: _group(row[at], inner) for name, at, inner in asked},
            }
            for row in rows
        ]


def _inner(group: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The names asked for within a group."""
    parts = (field.partition(".") for field in fields)
    return tuple(name for parent, dot, name in parts if dot and parent == group)


def _group(value: object, inner: Sequence[str]) -> Group:
    assert value is None or isinstance(value, str)
    try:
        read: Group = [] if value is None else _groups.decode(value)
        return [{name: one[name] for name in inner} for one in read]
    except (KeyError, *UNREADABLE):
        raise WrongGroup("expected an array of objects with every name asked for") from None


def _check(columns: Sequence[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name == "?column?" or column.name in seen:
            raise WrongColumns(f"column {column.name!r}: expected a name of its own")
        if column.type not in FORMS and column.type != GROUP:
            known = ", ".join((*FORMS, GROUP))
            raise WrongColumns(
                f"column {column.name!r}: expected one of the types {known}, found {column.type}"
            )
        seen.add(column.name)
