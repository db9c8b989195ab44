"""Reading bodies at a door: bytes become a checked body, or one issue per field that is wrong."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, Generic, TypeVar, cast, get_args, get_origin

import msgspec

from kruispunt.client.wire import PeriodBody
from kruispunt.vocabulary import BELGIF, Issue, Malformed, Period, Ssin, WrongNumber, WrongPeriod

SCHEMA_VIOLATION: Final = BELGIF + "input-validation:schemaViolation"
UNKNOWN_INPUT: Final = BELGIF + "input-validation:unknownInput"
INVALID_INPUT: Final = BELGIF + "input-validation:invalidInput"

# What may be said again of an unknown field's name: it could hold anything, a number too.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_]{0,39}")
# msgspec repeats the value after "Invalid enum value"; every other message names types and rules.
_TELLING: Final = re.compile(r"^Invalid enum value.*", re.DOTALL)
_PATH: Final = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")

MOST_ISSUES: Final = 100
"""Issues that are told of one body: where more is wrong, it is wrong in the same way."""

T = TypeVar("T", bound=msgspec.Struct)


class Reader(Generic[T]):
    """Reads bodies of one type. Build it once: it holds a compiled decoder."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    def read(self, body: bytes) -> T:
        """The body, checked.

        Raises:
            Malformed: not JSON, or fields are missing, unknown or wrong: one issue for each, as
                many as `MOST_ISSUES`.
        """
        try:
            return self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            issues = tuple(islice(_issues(body, self._kind), MOST_ISSUES))
        raise Malformed("the body does not fit its schema", issues=issues)


def read_ssin(digits: str, *, name: str = "ssin") -> Ssin:
    """A person's number whose check digits fit.

    Raises:
        Malformed: they don't, with an issue that names the rule and never the number.
    """
    try:
        return Ssin(digits)
    except WrongNumber as error:
        issue = Issue(type=INVALID_INPUT, where="body", name=name, detail=str(error))
    raise Malformed("the number of the person is not valid", issues=(issue,))


def read_period(body: PeriodBody, *, name: str = "period") -> Period:
    """A period, half-open as code has it.

    Raises:
        Malformed: its last day comes before its first.
    """
    try:
        return Period.through(body.begin_date, body.end_date)
    except WrongPeriod as error:
        detail = str(error)
    issue = Issue(type=INVALID_INPUT, where="body", name=f"{name}.endDate", detail=detail)
    raise Malformed("the period is not valid", issues=(issue,))


def _issues(body: bytes, kind: type[msgspec.Struct], prefix: str = "") -> Iterator[Issue]:
    """Every issue of a body that is known to be wrong; slower than reading, and only then run."""
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield _issue(prefix.rstrip("."), str(error) or "nested too deep")
        return
    for field in msgspec.structs.fields(kind):
        raw = found.pop(field.encode_name, None)
        name = prefix + field.encode_name
        if raw is None:
            if field.required:
                yield _issue(name, "the field is missing")
        elif inner := _body_of(cast(object, field.type), bytes(raw)):
            yield from _inside(bytes(raw), inner, name)
        elif item := _item_of(cast(object, field.type)):
            yield from _each(bytes(raw), item, _wrong(bytes(raw), cast(object, field.type), name))
        else:
            yield from _wrong(bytes(raw), cast(object, field.type), name)
    for name in found:
        told = prefix + name if _PLAIN_NAME.fullmatch(name) else prefix + "?"
        yield _issue(told, "the field is unknown", kind=UNKNOWN_INPUT)


def _inside(raw: bytes, kind: type[msgspec.Struct], name: str) -> Iterator[Issue]:
    try:
        msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from _issues(raw, kind, f"{name}.")


def _body_of(kind: object, raw: bytes) -> type[msgspec.Struct] | None:
    """The body that a field holds, if that is what it holds; a null is none."""
    held = (kind,) if isinstance(kind, type) else () if raw == b"null" else get_args(kind)
    bodies = [one for one in held if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    return bodies[0] if bodies else None


def _item_of(kind: object) -> type[msgspec.Struct] | None:
    """The body of which a field holds any number, if that is what it holds."""
    held = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    first = get_args(held)[0] if get_origin(held) is tuple else None
    return first if isinstance(first, type) and issubclass(first, msgspec.Struct) else None


def _each(raw: bytes, kind: type[msgspec.Struct], whole: Iterator[Issue]) -> Iterator[Issue]:
    """Every issue of every item, where items are all that is wrong with the whole."""
    for issue in whole:
        name, inside, _ = issue.name.partition("[")
        if not inside:
            yield issue
            return
        for place, item in enumerate(msgspec.json.decode(raw, type=list[msgspec.Raw])):
            yield from _inside(bytes(item), kind, f"{name}[{place}]")


def _wrong(raw: bytes, kind: object, name: str) -> Iterator[Issue]:
    try:
        msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error) or "nested too deep"
        path = _PATH.search(text)
        yield _issue(name + (path[1] if path else ""), text)


def _issue(name: str, text: str, *, kind: str = SCHEMA_VIOLATION) -> Issue:
    detail = _TELLING.sub("expected one of the listed values", _PATH.sub("", text))
    told = detail if detail[:2].isupper() else detail[:1].lower() + detail[1:]
    return Issue(type=kind, where="body", name=name, detail=told)
