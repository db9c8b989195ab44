"""Keys change while everything runs: nobody restarts, and nobody's question fails."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec
import pytest
from tests.acceptance.standing import House, a_standing_house, kruispunt, now, problem_of
from tests.acceptance.test_asking import ask

from kruispunt.client import ANSWER_PATH, ANSWER_TAG, AskFailed, Client
from kruispunt.client.proof import ReceiptCheck, ReceiptWrong
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    HttpReply,
    KeyRingFile,
    SigningKey,
    SigningKeyFile,
    make_key,
    next_key,
    read_key,
    ring_text,
)

ASKERS = 4


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    """A network of its own: its keys change for good."""
    with a_standing_house(workers=2) as house:
        yield house
        assert house.numbers_in_logs() == []


@dataclass
class Load:
    """Askers who never stop: how many questions were answered, and what failed."""

    answered: int = 0
    failed: list[str] = field(default_factory=list[str])

    async def ask(self, client: Client, house: House) -> None:
        person = house.persons["full-time"]
        purpose = house.stories.stories[0].purpose
        while True:
            try:
                await client.ask(
                    "dimona.consult",
                    ssin=person.ssin,
                    purpose=purpose,
                    begin=person.begin,
                    until=person.until,
                )
                self.answered += 1
            except AskFailed as failed:
                self.failed.append(f"{failed} {failed.problem}")

    async def goes_on(self, questions: int = 40) -> None:
        """Wait until so many more were answered, or one failed."""
        goal = self.answered + questions
        async with asyncio.timeout(30):
            while self.answered < goal and not self.failed:  # noqa: ASYNC110 - it only watches
                await asyncio.sleep(0.02)


@asynccontextmanager
async def load(house: House) -> AsyncGenerator[Load]:
    """Load by the insurer, who follows its own key file."""
    found = Load()
    signer = SigningKeyFile.open(house.place.home(house.insurer).key, now=now)
    async with house.client() as client:
        following = replace(client._sender, key=signer)  # pyright: ignore[reportPrivateUsage]  that of a running system
        client._sender = following  # pyright: ignore[reportPrivateUsage]  that of a running system
        asking = [asyncio.create_task(found.ask(client, house)) for _ in range(ASKERS)]
        try:
            yield found
        finally:
            for one in asking:
                one.cancel()
            await asyncio.gather(*asking, return_exceptions=True)


async def key_command(house: House, *words: str, stdin: str = "") -> str:
    """A command that succeeds and shows nobody's secret, beside what runs."""
    state = ["--state", str(house.place.state)]
    done = await asyncio.to_thread(kruispunt, "key", *words, *state, stdin=stdin)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    secrets = [*house.place.state.glob("institutions/*/key.toml")]
    secrets += house.place.state.glob("institutions/*/key.next.toml")
    for path in secrets:
        assert read_key(path).seed.hex() not in told
        assert path.stat().st_mode & 0o077 == 0
    return done.stdout


async def rotate(house: House, *codes: InstitutionCode) -> None:
    for code in codes:
        words = ("--institution", code, "--lead-seconds", "1")
        told = await key_command(house, "rotate", *words)
        assert f"{code}/2 signs from" in told
    await asyncio.sleep(1.5)


async def heard(house: House, key: SigningKey, *, by: InstitutionCode, to: InstitutionCode):
    """What a hub, node or station answers to a request signed with this key."""
    if to != house.station:
        return await house.ask_raw(house.request(by=by, to=to, key=key))
    path = f"{ANSWER_PATH}dimona.consult"
    sent = house.request(b"{}", by=by, to=to, key=key, path=path, tag=ANSWER_TAG)
    return await house.ask_raw(sent)


def proven(reply: HttpReply) -> bool:
    """True where the signature was believed, whatever else was wrong with the request."""
    return reply.status != 401


