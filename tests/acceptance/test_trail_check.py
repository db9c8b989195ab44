"""Receipts and proofs are held against the published tree, and against what others saw."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from tests.acceptance.standing import House, environment, kruispunt
from tests.acceptance.test_asking_commands import ask
from tests.acceptance.test_trail_tree import proof, public, published, rewrite, sealed

from kruispunt.audit import Published
from kruispunt.client import ReceiptBody, origin_of, read_public
from kruispunt.vocabulary import Checkpoint, InstitutionCode, group_head
from kruispunt.web import Note, cosign, sign_note

PROVEN, NOT_PROVEN, WRONG, LATER, STILL = 0, 1, 2, 3, 4


def check(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return kruispunt("audit", "check", *words, "--key", public(house, house.node))


def url(house: House) -> str:
    return f"{house.url(house.node)}/v1/trail"


async def old_enough(house: House, code: InstitutionCode) -> None:
    """Wait until the key of a house that was only just built has counted for 15 seconds."""
    born = min(key.not_before for key in read_public(house.place.home(code).public))
    await asyncio.sleep(max(0.0, born.timestamp() + 15 - time.time()))


def promised(house: House, file: Path, *, ago_s: float) -> Path:
    """A receipt that the node signed so long ago, for an entry that it never wrote."""
    key, leaf = house.key(house.node), bytes(32)
    recorded_at = datetime.fromtimestamp(int(time.time() - ago_s), UTC)
    head = group_head(origin=house.node, size=1, root=leaf, recorded_at=recorded_at)
    receipt = ReceiptBody(
        entry=UUID(int=7),
        recorded_at=recorded_at,
        leaf=leaf,
        index=0,
        size=1,
        path=(),
        root=leaf,
        origin=house.node,
        key_id=key.key_id,
        signature=key.sign(head),
    )
    file.write_bytes(msgspec.json.encode(receipt))
    return file


async def test_an_insurer_finds_its_receipt_in_the_tree_at_the_door_and_in_the_files(
    house: House, tmp_path: Path
):
    answer = tmp_path / "answer.json"
    answer.write_text(ask(house, "full-time", "--json").stdout)
    ask(house, "full-time")
    await sealed(house, house.node)

    door = check(house, str(answer), "--tree", url(house), "--json")
    files = check(house, str(answer), "--tree", str(published(house, house.node).folder), "--json")

    assert (door.returncode, files.returncode) == (PROVEN, PROVEN), door.stderr + files.stderr
    (told,) = json.loads(door.stdout)
    assert json.loads(files.stdout) == [told]
    ticket = json.loads(answer.read_text())["ticket"]
    rows = await house.fetch(house.node, "select places, first from audit.sealed order by first")
    entries = b"".join(bytes(row["places"]) for row in rows)  # type: ignore[arg-type]  bytea
    place = told["position"]
    assert UUID(bytes=entries[17 * place + 1 : 17 * place + 17]) == UUID(ticket)


async def test_a_receipt_whose_entry_was_never_sealed_is_kept_as_evidence(
    house: House, tmp_path: Path
):
    await old_enough(house, house.node)
    receipt = promised(house, tmp_path / "receipt.json", ago_s=14)
    evidence = tmp_path / "evidence.json"
    more = ("--tree", url(house), "--evidence", str(evidence))
    await sealed(house, house.node)

    told = check(house, str(receipt), *more)
    again = check(house, str(receipt), *more)
    alone = check(house, str(receipt))

    assert (told.returncode, told.stdout) == (NOT_PROVEN, "")
    assert "MISSING: 1 of 1 receipts are not in the tree" in told.stderr
    kept = json.loads(evidence.read_text())
    assert kept["format"] == "kruispunt/trail-evidence/v1"
    assert kept["receipts"] == [json.loads(receipt.read_bytes())]
    assert kept["checkpoints"][0].startswith(f"{origin_of(house.node)}\n")
    assert (again.returncode, alone.returncode) == (WRONG, PROVEN)


async def test_a_receipt_of_just_now_is_not_missed_yet(house: House, tmp_path: Path):
    await sealed(house, house.node)
    receipt = promised(house, tmp_path / "receipt.json", ago_s=0)
    evidence = tmp_path / "evidence.json"

    told = check(house, str(receipt), "--tree", url(house), "--evidence", str(evidence))
    away = check(house, str(receipt), "--tree", "http://127.0.0.1:1/v1/trail")

    assert (told.returncode, away.returncode) == (LATER, LATER), told.stderr
    assert "ask again in a few seconds" in told.stderr
    assert not evidence.exists()


async def test_a_proof_counts_where_a_witness_saw_it_and_of_one_history_alone(
    house: House, tmp_path: Path
):
    ask(house)
    await sealed(house, house.node)
    proof(house, house.node, tmp_path / "proof.json")
    state, key = tmp_path / "witness.json", public(house, house.node)
    seen = kruispunt("audit", "witness", url(house), "--key", key, "--state", str(state))
    witness = seen.stderr.split()[-1]
    other = rewrite(house, tmp_path / "other", house.node).folder / "checkpoint"

    own = (str(tmp_path / "proof.json"), "--witness-key", witness, "--tree", url(house))
    witnessed = check(house, *own, "--seen", str(state))
    alone = check(house, *own)
    evidence = tmp_path / "evidence.json"
    split = check(house, *own, "--seen", str(other), "--evidence", str(evidence))

    assert witnessed.returncode == PROVEN, witnessed.stderr
    assert (alone.returncode, split.returncode) == (NOT_PROVEN, NOT_PROVEN)
    assert "the witness witness did not sign" in alone.stderr
    assert "TWO HISTORIES" in split.stderr
    assert json.loads(evidence.read_text())["checkpoints"][0] == other.read_text()


async def test_a_trail_is_no_witness_of_itself(house: House, tmp_path: Path):
    receipt = promised(house, tmp_path / "receipt.json", ago_s=0)
    own = house.key(house.node)

    told = check(house, str(receipt), "--witness-key", public(house, house.node))
    nothing = check(house, str(receipt), "--witness-key", str(tmp_path / "no-file"))

    assert (told.returncode, nothing.returncode) == (WRONG, WRONG)
    assert own.key_id not in told.stdout


def resigned(house: House, folder: Path, *, ago_s: int) -> Published:
    """The same tree as the hub's, with a checkpoint that says that it was fresh so long ago."""
    shutil.copytree(published(house).folder, folder)
    copy = Published(folder)
    checkpoint = copy.checkpoint()
    assert isinstance(checkpoint, Checkpoint)
    origin, key, at = origin_of(house.hub), house.key(house.hub), int(time.time()) - ago_s
    lines = (
        sign_note(checkpoint.text, name=origin, key=key),
        cosign(checkpoint.text, name=origin, key=key, at=at),
    )
    copy.publish(Note(checkpoint.text, lines))
    return copy


