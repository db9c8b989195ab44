"""What was once encoded decodes and hashes for ever; the hashes are made again here by hand."""

import hmac
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from tests.unit.audit.entries import a_change, a_reading, an_entry, an_outcome

from kruispunt.audit import (
    MonthKey,
    WrongForm,
    blind,
    decode_change,
    decode_entry,
    decode_outcome,
    decode_reading,
    encode_change,
    encode_entry,
    encode_outcome,
    encode_reading,
    leaf_of,
    read_leaf,
)
from kruispunt.audit.encoding import encode_facts, entry_form
from kruispunt.audit.form import CHANGE, DECISION, NO_GROUND, OUTCOME, READING, encode
from kruispunt.vocabulary import Outcome, ProofKind, Refusal

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


ALL = [one for kind in (DECISION, OUTCOME, READING, CHANGE) for one in golden(kind)]


def test_there_are_frozen_files_of_each_kind() -> None:
    assert len(golden(DECISION)) == 7
    assert len(golden(OUTCOME)) == 2
    assert len(golden(READING)) == 3
    assert len(golden(CHANGE)) == 3


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


@pytest.mark.parametrize("kind", list(ProofKind))
def test_the_kind_of_proof_is_frozen_with_its_tag(kind: ProofKind) -> None:
    name = "granted" if kind is ProofKind.HTTP_SIGNATURE else kind.value
    file = FOLDER / f"decision-v1-{name}.json"
    frozen = msgspec.json.decode(file.read_bytes(), type=Golden)

    entry = decode_entry(bytes.fromhex(frozen.encoding))

    assert entry.question.proof.kind is kind
    tags = {
        ProofKind.HTTP_SIGNATURE: 1,
        ProofKind.CLIENT_CERTIFICATE: 2,
        ProofKind.WS_SECURITY: 3,
        ProofKind.BASIC: 4,
        ProofKind.FILE: 5,
    }
    assert msgspec.msgpack.decode(bytes.fromhex(frozen.encoding))[19][0] == tags[kind]


@pytest.mark.parametrize("frozen", golden(OUTCOME))
def test_a_frozen_outcome_still_says_what_it_said(frozen: Golden) -> None:
    encoding = bytes.fromhex(frozen.encoding)

    outcome = decode_outcome(encoding)

    said = {"ending": outcome.ending.value, "rows": outcome.rows, "cause": outcome.cause}
    assert said == frozen.says
    assert encode_outcome(outcome) == encoding
    assert outcome.entry.hex == frozen.entry


@pytest.mark.parametrize("frozen", golden(READING))
def test_a_frozen_reading_still_says_what_it_said(frozen: Golden) -> None:
    encoding = bytes.fromhex(frozen.encoding)

    reading = decode_reading(encoding)

    assert frozen.says == {
        "institution": reading.institution,
        "user": reading.user,
        "reads": reading.reads.value,
        "ssin": reading.ssin and reading.ssin.digits,
        "refused": reading.refused,
        "key": reading.proof and reading.proof.key_id,
    }
    assert encode_reading(reading) == encoding
    assert reading.id.hex == frozen.entry


@pytest.mark.parametrize("frozen", golden(CHANGE))
def test_a_frozen_change_still_says_what_it_said(frozen: Golden) -> None:
    encoding = bytes.fromhex(frozen.encoding)

    change = decode_change(encoding)

    assert frozen.says == {
        "institution": change.institution,
        "user": change.user,
        "made": change.made.value,
        "ssin": change.ssin and change.ssin.digits,
        "sector": change.part and change.part.sector,
        "lines": change.file and change.file.lines,
    }
    assert encode_change(change) == encoding
    assert change.id.hex == frozen.entry


@pytest.mark.parametrize("frozen", ALL)
def test_a_frozen_leaf_follows_from_the_described_hashes_alone(frozen: Golden) -> None:
    month_key, entry = bytes.fromhex(frozen.month_key), bytes.fromhex(frozen.entry)

    blind_key = hmac.new(month_key, b"kruispunt/blind/v1", sha256).digest()
    salt = hmac.new(blind_key, bytes([frozen.kind]) + entry, sha256).digest()
    blinded = sha256(salt + bytes.fromhex(frozen.encoding)).digest()

    assert salt.hex() == frozen.salt
    assert blinded.hex() == frozen.blinded
    assert sha256(b"\x00" + blinded).hexdigest() == frozen.leaf


@pytest.mark.parametrize("frozen", ALL)
def test_the_program_makes_the_frozen_leaf(frozen: Golden) -> None:
    key = MonthKey.of(bytes.fromhex(frozen.month_key))
    encoding = bytes.fromhex(frozen.encoding)
    told = read_leaf(encoding)
    name = told.entry if isinstance(told, Outcome) else told.id

    salt = key.salt(name, kind=frozen.kind)

    blinded = blind(bytes.fromhex(frozen.encoding), salt=salt)
    assert blinded.hex() == frozen.blinded
    assert leaf_of(blinded).hex() == frozen.leaf


@pytest.mark.parametrize(
    "data", [b"", b"\x93", b"\x92\x03\x01", b"\x92\x05\x01", b"not a form at all"]
)
def test_bytes_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(WrongForm):
        read_leaf(data)


def test_an_outcome_is_not_a_decision_nor_the_other_way_round() -> None:
    entry = an_entry()

    with pytest.raises(WrongForm):
        decode_entry(encode_outcome(an_outcome(entry)))
    with pytest.raises(WrongForm):
        decode_outcome(encode_entry(entry))
    with pytest.raises(WrongForm):
        decode_reading(encode_change(a_change()))
    with pytest.raises(WrongForm):
        decode_change(encode_reading(a_reading()))


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
