"""Several statements as one: one round trip, one transaction, all claims won or nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from kruispunt.postgres.bundle import Statement

PARAMETER: Final = re.compile(r"\$\d+")
CHANGES: Final = re.compile(r"\b(?:update|delete|merge)\b", re.IGNORECASE)
ROWS: Final = "$1"
WITH: Final = "with "


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """One SQL text for some statements: it takes the rows of each, in their order.

    Every statement is a part of one `with`. What is asked of the parts is whether each claim got
    all rows that it was sent; `postgres.lose_claim` ends the statement where one did not. Parts of
    which nothing is asked run after those, so that what is lost wrote claims and nothing else.
    """

    sql: str

    @classmethod
    def of(cls, statements: Sequence[Statement]) -> Self | None:
        """The statements in their order; None where they may not travel together.

        The parts of one statement see the tables as they were before it, so what two of them do
        to one row is not defined. Parts that add rows do not meet at one; two that change or
        delete rows which stood before might.
        """
        if sum(CHANGES.search(one.query.sql) is not None for one in statements) > 1:
            return None
        parts: list[str] = []
        checks: list[str] = []
        for place, statement in enumerate(statements):
            rows = f"${place + 1}"
            own, main = _split(_renamed(statement.query.sql, rows))
            parts += [*own, f"part_{place} as (\n{main}\n)"]
            if statement.key:
                checks.append(_check(place, rows))
        asked = ",\n    ".join(checks) or "true as written"
        return cls(sql=f"with {', '.join(parts)}\nselect\n    {asked}")


def _check(place: int, rows: str) -> str:
    """Rows come back for the keys that were won, of as many as were wanted."""
    lost = f"(select count(*) from part_{place}) < cardinality({rows})"  # noqa: S608 numbers
    return f"case when {lost} then postgres.lose_claim() end as lost_{place}"


def _renamed(sql: str, rows: str) -> str:
    """A statement's text with its rows under this name."""
    if set(PARAMETER.findall(sql)) != {ROWS}:
        raise ValueError(f"expected a statement of one parameter, {ROWS}")
    return PARAMETER.sub(rows, sql)


def _split(sql: str) -> tuple[list[str], str]:
    """The parts of a statement's own `with`, and the statement.

    PostgreSQL takes parts that write at the top only, so they move up, under their own names: in
    one order of statements no two may be called the same.
    """
    if not sql.startswith(WITH):
        return [], sql
    depth = 0
    for place, sign in enumerate(sql):
        depth += (sign == "(") - (sign == ")")
        rest = sql[place + 1 :].lstrip()
        if sign == ")" and not depth and not rest.startswith((",", "as ")):
            return [sql[len(WITH) : place + 1]], rest
    raise ValueError("expected a statement after its parts")
