"""The nonces of the last minutes in memory: a replay is refused before any table is read."""

from collections import OrderedDict

REMEMBERED = 100_000


class Nonces:
    """A bounded memory. It may forget early: the log in the database has the last word."""

    def __init__(self, *, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._expiry: OrderedDict[bytes, int] = OrderedDict()

    def claim(self, nonce: bytes, *, expires: int, now: int) -> bool:
        """True the first time; False where this nonce was claimed and has not yet expired."""
        self._drop_expired(now)
        if nonce in self._expiry:
            return False
        if len(self._expiry) >= self._limit:
            self._expiry.popitem(last=False)
        self._expiry[nonce] = expires
        return True

    def __len__(self) -> int:
        return len(self._expiry)

    def _drop_expired(self, now: int) -> None:
        """Looks only at the oldest: each call drops what has expired in front, so it is quick."""
        while self._expiry and next(iter(self._expiry.values())) < now:
            self._expiry.popitem(last=False)
