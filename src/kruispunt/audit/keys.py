"""Keys of months: one random secret a month, wrapped by the master key, gone when shredded.

Trust: who writes to this table can make facts unreadable, never readable or different: the secret
is wrapped with its month as associated data, under a key that is not in the database.
"""

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kruispunt.audit.blinding import KEY_BYTES, MonthKey, Tampered
from kruispunt.audit.cipher import NONCE_BYTES, seal, unseal
from kruispunt.audit.queries import QUERIES
from kruispunt.postgres import Database


class Shredded(Exception):
    """The key of this month is gone: its facts can't be read and its leaves not be made again."""


class MasterKeyWrong(ValueError):
    """The file of a master key can't be used. The message says why, never what it holds."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps the keys of months. It stands in a file, never in the database."""

    secret: bytes = field(repr=False)

    def wrap(self, secret: bytes, *, month: date, nonce: bytes) -> bytes:
        """Wrap the secret of a month under a random nonce of 24 bytes."""
        name = month.isoformat().encode()
        return nonce + seal(secret, name=name, nonce=nonce, key=self.secret)

    def unwrap(self, wrapped: bytes, *, month: date) -> bytes:
        """The secret of a month.

        Raises:
            Tampered: it was wrapped by another key or for another month.
        """
        name = month.isoformat().encode()
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return unseal(sealed, name=name, nonce=nonce, key=self.secret)
        except ValueError as error:
            raise Tampered(f"the key of {month:%Y-%m} can't be unwrapped") from error


def make_master_key(path: Path, *, random_bytes: Callable[[int], bytes]) -> MasterKey:
    """Write a new master key that only its owner may read. It never replaces one.

    Raises:
        FileExistsError: a file stands there already.
    """
    key = MasterKey(random_bytes(KEY_BYTES))
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(key.secret.hex() + "\n", encoding="ascii")
    return key


def read_master_key(path: Path) -> MasterKey:
    """Read a master key.

    Raises:
        MasterKeyWrong: it is missing, others may read it, or it is not 64 hexadecimal digits.
    """
    try:
        mode = path.stat().st_mode
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise MasterKeyWrong(f"expected a master key in {path}") from None
    except ValueError:
        raise MasterKeyWrong(f"expected 64 hexadecimal digits in {path}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise MasterKeyWrong(f"expected {path} to be readable by its owner only")
    if len(secret) != KEY_BYTES:
        raise MasterKeyWrong(f"expected 64 hexadecimal digits in {path}")
    return MasterKey(secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthKeys:
    """The keys of months that this process has met; any number of processes share them."""

    database: Database
    master: MasterKey
    known: dict[date, MonthKey] = field(default_factory=dict[date, MonthKey])

    async def make(self, month: date, *, random_bytes: Callable[[int], bytes]) -> MonthKey:
        """The key of a month, made now unless one stands: the first process wins.

        Raises:
            Shredded: the month is over for ever.
        """
        wrapped = self.master.wrap(
            random_bytes(KEY_BYTES), month=month, nonce=random_bytes(NONCE_BYTES)
        )
        await self.database.execute(QUERIES["add_month_key"], month, wrapped)
        return await self.find(month)

    async def find(self, month: date) -> MonthKey:
        """The key of a month that has one.

        Raises:
            Shredded: there is none any more.
            Tampered: it can't be unwrapped.
        """
        if month not in self.known:
            rows = await self.database.fetch(QUERIES["find_month_key"], month)
            if not rows or rows[0]["wrapped"] is None:
                raise Shredded(f"the key of {month:%Y-%m} is gone")
            secret = self.master.unwrap(rows[0]["wrapped"], month=month)
            self.known[month] = MonthKey.of(secret)
        return self.known[month]

    async def shred(self, month: date) -> None:
        """Make the facts of a month unreadable for ever. Other processes must restart."""
        await self.database.execute(QUERIES["shred_month_key"], month)
        self.known.pop(month, None)
