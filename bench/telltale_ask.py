"""One who asks and listens: one question at a time over one kept connection, nothing in between.

`python -m bench.telltale_ask FILE` reads one `Job` as JSON on standard input and requests from
FILE, and prints what it `Heard` as JSON. A process of its own with a plain socket: the clearest
view that anyone at the door can have.
"""

import json
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import Final, cast

import msgspec

from bench.load import read_requests, whole

PATIENCE_S: Final = 30.0
CHUNK: Final = 65_536
HIDDEN: Final = "…"

CHANGING_HEADERS: Final = frozenset(
    ("date", "content-length", "content-digest", "signature", "signature-input", "retry-after")
)
"""Headers that differ from answer to answer: when it was signed, over what, and until when."""

CHANGING_MEMBERS: Final = frozenset(("ticket", "instance", "receipt"))
"""Members of a body that differ: which entry it is, and the proof that it stands."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Where to ask, from which moment on the clock of `perf_counter`, and for how long."""

    port: int
    begin: float
    seconds: float


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, in the order of the requests, as far as the time went.

    `sizes` are those of the whole answers in bytes; `shapes` are places in `all_shapes`.
    """

    ms: list[float]
    sizes: list[int]
    shapes: list[int]
    all_shapes: list[str]


def ask(job: Job, requests: Sequence[bytes]) -> Heard:
    """Ask one after the other."""
    ms = list[float]()
    answers = list[bytes]()
    sleep(max(0.0, job.begin - perf_counter()))
    with socket.create_connection(("127.0.0.1", job.port), timeout=PATIENCE_S) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        until = perf_counter() + job.seconds
        for request in requests:
            since = perf_counter()
            if since > until:
                break
            line.sendall(request)
            answers.append(_answer(line))
            ms.append((perf_counter() - since) * 1000)
    places = dict[str, int]()
    shapes = [places.setdefault(shape(answer), len(places)) for answer in answers]
    sizes = [len(answer) for answer in answers]
    return Heard(ms=ms, sizes=sizes, shapes=shapes, all_shapes=list(places))


def _answer(line: socket.socket) -> bytes:
    buffer = b""
    while not whole(buffer):
        part = line.recv(CHUNK)
        if not part:
            raise ConnectionError("expected an answer, found the end of the connection")
        buffer += part
    return buffer


def shape(answer: bytes) -> str:
    """All of an answer but what differs from answer to answer: status, headers, body, in order.

    Of what differs, the names stand, and that it is there.
    """
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = [_header(line) for line in lines]
    told = json.dumps(_body(json.loads(body)), ensure_ascii=False)
    return "\n".join([status, *headers, "", told])


def _header(line: str) -> str:
    name = line.partition(":")[0]
    return f"{name}: {HIDDEN}" if name.lower() in CHANGING_HEADERS else line


def _body(body: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _hidden(value) if name in CHANGING_MEMBERS else value for name, value in body.items()
    }


def _hidden(value: object) -> object:
    """The members' names where it has members; a proof may be of any length."""
    if isinstance(value, dict):
        return sorted(cast("dict[str, object]", value))
    return HIDDEN


def main() -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    heard = ask(job, read_requests(Path(sys.argv[1])))
    sys.stdout.buffer.write(msgspec.json.encode(heard))


if __name__ == "__main__":
    main()
