"""The registers in memory, and those of a node, which leaves the number to its hub."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from msgspec import structs

from kruispunt.identity.status import (
    UNKNOWN,
    Registered,
    WrongChange,
    after_cancel,
    after_decease,
    after_register,
    after_replace,
    check_replace,
)
from kruispunt.vocabulary import NumberFact, NumberStatus, Question, Settled, Ssin


@dataclass(frozen=True, slots=True)
class MemoryRegisters:
    """The twin of `Registers`."""

    facts: dict[Ssin, NumberFact] = field(default_factory=dict[Ssin, NumberFact])

    async def settle(self, question: Question) -> Settled:
        """As `Registers.settle`."""
        return Settled(question=question, number=self._of(question.ssin))

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]:
        """As `Registers.settle_many`."""
        return [await self.settle(question) for question in questions]

    async def register(self, ssin: Ssin) -> None:
        """As `Registers.register`."""
        self.facts[ssin] = after_register(self._of(ssin))

    async def cancel(self, ssin: Ssin) -> None:
        """As `Registers.cancel`."""
        self.facts[ssin] = after_cancel(self._of(ssin))

    async def decease(self, ssin: Ssin, deceased_on: date) -> None:
        """As `Registers.decease`."""
        self.facts[ssin] = after_decease(self._of(ssin), deceased_on=deceased_on)

    async def replace(self, ssin: Ssin, successor: Ssin) -> None:
        """As `Registers.replace`."""
        successor_now = self._of(successor)
        check_replace(ssin, successor, successor_now)
        fact = after_replace(self._of(ssin), successor=successor, successor_now=successor_now)
        self.facts[ssin] = fact
        for other, known in self.facts.items():
            if known.successor == ssin:
                self.facts[other] = structs.replace(known, successor=fact.successor)

    async def load(self, numbers: Iterable[Registered]) -> int:
        """As `Registers.load`."""
        new = list(numbers)
        facts = {number.ssin: number.fact for number in new}
        if len(facts) < len(new) or facts.keys() & self.facts.keys():
            raise WrongChange("expected every number once, and none that stands already")
        together = self.facts | facts
        ends = {ssin: _end(ssin, together) for ssin in facts}
        self.facts.update(
            (ssin, structs.replace(fact, successor=ends[ssin])) for ssin, fact in facts.items()
        )
        return len(new)

    def _of(self, ssin: Ssin) -> NumberFact:
        return self.facts.get(ssin, UNKNOWN)


def _end(ssin: Ssin, facts: dict[Ssin, NumberFact]) -> Ssin | None:
    """The last number of a chain; None where the number is not replaced."""
    met, last = {ssin}, None
    while successor := facts[last or ssin].successor:
        if successor not in facts:
            raise WrongChange("expected a successor that is in a register")
        if successor in met:
            raise WrongChange("expected chains of replacements that end")
        met.add(successor)
        last = successor
    return last


LEFT: Final = NumberFact(status=NumberStatus.LEFT_TO_HUB)


class LeftToHub:
    """The registers of a node: it has none, and its hub judges the number."""

    async def settle(self, question: Question) -> Settled:
        """Leave every number to the hub."""
        return Settled(question=question, number=LEFT)

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]:
        """Leave all of them to the hub."""
        return [Settled(question=question, number=LEFT) for question in questions]