async def test_keys_rotate_and_are_revoked_under_load_without_one_failed_question(house: House):
    everyone: Sequence[tuple[InstitutionCode, InstitutionCode]] = (
        (house.insurer, house.node),
        (house.node, house.hub),
        (house.hub, house.station),
    )
    old = {code: house.key(code) for code in (*dict(everyone), house.station)}
    before = await ask(house, "full-time")
    pids = {note.pid for note in house.notes()}

    async with load(house) as running:
        await running.goes_on()
        await rotate(house, *old)
        await running.goes_on()
        both = [await heard(house, old[by], by=by, to=to) for by, to in everyone]

        for code, key in old.items():
            await key_command(house, "revoke", key.key_id, "--reason", f"{code} changes")
        refused = [await heard(house, old[by], by=by, to=to) for by, to in everyone]
        await running.goes_on()

    new = {code: read_key(next_key(house.place.home(code).key)) for code in old}
    assert running.failed == []
    assert all(proven(reply) for reply in both)
    assert [problem_of(reply).detail for reply in refused] == ["keyid: the key is revoked"] * 3
    assert [reply.status for reply in refused] == [401] * 3
    for by, to in everyone:
        assert proven(await heard(house, new[by], by=by, to=to))
    assert {note.pid for note in house.notes()} == pids

    # The receipt of before: its key counted then, and is revoked since. Whoever has that key can
    # write any time, so it counts by what a witness saw alone.
    ring = KeyRingFile.open(house.place.home(house.insurer).ring)
    assert before.receipt.key_id == old[house.node].key_id
    later = int((now() + timedelta(days=5000)).timestamp())
    receipts = ReceiptCheck(ring=ring, signer=house.node)
    with pytest.raises(ReceiptWrong, match="is revoked"):
        receipts.check(before.receipt, now=later)
    seen = int(before.receipt.recorded_at.timestamp())
    receipts.check(before.receipt, now=later, stood_at=seen)


async def test_a_key_that_is_expired_is_refused_and_its_owner_named(house: House):
    key = make_key(house.other, key_id=f"{house.other}/past", random_bytes=os.urandom)
    public = key.public(not_before=now() - timedelta(days=9), not_after=now() - timedelta(days=1))
    words = ("--at", house.node, "--institution", house.other)

    await key_command(house, "import", *words, stdin=ring_text([public]))

    reply = await heard(house, key, by=house.other, to=house.node)
    assert reply.status == 401
    assert problem_of(reply).detail == "keyid: the key is expired"
    assert proven(await heard(house, house.key(house.other), by=house.other, to=house.node))


async def test_a_key_that_ends_soon_is_listed_with_an_exit_code_of_its_own(house: House):
    words = ("key", "list", "--at", house.hub, "--json", "--state", str(house.place.state))

    soon = await asyncio.to_thread(kruispunt, *words, "--within-days", "800")
    fine = await asyncio.to_thread(kruispunt, *words)

    assert (soon.returncode, fine.returncode) == (3, 0)
    rows = msgspec.json.decode(fine.stdout, type=list[dict[str, object]])
    owners = {row["institution"] for row in rows}
    assert {house.hub, house.node, house.station} <= owners
    assert house.insurer not in owners


async def test_public_keys_travel_by_export_and_import_and_only_whose_they_should_be(house: House):
    told = await key_command(house, "export", "--institution", house.hub)
    state = ("--state", str(house.place.state))
    words = ("key", "import", "--at", house.insurer, "--institution")

    wrong = await asyncio.to_thread(kruispunt, *words, house.node, *state, stdin=told)
    right = await asyncio.to_thread(kruispunt, *words, house.hub, *state, stdin=told)

    assert "seed" not in told
    assert wrong.returncode == 2
    assert f"found one of {house.hub}" in wrong.stderr
    assert right.returncode == 0
    ring = KeyRingFile.open(house.place.home(house.insurer).ring)
    assert len(ring.of(house.hub)) == told.count("[[keys]]")
