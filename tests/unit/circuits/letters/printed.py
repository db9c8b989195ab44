"""Reading back what a PDF prints: its own maps from glyphs to letters, applied to its own text."""

import re
import zlib
from typing import Final

OBJECT: Final = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
STREAM: Final = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
FONT: Final = re.compile(rb"/F(\d+) (\d+) 0 R")
LETTER: Final = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
SHOWN: Final = re.compile(
    rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj|\((.*?)(?<!\\)\) Tj|\[(.*?)\] TJ", re.DOTALL
)
PART: Final = re.compile(rb"\(((?:\\.|[^\\)])*)\)", re.DOTALL)


def pages_of(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", content))


def text_of(content: bytes) -> str:
    """Everything that the letter prints, one line for each run of text."""
    objects = {int(number): body for number, body in OBJECT.findall(content)}
    fonts = {
        int(font): _letters(objects, objects[int(number)])
        for body in objects.values()
        for font, number in FONT.findall(body)
    }
    pages = (
        stream
        for body in objects.values()
        if (stream := _stream(body)) and b" Tf" in stream and b"BT" in stream
    )
    return "\n".join(line for page in pages for line in _lines(page, fonts))


def _stream(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None:
        return b""
    try:
        return zlib.decompress(found[1])
    except zlib.error:
        return found[1]


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    number = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert number is not None
    found = LETTER.findall(_stream(objects[int(number[1])]))
    return {
        int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be") for glyph, code in found
    }


def _lines(page: bytes, fonts: dict[int, dict[int, str]]) -> list[str]:
    letters: dict[int, str] = {}
    lines: list[str] = []
    for font, hexed, quoted, parts in SHOWN.findall(page):
        if font:
            letters = fonts[int(font)]
            continue
        shown = bytes.fromhex(hexed.decode()) if hexed else _plain(quoted)
        if parts:
            shown = b"".join(_plain(part) for part in PART.findall(parts))
        lines.append(
            "".join(
                letters.get(int.from_bytes(shown[at : at + 2], "big"), "")
                for at in range(0, len(shown), 2)
            )
        )
    return lines


def _plain(quoted: bytes) -> bytes:
    escapes = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}
    return re.sub(
        rb"\\(.)", lambda found: escapes.get(found[1], found[1]), quoted, flags=re.DOTALL
    )
