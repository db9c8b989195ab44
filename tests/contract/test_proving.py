"""A person's proof: what stands in the file, and what law keeps out of it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.contract.reading_house import (
    INSPECTION,
    PORTAL,
    SECRET,
    Read,
    a_read_trail,
    a_reading_law,
    asking,
    one_entry,
)
from tests.contract.seal_house import KEY, a_sealer, seal_all
from tests.unit.audit.entries import ANNA, BORIS

from kruispunt.audit import DECISION, OUTCOME, READING, Prover, Published, Reading, read_leaf
from kruispunt.cli.prove import prove_once
from kruispunt.client import TrailProof, check_proof, read_proof
from kruispunt.exchange import Asking
from kruispunt.law import Reads
from kruispunt.vocabulary import Ending, Entry, Reason, Ssin

PUBLIC = KEY.public(
    not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=datetime(2100, 1, 1, tzinfo=UTC)
)


@pytest.fixture
async def house(empty_database: str) -> AsyncGenerator[Read]:
    async with a_read_trail(empty_database) as house:
        yield house


async def proof_of_anna(house: Read, folder: Path) -> TrailProof:
    async with a_sealer(house.database, folder) as sealer:
        await seal_all(sealer)
    return await prove_once(
        Prover(reader=house.trail.reader, published=Published(folder)),
        ANNA,
        lawbook=a_reading_law(),
    )


def named(proof: TrailProof, kind: int) -> list[UUID]:
    """Ids in the entries of one kind, in their order."""
    read = [msgspec.msgpack.decode(one.encoded) for one in proof.entries]
    return [UUID(bytes=one[2]) for one in read if one[0] == kind]


async def test_a_proof_leaves_out_what_law_hides(house: Read, tmp_path: Path):
    shown = await house.record(one_entry(1), Ending.GIVEN)
    await house.record(one_entry(2, consumer=INSPECTION), Ending.GIVEN)
    await house.record(one_entry(3, purpose=SECRET), Ending.GIVEN)
    claimed = await house.record(one_entry(4, purpose=SECRET, reason=Reason.NO_CLAUSE))
    await house.record(one_entry(5, ssin=BORIS))

    proof = await proof_of_anna(house, tmp_path)

    assert named(proof, DECISION) == [shown.id, claimed.id]
    assert named(proof, OUTCOME) == [shown.id]
    assert (proof.waiting, check_proof(proof, [PUBLIC]).checkpoint.size) == (0, 8)


async def test_a_proof_says_how_many_are_left_out_and_on_which_ground(house: Read, tmp_path: Path):
    await house.record(one_entry(1, consumer=INSPECTION))

    proof = await proof_of_anna(house, tmp_path)

    assert [(one.id, one.paragraph, one.looks) for one in proof.kept] == [("inspection", "§ 9", 1)]
    assert read_proof(msgspec.json.encode(proof)) == proof


async def test_a_proof_holds_who_read_the_trail_about_the_person(house: Read, tmp_path: Path):
    await house.record(one_entry(1))
    page = await house.shelf.read(of_person(ANNA))
    await house.shelf.read(of_person(BORIS))
    hidden = asking(Reads.INSTITUTION, institution=INSPECTION, role="officer", ssin=ANNA)
    await house.shelf.read(hidden)

    proof = await proof_of_anna(house, tmp_path)

    assert named(proof, READING) == [page.entry]
    assert [one.looks for one in proof.kept] == [1]
    read = [read_leaf(one.encoded) for one in proof.entries]
    assert [type(one) for one in read] == [Entry, Reading]
    assert check_proof(proof, [PUBLIC]).checkpoint.size == 4


def of_person(ssin: Ssin) -> Asking:
    return asking(Reads.PERSON, institution=PORTAL, role="citizen", ssin=ssin)
