"""Cases as this process last wrote them, so that what happens next needs no look at the store.

Nothing depends on it: who turns a case says at which version, and reads it again where another
process turned it since. That other one is heard, so the case is mostly read before, not after.
"""

from collections import Counter, OrderedDict
from typing import Final
from uuid import UUID

from kruispunt.circuits.filed import Filed

MOST: Final = 512


class AtHand:
    """The open cases that were written last; all others are read when something happens."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, Filed] = OrderedDict()
        self._unheard: Counter[UUID] = Counter()
        """Turns of ours of which the store has not yet told everybody."""

    def get(self, case: UUID) -> Filed | None:
        """The case as it was last kept."""
        return self._kept.get(case)

    def keep(self, filed: Filed) -> None:
        """Keep what is open; what was not used for longest goes."""
        case = filed.case.id
        self._kept.pop(case, None)
        if filed.closed_at is not None:
            self._unheard.pop(case, None)
            return
        self._kept[case] = filed
        if len(self._kept) > self._most:
            oldest, _ = self._kept.popitem(last=False)
            self._unheard.pop(oldest, None)

    def drop(self, case: UUID) -> None:
        """The store knows better."""
        self._kept.pop(case, None)
        self._unheard.pop(case, None)

    def turns(self, case: UUID) -> None:
        """This process is about to turn a case: it will hear of that once."""
        self._unheard[case] += 1

    def heard(self, case: UUID) -> None:
        """A case was turned, by us or by another process: then the store knows better."""
        left = self._unheard.get(case, 0)
        if not left:
            self._kept.pop(case, None)
        elif left == 1:
            del self._unheard[case]
        else:
            self._unheard[case] = left - 1

    def missed(self) -> None:
        """Some turns were not heard: whose they were can't be told."""
        self._unheard.clear()
