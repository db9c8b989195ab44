"""kill -9 of hub, node, sealers and database at moments by chance, under load; all is counted.

`KRUISPUNT_KILLS=300` makes a long campaign of it, `KRUISPUNT_SEED=7` does one again.
"""

import asyncio
import os
import signal
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import msgspec
import pytest
from tests.acceptance.standing import House, a_message, a_standing_house
from tests.acceptance.test_trail_tree import audit, published, sealed
from tests.contract.seal_house import grew

from kruispunt.client import AskReply
from kruispunt.vocabulary import Checkpoint, InstitutionCode, leaf_hash, tree_root
from kruispunt.web import Http, HttpSilent, HttpWrong

KILLS = int(os.environ.get("KRUISPUNT_KILLS", "20"))
SEED = int(os.environ.get("KRUISPUNT_SEED") or int.from_bytes(os.urandom(4)))
ASKERS = 6
BACK_S = 60.0
LOOK_S = 0.05
OK = 200
PLACES = """
select
    (select sum(s.size) from audit.sealed as s) as places,
    (
        select count(distinct substr(s.places, 17 * n + 1, 17))
        from audit.sealed as s, generate_series(0, s.size - 1) as n
    ) as entries
"""


@dataclass
class Kept:
    """What a client kept, and what a witness saw, of one seat."""

    leaves: list[bytes] = field(default_factory=list[bytes])
    seen: dict[int, Checkpoint] = field(default_factory=dict[int, Checkpoint])
    rewritten: list[int] = field(default_factory=list[int])


@pytest.fixture(scope="module")
def killed() -> Generator[House]:
    """A house of its own: what happens to it here, no other test should feel."""
    with a_standing_house(workers=2) as house:
        yield house


async def test_whatever_is_killed_nothing_accepted_is_lost_or_placed_twice(killed: House):
    chance, kept = Random(SEED), {killed.hub: Kept(), killed.node: Kept()}
    async with asyncio.TaskGroup() as group:
        load = [group.create_task(_ask_on(killed, kept)) for _ in range(ASKERS)]
        load.append(group.create_task(_watch_on(killed, kept)))
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 1.5))
            await _kill(killed, chance)
        await asyncio.sleep(1)
        for task in load:
            task.cancel()

    for code, one in kept.items():
        await asyncio.sleep(1)  # outcomes ride with a later commit
        await sealed(killed, code)
        await _all_stands(killed, code, one)
        told = audit(killed, "verify", "--at", code, "--json")
        assert told.returncode == 0, f"seed {SEED}, {code}: {told.stdout} {told.stderr}"


async def _all_stands(house: House, code: InstitutionCode, kept: Kept) -> None:
    checkpoint = published(house, code).checkpoint()
    assert checkpoint is not None
    tree = published(house, code).tree(checkpoint.size)
    assert tree_root(tree.node, size=checkpoint.size) == checkpoint.root
    leaves = {leaf_hash(tree.blinded(place)) for place in range(checkpoint.size)}

    assert len(leaves) == checkpoint.size, f"seed {SEED}: a leaf stands twice"
    assert len(kept.leaves) > KILLS, f"seed {SEED}: too few were answered to tell anything"
    lost = [leaf for leaf in kept.leaves if leaf not in leaves]
    assert lost == [], (
        f"seed {SEED}: {len(lost)} of {len(kept.leaves)} receipts are not in the tree"
    )
    (row,) = await house.fetch(code, PLACES)
    assert row == {"places": checkpoint.size, "entries": checkpoint.size}
    assert kept.rewritten == []
    assert len(kept.seen) > 2
    for old in kept.seen.values():
        assert grew(published(house, code).folder, old, checkpoint), f"seed {SEED}: {old.size}"


async def _ask_on(house: House, kept: dict[InstitutionCode, Kept]) -> None:
    """Ask node and hub in turns, and keep the receipts of what was answered."""
    async with await Http.open() as http:
        while True:
            for code, by in ((house.node, house.insurer), (house.hub, house.node)):
                body = house.body(messageId=str(a_message()))
                with suppress(HttpSilent, HttpWrong, OSError):
                    reply = await house.ask_raw(house.request(body, to=code, by=by), http=http)
                    if reply.status == OK:
                        told = msgspec.json.decode(reply.body, type=AskReply)
                        kept[code].leaves.append(told.receipt.leaf)
                await asyncio.sleep(LOOK_S / 5)


async def _watch_on(house: House, kept: dict[InstitutionCode, Kept]) -> None:
    """Keep every checkpoint that is published, as a witness does."""
    while True:
        for code, one in kept.items():
            checkpoint = published(house, code).checkpoint()
            if checkpoint and one.seen.setdefault(checkpoint.size, checkpoint) != checkpoint:
                one.rewritten.append(checkpoint.size)
        await asyncio.sleep(LOOK_S)


async def _kill(house: House, chance: Random) -> None:
    """kill -9 of one process by chance; return when another stands in its place."""
    hub, node = house.hub.lower(), house.node.lower()
    kinds = ("database", f"{hub}-", f"seal-{hub}", f"seal-{node}", node)
    kind = chance.choice(kinds)
    note = chance.choice([one for one in house.notes() if one.name.startswith(kind)])
    with suppress(ProcessLookupError):
        os.kill(note.pid, signal.SIGKILL)
    until = monotonic() + BACK_S
    while not [one for one in _notes(house) if one[0] == note.name and one[1] != note.pid]:
        assert monotonic() < until, f"seed {SEED}: {note.name} does not come back"
        await asyncio.sleep(LOOK_S)


def _notes(house: House) -> list[tuple[str, int]]:
    with suppress(FileNotFoundError):  # one was taken away while we looked
        return [(one.name, one.pid) for one in house.notes()]
    return []
