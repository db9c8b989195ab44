"""The directory in memory: the twin of the one on PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kruispunt.directory.change import (
    Check,
    Removal,
    added,
    changed,
    check_line,
    inverse,
    removed,
    unchecked,
)
from kruispunt.directory.directory import Jurisdiction, wanted
from kruispunt.directory.lines import in_order
from kruispunt.vocabulary import DirectoryLine, Facts, Settled, Ssin


@dataclass(slots=True)
class MemoryLines:
    """The twin of `Lines`."""

    names: bool = False
    kept: frozenset[DirectoryLine] = field(default_factory=frozenset[DirectoryLine])
    taken: "dict[UUID, tuple[DirectoryLine | Removal, ...]]" = field(
        default_factory=dict[UUID, "tuple[DirectoryLine | Removal, ...]"]
    )
    """What was taken, with what takes it back."""

    async def names_members(self) -> bool:
        """As `Lines.names_members`."""
        return self.names

    async def list(self, ssin: Ssin) -> tuple[DirectoryLine, ...]:
        """As `Lines.list`."""
        return tuple(in_order(line for line in self.kept if line.ssin == ssin))

    async def add(self, line: DirectoryLine) -> tuple[DirectoryLine, ...]:
        """As `Lines.add`."""
        check_line(line, names_members=self.names)
        self.kept = added(self.kept, line)
        return await self.list(line.ssin)

    async def end(self, removal: Removal) -> tuple[DirectoryLine, ...]:
        """As `Lines.end`."""
        self.kept = removed(self.kept, removal)
        return await self.list(removal.ssin)

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[DirectoryLine | Removal],
        *,
        once: UUID,
        check: Check = unchecked,
    ) -> bool:
        """As `Lines.take`."""
        for change in changes:
            if isinstance(change, DirectoryLine):
                check_line(change, names_members=self.names)
        assert all(change.ssin == ssin for change in changes), "changes of one person"
        if once in self.taken:
            return False
        after = self.kept
        for change in changes:
            after = changed(after, change)
        check(frozenset(line for line in after if line.ssin == ssin))
        self.taken[once] = inverse(self.kept, after)
        self.kept = after
        return True

    async def undo(self, ssin: Ssin, *, once: UUID) -> tuple[DirectoryLine | Removal, ...]:
        """As `Lines.undo`."""
        back = self.taken.get(once, ())
        assert all(change.ssin == ssin for change in back), "changes of one person"
        for change in back:
            self.kept = changed(self.kept, change)
        if back:
            self.taken[once] = ()
        return back


class MemoryDirectory:
    """The twin of `Directory`."""

    def __init__(self, *, jurisdiction: Jurisdiction) -> None:
        self.lines = MemoryLines(names=jurisdiction.is_node)
        self._jurisdiction = jurisdiction

    async def facts(self, settled: Settled) -> Facts:
        """As `Directory.facts`."""
        want = wanted(settled, self._jurisdiction)
        lines = (
            line
            for line in await self.lines.list(want.ssin)
            if (line.sector, line.quality) in want.pairs and want.member in (None, line.member)
        )
        return Facts(number=settled.number, lines=tuple(lines))

    async def facts_many(self, settled: Sequence[Settled]) -> list[Facts]:
        """As `Directory.facts_many`."""
        return [await self.facts(one) for one in settled]
