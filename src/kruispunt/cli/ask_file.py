"""`kruispunt ask --file`: the questions of a file, a thousand in one signed request."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import msgspec

from kruispunt.cli.ask_told import FAILED, NOT_A_QUESTION, REFUSED, tell_failure
from kruispunt.cli.questions_file import FromLine
from kruispunt.client import MOST_QUESTIONS, AskFailed, AskRefused, AskReply, Client, Told

QUIET_S: Final = 2.0
"""How long we ask before we say how far we are, and how often then."""

NAMED: Final = 20
"""Lines that are named to people."""


@dataclass(slots=True, kw_only=True)
class FileAsking:
    """Asks the questions of a file, and tells what came of each line."""

    client: Client
    flow: str
    purpose: str
    json: bool
    came: Counter[str] = field(default_factory=Counter[str])
    without: list[str] = field(default_factory=list[str])
    """What people are told of the lines that have no answer."""

    done: int = 0

    async def ask(self, questions: Sequence[FromLine]) -> int:
        """Ask all, in requests of `MOST_QUESTIONS`; the exit code.

        Where a request as a whole gets no answer, what comes after it is not asked.
        """
        began = monotonic()
        async with self._telling(len(questions)):
            for first in range(0, len(questions), MOST_QUESTIONS):
                part = questions[first : first + MOST_QUESTIONS]
                try:
                    told = await self._part(part)
                except AskFailed as failed:
                    if self._is_no_question(failed):
                        return tell_failure(failed, json=self.json)
                    self._hear(part, [failed] * len(part))
                    break
                self._hear(part, told)
        self._sum_up(len(questions), monotonic() - began)
        return self._code(len(questions))

    async def _part(self, part: Sequence[FromLine]) -> list[Told]:
        asked = [one.asked for one in part]
        return await self.client.ask_many(self.flow, asked, purpose=self.purpose)

    def _is_no_question(self, failed: AskFailed) -> bool:
        problem = failed.problem
        return not self.done and problem is not None and problem.status in NOT_A_QUESTION

    def _hear(self, part: Sequence[FromLine], told: Sequence[Told]) -> None:
        for one, came in zip(part, told, strict=True):
            kind, why = _kind(came)
            self.came[kind] += 1
            if why:
                self.without.append(f"line {one.line}: {kind}, {why}")
            if self.json:
                print(msgspec.json.encode(_line(one, came)).decode())
        self.done += len(part)

    def _sum_up(self, many: int, seconds: float) -> None:
        kinds = ", ".join(f"{self.came[kind]} {kind}" for kind in KINDS)
        left = f", {many - self.done} not asked" if self.done < many else ""
        words = [f"{self.done} asked in {seconds:.1f} s: {kinds}{left}"]
        if not self.json:
            words += self.without[:NAMED]
            if len(self.without) > NAMED:
                words.append(f"and {len(self.without) - NAMED} more; --json tells every line")
        print(*words, sep="\n", file=sys.stderr if self.json else sys.stdout)

    def _code(self, many: int) -> int:
        if self.came["failed"] or self.done < many:
            return FAILED
        return REFUSED if self.came["refused"] else 0

    @asynccontextmanager
    async def _telling(self, many: int) -> AsyncGenerator[None]:
        """Say how far we are, where it takes long."""

        async def tell() -> None:
            while True:
                await asyncio.sleep(QUIET_S)
                print(f"{self.done} of {many} answered", file=sys.stderr)

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()


KINDS: Final = ("given", "empty", "refused", "failed")


def _kind(came: Told) -> tuple[str, str]:
    """How a question ended, and why it has no answer."""
    match came:
        case AskReply():
            return came.outcome, ""
        case AskRefused():
            return "refused", came.reason
        case AskFailed():
            return "failed", str(came)


def _line(one: FromLine, came: Told) -> dict[str, object]:
    """What one question is told, as a line of JSON: as at the door, where it came from there."""
    found: dict[str, object] = {"line": one.line, "messageId": one.message_id}
    match came:
        case AskReply():
            return found | {"status": 200, "answer": came}
        case AskRefused(problem=problem):
            return found | {"status": problem.status, "problem": problem}
        case AskFailed(problem=problem) if problem is not None:
            return found | {"status": problem.status, "problem": problem}
        case AskFailed():
            return found | {"fault": came.fault.value, "detail": str(came)}
