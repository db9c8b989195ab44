from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from kruispunt.audit import DECISION, OUTCOME, MonthKey, Tampered, blind, month_of

KEY = MonthKey.of(bytes(32))
ENTRY, OTHER = UUID(int=1), UUID(int=2)


def test_facts_open_only_under_their_own_entry_and_month() -> None:
    sealed = KEY.seal(b"facts", entry=ENTRY)

    assert KEY.unseal(sealed, entry=ENTRY) == b"facts"
    with pytest.raises(Tampered):
        KEY.unseal(sealed, entry=OTHER)
    with pytest.raises(Tampered):
        MonthKey.of(b"\x01" * 32).unseal(sealed, entry=ENTRY)


def test_one_changed_byte_of_facts_is_noticed() -> None:
    sealed = bytearray(KEY.seal(b"facts", entry=ENTRY))
    sealed[0] ^= 1

    with pytest.raises(Tampered):
        KEY.unseal(bytes(sealed), entry=ENTRY)


def test_decision_and_outcome_of_one_entry_have_other_salts() -> None:
    salts = {
        KEY.salt(ENTRY, kind=DECISION),
        KEY.salt(ENTRY, kind=OUTCOME),
        KEY.salt(OTHER, kind=DECISION),
        MonthKey.of(b"\x01" * 32).salt(ENTRY, kind=DECISION),
    }

    assert len(salts) == 4


def test_the_same_encoding_blinds_otherwise_under_another_salt() -> None:
    one = blind(b"the same", salt=KEY.salt(ENTRY, kind=DECISION))
    other = blind(b"the same", salt=KEY.salt(OTHER, kind=DECISION))

    assert one != other


def test_a_month_key_never_prints() -> None:
    assert repr(KEY) == "MonthKey()"


def test_the_month_of_an_entry_is_told_by_universal_time() -> None:
    east = timezone(timedelta(hours=2))

    assert month_of(datetime(2031, 6, 1, 1, tzinfo=east)) == date(2031, 5, 1)
    assert month_of(datetime(2031, 6, 1, 1, tzinfo=UTC)) == date(2031, 6, 1)
