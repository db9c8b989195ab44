"""`kruispunt audit witness`: remember what a trail published, and shout when history changes."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter, validators

from kruispunt.cli.clock import now, random_bytes
from kruispunt.client import (
    Fetch,
    HistoryRewritten,
    ProofWrong,
    Witness,
    Witnessed,
    read_public,
)
from kruispunt.vocabulary import Checkpoint, full_path
from kruispunt.web import (
    Http,
    HttpSilent,
    HttpWrong,
    KeyWrong,
    Note,
    SigningKey,
    Verifier,
    make_key,
    read_key,
    write_key,
)

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
REWRITTEN: Final = 3

FETCH_S: Final = 30.0
MAX_FILE: Final = 64 * 1024
KEPT_EVIDENCE: Final = 10
OK: Final = 200
NOT_FOUND: Final = 404


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
    What did not fit is kept in the state file: two checkpoints, both signed by the trail, that
    can't both be true are evidence that nobody can deny.

    Exit codes: 0 it grew, or stayed as it was; 1 it could not be reached; 2 wrong input; 3 history
    changed or shrank, or a file does not prove what it should.
    """
    try:
        keys = read_public(key)
        watcher = Witness(name=name, key=_own_key(state, name), keys=keys)
        known = _remembered(state)
    except (OSError, KeyWrong, msgspec.DecodeError) as wrong:
        return _say(wrong, code=WRONG)
    return asyncio.run(_look(source, watcher, known, state=state, every=every))


async def _look(
    source: str, watcher: Witness, known: Witnessed, *, state: Path, every: float | None
) -> int:
    async with AsyncExitStack() as stack:
        fetch = await _open(source, stack)
        while True:
            code, known = await _once(fetch, watcher, known, state=state)
            if every is None or code == REWRITTEN:
                return code
            await asyncio.sleep(every)


async def _once(
    fetch: Fetch, watcher: Witness, known: Witnessed, *, state: Path
) -> tuple[int, Witnessed]:
    try:
        note = await watcher.look(fetch, known=known, now=int(now().timestamp()))
    except HistoryRewritten as shout:
        kept = (*known.evidence, shout.shown)[-KEPT_EVIDENCE:]
        _remember(state, msgspec.structs.replace(known, evidence=kept))
        return _say(f"HISTORY CHANGED: {shout}", code=REWRITTEN), known
    except ProofWrong as wrong:
        return _say(f"not proven: {wrong}", code=REWRITTEN), known
    except (HttpSilent, HttpWrong, OSError) as away:
        return _say(f"not reached: {away}", code=AWAY), known
    known = Witnessed(note=note.encode().decode(), evidence=known.evidence)
    _remember(state, known)
    _show(note, watcher)
    return DONE, known


async def _open(source: str, stack: AsyncExitStack) -> Fetch:
    """How published files are fetched; where a part of a tile is gone, the full one stands."""
    if "://" not in source:
        return _from_folder(Path(source))
    http = await stack.enter_async_context(await Http.open())

    async def fetch(path: str) -> bytes:
        url = f"{source.rstrip('/')}/{path}"
        reply = await http.get(url, headers={}, timeout_s=FETCH_S, max_bytes=MAX_FILE)
        if reply.status == NOT_FOUND and full_path(path) != path:
            return await fetch(full_path(path))
        if reply.status != OK:
            raise HttpWrong(f"{path}: expected 200, found {reply.status}")
        return reply.body

    return fetch


def _from_folder(folder: Path) -> Fetch:
    async def fetch(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if full_path(path) == path:
                raise
            return (folder / full_path(path)).read_bytes()

    return fetch


def _own_key(state: Path, name: str) -> SigningKey:
    """The witness's own key, made when it looks for the first time."""
    path = state.with_name(state.name + ".key")
    if not path.exists():
        write_key(make_key(name, key_id=name, random_bytes=random_bytes), path)
    return read_key(path)


def _remembered(state: Path) -> Witnessed:
    if not state.exists():
        return Witnessed()
    return msgspec.json.decode(state.read_bytes(), type=Witnessed)


def _remember(state: Path, known: Witnessed) -> None:
    """Durable when this returns: a witness that forgets has seen nothing."""
    draft = state.with_name(state.name + ".draft")
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(state)
    folder = os.open(state.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _show(note: Note, watcher: Witness) -> None:
    size = Checkpoint.read(note.text).size
    print(note.encode().decode(), end="")
    key = Verifier(watcher.name, watcher.key.raw).cosigner
    print(f"{size} leaves, witnessed under {key}", file=sys.stderr)


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
