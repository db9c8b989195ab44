"""The cipher as it stands gives the bytes that PyNaCl's own face gives, and checks as much."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)

from kruispunt.audit.blinding import Keyed
from kruispunt.audit.cipher import NotOpened, seal, unseal

KEY, NONCE = bytes(range(32)), bytes(range(24))
texts = st.binary(max_size=300)


@given(text=texts, name=texts, nonce=st.binary(min_size=24, max_size=24))
def test_it_gives_the_bytes_of_pynacl_and_opens_them(text: bytes, name: bytes, nonce: bytes):
    sealed = seal(text, name=name, nonce=nonce, key=KEY)

    assert sealed == crypto_aead_xchacha20poly1305_ietf_encrypt(text, name, nonce, KEY)
    assert crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, name, nonce, KEY) == text
    assert unseal(sealed, name=name, nonce=nonce, key=KEY) == text


@pytest.mark.parametrize("place", range(20))
def test_a_text_with_one_other_bit_is_not_opened(place: int):
    sealed = bytearray(seal(b"four", name=b"n", nonce=NONCE, key=KEY))
    sealed[place] ^= 1

    with pytest.raises(NotOpened):
        unseal(bytes(sealed), name=b"n", nonce=NONCE, key=KEY)


@pytest.mark.parametrize(
    ("name", "nonce", "key"),
    [(b"m", NONCE, KEY), (b"n", bytes(24), KEY), (b"n", NONCE, bytes(32)), (b"", NONCE, KEY)],
)
def test_another_name_nonce_or_key_opens_nothing(name: bytes, nonce: bytes, key: bytes):
    sealed = seal(b"four", name=b"n", nonce=NONCE, key=KEY)

    with pytest.raises(NotOpened):
        unseal(sealed, name=name, nonce=nonce, key=key)


@pytest.mark.parametrize("sealed", [b"", bytes(15), bytes(16)])
def test_what_is_too_short_is_not_opened(sealed: bytes):
    with pytest.raises(NotOpened):
        unseal(sealed, name=b"", nonce=NONCE, key=KEY)


@pytest.mark.parametrize(("nonce", "key"), [(bytes(23), KEY), (NONCE, bytes(31))])
def test_a_key_or_nonce_of_another_length_is_not_read_past(nonce: bytes, key: bytes):
    with pytest.raises(ValueError, match="24 bytes"):
        seal(b"", name=b"", nonce=nonce, key=key)
    with pytest.raises(ValueError, match="24 bytes"):
        unseal(bytes(16), name=b"", nonce=nonce, key=key)


@given(key=st.binary(max_size=64), text=texts)
def test_the_keyed_code_is_hmac(key: bytes, text: bytes):
    assert Keyed(key).digest(text) == hmac.digest(key, text, "sha256")
