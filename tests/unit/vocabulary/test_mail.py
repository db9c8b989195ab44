"""Mail is a value: the same at every redelivery, and its kinds are written once and for all."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import structs

from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

MAIL = Mail(
    id=UUID(int=1),
    recipient="NIC",
    kind=MailKind.COUNT,
    flow=FlowId("L500"),
    ticket="0195",
    person=bytes(16),
    sealed=b"sealed",
    sealed_for=KeyId("NIC-1"),
    sent_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)


def test_mail_that_is_sent_again_is_the_same() -> None:
    again = structs.replace(MAIL)

    assert {again, MAIL} == {MAIL}


def test_kinds_are_written_as_they_travel_and_are_stored() -> None:
    assert [kind.value for kind in MailKind] == ["request", "count", "answer", "failure", "batch"]
