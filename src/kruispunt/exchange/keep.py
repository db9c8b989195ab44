"""Minimisation: of what a supplier sent, exactly the granted fields stay, checked one by one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, cast

from kruispunt.law import Field, Flow, ValueType
from kruispunt.sources import Cause, WrongSource
from kruispunt.vocabulary import (
    EnterpriseNumber,
    FieldName,
    IncompleteDate,
    NssoNumber,
    Question,
    Reply,
    Row,
    Sheet,
    Ssin,
    Value,
)


def keep(
    reply: Reply, *, question: Question, flow: Flow, fields: tuple[FieldName, ...]
) -> tuple[Row, ...]:
    """Drop every field that is not granted; check type, bounds and person of what stays.

    Each row has exactly `fields`, in that order; None where the supplier does not know. Fields
    that the flow has but the ground withholds are dropped unread; so are fields nobody knows.

    Raises:
        SourceWrong: another person, too many rows, a missing or ill-typed value. Nothing of the
            reply is given, and the message says which rule, never which value.
    """
    if reply.ssin != question.ssin:
        raise WrongSource(Cause.OTHER_PERSON)
    if len(reply.rows) > flow.limits.max_rows:
        raise WrongSource(Cause.TOO_MANY_ROWS)
    known = {field.name: field for field in flow.fields}
    granted = [known[name] for name in fields if name in known]
    return tuple(_kept(row, granted, question.ssin) for row in reply.rows)


def keep_sheets(
    reply: Reply, *, question: Question, flow: Flow, fields: tuple[FieldName, ...]
) -> tuple[Sheet, ...]:
    """As `keep`, for rows in which a group of fields repeats: each of its rows is kept likewise.

    A group has exactly those of its fields that are granted; one that is missing repeats never.

    Raises:
        SourceWrong: as `keep`, or a group that is none, or repeats too often.
    """
    if reply.ssin != question.ssin:
        raise WrongSource(Cause.OTHER_PERSON)
    if len(reply.rows) > flow.limits.max_rows:
        raise WrongSource(Cause.TOO_MANY_ROWS)
    granted = [field for field in flow.fields if field.name in fields]
    groups = {field.name: _inside(field, granted) for field in granted if _is_group(field)}
    plain = [field for field in granted if not _is_group(field) and "." not in field.name]
    return tuple(_sheet(row, plain, groups, question.ssin) for row in reply.rows)


def _is_group(field: Field) -> bool:
    return field.type is ValueType.GROUP


def _inside(group: Field, granted: Iterable[Field]) -> list[Field]:
    """The fields of a group, by the names that they have inside it."""
    head = f"{group.name}."
    found = (field for field in granted if field.name.startswith(head))
    return [replace(field, name=FieldName(field.name.removeprefix(head))) for field in found]


def _sheet(
    row: Mapping[str, object],
    plain: list[Field],
    groups: Mapping[FieldName, list[Field]],
    ssin: Ssin,
) -> Sheet:
    sheet: dict[FieldName, Value | tuple[Row, ...]] = {**_kept(row, plain, ssin)}
    for name, fields in groups.items():
        found = row.get(name) or ()
        if not isinstance(found, list | tuple):
            raise WrongSource(Cause.WRONG_TYPE)
        times = cast("Sequence[object]", found)
        if len(times) > MOST_TIMES:
            raise WrongSource(Cause.TOO_MANY_ROWS)
        sheet[name] = tuple(_kept(_object(one), fields, ssin) for one in times)
    return sheet


def _object(found: object) -> Mapping[str, object]:
    if not isinstance(found, dict):
        raise WrongSource(Cause.WRONG_TYPE)
    return cast("Mapping[str, object]", found)


def _kept(row: Mapping[str, object], fields: list[Field], ssin: Ssin) -> Row:
    kept: dict[FieldName, Value] = {}
    for field in fields:
        value = row.get(field.name)
        if value is None:
            if field.required:
                raise WrongSource(Cause.MISSING_FIELD)
            kept[field.name] = None
            continue
        kept[field.name] = checked = CHECKS[field.type](value, field)
        if field.type is ValueType.SSIN and checked != ssin.digits:
            raise WrongSource(Cause.OTHER_PERSON)
    return kept


def _string(value: object) -> str:
    """A value whose type has a form of its own, none of them longer than this."""
    if not isinstance(value, str) or len(value) > LONGEST_FORM:
        raise WrongSource(Cause.WRONG_TYPE)
    return value


def _text(value: object, field: Field) -> str:
    if not isinstance(value, str) or len(value) > field.max_length:
        raise WrongSource(Cause.WRONG_TYPE)
    return value


def _ssin(value: object, _field: Field) -> str:
    return _string(value)


def _bool(value: object, _field: Field) -> bool:
    if not isinstance(value, bool):
        raise WrongSource(Cause.WRONG_TYPE)
    return value


def _int(value: object, _field: Field) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**53:
        raise WrongSource(Cause.WRONG_TYPE)
    return value


def _decimal(value: object, field: Field) -> str:
    text = _string(value)
    total, behind = field.digits or (15, 2)
    written = DECIMAL.fullmatch(text)
    if written is None:
        raise WrongSource(Cause.WRONG_TYPE)
    before, after = written[1].lstrip("0"), written[2] or ""
    if len(before) > total - behind or len(after) > behind:
        raise WrongSource(Cause.WRONG_TYPE)
    return text


def _date(value: object, _field: Field) -> str:
    text = _string(value)
    if not DAY_FORM.fullmatch(text):  # a week of the year would be a date too
        raise WrongSource(Cause.WRONG_TYPE)
    return _parsed(date.fromisoformat, text)


def _incomplete_date(value: object, _field: Field) -> str:
    return _parsed(IncompleteDate.parse, _string(value))


def _quarter(value: object, _field: Field) -> str:
    text = _string(value)
    if not QUARTER.fullmatch(text):
        raise WrongSource(Cause.WRONG_TYPE)
    return text


def _number(rule: Callable[[str], object]) -> Callable[[object, Field], str]:
    return lambda value, _field: _parsed(rule, _string(value))


def _parsed(rule: Callable[[str], object], text: str) -> str:
    try:
        rule(text)
    except ValueError:
        raise WrongSource(Cause.WRONG_TYPE) from None
    return text


def _group(_value: object, _field: Field) -> Value:
    """Repeating groups come in answers by mail: `keep_sheets` has them."""
    raise WrongSource(Cause.WRONG_TYPE)


LONGEST_FORM: Final = 40
MOST_TIMES: Final = 64
"""How often a group may repeat in one row."""

DAY_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DECIMAL: Final = re.compile(r"-?(\d+)(?:\.(\d+))?", re.ASCII)
QUARTER: Final = re.compile(r"\d{4}Q[1-4]", re.ASCII)

CHECKS: Final[Mapping[ValueType, Callable[[object, Field], Value]]] = {
    ValueType.STR: _text,
    ValueType.CODE: _text,
    ValueType.BOOL: _bool,
    ValueType.INT: _int,
    ValueType.DECIMAL: _decimal,
    ValueType.EUR: _decimal,
    ValueType.DATE: _date,
    ValueType.INCOMPLETE_DATE: _incomplete_date,
    ValueType.QUARTER: _quarter,
    ValueType.SSIN: _ssin,
    ValueType.OTHER_SSIN: _number(Ssin),
    ValueType.CBE: _number(EnterpriseNumber),
    ValueType.NSSO: _number(NssoNumber),
    ValueType.GROUP: _group,
}
