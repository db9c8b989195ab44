"""Signing what a door answers: answers, refusals and problems alike, bound to their request."""

from collections.abc import Callable, Mapping
from datetime import datetime

from kruispunt.vocabulary import WrongSignature
from kruispunt.web.asgi import Seal
from kruispunt.web.keys import Signer
from kruispunt.web.reply import HttpReply
from kruispunt.web.signatures import sign_reply


def signed_replies(key: Signer, *, now: Callable[[], datetime]) -> Seal:
    """A seal for `App`: signs every reply to a request that came with a signature to bind to.

    A request without one gets its problem unsigned: there is nothing to bind it to. A reply that
    is followed by parts is signed by them, part by part.
    """

    def seal(headers: Mapping[str, str], reply: HttpReply) -> HttpReply:
        bound = headers.get("signature")
        if bound is None or reply.parts is not None:
            return reply
        created = int(now().timestamp())
        try:
            proof = sign_reply(
                key,
                status=reply.status,
                body=reply.body,
                request_signature=bound,
                created=created,
            )
        except WrongSignature:
            return reply
        return HttpReply(status=reply.status, headers={**reply.headers, **proof}, body=reply.body)

    return seal
