"""OpenAPI of the trail at the door: what is published for anyone, and pages for who may read."""

from typing import Any, Final

from kruispunt.client import READ_PATH, ReadReply, ReadRequest
from kruispunt.gateway.trail import CHECKPOINT_PATH, EXPIRED_PATH, TILE_PATH
from kruispunt.law import Lawbook, Reads

Json = dict[str, Any]

BODIES: Final = (ReadRequest, ReadReply)
"""The bodies that travel; their schemas stand among the components."""

_SUMMARY: Final = {
    Reads.PERSON: "A person's own entries, with exact reasons",
    Reads.INSTITUTION: "The entries of the institution's own questions, as it was told",
    Reads.ALL: "All entries",
}


def trail_paths(lawbook: Lawbook, *, problems: Json) -> Json:
    """Every path of the trail. `problems`: the responses that any request may meet."""
    reading = {READ_PATH + reads.value: _read(reads, lawbook, problems) for reads in Reads}
    return reading | {
        CHECKPOINT_PATH: _published("checkpoint", "text/plain", "The signed size and root"),
        EXPIRED_PATH: _published("expired", "text/plain", "What is gone for its time was over"),
        TILE_PATH + "{path}": _published(
            "tile", "application/octet-stream", "A tile of the tree, or the data of its leaves"
        )
        | {"parameters": [_PATH]},
    }


_PATH: Final[Json] = {
    "name": "path",
    "in": "path",
    "required": True,
    "description": "C2SP tlog-tiles, e.g. `0/x001/067` or `entries/000.p/5`; it may hold slashes",
    "schema": {"type": "string"},
}


def _read(reads: Reads, lawbook: Lawbook, problems: Json) -> Json:
    lines = [
        f"Role `{one.role}` ({one.paragraph}), "
        + (f"vouched for by {', '.join(sorted(one.institutions))}." if one.institutions else "")
        for one in lawbook.readers
        if one.reads is reads
    ]
    reply: Json = {"$ref": "#/components/schemas/ReadReply"}
    body: Json = {"$ref": "#/components/schemas/ReadRequest"}
    words = "Signed as a question is, with tag `kruispunt-read`. Each reading is an entry."
    return {
        "post": {
            "operationId": "trail." + reads.value,
            "summary": _SUMMARY[reads],
            "description": " ".join((words, *lines)).strip(),
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "200": {
                    "description": "a page, the latest first; CSV where Accept asks for it",
                    "content": {
                        "application/json": {"schema": reply},
                        "text/csv": {"schema": {"type": "string"}},
                    },
                },
                **problems,
            },
        }
    }


def _published(name: str, media: str, summary: str) -> Json:
    content: Json = {media: {"schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": f"trail.{name}",
            "summary": summary,
            "description": "For anyone, unsigned requests; says nothing about anyone.",
            "responses": {
                "200": {"description": "as published", "content": content},
                "404": {"$ref": "#/components/responses/Problem404"},
            },
        }
    }
