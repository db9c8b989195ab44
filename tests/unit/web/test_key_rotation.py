"""Rotation: the next key is known before it signs, the old one fades, the oldest is gone."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.web.givens import NOON, NOW, TAG, URI, a_key, public

from kruispunt.vocabulary import InstitutionCode, KeyId, WrongSignature
from kruispunt.web import (
    KeyPlaces,
    KeyRingFile,
    KeyWrong,
    NotOpened,
    Rotated,
    Rotation,
    SigningKeyFile,
    merge_keys,
    next_key,
    open_sealed,
    own_keys,
    read_key,
    read_private,
    read_ring,
    seal_for,
    sealing_key,
    sign_request,
    verify_request,
    write_key,
    write_ring,
)
from kruispunt.web.key_opening import MAIL_WAITS, kept_key

LEAD = timedelta(minutes=1)
OVERLAP = timedelta(days=7)
UNDER_WAY = timedelta(minutes=6)
A = InstitutionCode("A")


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    @property
    def second(self) -> int:
        return int(self.at.timestamp())


@dataclass
class Town:
    """An institution that signs, and one that believes it."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        write_key(a_key("A", key_id="A/1"), self.places.key)
        first = public(a_key("A", key_id="A/1"))
        write_ring([first], self.places.public)
        write_ring([first, public(a_key("B"))], self.places.rings[0])

    @property
    def places(self) -> KeyPlaces:
        home = self.folder
        return KeyPlaces(
            key=home / "key.toml", public=home / "key.public.toml", rings=(home / "keys.toml",)
        )

    def rotate(self, *, lead: timedelta = LEAD, overlap: timedelta = OVERLAP) -> Rotated:
        return Rotation(
            lead=lead,
            overlap=overlap,
            life=timedelta(days=700),
            now=self.clock,
            random_bytes=random.Random(7).randbytes,
        ).run(self.places)

    def signer(self) -> SigningKeyFile:
        return SigningKeyFile.open(self.places.key, now=self.clock, every_s=0)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def believed(town: Town, signer: SigningKeyFile, ring: KeyRingFile) -> str:
    """The id of the key by which a request of this moment is believed."""
    sent = {"method": "POST", "target_uri": URI, "body": b"{}", "tag": TAG}
    second = town.clock.second
    headers = sign_request(
        signer,
        created=second,
        expires=second + 60,
        nonce=bytes(16),
        **sent,  # pyright: ignore[reportArgumentType]  four of the arguments
    )
    key, _ = verify_request(headers=headers, ring=ring, now=second, **sent)  # pyright: ignore[reportArgumentType]  the same four
    return key.key_id


def test_an_open_signer_takes_the_next_key_at_its_moment_and_is_believed_before_and_after(
    town: Town,
):
    signer, ring = town.signer(), KeyRingFile.open(town.places.rings[0], every_s=0)
    before = believed(town, signer, ring)

    done = town.rotate()

    waiting = believed(town, signer, ring)
    town.clock.at = NOON + LEAD
    assert (before, waiting, believed(town, signer, ring)) == ("A/1", "A/1", "A/2")
    assert (done.old.key_id, done.new.key_id, done.signs_from) == ("A/1", "A/2", NOON + LEAD)


def test_a_clock_that_runs_behind_believes_the_next_key_when_it_first_signs(town: Town):
    town.rotate()

    found = read_ring(town.places.rings[0]).find(KeyId("A/2"))

    assert found is not None
    assert found.fault_at(NOW) is None


def test_the_old_key_counts_through_the_overlap_and_for_what_is_under_way(town: Town):
    done = town.rotate()

    ends = int((NOON + LEAD + OVERLAP + UNDER_WAY).timestamp())
    for path in (town.places.rings[0], town.places.public):
        old = read_ring(path).find(KeyId("A/1"))
        assert old is not None
        assert old == done.old
        assert (old.fault_at(ends - 1), old.fault_at(ends)) == (None, "the key is expired")


