"""Proofs for a person: the entries about them as they were written, and the way to the root."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import Tampered, blind, month_of
from kruispunt.audit.change import CHANGES, encoded_change
from kruispunt.audit.encoding import read_entry
from kruispunt.audit.form import CHANGE, DECISION, OUTCOME, READING, encode
from kruispunt.audit.published import HistoryChanged, Published
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import EVER, Reader
from kruispunt.audit.reading import READS, Hidden
from kruispunt.audit.row import outcome_form_of
from kruispunt.audit.sealer import SEALING
from kruispunt.client import FORMAT, KeptBody, LeafProof, TrailProof
from kruispunt.postgres import Query
from kruispunt.vocabulary import Checkpoint, Ssin, TileTree, inclusion_path
from kruispunt.web import told_at

PAGE: Final = 500
PLACE_BYTES: Final = 17


PATIENCE: Final = timedelta(seconds=10)
"""A checkpoint that is so much younger than an entry holds it."""


class NotPlaced(HistoryChanged):
    """An entry that should stand in the tree does not: it was written past the sealer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    kind: int
    entry: UUID
    recorded_at: datetime
    encoded: bytes
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """Makes proofs out of one trail and its published files. It can't write to either."""

    reader: Reader
    published: Published

    async def about(
        self, ssin: Ssin, *, hidden: Hidden, kept: Sequence[KeptBody] = ()
    ) -> TrailProof:
        """Every entry about a person that stands under the checkpoint of now, but hidden ones.

        A leaf can't be opened in part, so an entry is in the file whole, or not. `kept` says how
        many are not, and on which ground.

        Raises:
            NotPlaced: an entry that is not young has no place in the tree.
            HistoryChanged: nothing is published, or an entry is not what its leaf was made over.
            Shredded, Tampered: an entry stands there that can't be read.
        """
        note = self.published.note()
        if note is None:
            raise HistoryChanged("no checkpoint is published here")
        tree = self.published.tree(Checkpoint.read(note.text).size)
        entries, waiting = list[LeafProof](), 0
        async for leaf in self._leaves(ssin, hidden):
            position = await self._position(leaf)
            if position is None or position >= tree.size:
                await self._must_wait(leaf, position, signed_at=told_at(note))
                waiting += 1
            else:
                entries.append(_proof(leaf, tree, position))
        expired = self.published.expired()
        return TrailProof(
            format=FORMAT,
            checkpoint=note.encode().decode(),
            entries=tuple(sorted(entries, key=lambda one: one.position)),
            waiting=waiting,
            expired="" if expired is None else expired.encode().decode(),
            kept=tuple(kept),
        )

    async def _must_wait(
        self, leaf: _Leaf, position: int | None, *, signed_at: datetime | None
    ) -> None:
        """An entry without a place waits for one, and not for long.

        Raises:
            NotPlaced: it does not: it stands in the trail only, and the tree knows nothing of it.
        """
        if position is None:
            found = await self.reader.database.fetch(
                SEALING["find_pending"], leaf.kind, leaf.entry
            )
            if not found:
                raise NotPlaced(f"entry {leaf.entry} has no place in the tree, nor waits for one")
        if signed_at is not None and leaf.recorded_at + PATIENCE < signed_at:
            words = f"entry {leaf.entry} has no place in the tree that was signed"
            raise NotPlaced(f"{words} at {signed_at.isoformat()}, long after it was recorded")

    async def _leaves(self, ssin: Ssin, hidden: Hidden) -> AsyncGenerator[_Leaf]:
        async for rows in self._rows(SEALING["decisions_about"], ssin):
            for leaf in await self._page(rows, hidden):
                yield leaf
        async for rows in self._rows(READS["readings_of"], ssin):
            for row in rows:
                if row["institution"] not in hidden.consumers:
                    yield await self._leaf(row["id"], row, row["encoded"], kind=READING)
        async for rows in self._rows(CHANGES["changes_of"], ssin):
            for row in rows:
                encoded = encoded_change(row, await self.reader.keys.find(month_of(row[0])))
                yield await self._leaf(row["id"], row, encoded, kind=CHANGE)

    async def _rows(self, query: Query, ssin: Ssin) -> AsyncGenerator[list[Record]]:
        """Rows of one kind about a person, the earliest first, page by page."""
        after, last = EVER[0], UUID(int=0)
        while True:
            try:
                rows = await self.reader.database.fetch(query, ssin.number, after, last, PAGE)
            except (ValueError, OverflowError) as wrong:
                raise Tampered("an entry tells a time that no calendar has") from wrong
            yield rows
            if len(rows) < PAGE:
                return
            after, last = rows[-1]["recorded_at"], rows[-1]["id"]

    async def _page(self, rows: Sequence[Record], hidden: Hidden) -> list[_Leaf]:
        found: list[_Leaf] = []
        outcomes = await self._outcomes(rows)
        for row, form in zip(rows, await self.reader.forms(rows), strict=True):
            if hidden.hides(read_entry(form)):
                continue
            found.append(await self._leaf(row["id"], row, encode(form), kind=DECISION))
            if row["id"] in outcomes:
                encoded = encode(outcome_form_of(outcomes[row["id"]]))
                found.append(await self._leaf(row["id"], row, encoded, kind=OUTCOME))
        return found

    async def _outcomes(self, rows: Sequence[Record]) -> dict[UUID, Record]:
        ids, times = [row["id"] for row in rows], [row["recorded_at"] for row in rows]
        found = await self.reader.database.fetch(QUERIES["list_outcomes"], ids, times)
        return {row["entry"]: row for row in found}

    async def _leaf(self, entry: UUID, row: Record, encoded: bytes, *, kind: int) -> _Leaf:
        at: datetime = row["recorded_at"]
        key = await self.reader.keys.find(month_of(at))
        salt = key.salt(entry, kind=kind)
        return _Leaf(kind=kind, entry=entry, recorded_at=at, encoded=encoded, salt=salt)

    async def _position(self, leaf: _Leaf) -> int | None:
        """The place of an entry in the tree; None: it has none yet."""
        place = bytes((leaf.kind,)) + leaf.entry.bytes
        found = await self.reader.database.fetch(SEALING["find_place"], place, leaf.recorded_at)
        for row in found:
            offset, rest = divmod(int(row["offset"]), PLACE_BYTES)
            if not rest:
                return int(row["first"]) + offset
        return None


def _proof(leaf: _Leaf, tree: TileTree, position: int) -> LeafProof:
    if tree.blinded(position) != blind(leaf.encoded, salt=leaf.salt):
        raise HistoryChanged(f"entry {leaf.entry} was changed after it got place {position}")
    return LeafProof(
        position=position,
        encoded=leaf.encoded,
        salt=leaf.salt,
        path=inclusion_path(tree.node, index=position, size=tree.size),
    )
