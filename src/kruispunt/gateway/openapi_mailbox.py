"""OpenAPI of mail between seats, and of mailboxes: at institutions that run cases too."""

from typing import Any, Final

from kruispunt.client import (
    ACKNOWLEDGE_PATH,
    DEAD_PATH,
    LONGEST_WAIT_S,
    MAIL_PATH,
    MAILBOX_PATH,
    MAILBOX_TAG,
    MOST_LETTERS,
    AcknowledgeReply,
    AcknowledgeRequest,
    DeadReply,
    DeadRequest,
    MailBody,
    MailboxReply,
    TakenBody,
)

Json = dict[str, Any]

BODIES: Final = (
    MailboxReply,
    AcknowledgeRequest,
    AcknowledgeReply,
    DeadRequest,
    DeadReply,
)
"""The bodies that travel; their schemas stand among the components."""

MAIL_BODIES: Final = (MailBody, TakenBody)

MAIL: Final = (
    "A message with several answers travels between seats as mail, signed with the tag "
    "`kruispunt-mail` and sealed (libsodium) to a key of the recipient: inside is, by its kind, a "
    "`RequestContent`, `CountContent`, `AnswerContent`, `FailureContent` or `BatchContent` in "
    "canonical JSON. "
    "Sending again under the same id is safe. A status from 400 to 499 is final, but for 401 and "
    "429 and for 409 with Retry-After."
)

_SIGNED: Final = f"Signed by its owner, tag `{MAILBOX_TAG}`."
_LAST: Final = 2**63 - 1


def mail_paths(*, problems: Json) -> Json:
    """Where seats bring mail to each other."""
    taken = {"description": "done, now or before", "content": _json("TakenBody")}
    return {
        MAIL_PATH: {
            "post": {
                "operationId": "mail",
                "summary": "Mail from another seat",
                "description": MAIL,
                "responses": {"200": taken, **problems},
            }
            | _body("MailBody")
        }
    }


def mailbox_paths(*, problems: Json) -> Json:
    """Where who signs gets its own mail. `problems`: the responses that any request may meet."""
    wait = {
        "parameters": [
            _whole("after", 0, _LAST),
            _whole("limit", 1, MOST_LETTERS),
            _whole("wait", 0, LONGEST_WAIT_S),
        ]
    }
    words = f"Mail after a position; where there is none, as soon as some comes. {_SIGNED}"
    read = _operation("read", "Mail that waits for you", words, "MailboxReply", problems)
    acknowledged = "These were stored: their content may go"
    dead = "This one can't be taken; later mail about the same person waits"
    return {
        MAILBOX_PATH: {"get": read | wait},
        ACKNOWLEDGE_PATH: {
            "post": _operation("acknowledge", acknowledged, _SIGNED, "AcknowledgeReply", problems)
            | _body("AcknowledgeRequest")
        },
        DEAD_PATH: {
            "post": _operation("dead", dead, _SIGNED, "DeadReply", problems) | _body("DeadRequest")
        },
    }


def _operation(verb: str, summary: str, words: str, reply: str, problems: Json) -> Json:
    return {
        "operationId": f"mailbox.{verb}",
        "summary": summary,
        "description": words,
        "responses": {"200": {"description": "as it is now", "content": _json(reply)}, **problems},
    }


def _body(name: str) -> Json:
    return {"requestBody": {"required": True, "content": _json(name)}}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _whole(name: str, least: int, most: int) -> Json:
    schema: Json = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "schema": schema}
