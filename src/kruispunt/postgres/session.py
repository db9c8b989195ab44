"""The committer's own connection: how one group of bundles becomes one durable transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from kruispunt.postgres.bundle import Bundle, Committed, Group, Lost, Statement
from kruispunt.postgres.driver import (
    DRIVER_ERRORS,
    Connection,
    Prepared,
    is_away,
    may_succeed_again,
)
from kruispunt.postgres.together import Together

REFUSED: Final = (*DRIVER_ERRORS, ValueError, TypeError)
"""What a guilty bundle makes: rows that the driver can't encode or that the database refuses."""

Result = Committed | Lost
Row = tuple[object, ...]


class WrongBundle(ValueError):
    """A bundle that can't be written: a statement not known, or a row that does not fit it."""


@dataclass(slots=True)
class Rows:
    """The rows of one statement in one group, and the place of the bundle of each."""

    rows: list[Row] = field(default_factory=list[Row])
    owners: list[int] = field(default_factory=list[int])


class Writer(Protocol):
    """What the committer asks of its connection."""

    @property
    def is_gone(self) -> bool: ...

    async def write(self, bundles: Sequence[Bundle]) -> list[Result]: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One connection and what is prepared on it, in the order of every transaction.

    A group is written at once: all its statements as one, one round trip, one transaction that
    stands or falls. Where that is refused, because a claim found its key taken or a bundle is
    wrong, nothing of it stands, and the same group is written step by step, each loser left out
    of what comes after. So who repeats a nonce or an id makes those of the same group wait for a
    round trip for each step, and for the one that was lost; that one wrote nothing but claims.
    """

    connection: Connection
    places: Mapping[Statement, int]
    prepared: dict[Statement, Prepared] = field(default_factory=dict[Statement, Prepared])
    together: dict[tuple[Statement, ...], Prepared | None] = field(
        default_factory=dict[tuple[Statement, ...], Prepared | None]
    )

    @property
    def is_gone(self) -> bool:
        """True where the server ended the connection, while nothing was written on it."""
        return self.connection.is_closed()

    async def write(self, bundles: Sequence[Bundle]) -> list[Result]:
        """Write a group in one transaction; what is returned as committed is durable.

        Where this raises, nothing of the group stands, unless the connection went away while the
        commit was under way: then it may stand, and nobody was told that it does.
        """
        plan = self._plan(bundles)
        if len(plan) < 2:  # one statement is a transaction of its own, without its round trips
            return _results(bundles, await self._run(plan))
        if await self._write_at_once(plan):
            return _results(bundles, {})
        return _results(bundles, await self._write_by_steps(plan))

    async def _write_at_once(self, plan: Sequence[tuple[Statement, Rows]]) -> bool:
        """Write all as one statement, True where it stands; else nothing of it does."""
        whole = await self._prepare_whole(tuple([statement for statement, _rows in plan]))
        if whole is None:
            return False
        arrays = _arrays(plan)
        if arrays is None:
            return False
        try:
            await whole.fetch(*arrays)
        except REFUSED as error:
            if is_away(error) or may_succeed_again(error):
                raise
            return False
        return True

    async def _write_by_steps(self, plan: Sequence[tuple[Statement, Rows]]) -> dict[int, Lost]:
        """Write statement by statement, in a transaction, and return who lost what."""
        done = False
        try:
            await self.connection.execute("begin")
            lost = await self._run(plan)
            tag = await self.connection.execute("commit")
            done = True
        except REFUSED as error:
            done = not is_away(error) and await self._roll_back()
            raise
        finally:
            # Whatever ended this, a cancellation too: what is open is not left to the next group.
            if not done:
                self.drop()
        assert tag == "COMMIT", tag  # a failed statement has raised before
        return lost

    async def _roll_back(self) -> bool:
        """End the transaction, True where the connection has none any more."""
        try:
            await self.connection.execute("rollback")
        except DRIVER_ERRORS:
            return False
        return True

    def drop(self) -> None:
        """Leave the connection at once; what is under way is rolled back."""
        self.connection.terminate()

    def _plan(self, bundles: Sequence[Bundle]) -> list[tuple[Statement, Rows]]:
        """Rows by statement, in the order of statements, and in the order of bundles.

        Raises:
            WrongBundle: a row does not fit its statement; nothing was sent.
        """
        places = self.places
        plan = [(statement, Rows()) for statement in places]
        for owner, bundle in enumerate(bundles):
            for write in bundle.writes:
                place = places.get(write.statement)
                if place is None:
                    raise WrongBundle(f"unknown statement {write.statement.query.name}")
                if len(write.row) != write.statement.width:
                    raise WrongBundle(f"{write.statement.query.name}: a row of another length")
                rows = plan[place][1]
                rows.rows.append(write.row)
                rows.owners.append(owner)
        return [(statement, rows) for statement, rows in plan if rows.rows]

    async def _run(self, plan: Sequence[tuple[Statement, Rows]]) -> dict[int, Lost]:
        lost: dict[int, Lost] = {}
        for statement, rows in plan:
            if statement.key:
                await self._claim(statement, rows, lost)
            else:
                live = _live(rows, lost)
                if live:
                    await (await self._prepare(statement)).fetch(live)
        return lost

    async def _claim(self, statement: Statement, rows: Rows, lost: dict[int, Lost]) -> None:
        """Insert the first row of every key in order of keys; whose row comes back has the key.

        INVARIANT: every process takes statements in one order and keys in one order, so that
        claims of two processes wait for each other but never in a circle.
        """
        wanted = _first_by_key(statement, rows, lost)
        if not wanted:
            return
        ordered = [row for _key, (_owner, row) in sorted(wanted.items(), key=lambda item: item[0])]
        records = await (await self._prepare(statement)).fetch(ordered)
        won = {tuple(record) for record in records}
        for row, owner in zip(rows.rows, rows.owners, strict=True):
            if owner not in lost:
                key = tuple([row[place] for place in statement.key])
                if key not in won or wanted[key][0] != owner:
                    lost[owner] = Lost(statement)

    async def _prepare(self, statement: Statement) -> Prepared:
        prepared = self.prepared.get(statement)
        if prepared is None:
            prepared = await self.connection.prepare(statement.query.sql)
            self.prepared[statement] = prepared
        return prepared

    async def _prepare_whole(self, statements: tuple[Statement, ...]) -> Prepared | None:
        if statements not in self.together:
            found = Together.of(statements)
            self.together[statements] = found and await self.connection.prepare(found.sql)
        return self.together[statements]


def _live(rows: Rows, lost: Mapping[int, Lost]) -> list[Row]:
    if not lost:
        return rows.rows
    return [row for row, owner in zip(rows.rows, rows.owners, strict=True) if owner not in lost]


def _arrays(plan: Sequence[tuple[Statement, Rows]]) -> list[list[Row]] | None:
    """The rows of each statement, those of claims in order of keys; None: one is wanted twice."""
    arrays: list[list[Row]] = []
    for statement, rows in plan:
        ordered = rows.rows
        if statement.key:
            by_key = {tuple([row[place] for place in statement.key]): row for row in ordered}
            if len(by_key) < len(ordered):
                return None
            ordered = [by_key[key] for key in sorted(by_key)]
        arrays.append(ordered)
    return arrays


def _first_by_key(
    statement: Statement, rows: Rows, lost: Mapping[int, Lost]
) -> dict[Row, tuple[int, Row]]:
    wanted: dict[Row, tuple[int, Row]] = {}
    for row, owner in zip(rows.rows, rows.owners, strict=True):
        if owner not in lost:
            wanted.setdefault(tuple([row[place] for place in statement.key]), (owner, row))
    return wanted


def _results(bundles: Sequence[Bundle], lost: Mapping[int, Lost]) -> list[Result]:
    marks = [b.mark for i, b in enumerate(bundles) if b.mark and i not in lost]
    group = Group(tuple(marks))
    results: list[Result] = []
    index = 0
    for owner, bundle in enumerate(bundles):
        if owner in lost:
            results.append(lost[owner])
        elif bundle.mark:
            results.append(Committed(group, index))
            index += 1
        else:
            results.append(Committed(group, -1))
    return results
