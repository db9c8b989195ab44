"""Anyone can check the trail: proofs, receipts, witnesses; and what is published tells nothing."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from uuid import UUID

import pytest
from tests.acceptance.standing import House, kruispunt
from tests.acceptance.test_asking_commands import ask

from kruispunt.audit import Published
from kruispunt.client import origin_of
from kruispunt.vocabulary import WIDTH, Checkpoint, Edge, InstitutionCode, full_path, tile_path
from kruispunt.web import Http, HttpReply, Note, Verifier, cosign, sign_note

PROVEN, NOT_PROVEN, WRONG, REWRITTEN = 0, 1, 2, 3


def audit(house: House, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return kruispunt("audit", *words, "--state", str(house.place.state), stdin=stdin)


def published(house: House, code: InstitutionCode | None = None) -> Published:
    return house.place.published(code or house.hub)


def public(house: House, code: InstitutionCode) -> str:
    return str(house.place.home(code).public)


async def sealed(house: House, code: InstitutionCode) -> None:
    """Wait until nothing waits for its place, and a checkpoint of after that stands."""
    for _ in range(200):
        rows = await house.fetch(
            code,
            "select (select count(*) from audit.pending) as waiting,"
            " (select coalesce(max(first + size), 0) from audit.sealed) as size",
        )
        checkpoint = published(house, code).checkpoint()
        if checkpoint and rows[0] == {"waiting": 0, "size": checkpoint.size}:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("entries wait too long for their place")


def proof(house: House, code: InstitutionCode, file: Path) -> None:
    person = house.persons["full-time"]
    digits = person.ssin.digits + "\n"
    words = ("prove", "--ssin", "-", "--out", str(file), "--at", code)
    told = audit(house, *words, stdin=digits)
    assert told.returncode == PROVEN, told.stderr


async def test_a_person_checks_with_a_file_and_a_public_key_alone(house: House, tmp_path: Path):
    answer = ask(house, "full-time", "--json")
    (tmp_path / "answer.json").write_text(answer.stdout)
    await asyncio.sleep(1.0)  # the outcome is written within a second
    await sealed(house, house.node)
    proof(house, house.node, tmp_path / "proof.json")

    files = (str(tmp_path / "proof.json"), str(tmp_path / "answer.json"))
    told = kruispunt("audit", "check", *files, "--key", public(house, house.node), "--json")

    assert told.returncode == PROVEN, told.stderr
    proven, receipt = json.loads(told.stdout)
    ticket = json.loads(answer.stdout)["ticket"]
    assert f"recorded {ticket}, and its entry stands at" in receipt["proves"]
    assert {one["kind"] for one in proven["entries"]} == {"decision", "outcome", "reading"}
    assert proven["entries"][-1]["words"].endswith(" operator audit-prove read"), "this very look"
    assert (tmp_path / "proof.json").stat().st_mode & 0o077 == 0


async def test_a_proof_that_was_changed_or_of_another_trail_is_refused(
    house: House, tmp_path: Path
):
    ask(house)
    await sealed(house, house.hub)
    file = tmp_path / "proof.json"
    proof(house, house.hub, file)
    other = kruispunt("audit", "check", str(file), "--key", public(house, house.node))
    content = json.loads(file.read_text())
    content["entries"][0]["position"] += 1
    file.write_text(json.dumps(content))

    moved = kruispunt("audit", "check", str(file), "--key", public(house, house.hub))

    assert (other.returncode, moved.returncode) == (NOT_PROVEN, NOT_PROVEN)
    assert "does not lead to the root" in moved.stderr


async def test_a_checkpoint_is_younger_than_two_seconds_also_when_nothing_comes(house: House):
    key = Verifier(origin_of(house.hub), house.key(house.hub).raw)
    ages: list[float] = []
    for _ in range(10):
        note = published(house).note()
        assert note is not None
        at = key.cosigned_at(note)
        assert at is not None
        ages.append(time.time() - at)
        await asyncio.sleep(0.2)

    # The second in the note is rounded down: an age of 2 s may read as 3.
    assert max(ages) < 3.0


async def get(house: House, path: str) -> HttpReply:
    async with await Http.open() as http:
        url = house.url(house.hub) + path
        return await http.get(url, headers={}, timeout_s=10, max_bytes=2**20)


async def test_the_door_gives_what_is_published_and_nothing_else(house: House):
    ask(house)
    await sealed(house, house.hub)

    checkpoint = await get(house, "/v1/trail/checkpoint")
    size = Checkpoint.read(checkpoint.body.decode().rpartition("\n\n")[0] + "\n").size
    width = min(size, WIDTH)
    tile = await get(house, f"/v1/trail/{tile_path(0, 0, width)}")

    assert (checkpoint.status, tile.status, len(tile.body)) == (200, 200, 32 * width)
    assert "immutable" in tile.headers["cache-control"]
    assert checkpoint.headers["cache-control"] == "max-age=1"
    for path in ("tile/0/../../../settings.toml", "tile/0/999", "tile/", "tile/0/000/x", "lock"):
        assert (await get(house, f"/v1/trail/{path}")).status == 404


async def test_a_witness_signs_what_grew_and_shouts_at_what_did_not(house: House, tmp_path: Path):
    state, key = tmp_path / "witness.json", public(house, house.hub)
    more = ("--key", key, "--state", str(state))
    first = kruispunt("audit", "witness", f"{house.url(house.hub)}/v1/trail", *more)
    ask(house)
    await sealed(house, house.hub)
    grown = kruispunt("audit", "witness", str(published(house).folder), *more)

    rewritten = rewrite(house, tmp_path / "rewritten")
    shouted = kruispunt("audit", "witness", str(rewritten.folder), *more)

    assert (first.returncode, grown.returncode) == (PROVEN, PROVEN), grown.stderr
    assert "— witness " in grown.stdout
    assert (shouted.returncode, shouted.stdout) == (REWRITTEN, "")
    assert "HISTORY CHANGED" in shouted.stderr
    remembered = json.loads(state.read_text())
    assert remembered["note"] == grown.stdout
    known, shown = remembered["evidence"]
    assert known == grown.stdout
    assert shown == (rewritten.folder / "checkpoint").read_text()


def rewrite(house: House, folder: Path, code: InstitutionCode | None = None) -> Published:
    """A tree of the same size with one other leaf, rightly signed: what an operator could do."""
    own, other = published(house, code), Published(folder)
    checkpoint = own.checkpoint()
    assert checkpoint is not None
    size, tree = checkpoint.size, own.tree(checkpoint.size)
    leaves = [tree.blinded(index) for index in range(size)]
    leaves[0] = bytes(32)
    edge, files = Edge().grow(b"".join(leaves))
    folder.mkdir()
    other.add_tiles(files)
    origin, key = origin_of(code or house.hub), house.key(code or house.hub)
    text = Checkpoint(origin=origin, size=size, root=edge.root).text
    at = int(time.time())
    lines = (sign_note(text, name=origin, key=key), cosign(text, name=origin, key=key, at=at))
    other.publish(Note(text, lines))
    return other


async def test_verify_finds_what_was_changed_behind_its_back(house: House):
    ask(house)
    await sealed(house, house.node)
    sound = audit(house, "verify", "--at", house.node, "--json")
    rows = await house.fetch(
        house.node,
        "update audit.decision set role = role || 'x'"
        " where id = (select max(id::text)::uuid from audit.decision) returning id",
    )

    found = audit(house, "verify", "--at", house.node, "--json")
    await house.fetch(
        house.node, "update audit.decision set role = left(role, -1) where id = $1", rows[0]["id"]
    )

    assert sound.returncode == PROVEN, sound.stderr
    assert json.loads(sound.stdout)["faulty"] == 0
    assert found.returncode == REWRITTEN
    (fault,) = json.loads(found.stdout)["faults"]
    assert (fault["wrong"], fault["entry"]) == ("changed", str(rows[0]["id"]))


def is_hashes_alone(own: Published, origin: str) -> bool:
    """True when all that stands here follows from the origin and blinded leaves."""
    note, checkpoint = own.note(), own.checkpoint()
    assert note is not None
    assert checkpoint is not None
    tree = own.tree(checkpoint.size)
    edge, files = Edge().grow(b"".join(tree.blinded(at) for at in range(tree.size)))
    whole = {full_path(path): data for path, data in files.items()}
    tiles = {
        path.relative_to(own.folder).as_posix(): path.read_bytes()
        for path in own.folder.rglob("*")
        if path.is_file() and path.name not in (".lock", "checkpoint")
    }
    return (
        note.text == Checkpoint(origin=origin, size=edge.size, root=edge.root).text
        and {line.name for line in note.lines} == {origin}
        and (own.folder / ".lock").read_bytes() == b""
        and all(whole[full_path(path)].startswith(data) for path, data in tiles.items())
    )


def everything(folder: Path) -> bytes:
    return b"\n".join(
        path.name.encode() + b"\n" + path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


async def test_nothing_published_says_anything_about_anyone(house: House):
    for story in house.persons:
        ask(house, story)
    await sealed(house, house.hub)
    await sealed(house, house.node)

    for code in (house.hub, house.node):
        ours = everything(published(house, code).folder)
        for person in house.persons.values():
            digits = person.ssin.digits
            forms = (digits.encode(), int(digits).to_bytes(8), int(digits).to_bytes(8, "little"))
            assert not any(form in ours for form in forms)
        assert is_hashes_alone(published(house, code), origin_of(code))
        rows = await house.fetch(
            code, "select id, message_id, nonce, signature, digest, ticket from audit.decision"
        )
        assert rows
        for row in rows:
            for value in row.values():
                told = value.bytes if isinstance(value, UUID) else value
                forms = (told if isinstance(told, bytes) else b"", str(value).encode())
                assert not any(form in ours for form in forms if len(form) > 4)
        assert re.search(rb"20\d\d-\d\d-\d\d", ours) is None


async def grown_by(house: House, story: str, *, by: str = "") -> tuple[str, dict[str, int]]:
    """What is told of a question, and by how much both published trees grow for it."""
    before = {code: sizes(house, code) for code in (house.hub, house.node)}
    told = ask(house, story, "--json", flow="dimona.consult", by=by)
    outcome = json.loads(told.stdout).get("outcome", "refused") if told.stdout else told.stderr
    await asyncio.sleep(1.0)  # outcomes are written within a second
    for code in before:
        await sealed(house, code)
    return outcome, {code: sizes(house, code) - size for code, size in before.items()}


def sizes(house: House, code: InstitutionCode) -> int:
    checkpoint = published(house, code).checkpoint()
    return 0 if checkpoint is None else checkpoint.size


async def test_the_published_trees_grow_alike_for_all_that_is_told_as_empty(house: House):
    await grown_by(house, "full-time")  # what others asked has ended

    hidden = await grown_by(house, "never-worked")
    granted = await grown_by(house, "unemployed")

    reasons = await house.fetch(
        house.hub, "select reason from audit.decision order by recorded_at desc limit 2"
    )
    assert [row["reason"] for row in reasons] == [0, 9]
    assert hidden == granted == ("empty", {house.hub: 2, house.node: 2})


async def test_the_published_trees_grow_alike_for_who_is_unknown_and_who_is_not_yours(
    house: House,
):
    await grown_by(house, "full-time")

    unknown = await grown_by(house, "unknown")
    another = await grown_by(house, "full-time", by=house.other)

    assert unknown == another == ("refused", {house.hub: 0, house.node: 1})


async def test_a_sealer_that_was_killed_comes_back_and_goes_on(house: House):
    name = f"seal-{house.hub.lower()}"
    before = next(note for note in house.notes() if note.name == name)
    os.kill(before.pid, signal.SIGKILL)
    ask(house)

    await asyncio.sleep(0.5)
    await sealed(house, house.hub)

    assert audit(house, "verify").returncode == PROVEN


@pytest.mark.parametrize("lost", ["key", "file"])
async def test_what_cannot_be_read_is_told_and_is_exit_2(house: House, tmp_path: Path, lost: str):
    key = tmp_path / "nothing" if lost == "key" else Path(public(house, house.hub))

    told = kruispunt("audit", "check", str(tmp_path / "no-file"), "--key", str(key))

    assert told.returncode == WRONG


async def test_any_static_server_can_give_the_folder(house: House, tmp_path: Path):
    ask(house)
    await sealed(house, house.hub)
    copy = tmp_path / "static"
    shutil.copytree(published(house).folder, copy)

    told = kruispunt(
        *("audit", "witness", str(copy), "--key", public(house, house.hub)),
        *("--state", str(tmp_path / "w.json")),
    )

    assert told.returncode == PROVEN, told.stderr
