"""One look at a time: no own initiative begins about whom another is open (05/022 §6(2), §40)."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID
from weakref import WeakValueDictionary

from kruispunt.circuits.cases import Cases, case_of
from kruispunt.circuits.circuit import Opening, State
from kruispunt.circuits.reimbursement import Inquiry, InquiryBegun, Noticed
from kruispunt.vocabulary import Ssin


def _turns() -> WeakValueDictionary[Ssin, asyncio.Lock]:
    return WeakValueDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Opens cases; an insurer's own look at a member of whom one is open opens none.

    Looks that come at the same moment take turns within one process, not between processes.
    """

    cases: Cases
    turns: WeakValueDictionary[Ssin, asyncio.Lock] = field(default_factory=_turns)

    async def open(self, opening: Opening) -> UUID:
        """The case that this opens, or the open one that makes it needless.

        An application is the member's own, and stands beside a look (R-INCOME).

        Raises:
            SameMessageOtherContent: the id of the declaration was used for another.
            Unavailable: the store is away; asking again with the same id is safe.
        """
        if not isinstance(opening, InquiryBegun) or not isinstance(opening.begun, Noticed):
            return await self.cases.start(opening)
        async with self.turns.setdefault(opening.person, asyncio.Lock()):
            if await self.cases.find(case_of(opening)) is None:
                for filed in await self.cases.store.about(opening.person):
                    if _is_look(filed.case):
                        return filed.case.id
            return await self.cases.start(opening)


def _is_look(case: State) -> bool:
    if not isinstance(case, Inquiry) or case.matter is None:
        return False
    return isinstance(case.matter.begun, Noticed)