def test_a_long_overlap_does_not_lengthen_the_life_of_the_old_key(town: Town):
    before = read_ring(town.places.public).find(KeyId("A/1"))

    done = town.rotate(overlap=timedelta(days=5000))

    assert before is not None
    assert done.old.not_after == before.not_after


def test_the_keys_of_others_are_left_alone(town: Town):
    before = read_ring(town.places.rings[0]).find(KeyId("B-1"))

    town.rotate()

    assert read_ring(town.places.rings[0]).find(KeyId("B-1")) == before
    assert read_ring(town.places.public).find(KeyId("B-1")) is None


def test_a_second_rotation_waits_for_the_first_and_then_the_oldest_only_opens(town: Town):
    town.rotate()
    with pytest.raises(KeyWrong, match="a rotation is under way"):
        town.rotate()

    town.clock.at = NOON + LEAD
    signer = town.signer()
    town.rotate()

    assert signer.current().key_id == "A/2"
    assert read_key(town.places.key).key_id == "A/2"
    assert read_private(next_key(town.places.key)).not_before == NOON + LEAD + LEAD
    assert sorted(path.name for path in town.folder.iterdir()) == [
        "key.next.toml",
        "key.opens.A-1.toml",
        "key.opens.A-2.toml",
        "key.opens.A-3.toml",
        "key.public.toml",
        "key.toml",
        "keys.toml",
    ]
    ids = [key.key_id for key in read_ring(town.places.public).of(A)]
    assert ids == ["A/1", "A/2", "A/3"]


def test_the_next_key_is_for_its_owner_only_and_known_before_it_is_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    known: list[bool] = []
    link = Path.hardlink_to

    def linked(path: Path, target: Path) -> None:
        found = read_ring(town.places.rings[0]).find(KeyId("A/2"))
        if path == next_key(town.places.key):
            known.append(found is not None)
        link(path, target)

    monkeypatch.setattr(Path, "hardlink_to", linked)
    town.rotate()

    assert known == [True]
    assert next_key(town.places.key).stat().st_mode & 0o777 == 0o600


def test_a_rotation_that_was_broken_off_is_done_again(town: Town, monkeypatch: pytest.MonkeyPatch):
    link = Path.hardlink_to

    def full(path: Path, target: Path) -> None:
        if path == next_key(town.places.key):
            raise OSError("no space left")
        link(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "hardlink_to", full)
        with pytest.raises(OSError, match="no space"):
            town.rotate()
    assert town.signer().current().key_id == "A/1"

    done = town.rotate()

    assert done.new.key_id == "A/3"
    assert read_private(next_key(town.places.key)).key.key_id == "A/3"


def test_a_key_named_otherwise_gets_a_next_one_with_a_number(tmp_path: Path):
    places = KeyPlaces(key=tmp_path / "key.toml", public=tmp_path / "key.public.toml", rings=())
    write_key(a_key("A"), places.key)
    write_ring([public(a_key("A"))], places.public)
    rotation = Rotation(
        lead=LEAD, overlap=OVERLAP, life=OVERLAP, now=Clock(), random_bytes=random.randbytes
    )

    assert rotation.run(places).new.key_id == "A/2"


def test_a_signer_goes_on_when_the_next_key_can_not_be_read(town: Town):
    signer = town.signer()
    town.rotate(lead=timedelta())

    next_key(town.places.key).chmod(0o644)
    next_key(town.places.key).touch()
    spoilt = signer.current().key_id
    next_key(town.places.key).chmod(0o600)
    next_key(town.places.key).touch()

    assert (spoilt, signer.current().key_id) == ("A/1", "A/2")


def test_a_next_key_of_another_institution_is_refused(town: Town):
    write_key(a_key("B"), next_key(town.places.key))

    with pytest.raises(KeyWrong, match="expected a key of A"):
        town.signer()


