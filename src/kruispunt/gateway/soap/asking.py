"""From a proven caller and what an envelope says to the one kind of question there is."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import structs

from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.vocabulary import Details, FlowId, Period, PurposeId, Question, Ssin

SOAP_VERSION_OF_IDS = 4


def fresh_id(random_bytes: Callable[[int], bytes]) -> UUID:
    """An id for a message that brought none: SOAP has none of its own that could be claimed."""
    return UUID(bytes=random_bytes(16), version=SOAP_VERSION_OF_IDS)


def wire_question(
    caller: SoapCaller,
    *,
    message_id: UUID,
    flow: FlowId,
    purpose: PurposeId,
    ssin: Ssin,
    about: Period,
    ticket: str = "",
    user: str = "",
    role: str = "",
    file_reference: str = "",
    sent_at: datetime | None = None,
    details: Details = (),
) -> Question:
    """The question, as the waist decides, records and fetches it.

    One envelope may hold several: each claims its own message id as nonce. That the envelope
    itself came once, the door has seen to before (where its proof can be copied at all).
    """
    return Question(
        message_id=message_id,
        consumer=caller.institution,
        flow=flow,
        purpose=purpose,
        ssin=ssin,
        about=about,
        received_at=caller.received_at,
        asked_on=caller.asked_on,
        proof=structs.replace(caller.proof, nonce=message_id.bytes),
        ticket=ticket,
        file_reference=file_reference,
        user=user,
        role=role,
        sent_at=sent_at,
        details=details,
    )
