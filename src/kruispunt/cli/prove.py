"""`kruispunt audit prove` and `check`: a person's entries in one file that anyone can check."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from kruispunt.audit import (
    AtMachine,
    Change,
    HistoryChanged,
    MasterKeyWrong,
    NotPlaced,
    Pages,
    Prover,
    Reading,
    Shredded,
    Tampered,
    WrongForm,
    read_leaf,
)
from kruispunt.cli.held import Asked, Contradicted, TooEarly, read_asked
from kruispunt.cli.operator import NO_REASON, Why, open_desk
from kruispunt.cli.reading import NoSsin, Person, kept_words, read_ssin_argument
from kruispunt.cli.receipts import NamedReceipt, receipts_in
from kruispunt.cli.supervisor import StartFailed
from kruispunt.client import (
    KeptBody,
    LeafProof,
    NotReached,
    ProofWrong,
    Proven,
    ReceiptWrong,
    TrailProof,
    read_proof,
)
from kruispunt.exchange import hidden_by, kept_by
from kruispunt.gateway import kept_body
from kruispunt.law import Lawbook, read_lawbook
from kruispunt.vocabulary import (
    UNREADABLE,
    Entry,
    InstitutionCode,
    Outcome,
    Problem,
    Refusal,
    Ssin,
    WrongTile,
)
from kruispunt.web import KeyWrong, WrongNote

DONE: Final = 0
FAILED: Final = 1
WRONG: Final = 2
TAMPERED: Final = 3
LATER: Final = 3

MOMENT: Final = "%Y-%m-%d %H:%M:%SZ"

ALL: Final = 1_000_000_000
"""A proof counts all that is kept, as it holds all that is not."""

NOTHING: Final = "nothing: it holds no receipt"

PATIENCE_S: Final = 5
"""So long the youngest entries are waited for."""


def prove(
    *,
    ssin: Person,
    out: Annotated[Path, Parameter(help="The file to write; one that stands is not replaced.")],
    at: Annotated[str | None, Parameter(help="Whose trail: the hub (default) or a node.")] = None,
    why: Why = NO_REASON,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Write the entries about a person with the proof that each stands in the published tree.

    Looks that law keeps from the person are left out; their number and ground stand in the file.
    An entry is there whole, with the facts that decided: who hands the file out reads it first.
    That you made the file is an entry itself, by the name of your account, and stands in it.

    Exit codes: 0 written; 1 the database is not there; 2 wrong input; 3 an entry is not what was
    published, has no place though it is not young, or a key is gone: `audit verify` says more.
    """
    try:
        code = InstitutionCode(at) if at is not None else read_lawbook().hub
        proof = asyncio.run(_prove(read_ssin_argument(ssin), code, state=state, why=why))
        _write(out, msgspec.json.format(msgspec.json.encode(proof), indent=2))
    except (NoSsin, FileExistsError) as wrong:
        return _say(wrong, code=WRONG)
    except FileNotFoundError as wrong:
        return _say(f"not found: {wrong}", code=WRONG)
    except (MasterKeyWrong, Shredded, Tampered, HistoryChanged, WrongTile, WrongNote) as wrong:
        return _say(wrong, code=TAMPERED)
    except (Problem, StartFailed) as away:
        return _say(str(away) or "the database is not there", code=FAILED)
    print(f"{len(proof.entries)} entries proven, {proof.waiting} wait for their place")
    for line in kept_words(proof.kept):
        print(line)
    return DONE


async def _prove(ssin: Ssin, code: InstitutionCode, *, state: Path | None, why: str) -> TrailProof:
    async with open_desk(state, code, why=why) as desk:
        await desk.operator.look(ssin, AtMachine.PROVE)
        return await _patiently(Prover(reader=desk.reader, published=desk.published), ssin)


async def _patiently(prover: Prover, ssin: Ssin) -> TrailProof:
    """The proof, once the sealer has had some rounds to take what waits."""
    for _ in range(PATIENCE_S):
        with suppress(NotPlaced):  # a transaction of long ago may have ended just now
            proof = await prove_once(prover, ssin, lawbook=read_lawbook())
            if not proof.waiting:
                return proof
        await asyncio.sleep(1)
    return await prove_once(prover, ssin, lawbook=read_lawbook())


async def prove_once(prover: Prover, ssin: Ssin, *, lawbook: Lawbook) -> TrailProof:
    """The proof of this moment, without what this law keeps from the person."""
    hidden = hidden_by(lawbook)
    unseen = await Pages(reader=prover.reader, most=ALL).unseen(ssin, hidden=hidden)
    return await prover.about(ssin, hidden=hidden, kept=kept_body(kept_by(lawbook, unseen.rows)))


def _write(out: Path, data: bytes) -> None:
    """A new file that only its owner may read: it says who looked at someone."""
    fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data + b"\n")


class CheckedEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of a proof, as `check` tells it."""

    position: int
    kind: str
    words: str


class CheckedFile(msgspec.Struct, frozen=True, rename="camel"):
    """What a file proves."""

    file: str
    proves: str
    entries: tuple[CheckedEntry, ...] = ()
    kept: tuple[KeptBody, ...] = ()
    position: int | None = None
    """Of a receipt: where its entry stands in the tree, where that is proven."""


def check(
    *files: Annotated[Path, Parameter(help="Proofs, receipts and answers, in any number.")],
    key: Annotated[Path, Parameter(help="Public keys of the trail's institution.")],
    tree: Annotated[
        str | None, Parameter(help="Folder of published files, or their URL: look there too.")
    ] = None,
    witness_key: Annotated[
        tuple[str, ...], Parameter(help="A witness who must have seen it: its key, or a file.")
    ] = (),
    seen: Annotated[
        tuple[Path, ...], Parameter(help="A checkpoint seen elsewhere, or a witness's state.")
    ] = (),
    evidence: Annotated[
        Path | None, Parameter(help="New file for what the trail signed and can't all be true.")
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="One JSON array.")] = False,
) -> int:
    """Check proofs and receipts with nothing but these files and a public key.

    `--key` is a `key.public.toml` or `keys.toml`, or a file with one key as C2SP writes it. A
    receipt whose entry stands in one of the proofs is told to stand in the tree too. A file may
    hold many answers: an array, a reply to many questions, or a line for each as `ask --file`
    prints them with `--json`. Each is told by its line or item; one without proves nothing.

    With `--tree`, the leaf of each receipt is looked for in the tree that is published now, from
    its end back, and each proof must be of the same history. Each `--witness-key` must have signed
    a checkpoint that holds all of it; what was `--seen` must be of the same history.

    Exit codes: 0 all of it is proven; 1 something is not, is missing in the tree, or two histories
    were signed; 2 wrong input; 3 it can't be told now: the tree was not reached, or its checkpoint
    is not clearly younger than the receipt.
    """
    try:
        asked = read_asked(key, tree=tree, witnesses=witness_key, seen=seen, evidence=evidence)
        given = [(path, path.read_bytes()) for path in files]
    except (OSError, KeyWrong, WrongNote, *UNREADABLE) as wrong:
        return _say(wrong, code=WRONG)
    if not given:
        return _say("expected a file", code=WRONG)
    try:
        found = asyncio.run(_check_all(given, asked))
    except Contradicted as contradicted:
        return _say(contradicted, code=FAILED)
    except (ProofWrong, ReceiptWrong, WrongForm) as wrong:
        return _say(f"not proven: {wrong}", code=FAILED)
    except (NotReached, TooEarly) as later:
        return _say(f"can't be told now: {later}", code=LATER)
    return _show(found, json=json)


async def _check_all(given: Sequence[tuple[Path, bytes]], asked: Asked) -> list[CheckedFile]:
    read = [(path, data, receipts_in(path, data)) for path, data in given]
    named = [one for _, _, receipts in read for one in receipts]
    proofs = [(path, read_proof(data)) for path, data, receipts in read if not receipts]
    receipts = {one.name: one.receipt for one in named if one.receipt is not None}
    asked.check_signed(receipts)
    async with asked.opened() as fetch:
        checked = [(path, proof, await asked.prove(proof, fetch)) for path, proof in proofs]
        found = [_check_one(path, proof, under) for path, proof, under in checked]
        places = {
            entry.leaf: (entry.position, one) for _, p, one in checked for entry in p.entries
        }
        held = await asked.hold([*receipts.values()], fetch, proven=places)
    stands = dict(zip(receipts, held, strict=True))
    return [*found, *(_told(one, stands.get(one.name)) for one in named)]


def _check_one(path: Path, proof: TrailProof, found: Proven) -> CheckedFile:
    return CheckedFile(
        file=str(path),
        proves=_proves(found, len(proof.entries)),
        entries=tuple(map(_entry, proof.entries)),
        kept=proof.kept,
    )


def _proves(found: Proven, entries: int) -> str:
    size, origin = found.checkpoint.size, found.checkpoint.origin
    return f"{entries} entries stand in the tree of {size} leaves that {origin} signed"


def _entry(proof: LeafProof) -> CheckedEntry:
    match read_leaf(proof.encoded):
        case Entry() as entry:
            kind, words = "decision", _entry_words(entry)
        case Outcome(ended_at=at, ending=ending):
            kind, words = "outcome", f"{at:{MOMENT}} {ending.value}"
        case Reading() as reading:
            kind, words = "reading", _reading_words(reading)
        case Change(recorded_at=at, institution=institution, made=made):
            kind, words = "change", f"{at:{MOMENT}} {institution} {made.value}"
    return CheckedEntry(position=proof.position, kind=kind, words=words)


def _entry_words(entry: Entry) -> str:
    question, decision = entry.question, entry.decision
    result = decision.reason.value if isinstance(decision, Refusal) else "granted"
    asked = f"{question.consumer} {question.flow} {question.purpose}"
    return f"{entry.recorded_at:{MOMENT}} {asked} {result}"


def _reading_words(reading: Reading) -> str:
    said = f"refused: {reading.refused}" if reading.refused else "read"
    who = f"{reading.institution} {reading.role} {reading.reads.value}"
    return f"{reading.recorded_at:{MOMENT}} {who} {said}"


def _told(one: NamedReceipt, place: int | None) -> CheckedFile:
    receipt = one.receipt
    if receipt is None:
        return CheckedFile(file=one.name, proves=NOTHING)
    tree = "" if place is None else f", and its entry stands at {place} in the tree"
    words = f"{receipt.origin} recorded {receipt.entry}{tree}"
    return CheckedFile(file=one.name, proves=words, position=place)


def _show(found: Sequence[CheckedFile], *, json: bool) -> int:
    """Tell what is proven; the exit code."""
    if json:
        print(msgspec.json.encode(found).decode())
    for file in found if not json else ():
        print(f"{file.file}: {file.proves}")
        for entry in file.entries:
            print(f"  {entry.position:>10}  {entry.kind:<8}  {entry.words}")
        for line in kept_words(file.kept):
            print(f"  {line}")
    return FAILED if any(one.proves == NOTHING for one in found) else DONE


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
