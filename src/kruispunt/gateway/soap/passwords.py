"""HTTP Basic: a password is checked dearly once, and then remembered for some minutes."""

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from kruispunt.gateway.places import Places
from kruispunt.vocabulary import NotAuthenticated
from kruispunt.web import Caller, CallersFile, fits

AUTHORIZATION: Final = "authorization"
MAX_HEADER: Final = 1024
REMEMBERED: Final = timedelta(minutes=5)
MAX_REMEMBERED: Final = 1024
AT_ONCE: Final = 2
"""Passwords checked at once: each takes 16 MB and a core for some 50 ms."""

_BASIC: Final = re.compile(r"[Bb]asic +([A-Za-z0-9+/]{1,1000}={0,2})")
_NOBODY: Final = f"scrypt:14:8:1:{b64encode(bytes(16)).decode()}:{b64encode(bytes(32)).decode()}"
"""What a password of nobody is held against, so that it takes as long."""


def _places() -> Places:
    return Places(most=AT_ONCE, words="too many passwords at once", retry_after_s=1)


@dataclass(slots=True, kw_only=True)
class Passwords:
    """Who gives a password that fits.

    What fitted is remembered under a key of this process, beside what the file kept of it: a
    password that is changed or revoked is forgotten at once. What did not fit is not remembered.
    """

    callers: CallersFile
    random_bytes: Callable[[int], bytes]
    places: Places = field(default_factory=_places)
    _fitted: dict[bytes, tuple[str, datetime]] = field(
        default_factory=dict[bytes, tuple[str, datetime]]
    )
    _key: bytes = b""

    async def caller(self, header: str, *, now: datetime) -> Caller:
        """Who is named in this header, with its password.

        Raises:
            NotAuthenticated: nobody who counts; it does not say why, nor by its time.
            Unavailable: too many passwords are checked at once.
        """
        user, password = _read(header)
        found = self.callers.now().get(user[1:]) if user.startswith("E") else None
        kept = found.password if found is not None and found.counts(now) else ""
        mark = self._mark(header)
        said, until = self._fitted.get(mark, ("", now))
        if not (kept and said == kept and now < until):
            self._fitted.pop(mark, None)
            place = self.places.take()
            try:
                is_right = await asyncio.to_thread(fits, password, kept or _NOBODY)
            finally:
                place.leave()
            if not (kept and is_right):
                raise NotAuthenticated("expected a name and a password that fit")
            self._remember(mark, kept, now)
        assert found is not None, "a kept password is somebody's"
        return found

    def _remember(self, mark: bytes, kept: str, now: datetime) -> None:
        if len(self._fitted) >= MAX_REMEMBERED:
            self._fitted.pop(next(iter(self._fitted)))
        self._fitted[mark] = (kept, now + REMEMBERED)

    def _mark(self, header: str) -> bytes:
        if not self._key:
            self._key = self.random_bytes(32)
        return blake2b(header.encode("latin-1", "replace"), key=self._key).digest()


def _read(header: str) -> tuple[str, str]:
    """Name and password of a header.

    Raises:
        NotAuthenticated: it is no such header.
    """
    found = _BASIC.fullmatch(header.strip()) if len(header) <= MAX_HEADER else None
    if found is None:
        raise NotAuthenticated("expected a name and a password")
    try:
        user, colon, password = b64decode(found[1]).decode().partition(":")
    except ValueError:
        raise NotAuthenticated("expected a name and a password") from None
    if not colon:
        raise NotAuthenticated("expected a name and a password")
    return user, password
