"""Says how many MB this process rises by while it reads each of the worst documents."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from kruispunt.gateway.soap.xml import MAX_BYTES, NotXml, learn, read_inner, read_xml

ROOM = MAX_BYTES - 64
LETTERS = [at for at in range(32, 127) if at not in b"<&]>"]


def peak_kb() -> int:
    return _status("VmHWM")


def now_kb() -> int:
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def filled(part: bytes, *, head: bytes = b"<a>", tail: bytes = b"</a>") -> bytes:
    return head + part * ((ROOM - len(head) - len(tail)) // len(part)) + tail


def fresh_names(count: int) -> bytes:
    return b"".join(b"<n%016x/>" % random.getrandbits(64) for _ in range(count))


def short(at: int) -> bytes:
    """A text of three letters, or of what else stands for itself."""
    most = len(LETTERS)
    return bytes((LETTERS[at % most], LETTERS[at // most % most], LETTERS[at // most // most]))


def documents() -> Iterator[tuple[str, Callable[[], object]]]:
    most = b"<a>" + b"<b/>" * 49_000 + b"</a>"
    yield "elements", lambda: read_xml(filled(b"<a/>"))
    yield "most-elements", lambda: read_xml(most)
    yield "texts", lambda: read_xml(filled(b"<a>x</a>y"))
    mixed = b"<a c='x' d='y'>xxxx</a>y"
    yield "mixed", lambda: read_xml(b"<a>" + mixed * 24_000 + b"</a>")
    yield (
        "attributes",
        lambda: read_xml(b"<a " + b" ".join(b"a%x='1'" % i for i in range(49_000)) + b"/>"),
    )
    yield (
        "namespaces",
        lambda: read_xml(
            b"<a " + b" ".join(b"xmlns:a%x='u%x'" % (i, i) for i in range(49_000)) + b"/>"
        ),
    )
    yield "comments", lambda: read_xml(filled(b"<!--x-->"))
    yield "instructions", lambda: read_xml(filled(b"<?x y?>"))
    yield "deep", lambda: read_xml(b"<a>" * 200_000)
    yield "names", lambda: read_xml(b"<a>" + fresh_names(49_000) + b"</a>")
    yield "text", lambda: read_xml(filled(b"x"))
    yield "characters", lambda: read_xml(filled(b"&#233;"))
    yield "sections", lambda: read_xml(filled(b"<![CDATA[x]]>"))
    yield "wide", lambda: read_inner("<a>" + "\U0001f600" * 500_000 + "</a>")


def risen(read: Callable[[], object]) -> int:
    forget_peak()
    before = now_kb()
    try:
        found = read()
        del found
    except NotXml:
        pass
    return (peak_kb() - before) // 1024


def main() -> None:
    for name, read in documents():
        sys.stdout.write(f"{name} {risen(read)}\n")
    before = now_kb()
    for _ in range(40):
        read_xml(b"<a>" + fresh_names(49_000) + b"</a>")
    sys.stdout.write(f"again {(now_kb() - before) // 1024}\n")
    before = now_kb()
    for at in range(400):
        with suppress(NotXml):
            read_xml(b"<a %s%d>" % (b"x" * 49_000, at))
    sys.stdout.write(f"spoiled {(now_kb() - before) // 1024}\n")
    learn(b"<a><b></b></a>")
    before = now_kb()
    for at in range(0, 700_000, 5_000):
        texts = (b"<b>%s</b>" % short(one) for one in range(at, at + 5_000))
        read_xml(b"<a>" + b"".join(texts) + b"</a>")
    sys.stdout.write(f"short {(now_kb() - before) // 1024}\n")


if __name__ == "__main__":
    main()
