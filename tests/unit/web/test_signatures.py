"""Signatures: what is proven, and every way in which a proof can fail."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures._algorithms import ED25519
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner, HTTPMessageVerifier
from msgspec import structs
from tests.unit.web.givens import NOON, NOW, TAG, URI, Sent, a_key, a_request, a_ring, public

from kruispunt.vocabulary import InstitutionCode, NotAuthenticated, WrongSignature
from kruispunt.web import (
    KeyRing,
    ReplyNotProven,
    SigningKey,
    content_digest,
    key_of,
    proof_stands,
    sign_reply,
    verify_reply,
)

# RFC 9421 appendix B.1.4 and B.2.6.
RFC_SEED = b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
RFC_PUBLIC = b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
RFC_BASE = b"""\
"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
;created=1618884473;keyid="test-key-ed25519\""""
RFC_SIGNATURE = b64decode(
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)


def test_the_vector_of_the_rfc_is_signed_and_verified_to_the_byte():
    key = key_of(RFC_SEED, key_id="test-key-ed25519", institution="A")

    assert key.raw == RFC_PUBLIC
    assert key.sign(RFC_BASE) == RFC_SIGNATURE
    assert public(key).verify(RFC_BASE, RFC_SIGNATURE)
    assert not public(key).verify(RFC_BASE + b" ", RFC_SIGNATURE)
    assert not public(key).verify(RFC_BASE, RFC_SIGNATURE[:63])


def test_the_digest_is_that_of_the_rfc_example():
    # RFC 9530 appendix A: the content with its line feed.
    expected = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"

    assert content_digest(b'{"hello": "world"}\n') == expected


def test_another_library_for_the_algorithm_agrees():
    key = a_key()
    other = Ed25519PrivateKey.from_private_bytes(key.seed)

    assert other.sign(b"text") == key.sign(b"text")
    Ed25519PublicKey.from_public_bytes(key.raw).verify(key.sign(b"text"), b"text")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(key.raw).verify(key.sign(b"text"), b"texT")


def resolver(key: SigningKey) -> MappingKeyResolver:
    private = Ed25519PrivateKey.from_private_bytes(key.seed)
    return MappingKeyResolver(
        public_keys={key.key_id: private.public_key()}, private_keys={key.key_id: private}
    )


@pytest.mark.parametrize(
    "components",
    [
        ("@method", "@target-uri", "content-digest"),
        ("content-digest", "@target-uri", "@method"),
    ],
)
def test_a_request_signed_by_another_library_is_proven(components: tuple[str, ...]):
    key = a_key()
    message = SimpleNamespace(
        method="POST",
        url=URI,
        headers={"Content-Type": "application/json", "Content-Digest": content_digest(b"{}")},
    )
    signer: Any = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver(key))

    signer.sign(
        message,
        key_id=key.key_id,
        created=NOON,
        expires=NOON + timedelta(minutes=1),
        nonce="MDEyMzQ1Njc4OWFiY2RlZg==",
        label="kruispunt",
        tag=TAG,
        include_alg=False,
        covered_component_ids=components,
        use_existing_digest=True,
    )
    headers = {name.lower(): value for name, value in message.headers.items()}
    found, proof = Sent(body=b"{}", headers=headers).arrives(a_ring(key))

    assert found.institution == "A"
    assert proof.nonce == b"0123456789abcdef"
    assert proof_stands(proof, method="POST", target_uri=URI, tag=TAG, key=found)


def test_another_library_proves_our_request_and_our_reply():
    key = a_key()
    now = int(datetime.now(UTC).timestamp())
    sent = a_request(key, created=now)
    signed = sign_reply(
        key, status=200, body=b"{}", request_signature=sent.headers["signature"], created=now
    )
    request = SimpleNamespace(method="POST", url=URI, headers=dict(sent.headers))
    reply = SimpleNamespace(status_code=200, headers=signed, request=request)
    verifier: Any = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=resolver(key))

    asked = verifier.verify(request, expect_tag=TAG, body=sent.body)
    answered = verifier.verify(reply, body=b"{}")

    assert asked[0].parameters["keyid"] == key.key_id
    assert '"signature";req;key="kruispunt"' in answered[0].covered_components


def test_a_signed_request_proves_its_institution_and_keeps_what_rebuilds_the_bytes():
    key = a_key()

    found, proof = a_request(key).arrives(a_ring(key))

    assert found.institution == "A"
    assert (proof.key_id, proof.created, proof.expires) == ("A-1", NOW, NOW + 60)
    assert proof.nonce == b"0123456789abcdef"
    assert proof_stands(proof, method="POST", target_uri=URI, tag=TAG, key=found)
    changed = structs.replace(proof, nonce=b"0123456789abcdeF")
    assert not proof_stands(changed, method="POST", target_uri=URI, tag=TAG, key=found)


