from datetime import date
from pathlib import Path

import pytest

from kruispunt.audit import MasterKey, MasterKeyWrong, Tampered, make_master_key, read_master_key

JUNE, JULY = date(2031, 6, 1), date(2031, 7, 1)


def test_a_master_key_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    made = make_master_key(tmp_path / "trail.key", random_bytes=lambda size: b"\x07" * size)

    assert read_master_key(tmp_path / "trail.key") == made
    assert (tmp_path / "trail.key").stat().st_mode & 0o777 == 0o600


def test_a_master_key_is_never_replaced(tmp_path: Path) -> None:
    make_master_key(tmp_path / "trail.key", random_bytes=bytes)

    with pytest.raises(FileExistsError):
        make_master_key(tmp_path / "trail.key", random_bytes=bytes)


def test_a_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_master_key(tmp_path / "trail.key", random_bytes=bytes)
    (tmp_path / "trail.key").chmod(0o640)

    with pytest.raises(MasterKeyWrong, match="by its owner only"):
        read_master_key(tmp_path / "trail.key")


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "trail.key"
    file.touch(mode=0o600)
    file.write_text(text)

    with pytest.raises(MasterKeyWrong, match="64 hexadecimal digits"):
        read_master_key(file)


def test_a_missing_master_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyWrong, match="expected a master key"):
        read_master_key(tmp_path / "trail.key")


def test_the_key_of_a_month_unwraps_only_for_that_month_and_by_that_master() -> None:
    master = MasterKey(bytes(32))
    wrapped = master.wrap(b"\x05" * 32, month=JUNE, nonce=bytes(24))

    assert master.unwrap(wrapped, month=JUNE) == b"\x05" * 32
    with pytest.raises(Tampered):
        master.unwrap(wrapped, month=JULY)
    with pytest.raises(Tampered):
        MasterKey(b"\x01" * 32).unwrap(wrapped, month=JUNE)
    with pytest.raises(Tampered):
        master.unwrap(wrapped[:10], month=JUNE)


def test_a_master_key_never_prints() -> None:
    assert repr(MasterKey(b"\x07" * 32)) == "MasterKey()"
