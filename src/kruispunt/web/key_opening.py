"""Private keys that opened mail once are kept for as long as mail sealed for them can wait.

They stand beside the key that signs, each in a file of its own: `key.opens.CODE-1.toml`. No
process signs with them. Rotation puts a key here before anyone hears of it, so that whatever is
sealed for a key that a ring knows can be opened, however a rotation was broken off.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kruispunt.vocabulary import KeyId
from kruispunt.web.key_files import read_key, write_key
from kruispunt.web.keys import KeyRing, PublicKey, SigningKey

MAIL_WAITS: Final = timedelta(days=90)
"""Mail may wait 30 days, and another 30 as a dead letter: a key that stopped counting opens so
much longer, with a month to spare."""

_OTHER: Final = re.compile(r"[^A-Za-z0-9_.]")


def kept_key(path: Path, key_id: KeyId) -> Path:
    """Where a key is kept to open with, beside the key at `path`."""
    name = _OTHER.sub("-", key_id)
    return path.with_name(f"{path.stem}.opens.{name}{path.suffix}")


def keep_to_open(key: SigningKey, path: Path) -> None:
    """Keep a key beside the one at `path`.

    Another of the same id is of a rotation that was broken off before anyone heard of it.
    """
    kept = kept_key(path, key.key_id)
    if kept.exists():
        if read_key(kept) == key:
            return
        kept.unlink()
    write_key(key, kept)


def find_kept(path: Path, key_id: KeyId) -> SigningKey | None:
    """The key of this id that is kept beside the one at `path`; None: not here any more.

    Raises:
        KeyWrong: the file is none of a private key, or others may read it.
    """
    kept = kept_key(path, key_id)
    if not kept.exists():
        return None
    key = read_key(kept)
    return key if key.key_id == key_id else None


def drop_kept(path: Path, known: Iterable[PublicKey], *, now: datetime) -> None:
    """Remove the kept keys that stopped counting so long ago that no mail for them can wait."""
    ring = KeyRing.holding(known)
    for kept in path.parent.glob(f"{path.stem}.opens.*{path.suffix}"):
        public = ring.find(read_key(kept).key_id)
        if public is not None and public.not_after + MAIL_WAITS <= now:
            kept.unlink()
