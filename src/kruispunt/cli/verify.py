"""`kruispunt audit verify`: hold the database against the published tree, and name every fault."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cyclopts import Parameter

from kruispunt.audit import (
    Fault,
    HistoryChanged,
    MasterKeyWrong,
    Reader,
    Tampered,
    Verification,
    Verified,
    read_master_key,
)
from kruispunt.cli.compose import open_house, open_institution
from kruispunt.cli.supervisor import StartFailed
from kruispunt.client import ProofWrong, Witnessed, proven, proven_expired, read_public
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import UNREADABLE, Checkpoint, InstitutionCode, Problem
from kruispunt.web import KeyWrong, PublicKey, WrongNote, read_note

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
FAULTS: Final = 3

KINDS: Final = {None: "", 1: "decision", 2: "outcome", 3: "reading", 4: "change"}


class ShownFault(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One fault, as it is printed for machines."""

    wrong: str
    kind: str = ""
    entry: UUID | None = None
    position: int | None = None
    words: str = ""


class ShownVerification(msgspec.Struct, frozen=True, rename="camel"):
    """What was found, as it is printed for machines."""

    size: int
    decisions: int
    outcomes: int
    readings: int
    changes: int
    waiting: int
    shredded: int
    expired: int
    faulty: int
    faults: tuple[ShownFault, ...]
    jumps: tuple[str, ...]


def verify(
    *,
    at: Annotated[str | None, Parameter(help="Whose trail: the hub (default) or a node.")] = None,
    key: Annotated[
        Path | None, Parameter(help="Public keys of the institution; else those of its folder.")
    ] = None,
    seen: Annotated[
        Path | None, Parameter(help="What a witness remembers, or a checkpoint that was kept.")
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Make every leaf of the trail again, and the tree of them, up to the root that was signed.

    Database and files that were put back together agree with each other: only `--seen`, with what
    was kept elsewhere, tells that they are old.

    Exit codes: 0 the database is what was published; 1 it is not there; 2 wrong input; 3 something
    was changed, taken away, put in or moved, or the database or its files are older than what was
    published.
    """
    try:
        code = InstitutionCode(at) if at is not None else read_lawbook().hub
        found = asyncio.run(_verify(code, key, state, seen))
    except FileNotFoundError as wrong:
        return _say(f"not found: {wrong}", code=WRONG)
    except (KeyWrong, MasterKeyWrong, _SeenWrong) as wrong:
        return _say(wrong, code=WRONG)
    except (ProofWrong, HistoryChanged, WrongNote, Tampered) as wrong:
        return _say(wrong, code=FAULTS)
    except (Problem, StartFailed) as away:
        return _say(str(away) or "the database is not there", code=AWAY)
    if json:
        print(msgspec.json.encode(_shown(found)).decode())
    else:
        _show(found)
    return FAULTS if found.faulty else DONE


class _SeenWrong(Exception):
    """What was kept is no checkpoint of this trail."""


def _remembered(seen: Path, keys: Sequence[PublicKey], *, origin: str) -> Checkpoint | None:
    """The checkpoint in a witness's state or in a file; None: the witness has seen none yet.

    Raises:
        FileNotFoundError: there is no such file.
        _SeenWrong: it holds none that this trail signed.
    """
    data = seen.read_bytes()
    try:
        note = msgspec.json.decode(data, type=Witnessed).note.encode()
    except UNREADABLE:
        note = data
    if not note:
        return None
    try:
        found = proven(read_note(note), keys).checkpoint
    except (ProofWrong, WrongNote) as wrong:
        raise _SeenWrong(f"{seen}: {wrong}") from None
    if found.origin != origin:
        raise _SeenWrong(f"{seen}: expected a checkpoint of {origin}, found one of {found.origin}")
    return found


async def _verify(
    code: InstitutionCode, key: Path | None, state: Path | None, seen: Path | None
) -> Verified:
    place = open_house(state).place
    home, published = place.home(code), place.published(code)
    async with open_institution(state, code) as database:
        note = published.note()
        if note is None:
            raise HistoryChanged("no checkpoint is published here")
        keys = read_public(key or home.public)
        found = proven(note, keys)
        gone = published.expired()
        origin = found.checkpoint.origin
        reader = Reader.over(database, master=read_master_key(home.master))
        return await Verification(
            reader=reader,
            published=published,
            checkpoint=found.checkpoint,
            expired=None if gone is None else proven_expired(gone, keys),
            seen=None if seen is None else _remembered(seen, keys, origin=origin),
        ).run()


def _shown(found: Verified) -> ShownVerification:
    return ShownVerification(
        size=found.size,
        decisions=found.decisions,
        outcomes=found.outcomes,
        readings=found.readings,
        changes=found.changes,
        waiting=found.waiting,
        shredded=found.shredded,
        expired=found.expired,
        faulty=found.faulty,
        faults=tuple(map(_shown_fault, found.faults)),
        jumps=tuple(found.jumps),
    )


def _shown_fault(fault: Fault) -> ShownFault:
    return ShownFault(
        wrong=fault.wrong.value,
        kind=KINDS[fault.kind],
        entry=fault.entry,
        position=fault.position,
        words=fault.words,
    )


def _show(found: Verified) -> None:
    for fault in map(_shown_fault, found.faults):
        words = (fault.wrong, fault.kind, fault.entry, _at(fault.position), fault.words)
        print("  ".join(str(word) for word in words if word), file=sys.stderr)
    for jump in found.jumps:
        print(jump)
    counted = f"{found.decisions} decisions, {found.outcomes} outcomes, {found.waiting} wait"
    gone = f", {found.expired} are over" if found.expired else ""
    print(f"tree of {found.size} leaves: {counted}{gone}; {found.faulty} faults")


def _at(position: int | None) -> str:
    return "" if position is None else f"at {position}"


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
