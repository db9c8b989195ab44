"""XChaCha20-Poly1305 of libsodium, called as it stands: PyNaCl's own face costs four times it.

The same bytes; what that face checks about its arguments is what their types say here.
"""

from typing import Final, Protocol, cast

# Compiled, so its types are not known; `_Memory` and `_Sodium` below say what we use of it.
from nacl._sodium import (  # pyright: ignore[reportMissingImports]  no source to read
    ffi,  # pyright: ignore[reportUnknownVariableType]  as above
    lib,  # pyright: ignore[reportUnknownVariableType]  as above
)

NONCE_BYTES: Final = 24
KEY_BYTES: Final = 32
TAG_BYTES: Final = 16


class _Memory(Protocol):
    def from_buffer(self, data: bytearray, /) -> object: ...


class _Sodium(Protocol):
    def crypto_aead_xchacha20poly1305_ietf_encrypt(self, *words: object) -> int: ...
    def crypto_aead_xchacha20poly1305_ietf_decrypt(self, *words: object) -> int: ...


_FFI: Final = cast("_Memory", ffi)
_LIB: Final = cast("_Sodium", lib)
_NULL: Final = cast("object", ffi.NULL)
_place: Final = _FFI.from_buffer
_encrypt: Final = _LIB.crypto_aead_xchacha20poly1305_ietf_encrypt
_decrypt: Final = _LIB.crypto_aead_xchacha20poly1305_ietf_decrypt


class NotOpened(ValueError):
    """The key, the nonce, the name or the text itself is not that of the sealing."""


def seal(text: bytes, *, name: bytes, nonce: bytes, key: bytes) -> bytes:
    """Encrypt a text, bound to a name that is not hidden.

    Raises:
        ValueError: nonce or key has another length.
    """
    _check(nonce, key)
    sealed = bytearray(len(text) + TAG_BYTES)
    _encrypt(_place(sealed), _NULL, text, len(text), name, len(name), _NULL, nonce, key)
    return bytes(sealed)


def unseal(sealed: bytes, *, name: bytes, nonce: bytes, key: bytes) -> bytes:
    """Decrypt what `seal` gave for the same name.

    Raises:
        NotOpened: it was not sealed under this key, with this nonce, for this name.
        ValueError: nonce or key has another length.
    """
    _check(nonce, key)
    if len(sealed) < TAG_BYTES:
        raise NotOpened("too short to have been sealed")
    text, size = bytearray(len(sealed) - TAG_BYTES), len(sealed)
    if _decrypt(_place(text), _NULL, _NULL, sealed, size, name, len(name), nonce, key):
        raise NotOpened("not sealed under this key for this name")
    return bytes(text)


def _check(nonce: bytes, key: bytes) -> None:
    # The library reads so many bytes, whatever it is given: a shorter one would be read past.
    if len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise ValueError("expected a nonce of 24 bytes and a key of 32")
