"""Sealed content, whatever it says: only its recipient reads it, and no bit of it bends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.givens import NOW, a_key, public

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web import KeyRing, KeyWrong, NotOpened, open_sealed, seal_for, sealing_key

RECIPIENT, OTHER = a_key("A"), a_key("B")
FOR_A = public(RECIPIENT)


@given(content=st.binary(max_size=2000))
def test_the_recipient_reads_what_was_sealed_and_nobody_else_does(content: bytes):
    sealed = seal_for(FOR_A, content)

    assert RECIPIENT.open(sealed) == content
    with pytest.raises(NotOpened):
        OTHER.open(sealed)
    assert len(sealed) == len(content) + 48


@given(content=st.binary(max_size=200), data=st.data())
def test_any_flipped_bit_is_refused(content: bytes, data: st.DataObject):
    sealed = bytearray(seal_for(FOR_A, content))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(NotOpened):
        RECIPIENT.open(bytes(sealed))


@given(content=st.binary(min_size=1, max_size=200), data=st.data())
def test_what_is_cut_short_or_made_longer_is_refused(content: bytes, data: st.DataObject):
    sealed = seal_for(FOR_A, content)
    short = sealed[: data.draw(st.integers(0, len(sealed) - 1))]

    for bent in (short, sealed + b"\0"):
        with pytest.raises(NotOpened):
            RECIPIENT.open(bent)


def test_the_same_content_looks_different_each_time_so_nobody_can_guess_what_was_said():
    assert seal_for(FOR_A, b"yes") != seal_for(FOR_A, b"yes")


def test_it_is_sealed_for_the_newest_key_that_counts_and_for_none_that_was_revoked():
    newer = public(a_key("A", key_id="A-2"))
    newer = replace(newer, not_before=FOR_A.not_before.replace(day=28))
    revoked = replace(newer, key_id=KeyId("A-3"), raw=OTHER.raw, revoked_at=newer.not_before)
    ring = KeyRing.holding([newer, FOR_A, revoked, public(OTHER)])

    assert sealing_key(ring, InstitutionCode("A"), now=NOW) == max(
        FOR_A, newer, key=lambda key: key.not_before
    )
    with pytest.raises(KeyWrong, match="no key of C counts now"):
        sealing_key(ring, InstitutionCode("C"), now=NOW)


def test_a_key_that_is_no_point_is_refused_before_anything_is_sealed_for_it():
    nothing = replace(FOR_A, raw=bytes(32))

    with pytest.raises(KeyWrong, match="nothing can be sealed"):
        seal_for(nothing, b"content")


def test_what_is_sealed_for_a_key_that_is_not_here_is_not_opened():
    with pytest.raises(NotOpened, match="a key that is not here"):
        open_sealed(OTHER, seal_for(FOR_A, b"content"), key_id=FOR_A.key_id)
