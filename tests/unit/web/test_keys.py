"""Keys: who owns them, until when they count, and who may read their files."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.web.givens import NOON, NOW, a_key, a_ring, public

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web import (
    KeyRing,
    KeyRingFile,
    KeyWrong,
    add_keys,
    key_of,
    read_key,
    read_ring,
    revoke_key,
    write_key,
    write_ring,
)


def test_a_key_prints_without_its_secret():
    key = a_key()

    assert repr(key) == "SigningKey(A-1)"
    assert key.seed.hex() not in f"{key!r} {key}"


def test_a_private_key_comes_back_from_its_file_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "a.key"

    write_key(a_key(), path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == a_key()
    with pytest.raises(FileExistsError):
        write_key(a_key("B"), path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_private_key_that_others_can_reach_is_not_read(tmp_path: Path, mode: int):
    path = tmp_path / "a.key"
    write_key(a_key(), path)
    path.chmod(mode)

    with pytest.raises(KeyWrong, match="no rights for group and others"):
        read_key(path)


@pytest.mark.parametrize("text", ["", "key_id = 'A-1'", "seed = 'x'\nkey_id='a'\ninstitution='b'"])
def test_a_file_that_is_no_key_is_refused_without_repeating_it(tmp_path: Path, text: str):
    path = tmp_path / "a.key"
    path.touch(mode=0o600)
    path.write_text(text)

    with pytest.raises(KeyWrong, match="expected key_id, institution and a seed in hex"):
        read_key(path)


@pytest.mark.parametrize("name", ["", "a b", 'a"', "a\n", "é", "a" * 101])
def test_a_name_that_could_break_a_header_is_no_name(name: str):
    with pytest.raises(KeyWrong):
        key_of(b"\x01" * 32, key_id=name, institution="A")
    with pytest.raises(KeyWrong):
        key_of(b"\x01" * 32, key_id="A-1", institution=name)


def test_a_ring_finds_keys_by_id_and_by_institution():
    young = replace(public(a_key("A", key_id="A-2")), not_before=NOON)
    ring = KeyRing.holding([young, public(a_key()), public(a_key("B"))])

    assert ring.find(KeyId("A-2")) == young
    assert ring.find(KeyId("A-3")) is None
    assert [key.key_id for key in ring.of(InstitutionCode("A"))] == ["A-1", "A-2"]
    with pytest.raises(KeyWrong, match="two keys"):
        KeyRing.holding([young, young])


def test_a_ring_comes_back_from_its_file_with_every_key(tmp_path: Path):
    path = tmp_path / "keys.toml"
    keys = [public(a_key()), public(a_key("B"), revoked_at=NOON)]

    write_ring(keys[:1], path)
    add_keys(keys[1:], path)

    assert list(read_ring(path).keys.values()) == keys
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(KeyWrong, match="two keys"):
        add_keys(keys[1:], path)


SHORT_KEY = """
[[keys]]
key_id = "A-1"
institution = "A"
public = "00"
not_before = 2026-01-01T00:00:00Z
not_after = 2027-01-01T00:00:00Z
"""
NO_ZONE = SHORT_KEY.replace('"00"', f'"{"00" * 32}"').replace("Z\n", "\n")


@pytest.mark.parametrize(
    "text", ["keys = 3", "[[keys]]\nkey_id = 'A-1'", "[[key]]\n", SHORT_KEY, NO_ZONE]
)
def test_a_file_that_is_no_ring_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "keys.toml"
    path.write_text(text)

    with pytest.raises(KeyWrong, match=r"keys\.toml"):
        read_ring(path)


def test_a_revoked_key_stops_counting_without_a_restart(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring(a_ring(a_key(), a_key("B")).keys.values(), path)
    ring = KeyRingFile.open(path, every_s=0)
    before = ring.find(KeyId("A-1"))

    revoke_key(KeyId("A-1"), path, at=NOON)
    after = ring.find(KeyId("A-1"))

    assert before is not None
    assert before.fault_at(NOW) is None
    assert after is not None
    assert after.fault_at(NOW) == "the key is revoked"
    assert after.fault_at(NOW - 1) is None
    assert len(ring.of(InstitutionCode("B"))) == 1


def test_a_key_that_is_unknown_is_looked_for_at_once(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([public(a_key())], path)
    ring = KeyRingFile.open(path, every_s=60)

    add_keys([public(a_key("B"))], path)

    assert ring.find(KeyId("B-1")) is not None
    assert ring.find(KeyId("C-1")) is None


def test_a_revocation_is_known_after_the_next_look(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([public(a_key())], path)
    ring = KeyRingFile.open(path, every_s=0.05)

    revoke_key(KeyId("A-1"), path, at=NOON)
    at_once = ring.find(KeyId("A-1"))
    time.sleep(0.06)
    later = ring.find(KeyId("A-1"))

    assert at_once is not None
    assert at_once.revoked_at is None
    assert later is not None
    assert later.revoked_at == NOON


def test_revoking_again_later_does_not_bring_a_key_back(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([public(a_key())], path)

    revoke_key(KeyId("A-1"), path, at=NOON)
    revoke_key(KeyId("A-1"), path, at=NOON + timedelta(days=1))

    found = read_ring(path).find(KeyId("A-1"))
    assert found is not None
    assert found.revoked_at == NOON
    with pytest.raises(KeyWrong, match="no key has the id"):
        revoke_key(KeyId("Z-1"), path, at=NOON)


def test_a_ring_file_that_breaks_leaves_the_keys_as_they_were_until_it_is_mended(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([public(a_key())], path)
    ring = KeyRingFile.open(path, every_s=0)

    path.write_text("[[keys]\n")
    assert ring.find(KeyId("A-1")) is not None
    path.unlink()
    assert ring.find(KeyId("A-1")) is not None
    write_ring([public(a_key("B"))], path)

    assert ring.find(KeyId("A-1")) is None
    assert ring.find(KeyId("B-1")) is not None
