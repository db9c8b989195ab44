"""The lines of one block of a file, decided: what is to be recorded, changed and told of each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import structs

from kruispunt.audit import Alike, Change
from kruispunt.authorisation import answer_of_directory
from kruispunt.directory import Removal, Stood, in_order
from kruispunt.exchange.bringing import (
    as_rows,
    changes_of,
    check_joined,
    check_length,
    joins_days_of_many,
    named,
    qualities_named,
)
from kruispunt.exchange.file_order import BadLine, FileLine, FileTold
from kruispunt.exchange.files import change_of
from kruispunt.exchange.keep import keep
from kruispunt.exchange.ticket import new_tickets
from kruispunt.law import Clause, Flow, Jurisdiction
from kruispunt.vocabulary import (
    Act,
    Decision,
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    Grant,
    LinesAsked,
    Malformed,
    Outcome,
    Quality,
    Reply,
    Row,
    Sector,
    Settled,
)

TOO_LONG: Final = "too-long"


class Changing(NamedTuple):
    """What a line that was granted changes: its place in the block, its entry, its changes."""

    place: int
    entry: Entry
    asked: LinesAsked
    changes: Sequence[DirectoryLine | Removal]


class Meant(NamedTuple):
    """What lines that ask the same mean: with the sector, and which qualities of it."""

    asked: LinesAsked
    qualities: Sequence[Quality]


@dataclass(slots=True, kw_only=True)
class Block:
    """What the lines come to; nothing of it is written yet."""

    clause: Clause | None
    flow: Flow
    law: Jurisdiction
    told: list[FileTold]
    alike: Alike | None = None
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    changing: list[Changing] = field(default_factory=list[Changing])
    meant: dict[LinesAsked, Meant] = field(default_factory=dict[LinesAsked, Meant])
    answers: dict[object, tuple[Row, ...]] = field(default_factory=dict[object, tuple[Row, ...]])

    @property
    def kinds(self) -> set[tuple[Sector, Quality]]:
        """The lines that the asker may bring, so that are its own."""
        kinds = () if self.clause is None else self.clause.integrates
        return {(kind.sector, quality) for kind in kinds for quality in kind.qualities}

    @property
    def changes(self) -> list[DirectoryLine | Removal]:
        """All changes of the directory, in the order of the lines."""
        return [change for one in self.changing for change in one.changes]

    def wrong(self, line: FileLine | BadLine) -> Malformed | None:
        """What is wrong with a line before anything is asked of it."""
        if isinstance(line, BadLine):
            return Malformed(line.rule)
        if line.asked is None:
            return None
        try:
            check_length(self.of(line.asked).asked, line.about, self.clause)
        except Malformed as wrong:
            return wrong
        return None

    def of(self, asked: LinesAsked) -> Meant:
        """What these words mean under the clause; found once for all lines that say them."""
        meant = self.meant.get(asked)
        if meant is None:
            whole = named(asked, self.clause)
            qualities = () if whole.sector is None else qualities_named(whole, self.clause)
            meant = self.meant[asked] = Meant(whole, qualities)
        return meant

    def facts(self, settled: Settled, asked: LinesAsked) -> Facts:
        """As `lines_named`: the lines that are to come or go."""
        (sector, phase), about = _place(self.of(asked).asked), settled.question.about
        member = self.law.lines_of(settled.question.consumer)
        lines = [
            DirectoryLine(
                ssin=settled.current,
                sector=sector,
                quality=quality,
                period=about,
                phase=phase,
                member=member,
            )
            for quality in self.of(asked).qualities
        ]
        return Facts(number=settled.number, lines=tuple(lines))

    def decided(self, place: int, line: FileLine, entry: Entry, decision: Decision) -> None:
        """Take note of a decision: what a grant changes, or what a question is told."""
        rows: tuple[Row, ...] = ()
        if isinstance(decision, Grant) and line.asked is not None:
            asked = self.of(line.asked).asked
            changes = changes_of(entry.question, asked, self._may_change(entry, asked), None)
            self.changing.append(Changing(place, entry, asked, changes))
        elif isinstance(decision, Grant):  # a question
            rows = self._answer(entry, decision)
            self._ended(entry, len(rows))
        elif decision.reason.told is None:
            self._ended(entry, 0)
        self.told[place] = FileTold(line=line, entry=entry.id, decision=decision, rows=rows)

    def _may_change(self, entry: Entry, asked: LinesAsked) -> Sequence[DirectoryLine]:
        """A line for each quality that is named."""
        facts = entry.facts
        if asked.act is Act.INTEGRATE:  # so are its facts
            return facts.lines
        settled = Settled(question=entry.question, number=facts.number)
        return self.facts(settled, asked).lines

    def may(self, change: DirectoryLine | Removal, stands: Iterable[DirectoryLine]) -> bool:
        """As online: no longer than the law has it, with the lines that it joins."""
        if joins_days_of_many(self.clause, self.law):
            return True
        try:
            check_joined(change, stands, self.clause)
        except Malformed:
            return False
        return True

    def changed(
        self, stood: Iterable[Stood | None], *, at: datetime, random_bytes: Callable[[int], bytes]
    ) -> list[Change]:
        """Take note of what became of the changes; what the trail tells of those made."""
        each, made = iter(stood), list[tuple[Entry, DirectoryLine | Removal]]()
        for place, entry, asked, changes in self.changing:
            came = [next(each) for _ in changes]
            for change, one in zip(changes, came, strict=True):
                if one is not None and _is_meant(change, asked, one):
                    made.append((entry, change))
            self._tell_lines(place, entry, came[-1])
        tickets = new_tickets(at, random_bytes, len(made))
        return [
            change_of(entry, change, at=at, ticket=ticket)
            for (entry, change), ticket in zip(made, tickets, strict=True)
        ]

    def _tell_lines(self, place: int, entry: Entry, stood: Stood | None) -> None:
        """What the line is told online too: the asker's own lines that share a day with it."""
        told = self.told[place]
        if stood is None:
            self._ended(entry, 0, cause=TOO_LONG)
            problem = Malformed("a line of this quality can't last so long")
            self.told[place] = structs.replace(told, problem=problem)
            return
        about = entry.question.about
        lines = [line for line in stood.after if line.period.overlaps(about)]
        rows = as_rows(in_order(lines) if len(lines) > 1 else lines, member=None)
        self._ended(entry, len(rows))
        self.told[place] = structs.replace(told, rows=rows)

    def _answer(self, entry: Entry, grant: Grant) -> tuple[Row, ...]:
        """What a question is told, of which there are few kinds: each is kept once for a grant."""
        about, question = grant.about, entry.question
        if about is not None:
            question = structs.replace(question, about=about)
        found = answer_of_directory(self.flow, question, entry.facts)
        fields = grant.fields
        key = (fields, tuple(tuple(row.items()) for row in found))
        rows = self.answers.get(key)
        if rows is None:
            reply = Reply(ssin=question.ssin, rows=found)
            rows = keep(reply, question=question, flow=self.flow, fields=fields)
            # What the directory tells names nobody, so that it is the same of whomever.
            self.answers[key] = rows
        return rows

    def _ended(self, entry: Entry, rows: int, *, cause: str = "") -> None:
        ending = Ending.GIVEN if rows else Ending.EMPTY
        outcome = Outcome(
            entry=entry.id,
            recorded_at=entry.recorded_at,
            ended_at=entry.recorded_at,
            ending=Ending.FAILED if cause else ending,
            rows=rows,
            cause=cause,
        )
        self.outcomes.append(outcome)


def _place(asked: LinesAsked) -> tuple[Sector, int]:
    if asked.sector is None:
        raise AssertionError("expected a sector: it was named")
    return asked.sector, asked.phase or 0


def _is_meant(change: DirectoryLine | Removal, asked: LinesAsked, stood: Stood) -> bool:
    """True for what the trail tells: where no quality was named, those that had a line."""
    return asked.quality is not None or any(
        (line.sector, line.quality) == (change.sector, change.quality) for line in stood.before
    )
