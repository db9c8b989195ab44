"""What was once encoded decodes and hashes for ever; the hashes are made again here by hand."""

import hmac
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from tests.unit.audit.entries import an_entry, an_outcome

from kruispunt.audit import (
    MonthKey,
    WrongForm,
    blind,
    decode_entry,
    decode_outcome,
    encode_entry,
    encode_outcome,
    leaf_of,
)
from kruispunt.audit.encoding import encode_facts, entry_form
from kruispunt.audit.form import DECISION, NO_GROUND, OUTCOME, encode
from kruispunt.vocabulary import Refusal

FOLDER = Path(__file__).parents[2] / "golden" / "frozen" / "trail"


class Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    month_key: str
    kind: int
    entry: str
    encoding: str
    salt: str
    blinded: str
    leaf: str
    says: dict[str, str | int | None]


def golden(kind: int) -> list[Golden]:
    files = sorted(FOLDER.glob("*.json"))
    read = [msgspec.json.decode(file.read_bytes(), type=Golden) for file in files]
    return [one for one in read if one.kind == kind]


def test_there_are_frozen_files_of_each_kind() -> None:
    assert len(golden(DECISION)) == 3
    assert len(golden(OUTCOME)) == 2


@pytest.mark.parametrize("frozen", golden(DECISION))
def test_a_frozen_decision_still_says_what_it_said(frozen: Golden) -> None:
    encoding = bytes.fromhex(frozen.encoding)

    entry = decode_entry(encoding)

    refusal = entry.decision if isinstance(entry.decision, Refusal) else None
    ground = entry.decision.ground
    assert frozen.says == {
        "consumer": entry.question.consumer,
        "reason": refusal and refusal.reason.value,
        "clause": ground and ground.clause,
        "lines": len(entry.facts.lines),
        "ssin": entry.question.ssin.digits,
    }
    assert encode_entry(entry) == encoding
    assert entry.id.hex == frozen.entry


@pytest.mark.parametrize("frozen", golden(OUTCOME))
def test_a_frozen_outcome_still_says_what_it_said(frozen: Golden) -> None:
    encoding = bytes.fromhex(frozen.encoding)

    outcome = decode_outcome(encoding)

    said = {"ending": outcome.ending.value, "rows": outcome.rows, "cause": outcome.cause}
    assert said == frozen.says
    assert encode_outcome(outcome) == encoding
    assert outcome.entry.hex == frozen.entry


@pytest.mark.parametrize("frozen", [*golden(DECISION), *golden(OUTCOME)])
def test_a_frozen_leaf_follows_from_the_described_hashes_alone(frozen: Golden) -> None:
    month_key, entry = bytes.fromhex(frozen.month_key), bytes.fromhex(frozen.entry)

    blind_key = hmac.new(month_key, b"kruispunt/blind/v1", sha256).digest()
    salt = hmac.new(blind_key, bytes([frozen.kind]) + entry, sha256).digest()
    blinded = sha256(salt + bytes.fromhex(frozen.encoding)).digest()

    assert salt.hex() == frozen.salt
    assert blinded.hex() == frozen.blinded
    assert sha256(b"\x00" + blinded).hexdigest() == frozen.leaf


@pytest.mark.parametrize("frozen", [*golden(DECISION), *golden(OUTCOME)])
def test_the_program_makes_the_frozen_leaf(frozen: Golden) -> None:
    key = MonthKey.of(bytes.fromhex(frozen.month_key))
    encoding = bytes.fromhex(frozen.encoding)
    decision = frozen.kind == DECISION
    name = decode_entry(encoding).id if decision else decode_outcome(encoding).entry

    salt = key.salt(name, kind=frozen.kind)

    blinded = blind(bytes.fromhex(frozen.encoding), salt=salt)
    assert blinded.hex() == frozen.blinded
    assert leaf_of(blinded).hex() == frozen.leaf


@pytest.mark.parametrize("data", [b"", b"\x93", b"\x92\x03\x01", b"not a form at all"])
def test_bytes_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(WrongForm):
        decode_entry(data)


def test_an_outcome_is_not_a_decision_nor_the_other_way_round() -> None:
    entry = an_entry()

    with pytest.raises(WrongForm):
        decode_entry(encode_outcome(an_outcome(entry)))
    with pytest.raises(WrongForm):
        decode_outcome(encode_entry(entry))


def test_another_version_is_refused_by_name() -> None:
    encoding = bytearray(encode_outcome(an_outcome(an_entry())))
    assert encoding[2] == 1
    encoding[2] = 9

    with pytest.raises(WrongForm, match="expected version 1, found 9"):
        decode_outcome(bytes(encoding))


def test_a_grant_without_a_ground_is_no_entry() -> None:
    entry = an_entry()
    form = entry_form(entry, facts=encode_facts(entry.facts, of=entry.question), ground=NO_GROUND)

    with pytest.raises(WrongForm, match="expected a ground with a grant"):
        decode_entry(encode(form))