def test_what_is_told_of_a_known_key_can_only_end_it_sooner(tmp_path: Path):
    path = tmp_path / "keys.toml"
    known = public(a_key())
    write_ring([known], path)
    sooner = replace(known, not_after=NOON, revoked_at=NOON, reason="“lost” \\ on a train")

    merge_keys([replace(known, not_after=known.not_after + OVERLAP)], path)
    longer = read_ring(path).find(known.key_id)
    merge_keys([sooner], path)
    merge_keys([known], path)

    assert longer == known
    assert read_ring(path).find(known.key_id) == sooner


def test_another_key_under_a_known_id_is_refused(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([public(a_key())], path)
    other = replace(public(a_key()), raw=bytes(32))

    with pytest.raises(KeyWrong, match="another key has the id"):
        merge_keys([other], path)


def test_a_reason_of_more_than_one_line_is_refused():
    with pytest.raises(KeyWrong, match="one line"):
        replace(public(a_key()), reason="a\nb")


def test_after_the_overlap_the_old_key_is_refused(town: Town):
    old = SigningKeyFile.open(town.places.key, now=lambda: NOON, every_s=0)
    town.rotate()
    town.clock.at = NOON + LEAD + OVERLAP + UNDER_WAY
    ring = KeyRingFile.open(town.places.rings[0], every_s=0)

    with pytest.raises(WrongSignature, match="expired"):
        believed(town, old, ring)
    assert believed(town, town.signer(), ring) == "A/2"


def test_all_keys_of_an_institution_are_found_wherever_they_stand(town: Town):
    merge_keys([public(a_key("A", key_id="A/0"))], town.places.rings[0])

    assert {key.key_id for key in own_keys(town.places, A)} == {"A/0", "A/1"}


def mail_for(town: Town) -> tuple[KeyId, bytes]:
    """Content that a sender seals at this moment, as it knows the ring."""
    key = sealing_key(read_ring(town.places.rings[0]), A, now=town.clock.second)
    return key.key_id, seal_for(key, key.key_id.encode())


def test_what_was_sealed_before_any_rotation_is_opened_after_it(town: Town):
    signer, waiting = town.signer(), [mail_for(town)]

    for _ in range(3):
        town.rotate()
        waiting.append(mail_for(town))
        town.clock.at += LEAD

    assert [key for key, _ in waiting] == ["A/1", "A/2", "A/3", "A/4"]
    for key, sealed in waiting:
        assert open_sealed(signer, sealed, key_id=key) == key.encode()


def test_a_key_that_a_ring_has_heard_of_opens_though_the_rotation_was_broken_off(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    link = Path.hardlink_to

    def full(path: Path, target: Path) -> None:
        if path == next_key(town.places.key):
            raise OSError("no space left")
        link(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "hardlink_to", full)
        with pytest.raises(OSError, match="no space"):
            town.rotate()

    key, sealed = mail_for(town)
    assert key == "A/2"
    assert open_sealed(town.signer(), sealed, key_id=key) == b"A/2"


def test_a_kept_key_is_for_its_owner_only_and_gone_once_no_mail_for_it_can_wait(town: Town):
    town.rotate()
    key, sealed = KeyId("A/1"), seal_for(public(read_key(town.places.key)), b"A/1")
    kept = kept_key(town.places.key, key)
    assert kept.stat().st_mode & 0o777 == 0o600
    ends = NOON + LEAD + OVERLAP + UNDER_WAY + MAIL_WAITS

    town.clock.at = ends - timedelta(seconds=1)
    town.rotate()
    assert open_sealed(town.signer(), sealed, key_id=key) == b"A/1"
    town.clock.at = ends + LEAD
    town.rotate()

    with pytest.raises(NotOpened):
        open_sealed(town.signer(), sealed, key_id=key)
    assert kept_key(town.places.key, KeyId("A/2")).exists()
