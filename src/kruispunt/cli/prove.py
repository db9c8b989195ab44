"""`kruispunt audit prove` and `check`: a person's entries in one file that anyone can check."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from kruispunt.audit import (
    AtMachine,
    Change,
    HistoryChanged,
    MasterKeyWrong,
    Pages,
    Prover,
    Reading,
    Shredded,
    Tampered,
    WrongForm,
    read_leaf,
)
from kruispunt.cli.clock import now
from kruispunt.cli.operator import NO_REASON, Why, open_desk
from kruispunt.cli.reading import NoSsin, Person, kept_words, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.client import (
    KeptBody,
    LeafProof,
    ProofWrong,
    Proven,
    ReceiptBody,
    ReceiptCheck,
    ReceiptWrong,
    TrailProof,
    check_proof,
    read_proof,
    read_public,
)
from kruispunt.exchange import hidden_by, kept_by
from kruispunt.gateway import kept_body
from kruispunt.law import Lawbook, read_lawbook
from kruispunt.vocabulary import (
    Entry,
    InstitutionCode,
    Outcome,
    Problem,
    Refusal,
    Ssin,
    WrongTile,
)
from kruispunt.web import KeyRing, KeyWrong, PublicKey, WrongNote

DONE: Final = 0
FAILED: Final = 1
WRONG: Final = 2
UNREADABLE: Final = 3

MOMENT: Final = "%Y-%m-%d %H:%M:%SZ"

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
    published, or a key is gone: `audit verify` says more.
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
        return _say(wrong, code=UNREADABLE)
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
    proof = await prove_once(prover, ssin, lawbook=read_lawbook())
    for _ in range(PATIENCE_S):
        if not proof.waiting:
            break
        await asyncio.sleep(1)
        proof = await prove_once(prover, ssin, lawbook=read_lawbook())
    return proof


async def prove_once(prover: Prover, ssin: Ssin, *, lawbook: Lawbook) -> TrailProof:
    """The proof of this moment, without what this law keeps from the person."""
    hidden = hidden_by(lawbook)
    unseen = await Pages(reader=prover.reader).unseen(ssin, hidden=hidden)
    return await prover.about(ssin, hidden=hidden, kept=kept_body(kept_by(lawbook, unseen)))


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


def check(
    *files: Annotated[Path, Parameter(help="Proofs and receipts, in any number.")],
    key: Annotated[Path, Parameter(help="Public keys of the trail's institution.")],
    json: Annotated[bool, Parameter(negative="", help="One JSON array.")] = False,
) -> int:
    """Check proofs and receipts with nothing but these files and a public key.

    `--key` is a `key.public.toml` or `keys.toml`, or a file with one key as C2SP writes it. A
    receipt whose entry stands in one of the proofs is told to stand in the tree too.

    Exit codes: 0 all of it is proven; 1 something is not; 2 wrong input.
    """
    try:
        keys = read_public(key)
        given = [(path, path.read_bytes()) for path in files]
    except (OSError, KeyWrong) as wrong:
        return _say(wrong, code=WRONG)
    if not given:
        return _say("expected a file", code=WRONG)
    try:
        found = _check_all(given, keys)
    except (ProofWrong, ReceiptWrong, WrongForm) as wrong:
        return _say(f"not proven: {wrong}", code=FAILED)
    if json:
        print(msgspec.json.encode(found).decode())
    else:
        _show(found)
    return DONE


def _check_all(
    given: Sequence[tuple[Path, bytes]], keys: Sequence[PublicKey]
) -> list[CheckedFile]:
    receipts = [(path, receipt) for path, data in given if (receipt := _receipt(data))]
    proofs = [(path, read_proof(data)) for path, data in given if not _receipt(data)]
    found = [_check_one(path, proof, keys) for path, proof in proofs]
    places = {entry.leaf: entry.position for _, proof in proofs for entry in proof.entries}
    return [*found, *(_check_receipt(path, one, keys, places) for path, one in receipts)]


class _WithReceipt(msgspec.Struct):
    receipt: ReceiptBody


def _receipt(data: bytes) -> ReceiptBody | None:
    """The receipt in a file: by itself, or in an answer or problem that carries one."""
    try:
        return msgspec.json.decode(data, type=ReceiptBody)
    except msgspec.DecodeError:
        pass
    try:
        return msgspec.json.decode(data, type=_WithReceipt).receipt
    except msgspec.DecodeError:
        return None


def _check_one(path: Path, proof: TrailProof, keys: Sequence[PublicKey]) -> CheckedFile:
    found = check_proof(proof, keys)
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


def _check_receipt(
    path: Path, receipt: ReceiptBody, keys: Sequence[PublicKey], places: dict[bytes, int]
) -> CheckedFile:
    signer = InstitutionCode(receipt.origin)
    ring = KeyRing.holding(keys)
    ReceiptCheck(ring=ring, signer=signer).check(receipt, now=int(now().timestamp()))
    place = places.get(receipt.leaf)
    tree = "" if place is None else f", and its entry stands at {place} in the tree"
    return CheckedFile(file=str(path), proves=f"{signer} recorded {receipt.entry}{tree}")


def _show(found: Sequence[CheckedFile]) -> None:
    for file in found:
        print(f"{file.file}: {file.proves}")
        for entry in file.entries:
            print(f"  {entry.position:>10}  {entry.kind:<8}  {entry.words}")
        for line in kept_words(file.kept):
            print(f"  {line}")


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
