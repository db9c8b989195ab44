"""`kruispunt audit witness`: remember what a trail published, and shout when history changes."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter, validators

from kruispunt.cli.clock import now, random_bytes
from kruispunt.client import (
    HistoryRewritten,
    Looked,
    NotReached,
    ProofWrong,
    Witness,
    Witnessed,
    open_published,
    read_public,
)
from kruispunt.vocabulary import UNREADABLE, Checkpoint
from kruispunt.web import KeyWrong, Note, SigningKey, Verifier, make_key, read_key, write_key

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
REWRITTEN: Final = 3
STILL: Final = 4

LONGEST_WAIT_S: Final = 600.0
"""However long an outage lasts, the next look is not later than this, or than `--every`."""


def witness(
    source: Annotated[str, Parameter(help="A folder of published files, or their URL.")],
    *,
    key: Annotated[Path, Parameter(help="Public keys of the trail's institution.")],
    state: Annotated[Path, Parameter(help="What the witness remembers; its key stands beside.")],
    name: Annotated[str, Parameter(help="The name that the witness signs under.")] = "witness",
    every: Annotated[
        float | None,
        Parameter(
            help="Look again after so many seconds, until history changes.",
            validator=validators.Number(gt=0),
        ),
    ] = None,
) -> int:
    """Check that a trail grew out of what it was, sign its checkpoint as a witness, remember it.

    The cosigned checkpoint is printed (C2SP cosignature/v1). The first look trusts what it sees.
    Two checkpoints that the trail signed and that can't both be true are evidence that nobody can
    deny: both are kept in the state file. A reply that is cut or garbled is none: with `--every`
    the witness looks again, after longer and longer, ten minutes at most.

    Exit codes: 0 it grew, or stayed as it was; 1 it could not be reached, or what came proves
    nothing; 2 wrong input, or the state can't be read or written; 3 history changed or shrank;
    4 it grew, but its checkpoint is older than 10 s: nothing is sealed, or something old is shown.
    """
    try:
        watch = _Watch(source=source, keys=key, state=state, name=name, own=_own_key(state, name))
        watch.witness().remembered(watch.memory())
    except (OSError, KeyWrong, ProofWrong, *UNREADABLE) as wrong:
        return _say(wrong, code=WRONG)
    return asyncio.run(_look(watch, every=every))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What is looked at, and where it is remembered."""

    source: str
    keys: Path
    state: Path
    name: str
    own: SigningKey

    def witness(self) -> Witness:
        """With the keys as they stand in their file now: they rotate and are revoked."""
        return Witness(name=self.name, key=self.own, keys=read_public(self.keys))

    def memory(self) -> Witnessed:
        if not self.state.exists():
            return Witnessed()
        return msgspec.json.decode(self.state.read_bytes(), type=Witnessed)

    def remember(self, known: Witnessed) -> None:
        """Durable when this returns: what was signed must not be forgotten."""
        draft = self.state.with_name(self.state.name + ".draft")
        with draft.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.state)


async def _look(watch: _Watch, *, every: float | None) -> int:
    failures = 0
    while True:
        code = await _once(watch)
        if every is None or code == REWRITTEN:
            return code
        failures = failures + 1 if code in (AWAY, WRONG) else 0
        await asyncio.sleep(wait_s(every, failures))


def wait_s(every: float, failures: int) -> float:
    """Seconds until the next look: twice as long after each that failed, up to a bound."""
    doubled = every * 2.0 ** min(max(failures - 1, 0), 32)
    return min(doubled, max(every, LONGEST_WAIT_S))


async def _once(watch: _Watch) -> int:
    try:
        watcher, known = watch.witness(), watch.memory()
        async with open_published(watch.source) as fetch:
            looked = await watcher.look(fetch, known=known, now=int(now().timestamp()))
        if looked.note is not None:
            note = looked.note.encode().decode()
            watch.remember(msgspec.structs.replace(known, note=note))
    except HistoryRewritten as shout:
        return _shout(watch, shout)
    except ProofWrong as wrong:
        return _say(f"not proven, which is no proof of the contrary: {wrong}", code=AWAY)
    except NotReached as away:
        return _say(f"not reached: {away}", code=AWAY)
    except (OSError, KeyWrong, *UNREADABLE) as wrong:
        return _say(wrong, code=WRONG)
    return _show(looked, watcher)


def _shout(watch: _Watch, shout: HistoryRewritten) -> int:
    try:
        watch.remember(watch.memory().shouting(shout))
    except (OSError, *UNREADABLE) as wrong:
        _say(f"the evidence can't be kept in {watch.state}: {wrong}", code=WRONG)
        print(*shout.notes, sep="\n", file=sys.stderr)
    return _say(f"HISTORY CHANGED: {shout}", code=REWRITTEN)


def _own_key(state: Path, name: str) -> SigningKey:
    """The witness's own key, made when it looks for the first time."""
    path = state.with_name(state.name + ".key")
    if not path.exists():
        write_key(make_key(name, key_id=name, random_bytes=random_bytes), path)
    return read_key(path)


def _show(looked: Looked, watcher: Witness) -> int:
    if looked.note is not None:
        _show_note(looked.note, watcher)
    if looked.is_still:
        return _say(f"WARNING: {still_words(looked)}", code=STILL)
    return DONE


def still_words(looked: Looked) -> str:
    """What is told of a checkpoint that is not fresh."""
    if looked.age_s < 0 and looked.note is not None:
        return f"the checkpoint is {-looked.age_s} s ahead of the clock here: its age says nothing"
    old = "an older checkpoint than the one remembered is shown, of"
    words = old if looked.note is None else "the checkpoint stands still since"
    return f"{words} {looked.age_s} s ago; what waits for its place is not held by the tree"


def _show_note(note: Note, watcher: Witness) -> None:
    size = Checkpoint.read(note.text).size
    print(note.encode().decode(), end="", flush=True)
    key = Verifier(watcher.name, watcher.key.raw).cosigner
    print(f"{size} leaves, witnessed under {key}", file=sys.stderr)


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr, flush=True)
    return code
