"""OpenAPI 3.1 of the door at which an institution works with its cases, and declarants answer."""

from typing import Any, Final

import msgspec

from kruispunt.circuits import MOST_ANSWERS
from kruispunt.client import (
    ANSWERS_PATH,
    CASE_TAG,
    CASES_PATH,
    DECLARATIONS_PATH,
    DECLARE_TAG,
    EVENT_STREAM,
    MOST_LINES,
    MOST_LISTED,
    NDJSON,
    TAKE_PATH,
    AnswersReply,
    CaseReply,
    CaseRequest,
    CasesReply,
    DeclarationReply,
    DeclarationRequest,
    LastLine,
    LineReply,
    NewsRequest,
    ProblemBody,
    StepBody,
)
from kruispunt.gateway.openapi_mailbox import BODIES, mailbox_paths

Json = dict[str, Any]

SIGNED: Final = (
    "Every request is signed (RFC 9421, Ed25519, label `kruispunt`) over `@method`, `@target-uri` "
    "and `content-digest`, with created, expires, nonce and keyid; every reply to it is signed, "
    "bound to that signature. What is sent as it comes is signed part by part. All may be asked "
    "again with the same effect."
)
FOLLOW: Final = (
    "One event per step: `id` is its number, `event` is `step`, `end` (the case is closed) or "
    "`again` (come back), `data` the step as JSON, and `proof` signs these three lines. "
    "`Last-Event-ID` goes on after a step. A comment comes every fifteen seconds."
)
BATCH: Final = (
    f"As `{NDJSON}`: a declaration on each line, {MOST_LINES} at most, each told on a line of its "
    "own what it would be told alone; the last line signs all of them."
)
ASKED: Final = (
    "By who was asked, and under the reference of that request; or on one's own initiative, by "
    "worker, employer and risk, which is received in the same words whether there is a case or "
    "not. Needs no deliberation: the ground is `not_required` (05/022 §2.1)."
)
STATUSES: Final = ("400", "401", "403", "404", "408", "409", "413", "415", "503")
TYPES: Final = (
    CaseRequest, CaseReply, CasesReply, NewsRequest, StepBody, DeclarationRequest,
    DeclarationReply, LineReply, LastLine, AnswersReply, *BODIES, ProblemBody,
)  # fmt: skip


def openapi_cases(*, base_url: str = "/") -> Json:
    """The description; the same for every institution that runs cases."""
    _, schemas = msgspec.json.schema_components(TYPES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kruispunt cases",
            "version": "1",
            "description": SIGNED,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": base_url}],
        "paths": _paths(),
        "components": {
            "schemas": dict(schemas),
            "responses": {
                "Problem": {
                    "description": "a problem (RFC 9457), with an issue for each wrong field",
                    "content": {"application/problem+json": {"schema": _schema("ProblemBody")}},
                }
            },
        },
    }


def _paths() -> Json:
    case = CASES_PATH + "/{case}"
    return {
        CASES_PATH: {
            "post": _operation(
                "start", "Open a case (05/022 §5(1), §6)", "CaseReply", body="CaseRequest"
            )
            | {"responses": {"201": _opened(), **_wrong()}},
            "get": _operation("list", "Cases, the latest opened first", "CasesReply")
            | {
                "parameters": [
                    _query("after", _UUID),
                    _query("limit", _LIMIT),
                    _query("open", _BOOL),
                ]
            },
        },
        case: {
            "parameters": [_CASE],
            "get": _operation("show", "One case, step by step", "CaseReply")
            | {"parameters": [_query("after", {"type": "integer", "minimum": 0})]},
        },
        case + "/events": {
            "parameters": [_CASE],
            "get": _follow(),
            "post": _operation(
                "tell", "Say what happened: a letter came back …", "CaseReply", body="NewsRequest"
            ),
        },
        DECLARATIONS_PATH: {"post": _declare()},
        **_answers(),
        **mailbox_paths(problems=_wrong()),
    }


def _answers() -> Json:
    """What was asked without a case and answered by mail."""
    listed = _operation(
        "list", "Answers that belong to no case, as they came", "AnswersReply", of="answers"
    )
    taken = _operation(
        "acknowledge",
        "These were stored: they may go",
        "AcknowledgeReply",
        body="AcknowledgeRequest",
        of="answers",
    )
    return {
        ANSWERS_PATH: {
            "get": listed
            | {
                "parameters": [
                    _query("after", {"type": "integer", "minimum": 0}),
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ANSWERS}),
                ]
            }
        },
        TAKE_PATH: {"post": taken},
    }


def _opened() -> Json:
    """A case, and where it stands."""
    return {
        "description": "opened, now or by the same request before",
        "headers": {"Location": {"description": "the case", "schema": {"type": "string"}}},
        "content": _json("CaseReply"),
    }


_UUID: Final[Json] = {"type": "string", "format": "uuid"}
_BOOL: Final[Json] = {"type": "boolean"}
_LIMIT: Final[Json] = {"type": "integer", "minimum": 1, "maximum": MOST_LISTED}
_CASE: Final[Json] = {"name": "case", "in": "path", "required": True, "schema": _UUID}
_LISTED: Final[Json] = {"after": _UUID, "limit": _LIMIT, "open": _BOOL}
_STEP: Final[Json] = {
    "name": "Last-Event-ID",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0},
}


def _operation(verb: str, summary: str, reply: str, *, body: str = "", of: str = "cases") -> Json:
    asked = {"requestBody": {"required": True, "content": _json(body)}} if body else {}
    return {
        "operationId": f"{of}.{verb}",
        "summary": summary,
        "description": f"Signed by the institution itself, tag `{CASE_TAG}`.",
        "responses": {"200": {"description": "as it is now", "content": _json(reply)}, **_wrong()},
        **asked,
    }


def _follow() -> Json:
    stream = {EVENT_STREAM: {"schema": {"type": "string"}}}
    return {
        "operationId": "cases.follow",
        "summary": "Every step of a case as it happens",
        "description": f"Signed by the institution itself, tag `{CASE_TAG}`. {FOLLOW}",
        "parameters": [_STEP],
        "responses": {"200": {"description": "events", "content": stream}, **_wrong()},
    }


def _declare() -> Json:
    lines = {NDJSON: {"schema": {"type": "string"}}}
    return {
        "operationId": "declarations.asr",
        "summary": "Declare a social risk, or many",
        "description": f"{ASKED} Signed with tag `{DECLARE_TAG}`. {BATCH}",
        "requestBody": {"required": True, "content": _json("DeclarationRequest") | lines},
        "responses": {
            "200": {
                "description": "received for good; in a batch, as each line says",
                "content": _json("DeclarationReply") | lines,
            },
            **_wrong(),
        },
    }


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _wrong() -> Json:
    return {status: {"$ref": "#/components/responses/Problem"} for status in STATUSES}


def _json(name: str) -> Json:
    return {"application/json": {"schema": _schema(name)}}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
