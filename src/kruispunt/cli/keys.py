"""`kruispunt key`: which keys count until when; rotate and revoke them while everything runs."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.cli.callers import caller_app
from kruispunt.cli.certificates import certificate_app
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.place import Home, Place
from kruispunt.cli.prepare import KEY_LIFE
from kruispunt.cli.settings import state_folder
from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web import (
    LOOK_EVERY_S,
    KeyPlaces,
    KeyRing,
    KeyWrong,
    PublicKey,
    Rotation,
    alone,
    expiring,
    merge_keys,
    own_keys,
    parse_ring,
    read_key,
    read_ring,
    revoke_key,
    ring_text,
)

WRONG: Final = 2
EXPIRES: Final = 3
WARN_DAYS: Final = 30
OVERLAP_DAYS: Final = 30
LEAD_S: Final = 60

key_app: Final = App(name="key", help="Keys: list, rotate, revoke, export, import; certificates.")
key_app.command(certificate_app)
key_app.command(caller_app)

State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Folder = Annotated[
    Path | None,
    Parameter(help="A folder with one institution's keys, as a station has, in place of a state."),
]
Code = Annotated[str, Parameter(help="The institution whose key it is.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys within reach of a command: of a whole state folder, or of one institution."""

    root: Path
    homes: Sequence[Home]

    def home(self, code: InstitutionCode) -> Home:
        """The folder of an institution.

        Raises:
            KeyWrong: it has none here.
        """
        for home in self.homes:
            if home.key.exists() and read_key(home.key).institution == code:
                return home
        raise KeyWrong(f"{self.root}: no keys of {code}")

    def places(self, home: Home) -> KeyPlaces:
        """Where the keys of an institution stand, and who within reach knows it."""
        code = read_key(home.key).institution
        rings = [other.ring for other in self.homes if other.ring.exists()]
        knowing = tuple(ring for ring in rings if read_ring(ring).of(code))
        return KeyPlaces(key=home.key, public=home.public, rings=knowing)

    def files(self) -> list[Path]:
        """Every file with public keys."""
        files = [path for home in self.homes for path in (home.ring, home.public)]
        return [path for path in files if path.exists()]


@key_app.command(name="list")
def list_keys(
    *,
    at: Annotated[str, Parameter(help="What this institution believes; else all own keys.")] = "",
    within_days: Annotated[int, Parameter(help="What is soon.")] = WARN_DAYS,
    json: Annotated[bool, Parameter(negative="", help="A JSON list.")] = False,
    state: State = None,
    folder: Folder = None,
) -> int:
    """Say which keys count, and until when.

    Exit codes: 0; 2 a file is wrong; 3 a key expires within `--within-days`, or is expired, and
    no other key of its institution lives longer.
    """
    try:
        ring = _ring(_reach(state, folder), InstitutionCode(at) if at else None)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    moment = now()
    rows = [_row(key, moment) for key in sorted(ring.keys.values(), key=_order)]
    if json:
        print(msgspec.json.encode(rows).decode())
    else:
        _show(rows)
    return EXPIRES if expiring(ring, moment, within=timedelta(days=within_days)) else 0


@key_app.command
def rotate(
    *,
    institution: Code,
    overlap_days: Annotated[float, Parameter(help="How long the old key still counts.")] = (
        OVERLAP_DAYS
    ),
    lead_seconds: Annotated[float, Parameter(help="Time for others to hear of the new key.")] = (
        LEAD_S
    ),
    state: State = None,
    folder: Folder = None,
) -> int:
    """Make the next key of an institution, known to everyone here before it signs.

    Nothing restarts: what runs signs with it once `--lead-seconds` have passed. The key before
    the old one signs no more; it opens what was sealed for it, until no mail of then can wait.

    Exit code: 2, no key of the institution is here, or its last rotation has not ended.
    """
    rotation = Rotation(
        lead=timedelta(seconds=lead_seconds),
        overlap=timedelta(days=overlap_days),
        life=KEY_LIFE,
        now=now,
        random_bytes=random_bytes,
    )
    try:
        reach = _reach(state, folder)
        with alone(reach.root):
            places = reach.places(reach.home(InstitutionCode(institution)))
            done = rotation.run(places)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    print(f"{done.new.key_id} signs from {done.signs_from:%Y-%m-%d %H:%M:%S} UTC")
    print(f"{done.old.key_id} counts until {done.old.not_after:%Y-%m-%d %H:%M:%S} UTC")
    print(f"{len(places.rings)} rings here know it; for others: kruispunt key export")
    return 0


