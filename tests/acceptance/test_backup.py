"""A backup brings the whole house back on an empty machine: trail, keys, and what was refused."""

import asyncio
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.acceptance.standing import House, environment, kruispunt, now, problem_of
from tests.acceptance.test_asking import ask, refusal

from kruispunt.cli.archive import FORMAT, MANIFEST
from kruispunt.cli.compose import open_house
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import AskReply
from kruispunt.client.proof import ReceiptCheck
from kruispunt.web import KeyRingFile

PATIENCE_S: Final = 300.0
"""A second house starts beside the first, and beside those of other tests."""

FLOW = "dimona.consult"
TABLES = "select count(*) as n from audit.decision"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A backup of a house that runs, and what was asked of it before."""

    folder: Path
    archive: Path
    before: AskReply
    nonce: bytes


@pytest.fixture(scope="module")
def kept(house: House) -> Generator[Kept]:
    """One backup for all who restore it; it is only read."""
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-backup-"))
    nonce = os.urandom(16)

    async def use() -> AskReply:
        reply = await house.ask_raw(house.request(flow=FLOW, nonce=nonce))
        assert reply.status == 200, reply.body
        await refusal(house, "unknown", "L609")
        answer = await ask(house, "full-time", FLOW)
        await house.ending(house.hub, answer.ticket)
        return answer

    before = asyncio.run(use())
    try:
        yield _backed_up(
            house, Kept(folder=folder, archive=folder / "archive", before=before, nonce=nonce)
        )
    finally:
        shutil.rmtree(folder)


def _backed_up(house: House, kept: Kept) -> Kept:
    words = ("--to", str(kept.archive), "--state", str(house.place.state), "--json")
    done = kruispunt("backup", *words)
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout)["databases"] == (
        len(house.network.sources) + len(house.network.nodes) + 1
    )
    return kept


def copied(kept: Kept, name: str) -> Path:
    """The same backup once more, to be spoiled."""
    return shutil.copytree(kept.archive, kept.folder / name)


def test_nobody_but_the_owner_may_read_a_backup(kept: Kept):
    for path in (kept.archive, *kept.archive.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_backup_holds_no_address_or_password_of_this_machine(kept: Kept):
    names = {path.name for path in kept.archive.rglob("*")}

    assert not {name for name in names if name.endswith((".dsn", ".pgpass"))}
    assert {"trail.key", "key.toml", "keys.toml", "lawbooks"} <= names


async def test_a_restored_house_answers_with_its_whole_past(
    house: House, kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    state = kept.folder / "another" / "place"
    done = kruispunt("restore", "--from", str(kept.archive), "--state", str(state))
    assert done.returncode == 0, done.stderr

    built = open_house(state)
    again = replace(house, place=built.place, network=built.network)
    async with attach_or_start(state, ready_s=PATIENCE_S):
        counts = [await again.fetch(code, TABLES) for code in (again.hub, again.node)]
        answer = await ask(again, "full-time", FLOW)
        replay = await again.ask_raw(again.request(flow=FLOW, nonce=kept.nonce))
        await _stands_in_the_tree(again, kept.before.receipt.leaf)
        seats = (again.hub, again.node)
        verified = [
            kruispunt("audit", "verify", "--at", code, "--state", str(state)) for code in seats
        ]

    manifest = msgspec.json.decode((kept.archive / MANIFEST).read_bytes())
    for code, (row,) in zip((again.hub, again.node), counts, strict=True):
        tables = manifest["databases"][code].items()
        assert row["n"] == sum(n for name, n in tables if name.startswith("audit.decision")) > 0
    assert answer.outcome == "given"
    # What was used before stays used: the nonce of a request, and the receipt of an answer.
    assert replay.status == 401
    assert "nonce" in str(problem_of(replay).detail)
    assert [(done.returncode, done.stderr) for done in verified] == [(0, ""), (0, "")]
    ring = KeyRingFile.open(again.place.home(again.insurer).ring)
    ReceiptCheck(ring=ring, signer=again.node).check(kept.before.receipt, now=int(time.time()))
    assert now() > answer.receipt.recorded_at


async def _stands_in_the_tree(house: House, leaf: bytes) -> None:
    """What was recorded before the backup has its place in the tree that grows on after it."""
    published = house.place.published(house.node)
    for _ in range(100):
        checkpoint = published.checkpoint()
        if checkpoint is not None:
            tree = published.tree(checkpoint.size)
            if any(tree.leaf(index) == leaf for index in range(checkpoint.size)):
                return
        await asyncio.sleep(0.1)
    raise AssertionError("no such leaf in the tree within 10 s")


def test_a_backup_is_never_written_over(house: House, kept: Kept):
    done = kruispunt("backup", "--to", str(kept.archive), "--state", str(house.place.state))

    assert (done.returncode, done.stdout) == (2, "")
    assert "exists already" in done.stderr


def test_nothing_is_restored_over_what_stands(kept: Kept, tmp_path: Path):
    (tmp_path / "mine").write_text("keep me")

    done = kruispunt("restore", "--from", str(kept.archive), "--state", str(tmp_path))

    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def changed(archive: Path) -> None:
    ring = next(archive.rglob("keys.toml"))
    ring.write_text(ring.read_text() + "\n")


def lost(archive: Path) -> None:
    next(archive.rglob("keys.toml")).unlink()


def foreign(archive: Path) -> None:
    (archive / "files" / "extra").touch()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [(changed, "was changed"), (lost, "is missing"), (foreign, "does not belong to it")],
)
def test_a_changed_a_lost_and_a_foreign_file_are_noticed(
    kept: Kept, tmp_path: Path, spoil: Callable[[Path], None], told: str
):
    archive = copied(kept, spoil.__name__)
    spoil(archive)

    done = kruispunt("restore", "--from", str(archive), "--state", str(tmp_path / "state"))

    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "state").exists()


def test_a_newer_form_is_left_to_a_newer_program(kept: Kept, tmp_path: Path):
    archive = copied(kept, "newer")
    manifest = msgspec.json.decode((archive / MANIFEST).read_bytes())
    (archive / MANIFEST).write_bytes(msgspec.json.encode({**manifest, "format": FORMAT + 1}))

    done = kruispunt("restore", "--from", str(archive), "--state", str(tmp_path / "state"))

    assert done.returncode == 2
    assert "newer kruispunt" in done.stderr


def test_an_unfinished_backup_is_none(kept: Kept, tmp_path: Path):
    archive = copied(kept, "unfinished")
    (archive / MANIFEST).unlink()

    done = kruispunt("restore", "--from", str(archive), "--state", str(tmp_path / "state"))

    assert done.returncode == 2
    assert "not finished" in done.stderr


def test_a_state_whose_restore_broke_off_is_never_started(tmp_path: Path):
    (tmp_path / "restore.unfinished").touch()

    done = kruispunt("up", "--state", str(tmp_path), "--once-ready")

    assert done.returncode == 2
    assert "broke off" in done.stderr
