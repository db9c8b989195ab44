"""Named queries: SQL lives in a room's `store.sql`, each query with its promise above it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

NAME: Final = re.compile(r"^-- name: *([a-z][a-z0-9_]*) *$", re.MULTILINE)


class WrongQueries(ValueError):
    """A file of queries that does not read as one: the message says which file and query."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query under its name; `sql` has no comments at its head and no semicolon at its end."""

    name: str
    sql: str

    def __hash__(self) -> int:
        return hash(self.name)


def read_queries(path: Path) -> Mapping[str, Query]:
    """Read a file of `-- name: find_lines` blocks; comment lines below a name are its promise.

    Raises:
        WrongQueries: a name stands twice, a query is empty, or SQL stands before the first name.
    """
    head, *blocks = NAME.split(path.read_text(encoding="utf-8"))
    if _statement(head):
        raise WrongQueries(f"{path.name}: expected `-- name:` before the first query")
    queries: dict[str, Query] = {}
    for name, block in zip(blocks[::2], blocks[1::2], strict=True):
        sql = _statement(block)
        if not sql or name in queries:
            raise WrongQueries(f"{path.name}: query {name} is empty or stands twice")
        queries[name] = Query(name=name, sql=sql)
    return MappingProxyType(queries)


def _statement(block: str) -> str:
    lines = [line for line in block.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().removesuffix(";").rstrip()