async def test_a_witness_tells_a_checkpoint_that_stands_still(house: House, tmp_path: Path):
    ask(house)
    await sealed(house, house.hub)
    await old_enough(house, house.hub)
    copy = resigned(house, tmp_path / "still", ago_s=14)
    state = ("--key", public(house, house.hub), "--state", str(tmp_path / "w.json"))

    told = kruispunt("audit", "witness", str(copy.folder), *state)

    assert told.returncode == STILL
    assert "WARNING: the checkpoint stands still since " in told.stderr
    assert "— witness " in told.stdout


async def test_a_witness_that_looks_again_survives_what_is_away_and_what_is_garbled(
    house: House, tmp_path: Path
):
    ask(house)
    await sealed(house, house.hub)
    copy, shown = resigned(house, tmp_path / "copy", ago_s=0), tmp_path / "shown"
    shown.mkdir()
    (shown / "checkpoint").write_bytes(b"<html>busy</html>")
    words = ("audit", "witness", str(shown), "--every", "0.1", "--key", public(house, house.hub))
    running = subprocess.Popen(  # noqa: ASYNC220 it is only read line by line
        [sys.executable, "-m", "kruispunt", *words, "--state", str(tmp_path / "w.json")],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    try:
        garbled = running.stderr.readline()
        (shown / "checkpoint").unlink()
        away = next(line for line in running.stderr if not line.startswith("not proven"))
        shutil.copytree(copy.folder, shown, dirs_exist_ok=True)
        first = running.stdout.readline()
    finally:
        running.terminate()
        running.communicate(timeout=20)

    assert garbled.startswith("not proven")
    assert away.startswith("not reached")
    assert first == f"{origin_of(house.hub)}\n"
