"""Where a sample belongs: from the stack of a moment to the stage of a crossing."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

LOOP = "event loop, sockets"

NEAREST: Sequence[tuple[str, str]] = (
    ("web/signatures.py:verify_request", "check the caller's signature"),
    ("web/signatures.py:verify_reply", "check the reply's signature"),
    ("web/signatures.py:sign_request", "sign the call"),
    ("web/signatures.py:sign_reply", "sign the reply"),
    ("audit/heads.py:_sign", "sign the group's head"),
    ("audit/heads.py:", "receipt"),
    ("web/log.py:", "log line"),
    ("structlog/", "log line"),
    ("client/proof.py:", "check the receipt"),
    ("web/http.py:", "HTTP client"),
    ("aiohttp/", "HTTP client"),
    ("yarl/", "HTTP client"),
    ("multidict/", "HTTP client"),
    ("postgres/session.py:", "group commit"),
    ("postgres/commit.py:", "group commit"),
    ("postgres/bundle.py:", "group commit"),
    ("postgres/coalesced.py:", "lookups"),
    ("postgres/database.py:", "lookups"),
    ("station/log.py:", "station's log"),
    ("station/source.py:", "rows of the source"),
    ("station/columns.py:", "rows of the source"),
    ("station/nonces.py:", "nonces in memory"),
    ("audit/", "entry and outcome: encode, seal, blind"),
    ("identity/", "lookups"),
    ("directory/", "lookups"),
    ("authorisation/", "decide"),
    ("law/", "decide"),
    ("exchange/keep.py:", "keep the granted fields"),
    ("exchange/ticket.py:", "entry and outcome: encode, seal, blind"),
    ("exchange/ledger.py:", "waist and ledger"),
    ("exchange/", "waist and ledger"),
    ("gateway/parse.py:", "parse the question"),
    ("client/reading.py:", "parse the question"),
    ("gateway/reply.py:", "write the answer"),
    ("sources/", "call and read the source"),
    ("client/", "call and read the hub"),
    ("station/", "station's own steps"),
    ("web/key_files.py:", "key ring"),
    ("web/seal.py:", "sign the reply"),
    ("web/asgi.py:", "HTTP server"),
    ("web/serve.py:", "HTTP server"),
    ("web/connection.py:", "HTTP server"),
    ("web/arriving.py:", "HTTP server"),
    ("web/reply.py:", "HTTP server"),
    ("web/tracing.py:", "HTTP server"),
    ("asyncpg/", "database driver"),
)
"""What a frame belongs to, by file and function; of a stack the nearest such frame counts."""


def stage_of(stack: Iterable[str]) -> str:
    """The stage of a stack whose nearest frame comes first."""
    for frame in stack:
        for mark, stage in NEAREST:
            if mark in frame:
                return stage
    return LOOP


def shares(file: Path) -> dict[str, float]:
    """The share of each stage in the stacks of a file, the largest first."""
    counted: Counter[str] = Counter()
    for sample in json.loads(file.read_text(encoding="utf-8")):
        counted[stage_of(sample["stack"])] += sample["n"]
    total = counted.total()
    return {stage: n / total for stage, n in counted.most_common()}


def lines(file: Path, stage: str, *, most: int = 12) -> list[tuple[str, float]]:
    """The functions in which a stage's samples ended, with their share of all samples."""
    found: Counter[str] = Counter()
    total = 0
    for sample in json.loads(file.read_text(encoding="utf-8")):
        total += sample["n"]
        if stage_of(sample["stack"]) == stage:
            found[_short(sample["stack"][0])] += sample["n"]
    return [(name, n / total) for name, n in found.most_common(most)]


def _short(frame: str) -> str:
    path, _, name = frame.rpartition(":")
    return f"{'/'.join(path.split('/')[-2:])}:{name}"