@key_app.command
def revoke(
    key_id: KeyId,
    *,
    reason: Annotated[str, Parameter(help="Why, in one line; it stands in the rings.")],
    since: Annotated[
        datetime | None, Parameter(help="From when on it counted no more (UTC); else now.")
    ] = None,
    state: State = None,
    folder: Folder = None,
) -> int:
    """Stop believing a key everywhere here: once this ends it is refused, without any restart.

    Exit code: 2, nobody here knows the key.
    """
    # Whole seconds, as signatures count: what is signed in this one is refused too.
    moment = (now() if since is None else _aware(since)).replace(microsecond=0)
    try:
        reach = _reach(state, folder)
        with alone(reach.root):
            knowing = [path for path in reach.files() if read_ring(path).find(key_id)]
            for path in knowing:
                revoke_key(key_id, path, at=moment, reason=reason)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    if not knowing:
        return _wrong(KeyWrong(f"{reach.root}: nobody knows a key {key_id}"))
    time.sleep(LOOK_EVERY_S)  # By then every process has looked at its files again.
    print(f"{key_id} is revoked in {len(knowing)} files")
    return 0


@key_app.command(name="export")
def export_keys(*, institution: Code, state: State = None, folder: Folder = None) -> int:
    """Write the public keys of an institution to standard output, for who must believe them.

    Exit code: 2, no key of the institution is here.
    """
    try:
        reach = _reach(state, folder)
        code = InstitutionCode(institution)
        found = own_keys(reach.places(reach.home(code)), code)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    print(ring_text(found), end="")
    return 0


@key_app.command(name="import")
def import_keys(
    *,
    institution: Annotated[str, Parameter(help="Whose keys you expect: others are refused.")],
    at: Annotated[str, Parameter(help="Who is to believe them; not with --folder.")] = "",
    state: State = None,
    folder: Folder = None,
) -> int:
    """Read public keys from standard input into a ring. Be sure from whom you have them.

    What is told of a key that is known can only end it sooner.

    Exit code: 2, it is no ring, holds keys of another institution, or another key has the id.
    """
    try:
        told = parse_ring(sys.stdin.buffer.read(), name="standard input")
        for key in told.keys.values():
            if key.institution != institution:
                raise KeyWrong(f"expected keys of {institution}, found one of {key.institution}")
        reach = _reach(state, folder)
        home = reach.home(InstitutionCode(at)) if at else reach.homes[0]
        if not at and folder is None:
            raise KeyWrong("expected --at or --folder")
        with alone(reach.root):
            merge_keys(told.keys.values(), home.ring)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    print(f"{len(told.keys)} keys of {institution} in {home.ring}")
    return 0


class KeyRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One key, as `key list --json` tells it."""

    key_id: str
    institution: str
    not_before: datetime
    not_after: datetime
    days_left: float
    state: str
    revoked_at: datetime | None
    reason: str


def _row(key: PublicKey, moment: datetime) -> KeyRow:
    fault = key.fault_at(int(moment.timestamp()))
    return KeyRow(
        key_id=key.key_id,
        institution=key.institution,
        not_before=key.not_before,
        not_after=key.not_after,
        days_left=round((key.not_after - moment) / timedelta(days=1), 1),
        state="counts" if fault is None else fault.removeprefix("the key is "),
        revoked_at=key.revoked_at,
        reason=key.reason,
    )


def _show(rows: Iterable[KeyRow]) -> None:
    table = Table("key", "institution", "from", "until", "days left", "state")
    for row in rows:
        state = f"{row.state}: {row.reason}" if row.reason else row.state
        begin, end = f"{row.not_before:%Y-%m-%d}", f"{row.not_after:%Y-%m-%d}"
        table.add_row(row.key_id, row.institution, begin, end, f"{row.days_left:g}", state)
    Console(highlight=False).print(table)


def _ring(reach: Keys, at: InstitutionCode | None) -> KeyRing:
    """The own keys of everyone within reach; or those of one institution and whom it believes."""
    homes = reach.homes if at is None else [reach.home(at)]
    found: dict[KeyId, PublicKey] = {}
    for home in homes:
        code = read_key(home.key).institution
        held = own_keys(reach.places(home), code)
        if at is not None:
            held = (*held, *read_ring(home.ring).keys.values())
        found.update({key.key_id: key for key in held})
    return KeyRing(found)


def _order(key: PublicKey) -> tuple[str, datetime]:
    return key.institution, key.not_before


def _reach(state: Path | None, folder: Path | None) -> Keys:
    if folder is not None:
        return Keys(root=folder, homes=[Home(folder=folder)])
    place = Place(state=state_folder(os.environ, state))
    homes = place.homes()
    if not homes:
        raise KeyWrong(f"{place.state}: no keys here; `kruispunt up` makes them")
    return Keys(root=place.state, homes=homes)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _wrong(wrong: Exception) -> int:
    print(wrong, file=sys.stderr)
    return WRONG
