"""OpenAPI 3.1 of the REST door, generated from the law and the bodies that travel."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from kruispunt.client import (
    ASK_MANY_PATH,
    ASK_PATH,
    LINES_PATH,
    AcceptedReply,
    AnswerContent,
    AskManyReply,
    AskManyRequest,
    AskReply,
    AskRequest,
    BatchContent,
    CountContent,
    FailureContent,
    LinesRequest,
    ProblemBody,
    RequestContent,
)
from kruispunt.gateway import openapi_mailbox, openapi_trail
from kruispunt.gateway.reply import WORDS
from kruispunt.law import Detail, Field, Flow, Lawbook, Supply, ValueType
from kruispunt.vocabulary import (
    AnsweredBefore,
    FileSentBefore,
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
    TooLate,
    Unavailable,
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
    AnsweredBefore,
    FileSentBefore,
    TooLate,
    TooLarge,
    WrongMediaType,
    SourceWrong,
    Unavailable,
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
    ValueType.OTHER_SSIN: {"type": "string", "pattern": r"^\d{11}$"},
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


LINES: Final = (
    "The entry stands before a line changes. The same message again tells the lines as they stand "
    "then, marked repeated, and changes nothing. At a node a line stands in its own directory "
    "first, and then at the hub."
)

BY_MAIL: Final = (
    "Answers come by mail, under the `ticket` of the question, or that of this reply where it has "
    "none: first how many to expect, then each of them. A refusal that may not be told is "
    "accepted too, and then none will come."
)

CONTENTS: Final = (RequestContent, CountContent, AnswerContent, FailureContent, BatchContent)


def openapi(lawbook: Lawbook, *, base_url: str = "/") -> Json:
    """The description of all flows that the law lets a door answer, at once or by mail."""
    known = sorted(lawbook.flows.values(), key=lambda flow: flow.id)
    by_mail = [flow for flow in known if flow.supply is Supply.BY_DIRECTORY]
    many = [flow for flow in known if flow.supply in (Supply.STATION, Supply.DIRECTORY)]
    offered = [flow for flow in known if flow.supply is Supply.SEARCH or flow in many]
    sent = [flow for flow in known if flow.supply is Supply.FILE]
    brought = [flow for flow in known if flow.supply is Supply.INTEGRATION]
    schemas = _components()
    alone = {ASK_PATH + flow.id: _path(flow) for flow in offered}
    alone |= {ASK_PATH + flow.id: _path_by_mail(flow) for flow in by_mail}
    together = {ASK_MANY_PATH + flow.id: _path_of_many(flow) for flow in many}
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
        | {LINES_PATH + flow.id: _path_of_lines(flow) for flow in brought}
        | openapi_mailbox.mail_paths(problems=_any_problem())
        | openapi_mailbox.mailbox_paths(problems=_any_problem())
        | openapi_trail.trail_paths(lawbook, problems=_any_problem())
        | {"/health": _health()},
        "components": {
            "schemas": schemas
            | {_row_name(flow): _row(flow) for flow in (*offered, *brought)}
            | {_row_name(flow): _sheet(flow) for flow in (*by_mail, *sent)},
            "responses": {_name(status): _problem(them) for status, them in _by_status()},
        },
    }


def _components() -> Json:
    types = (
        AskRequest,
        AskReply,
        AcceptedReply,
        AskManyRequest,
        AskManyReply,
        LinesRequest,
        *CONTENTS,
        ProblemBody,
        *openapi_mailbox.MAIL_BODIES,
        *openapi_mailbox.BODIES,
        *openapi_trail.BODIES,
    )
    _, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    return dict(components)


def _path(flow: Flow) -> Json:
    return _post(
        "ask." + flow.id,
        flow=flow,
        said="",
        asked=_asked(flow),
        told="given, or empty",
        answer=_answer(flow),
    )


def _path_by_mail(flow: Flow) -> Json:
    return _post(
        "ask." + flow.id,
        flow=flow,
        said=f" {BY_MAIL} The rows of an answer are of `{_row_name(flow)}`.",
        asked=_asked(flow),
        told="accepted: how many answers there will be, and the answers, come by mail",
        answer=_schema("AcceptedReply"),
        status="202",
    )


def _path_of_lines(flow: Flow) -> Json:
    return _post(
        "lines." + flow.id,
        flow=flow,
        said=f" {LINES}",
        asked=_schema("LinesRequest"),
        told="done: the lines of your own that share a day with the period, or none",
        answer=_answer(flow),
    )


def _asked(flow: Flow) -> Json:
    """The body of a question, with what this flow lets it tell beside person and period."""
    if not flow.details:
        return _schema("AskRequest")
    details = {"type": "object", "additionalProperties": False} | {
        "properties": {one.name: _detail(one) for one in flow.details},
        "required": [one.name for one in flow.details if one.required],
    }
    needed = ["details"] if details["required"] else []
    asked = {"type": "object", "properties": {"details": details}, "required": needed}
    return {"allOf": [_schema("AskRequest"), asked]}


def _detail(detail: Detail) -> Json:
    wanted = f"; required for {', '.join(detail.required_for)}" if detail.required_for else ""
    told = f"{detail.said} ({detail.paragraph}){wanted}"
    schema: Json = {"type": "string", "description": told}
    if detail.type is ValueType.BOOL:
        schema["enum"] = ["false", "true"]
    if detail.type is ValueType.DATE:
        schema["format"] = "date"
    return schema | ({"enum": list(detail.values)} if detail.values else {})


def _path_of_many(flow: Flow) -> Json:
    told = {"type": "object", "properties": {"answer": _answer(flow)}}
    items = {"allOf": [_schema("ToldBody"), told]}
    answers = {"answers": {"type": "array", "items": items}}
    return _post(
        "askMany." + flow.id,
        flow=flow,
        said=" " + MANY,
        asked=_schema("AskManyRequest"),
        told="what each question is told, in their order",
        answer={"allOf": [_schema("AskManyReply"), {"type": "object", "properties": answers}]},
    )


def _answer(flow: Flow) -> Json:
    rows = {"type": "array", "items": _schema(_row_name(flow))}
    return {"allOf": [_schema("AskReply"), {"type": "object", "properties": {"rows": rows}}]}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _post(
    operation: str,
    *,
    flow: Flow,
    said: str,
    asked: Json,
    told: str,
    answer: Json,
    status: str = "200",
) -> Json:
    return {
        "post": {
            "operationId": operation,
            "summary": flow.titles["en"],
            "description": f"{flow.titles['nl']} ({flow.paragraph}).{said}",
            "requestBody": {"required": True, "content": _json(asked)},
            "responses": {
                status: {"description": told, "content": _json(answer)},
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


def _sheet(flow: Flow) -> Json:
    """A row of an answer by mail: the fields of a group stand inside it, each time it repeats."""
    fields: Json = {}
    for field in flow.fields:
        group, _, name = field.name.rpartition(".")
        if field.type is ValueType.GROUP:
            items: Json = {"type": "object", "additionalProperties": False, "properties": {}}
            fields[field.name] = _field(field) | {"type": "array", "items": items}
        elif group:
            fields[group]["items"]["properties"][name] = _field(field)
        else:
            fields[field.name] = _field(field)
    return {"type": "object", "additionalProperties": False, "properties": fields}


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