@pytest.mark.parametrize(
    "sent",
    [
        replace(a_request(a_key()), method="PUT"),
        replace(a_request(a_key()), target_uri=URI.replace("hub", "node")),
        replace(a_request(a_key()), target_uri=URI + "?x=1"),
        replace(a_request(a_key()), target_uri="https://hüb.example"),
    ],
)
def test_a_signature_made_for_another_request_does_not_fit(sent: Sent):
    with pytest.raises(WrongSignature, match="does not fit"):
        sent.arrives(a_ring(a_key()))


def test_a_changed_body_is_noticed():
    sent = replace(a_request(a_key()), body=b'{"a":2}')

    with pytest.raises(WrongSignature, match="content-digest"):
        sent.arrives(a_ring(a_key()))


@pytest.mark.parametrize("name", ["content-digest", "signature-input", "signature"])
def test_a_request_without_one_of_the_headers_is_not_signed(name: str):
    sent = a_request(a_key())
    rest = {header: value for header, value in sent.headers.items() if header != name}

    with pytest.raises(NotAuthenticated) as caught:
        replace(sent, headers=rest).arrives(a_ring(a_key()))

    assert type(caught.value) is NotAuthenticated


@pytest.mark.parametrize(
    ("created", "life_s", "rule"),
    [
        (NOW - 60, 60, "expired"),
        (NOW - 61, 60, "expired"),
        (NOW + 61, 60, "future"),
        (NOW, 301, "at most 300 s"),
        (NOW, 0, "after created"),
        (NOW, -5, "after created"),
    ],
)
def test_a_signature_counts_only_in_its_time(created: int, life_s: int, rule: str):
    sent = a_request(a_key(), created=created, life_s=life_s)

    with pytest.raises(WrongSignature, match=rule):
        sent.arrives(a_ring(a_key()))


@pytest.mark.parametrize(("created", "life_s"), [(NOW - 59, 60), (NOW + 60, 60), (NOW, 300)])
def test_a_signature_counts_up_to_the_edges_of_its_time(created: int, life_s: int):
    found, _ = a_request(a_key(), created=created, life_s=life_s).arrives(a_ring(a_key()))

    assert found.key_id == "A-1"


def test_a_signature_for_another_door_does_not_pass():
    with pytest.raises(WrongSignature, match='tag: expected "kruispunt-answer"'):
        a_request(a_key()).arrives(a_ring(a_key()), tag="kruispunt-answer")


def test_a_key_that_does_not_count_now_proves_nothing():
    key = a_key()
    sent = a_request(key)
    later = NOON + timedelta(seconds=1)

    with pytest.raises(WrongSignature, match="unknown"):
        sent.arrives(a_ring(a_key("B")))
    with pytest.raises(WrongSignature, match="revoked"):
        sent.arrives(KeyRing.holding([public(key, revoked_at=NOON)]))
    with pytest.raises(WrongSignature, match="not valid yet"):
        sent.arrives(KeyRing.holding([replace(public(key), not_before=later)]))
    with pytest.raises(WrongSignature, match="the key is expired"):
        sent.arrives(KeyRing.holding([replace(public(key), not_after=NOON)]))


def test_another_key_under_the_same_name_does_not_fit():
    impostor = a_key("B", key_id="A-1")
    other = key_of(b"\x01" * 32, key_id="A-1", institution="A")

    with pytest.raises(WrongSignature, match="does not fit"):
        a_request(impostor).arrives(a_ring(other))


BENT = [
    ("kruispunt=", "other=", "one signature"),
    ('"@method" "@target-uri" "content-digest"', '"@target-uri" "content-digest"', "components"),
    ('"content-digest")', '"content-digest" "date")', "components"),
    ('"@method" "@target-uri"', '"@method" "@method"', "components"),
    ('"@method" "@target-uri"', '"@method"  "@target-uri"', "components"),
    (";created=", "; created=", "one signature"),
    (f";created={NOW}", "", "parameters"),
    (f";created={NOW}", f';created="{NOW}"', "created: expected an integer"),
    (f";created={NOW}", f";created=0{NOW}", "one signature"),
    (f";created={NOW}", f";created=-{NOW}", "one signature"),
    (f";created={NOW}", f";created={NOW};created={NOW}", "parameters"),
    (f";created={NOW}", f";created={NOW}{NOW}", "one signature"),
    (';tag="kruispunt-ask"', "", "parameters"),
    (';tag="kruispunt-ask"', ';tag="kruispunt-ask";alg="ed25519"', "parameters"),
    (';tag="kruispunt-ask"', ';tag="kruispunt-ask";alg="none"', "parameters"),
    (';keyid="A-1"', ";keyid=1", "keyid: expected a string"),
    (';keyid="A-1"', ';keyid="A-1\\""', "one signature"),
    ('nonce="MDEyMzQ1Njc4OWFiY2RlZg=="', 'nonce="MDEy"', "nonce"),
    ('nonce="MDEyMzQ1Njc4OWFiY2RlZg=="', 'nonce="MDEyMzQ1Njc4OWFiY2RlZh=="', "nonce"),
    ('nonce="MDEyMzQ1Njc4OWFiY2RlZg=="', "nonce=12345678901", "nonce"),
    ('nonce="MDEyMzQ1Njc4OWFiY2RlZg=="', f'nonce="{"MDEy" * 17}"', "nonce"),
]


