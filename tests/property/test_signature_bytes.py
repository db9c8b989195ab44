"""Signatures, whatever the message: what was signed is proven, what was changed is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.givens import NOW, TAG, Sent, a_key, a_request, a_ring

from kruispunt.vocabulary import NotAuthenticated, WrongSignature
from kruispunt.web import proof_stands

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEY = a_key()
RING = a_ring(KEY)


@given(
    body=st.binary(max_size=300),
    path=st.text(VISIBLE, max_size=60),
    nonce=st.binary(min_size=16, max_size=48),
    life_s=st.integers(1, 300),
)
def test_what_is_signed_is_proven_and_can_be_proven_again_from_what_is_kept(
    body: bytes, path: str, nonce: bytes, life_s: int
):
    uri = f"https://hub.example/{path}"

    sent = a_request(KEY, body=body, target_uri=uri, nonce=nonce, life_s=life_s)
    key, proof = sent.arrives(RING)

    assert proof.nonce == nonce
    assert proof_stands(proof, method="POST", target_uri=uri, tag=TAG, key=key)


@given(data=st.data(), name=st.sampled_from(["signature-input", "signature", "content-digest"]))
def test_one_changed_character_in_a_header_is_noticed(data: st.DataObject, name: str):
    sent = a_request(KEY)
    value = sent.headers[name]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(VISIBLE.filter(lambda sign: sign != value[at]))
    bent = value[:at] + other + value[at + 1 :]

    with pytest.raises(NotAuthenticated):
        replace(sent, headers={**sent.headers, name: bent}).arrives(RING)


@given(
    name=st.sampled_from(["signature-input", "signature", "content-digest"]),
    value=st.text(st.characters(max_codepoint=0xFF), max_size=200),
)
def test_whatever_stands_in_the_headers_is_refused_and_never_breaks_the_door(
    name: str, value: str
):
    sent = a_request(KEY)
    headers = {**sent.headers, name: value}

    with pytest.raises(WrongSignature):
        Sent(headers=headers, body=sent.body).arrives(RING, now=NOW)
