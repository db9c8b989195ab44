"""Rotating a key: the new one is known everywhere before it signs, and the old one fades out."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web.key_files import merge_keys, read_key, read_private, read_ring, write_key
from kruispunt.web.key_follow import next_key
from kruispunt.web.key_opening import drop_kept, keep_to_open
from kruispunt.web.keys import KeyRing, KeyWrong, PublicKey, SigningKey, make_key
from kruispunt.web.signatures import MAX_LIFE_S, SKEW_S

UNDER_WAY: Final = timedelta(seconds=MAX_LIFE_S + SKEW_S)
"""What was signed with the old key just before may be read this much later."""

_NUMBERED: Final = re.compile(r".*/([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlaces:
    """Where the keys of one institution stand: private, public, and in the rings of others."""

    key: Path
    public: Path
    """Its own public keys, all that it ever had."""

    rings: tuple[Path, ...]
    """The rings within reach that know the institution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What a rotation did."""

    old: PublicKey
    new: PublicKey
    signs_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How keys change: `lead` for others to hear of the new key, `overlap` for the old to fade."""

    lead: timedelta
    overlap: timedelta
    life: timedelta
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    def run(self, places: KeyPlaces) -> Rotated:
        """Make the next key of an institution; whoever follows the files needs no restart.

        The rings hear of it before it can sign, and not before it can open what others seal for
        it. If this is broken off, run it again.

        Raises:
            KeyWrong: a rotation is under way already, or a file is wrong.
        """
        now = self.now().replace(microsecond=0)
        self._take_over(places.key)
        old = read_key(places.key)
        known = own_keys(places, old.institution)
        begin = now + self.lead
        fresh = make_key(
            old.institution,
            key_id=_next_id(old.institution, known),
            random_bytes=self.random_bytes,
        )
        for own in (old, fresh):
            keep_to_open(own, places.key)
        # It counts from now on, so that a clock that runs behind believes it when it signs.
        new = fresh.public(not_before=now, not_after=begin + self.life)
        past = self._fading(old, known, until=begin + self.overlap + UNDER_WAY)
        for ring in (*places.rings, places.public):
            merge_keys([*known, past, new] if ring == places.public else [past, new], ring)
        write_key(fresh, next_key(places.key), not_before=begin)
        drop_kept(places.key, own_keys(places, old.institution), now=now)
        return Rotated(old=past, new=new, signs_from=begin)

    def _take_over(self, path: Path) -> None:
        """The next key of last time becomes the key; the one before it only opens, for a while."""
        after = next_key(path)
        if not after.exists():
            return
        begin = read_private(after).not_before
        if begin is not None and begin > self.now():
            raise KeyWrong(f"a rotation is under way: the next key signs from {begin}")
        keep_to_open(read_key(path), path)
        after.replace(path)

    def _fading(
        self, old: SigningKey, known: Iterable[PublicKey], *, until: datetime
    ) -> PublicKey:
        public = KeyRing.holding(known).find(old.key_id)
        if public is None:
            raise KeyWrong(f"no public half of {old.key_id} is known here")
        return replace(public, not_after=min(public.not_after, until))


def own_keys(places: KeyPlaces, institution: InstitutionCode) -> tuple[PublicKey, ...]:
    """Every public key of an institution that stands in its own file or in a ring."""
    found: dict[KeyId, PublicKey] = {}
    for path in (*places.rings, places.public):
        if path.exists():
            found.update({key.key_id: key for key in read_ring(path).of(institution)})
    return tuple(found.values())


def _next_id(institution: InstitutionCode, known: Iterable[PublicKey]) -> str:
    numbers = [found[1] for key in known if (found := _NUMBERED.fullmatch(key.key_id))]
    return f"{institution}/{max(map(int, numbers), default=len(tuple(known))) + 1}"
