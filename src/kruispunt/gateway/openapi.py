"""OpenAPI 3.1 of the REST door, generated from the law and the bodies that travel."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from kruispunt.client import (
    ASK_MANY_PATH,
    ASK_PATH,
    AskManyReply,
    AskManyRequest,
    AskReply,
    AskRequest,
    ProblemBody,
)
from kruispunt.gateway.openapi_trail import BODIES, trail_paths
from kruispunt.gateway.reply import WORDS
from kruispunt.law import Field, Flow, Lawbook, Supply, ValueType
from kruispunt.vocabulary import (
    Forbidden,
    Malformed,
    MessageInFlight,
    NotAuthenticated,
    NotFound,
    Problem,
    SameMessageOtherContent,
    SourceSilent,
    SourceWrong,
    TooLarge,
    WrongSignature,
)
from kruispunt.web import TooSlow, WrongMediaType

Json = dict[str, Any]

PROBLEMS: Final[tuple[type[Problem], ...]] = (
    Malformed,
    NotAuthenticated,
    WrongSignature,
    Forbidden,
    NotFound,
    TooSlow,
    MessageInFlight,
    SameMessageOtherContent,
    TooLarge,
    WrongMediaType,
    SourceWrong,
    SourceSilent,
)
"""What a question may meet. Several may share a status: their types tell them apart."""

SCHEMAS: Final[Mapping[ValueType, Json]] = {
    ValueType.STR: {"type": "string"},
    ValueType.CODE: {"type": "string"},
    ValueType.BOOL: {"type": "boolean"},
    ValueType.INT: {"type": "integer"},
    ValueType.DECIMAL: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    ValueType.EUR: {"type": "string", "pattern": r"^-?\d+(\.\d{1,2})?$"},
    ValueType.DATE: {"type": "string", "format": "date"},
    ValueType.INCOMPLETE_DATE: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    ValueType.QUARTER: {"type": "string", "pattern": r"^\d{4}Q[1-4]$"},
    ValueType.SSIN: {"type": "string", "pattern": r"^\d{11}$"},
    ValueType.CBE: {"type": "string", "pattern": r"^\d{10}$"},
    ValueType.NSSO: {"type": "string", "pattern": r"^\d{10}$"},
    ValueType.GROUP: {"type": "array"},
}

SIGNED: Final = (
    "Every request is signed (RFC 9421, Ed25519, label `kruispunt`, tag `kruispunt-ask`) over "
    "`@method`, `@target-uri` and `content-digest` (RFC 9530, sha-256), with created, expires, "
    "nonce and keyid; every reply to it is signed and bound to that signature. A retry signs a "
    "new nonce under the same messageId."
)


MANY: Final = (
    "Questions of one purpose in one signed request, answered in their order: each is told the "
    "status and the body that it would get alone, and has its own entry and receipt. What is "
    "wrong with the request, or with the form of one question in it, is a problem of the whole "
    "request, and then nothing was asked. A message id that stands there twice is answered the "
    "second time as a repeated message is."
)


def openapi(lawbook: Lawbook, *, base_url: str = "/") -> Json:
    """The description of all flows that the law lets a door answer at once."""
    offered = [flow for flow in lawbook.flows.values() if flow.supply is not Supply.BY_DIRECTORY]
    offered.sort(key=lambda flow: flow.id)
    schemas = _components()
    alone = {ASK_PATH + flow.id: _path(flow) for flow in offered}
    together = {ASK_MANY_PATH + flow.id: _path_of_many(flow) for flow in offered}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kruispunt",
            "version": "1",
            "description": SIGNED,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            "x-lawbook": lawbook.digest,
        },
        "servers": [{"url": base_url}],
        "paths": alone
        | together
        | trail_paths(lawbook, problems=_any_problem())
        | {"/health": _health()},
        "components": {
            "schemas": schemas | {_row_name(flow): _row(flow) for flow in offered},
            "responses": {_name(status): _problem(them) for status, them in _by_status()},
        },
    }


def _components() -> Json:
    types = (AskRequest, AskReply, AskManyRequest, AskManyReply, ProblemBody, *BODIES)
    _, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    return dict(components)


def _path(flow: Flow) -> Json:
    return _post(
        "ask." + flow.id,
        flow=flow,
        said="",
        asked="AskRequest",
        told="given, or empty",
        answer=_answer(flow),
    )


def _path_of_many(flow: Flow) -> Json:
    told = {"type": "object", "properties": {"answer": _answer(flow)}}
    items = {"allOf": [_schema("ToldBody"), told]}
    answers = {"answers": {"type": "array", "items": items}}
    return _post(
        "askMany." + flow.id,
        flow=flow,
        said=" " + MANY,
        asked="AskManyRequest",
        told="what each question is told, in their order",
        answer={"allOf": [_schema("AskManyReply"), {"type": "object", "properties": answers}]},
    )


def _answer(flow: Flow) -> Json:
    rows = {"type": "array", "items": _schema(_row_name(flow))}
    return {"allOf": [_schema("AskReply"), {"type": "object", "properties": {"rows": rows}}]}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _post(operation: str, *, flow: Flow, said: str, asked: str, told: str, answer: Json) -> Json:
    return {
        "post": {
            "operationId": operation,
            "summary": flow.titles["en"],
            "description": f"{flow.titles['nl']} ({flow.paragraph}).{said}",
            "requestBody": {"required": True, "content": _json(_schema(asked))},
            "responses": {
                "200": {"description": told, "content": _json(answer)},
                **_any_problem(),
            },
        }
    }


def _any_problem() -> Json:
    return {str(status): {"$ref": _response(status)} for status, _ in _by_status()}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _by_status() -> list[tuple[int, list[type[Problem]]]]:
    statuses = sorted({problem.status for problem in PROBLEMS})
    return [(status, [p for p in PROBLEMS if p.status == status]) for status in statuses]


def _name(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> str:
    return f"#/components/responses/{_name(status)}"


def _problem(problems: Iterable[type[Problem]]) -> Json:
    schema = _schema("ProblemBody")
    return {
        "description": "\n".join(map(_words, problems)),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _words(problem: type[Problem]) -> str:
    words = (problem.__doc__ or problem.title).strip()
    if problem is Forbidden:
        words += " `reason` is one of: " + ", ".join(f"`{r}` ({w})" for r, w in WORDS.items())
    return f"`{problem.type}`: {words}"


def _row_name(flow: Flow) -> str:
    return "Row." + flow.id


def _row(flow: Flow) -> Json:
    """A row may hold any field of the flow; which ones, the clause decides."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _field(field) for field in flow.fields},
    }


def _field(field: Field) -> Json:
    schema = dict(SCHEMAS[field.type])
    if not field.required:
        schema["type"] = [schema["type"], "null"]
    schema["description"] = f"{field.terms['en']} ({field.terms['nl']}; {field.paragraph})"
    schema["x-sensitivity"] = field.sensitivity.value
    return schema


def _health() -> Json:
    status = {"type": "string", "enum": ["UP", "DEGRADED", "DOWN"]}
    schema: Json = {"type": "object", "properties": {"status": status}, "required": ["status"]}
    return {
        "get": {
            "operationId": "health",
            "summary": "How this process is",
            "responses": {
                "200": {"description": "up", "content": _json(schema)},
                "503": {"description": "down", "content": _json(schema)},
            },
        }
    }
