"""A source in memory: the twin that tests and trials ask instead of a station."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from kruispunt.sources.fault import Cause, SilentSource, WrongSource
from kruispunt.vocabulary import Decision, FieldName, FlowId, Grant, Recorded, Reply, Ssin

Rows = Sequence[Mapping[str, object]]
NOT_A_VALUE: Final = ("neither text nor number",)
NOT_ASKED: Final = frozenset((Cause.CROWDED, Cause.RESTING, Cause.NO_ROUTE))
SEEN_LATER: Final = frozenset((Cause.WRONG_TYPE, Cause.MISSING_FIELD))
"""Faults that only minimising can see: they are put into the rows."""


class Simulator:
    """Answers from what it was given, and can be silent, slow, talkative, or lie in each way."""

    def __init__(self, answers: Mapping[tuple[FlowId, Ssin], Rows] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[Recorded[Grant]] = []
        """Every look that reached the source, in order."""

        self.blanks: list[Recorded[Decision]] = []
        """Every blank look that reached the source, in order."""

        self.takes_s = 0.0
        """How long an answer takes; longer than the caller waits: silent."""

        self.fault: Cause | None = None
        """Fail in this way."""

        self.talkative = False
        """Give all fields there are, and not only those asked for."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        """Answer as a station would, seen from behind the wire.

        Raises:
            SilentSource, WrongSource: as it was told to fail.
        """
        if self.fault not in NOT_ASKED:
            self.asked.append(recorded)
        await self._take_time(timeout_s)
        question, granted = recorded.entry.question, recorded.decision.fields
        rows = self.answers.get((question.flow, question.ssin), ())
        given = [row if self.talkative else _only(row, granted) for row in rows]
        return Reply(ssin=question.ssin, rows=tuple(self._distorted(row) for row in given))

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        """Be asked about nobody: it takes as long and fails in the same way.

        Raises:
            SilentSource, WrongSource: as it was told to fail.
        """
        if self.fault not in NOT_ASKED:
            self.blanks.append(recorded)
        await self._take_time(timeout_s)

    async def _take_time(self, timeout_s: float) -> None:
        fault = self.fault
        if fault is Cause.NO_ANSWER or self.takes_s >= timeout_s:
            await asyncio.sleep(timeout_s)
            raise SilentSource(Cause.NO_ANSWER)
        await asyncio.sleep(self.takes_s)
        if fault is None or fault in SEEN_LATER:
            return
        if fault in NOT_ASKED or fault is Cause.BUSY:
            raise SilentSource(fault)
        raise WrongSource(fault)

    def _distorted(self, row: Mapping[str, object]) -> Mapping[str, object]:
        match self.fault:
            case Cause.WRONG_TYPE:
                return dict.fromkeys(row, NOT_A_VALUE)
            case Cause.MISSING_FIELD:
                return {}
            case _:
                return row


def _only(row: Mapping[str, object], fields: Sequence[FieldName]) -> Mapping[str, object]:
    return {name: row[name] for name in map(str, fields) if name in row}