@pytest.mark.parametrize(("old", "new", "rule"), BENT)
def test_a_bent_signature_input_is_refused_by_the_rule_it_breaks(old: str, new: str, rule: str):
    sent = a_request(a_key())
    given = sent.headers["signature-input"]
    assert old in given
    headers = {**sent.headers, "signature-input": given.replace(old, new)}

    with pytest.raises(WrongSignature) as caught:
        replace(sent, headers=headers).arrives(a_ring(a_key()))

    assert rule in caught.value.detail


@pytest.mark.parametrize(
    "value",
    [
        "",
        "kruispunt=::",
        "kruispunt=:AAAA:",
        "kruispunt=:" + "A" * 86 + "==:, other=:" + "A" * 86 + "==:",
        "other=:" + "A" * 86 + "==:",
        "kruispunt=:" + "!" * 86 + "==:",
        "kruispunt=:" + "A" * 100_000 + "==:",
    ],
)
def test_a_signature_that_is_not_64_bytes_under_our_label_is_refused(value: str):
    sent = a_request(a_key())

    with pytest.raises(WrongSignature, match="expected 64 bytes"):
        replace(sent, headers={**sent.headers, "signature": value}).arrives(a_ring(a_key()))


def test_a_huge_signature_input_is_refused_before_it_is_read():
    sent = a_request(a_key())
    huge = sent.headers["signature-input"] + ";a=1" * 100_000

    with pytest.raises(WrongSignature, match="one signature"):
        replace(sent, headers={**sent.headers, "signature-input": huge}).arrives(a_ring(a_key()))


def proven(
    headers: dict[str, str],
    *,
    status: int = 200,
    body: bytes = b"{}",
    request_signature: str = "",
    signer: str = "H",
    now: int = NOW,
) -> None:
    verify_reply(
        status=status,
        headers=headers,
        body=body,
        request_signature=request_signature or a_request(a_key()).headers["signature"],
        ring=a_ring(a_key("H"), a_key("A")),
        now=now,
        signer=InstitutionCode(signer),
    )


def a_reply(*, key: SigningKey | None = None, created: int = NOW) -> dict[str, str]:
    return sign_reply(
        key or a_key("H"),
        status=200,
        body=b"{}",
        request_signature=a_request(a_key()).headers["signature"],
        created=created,
    )


def test_a_reply_is_proven_for_the_request_it_answers_and_no_other():
    other = a_request(a_key(), nonce=b"fedcba9876543210").headers["signature"]

    proven(a_reply())

    with pytest.raises(ReplyNotProven, match="does not fit"):
        proven(a_reply(), request_signature=other)
    with pytest.raises(ReplyNotProven, match="64 bytes"):
        proven(a_reply(), request_signature="kruispunt=:AAAA:")


def test_a_changed_reply_is_noticed():
    with pytest.raises(ReplyNotProven, match="does not fit"):
        proven(a_reply(), status=403)
    with pytest.raises(ReplyNotProven, match="content-digest"):
        proven(a_reply(), body=b"[]")
    with pytest.raises(ReplyNotProven, match="another institution"):
        proven(a_reply(key=a_key("A")))
    with pytest.raises(ReplyNotProven, match="unknown"):
        proven(a_reply(key=a_key("Z")))
    with pytest.raises(ReplyNotProven, match="too far from our clock"):
        proven(a_reply(created=NOW + 61))
    with pytest.raises(ReplyNotProven, match="too far from our clock"):
        proven(a_reply(created=NOW - 301))


@pytest.mark.parametrize("name", ["content-digest", "signature-input", "signature"])
def test_a_reply_without_one_of_the_headers_is_not_proven(name: str):
    headers = a_reply()
    del headers[name]

    with pytest.raises(ReplyNotProven, match=f"expected the header {name}"):
        proven(headers)


def test_a_request_can_not_pass_for_a_reply():
    with pytest.raises(ReplyNotProven, match="components"):
        proven(dict(a_request(a_key("H"), body=b"{}").headers))
