"""Signed notes, as others write and read them."""

from base64 import b64encode
from random import Random

import pytest

from kruispunt.web import (
    Note,
    Verifier,
    WrongNote,
    cosign,
    make_key,
    read_note,
    read_verifier,
    sign_note,
)

NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
QUOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
"""The note and the key that the documentation of Go's package shows."""

KEY = make_key("HUB", key_id="HUB/1", random_bytes=Random(1).randbytes)
NAME = "HUB/trail"
TEXT = "HUB/trail\n3\n" + b64encode(bytes(32)).decode() + "\n"


def test_a_note_that_another_program_signed_is_believed():
    verifier, note = read_verifier(NEUMANN), read_note(QUOTE.encode())

    assert verifier.signed(note)
    assert verifier.text == NEUMANN
    assert note.encode() == QUOTE.encode()


def test_a_note_with_another_text_is_not():
    note = read_note(QUOTE.replace("your problem is", "the problem is").encode())

    assert not read_verifier(NEUMANN).signed(note)


def test_a_log_and_a_witness_sign_under_hints_of_their_own():
    lines = (
        sign_note(TEXT, name=NAME, key=KEY),
        cosign(TEXT, name=NAME, key=KEY, at=1_900_000_000),
    )
    note, verifier = read_note(Note(TEXT, lines).encode()), Verifier(NAME, KEY.raw)

    assert verifier.signed(note)
    assert verifier.cosigned_at(note) == 1_900_000_000
    assert lines[0].signature[:4] != lines[1].signature[:4]
    assert read_verifier(verifier.cosigner) == verifier


def test_a_time_that_was_changed_counts_for_nothing():
    line = cosign(TEXT, name=NAME, key=KEY, at=1_900_000_000)
    changed = line.signature[:11] + bytes([line.signature[11] ^ 1]) + line.signature[12:]
    note = Note(TEXT, (type(line)(NAME, changed),))

    assert Verifier(NAME, KEY.raw).cosigned_at(note) is None
    assert not Verifier(NAME, KEY.raw).signed(note)


def test_signatures_of_others_and_of_unknown_kinds_are_kept_and_passed_over():
    lines = (
        sign_note(TEXT, name="other", key=KEY),
        type(cosign(TEXT, name="x", key=KEY, at=1))(NAME, b"????" + b"another kind"),
        sign_note(TEXT, name=NAME, key=KEY),
    )
    note = read_note(Note(TEXT, lines).encode())

    assert note.lines == lines
    assert Verifier(NAME, KEY.raw).signed(note)
    assert not Verifier("third", KEY.raw).signed(note)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        "text\n\n— name !!!!\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— name AAAAAAAA".encode(),
        b"\xff\n\n",
        ("text\n\n" + "— name AAAAAAAA\n" * 33).encode(),
    ],
)
def test_what_is_no_note_is_refused(data: bytes):
    with pytest.raises(WrongNote):
        read_note(data)


@pytest.mark.parametrize(
    "text", ["", "name", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN[:-4], "a+b+????"]
)
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(WrongNote):
        read_verifier(text)
