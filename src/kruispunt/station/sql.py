"""An institution's own select, checked and wrapped so that one query answers many people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kruispunt.station.queries import QUERIES

PLACEHOLDERS: Final[Mapping[str, tuple[str, str]]] = {
    "ssin": ("q.ssin", "null::text"),
    "begin": ('q."begin"', "null::date"),
    "end": ('q."end"', "null::date"),
}
"""Per placeholder: what it reads in the wrapped query, and a typed null to describe it by."""

TOKEN: Final = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<quoted>
          [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
        | (?<!\w)\$(?P<tag>\w*)\$.*?\$(?P=tag)\$
      )
    | (?P<double> :: | := )
    | :(?P<name> [A-Za-z_]\w* )
    | (?P<parameter> (?<!\w)\$\d+ )
    | (?P<bracket> [()] )
    | (?P<semicolon> ; )
    | (?P<open> ['"] | /\* )
    """,
    re.VERBOSE | re.DOTALL,
)

FIRST_WORD: Final = re.compile(r"\s*(\w+)")


def faults(sql: str, *, lists: bool = False) -> Iterator[str]:
    """Everything wrong with a select that can be seen without a database. None: it may run.

    `lists`: it tells of everyone, so it asks for no number; else it tells of one person.

    Data-modifying CTEs and `select … into` are left to PostgreSQL, which takes neither inside
    the wrapping; the read-only transaction is the last gate.
    """
    first = FIRST_WORD.match(_without_comments(sql))
    if first is None or first[1].lower() not in ("select", "with"):
        yield "expected one select"
    names: list[str] = []
    depth = 0
    for token in TOKEN.finditer(sql):
        match token.lastgroup:
            case "name":
                names.append(token["name"])
            case "bracket":
                depth += 1 if token[0] == "(" else -1
                if depth < 0:
                    break
            case "semicolon":
                yield "expected one select, without a semicolon"
            case "parameter":
                yield f"expected a named placeholder, found {token[0]}"
            case "open":
                yield f"the text after {token[0]} is not closed"
            case _:
                pass
    if depth:
        yield "brackets do not match"
    yield from _wrong_names(names, lists=lists)


def _wrong_names(names: Sequence[str], *, lists: bool) -> Iterator[str]:
    allowed = [name for name in PLACEHOLDERS if not lists or name != "ssin"]
    known = ", ".join(f":{name}" for name in allowed)
    for name in dict.fromkeys(names):
        if name not in allowed:
            yield f"unknown placeholder :{name}, expected one of {known}"
    if not lists and "ssin" not in names:
        yield "missing placeholder :ssin, so it would tell of everyone"


def describing(sql: str) -> str:
    """The select with typed nulls in it: prepared once to learn its columns, never run."""
    return _filled(sql, column=1)


def wrapped(sql: str, columns: Sequence[str], *, max_rows: int) -> str:
    """One query for many people: per row the columns, then the place of the question, from 1.

    Gives at most `max_rows` + 1 rows a question, so that too many is noticed and never cut off.
    """
    quoted = _quoted(columns)
    return QUERIES["answer_many"].sql.format(
        outer=", ".join(f"r.{name}" for name in quoted),
        inner=", ".join(f"answer.{name}" for name in quoted),
        sql=_filled(sql, column=0).strip(),
        limit=max_rows + 1,
    )


def listing(sql: str, columns: Sequence[str]) -> str:
    """One query for everyone: the columns, about the days from $1 up to but not including $2."""
    inner = ", ".join(f"answer.{name}" for name in _quoted(columns))
    return QUERIES["list_all"].sql.format(inner=inner, sql=_filled(sql, column=0).strip())


def _quoted(columns: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in (column.replace('"', '""') for column in columns)]


def _filled(sql: str, *, column: int) -> str:
    def fill(token: re.Match[str]) -> str:
        if token["name"]:
            return PLACEHOLDERS[token["name"]][column]
        return " " if token["comment"] else token[0]

    return TOKEN.sub(fill, sql)


def _without_comments(sql: str) -> str:
    return TOKEN.sub(lambda token: " " if token["comment"] else token[0], sql)
