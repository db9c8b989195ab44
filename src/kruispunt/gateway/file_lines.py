"""Lines of files become lines to take: CSV, NDJSON, or the classic records of 146 characters."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kruispunt.exchange import EVER, BadLine, FileLine, FileMark
from kruispunt.vocabulary import (
    Act,
    LinesAsked,
    Period,
    Quality,
    Sector,
    Ssin,
    WrongNumber,
    WrongPeriod,
)

BLOCK: Final = 5_000
"""Lines of one commit."""

LONGEST: Final = 4_096
"""Bytes of one line: a longer one is a bad line, and never held whole."""

MAX_READ: Final = 16_384
"""Words of lines that are remembered; then we begin anew."""

KNOWN: Final = ("ssin", "sector", "quality", "phase", "begin", "end", "line_begin")
SUFFIXES: Final = (".csv", ".ndjson", ".a1")
RECORD: Final = 146
CODE: Final = re.compile(r"[0-9]{3}")
PHASE: Final = re.compile(r"[0-9]{1,2}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Words = Mapping[str, str]


class WrongFile(ValueError):
    """A file that can't be taken: its kind or its columns are not as expected."""


class BrokenRule(ValueError):
    """A line that can't be read. The message names the rule, never what stood there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFile:
    """A file on its way in: `act` says what is to be done with each line, None: a question."""

    path: Path
    act: Act | None

    def blocks(
        self, mark: FileMark, *, size: int = BLOCK
    ) -> Iterator[tuple[list[FileLine | BadLine], FileMark, list[bytes]]]:
        """The lines after a mark in blocks, each with the mark at its end and the lines as bytes.

        The last block, which may be empty, says that the file has ended.

        Raises:
            WrongFile: not such a file.
        """
        with self.path.open("rb") as file:
            read, start, first = self._reader(file)
            file.seek(max(start, mark.bytes))
            lines, place = mark.lines, max(start, mark.bytes)
            while True:
                raw = [line for _ in range(size) if (line := _next(file))]
                block = list[FileLine | BadLine]()
                for n, line in enumerate(raw):
                    block.append(_read_one(line, lines + n + first, read))
                lines, place = lines + len(raw), file.tell()
                ended = len(raw) < size
                yield block, FileMark(lines=lines, bytes=place, ended=ended), raw
                if ended:
                    return

    def _reader(self, file: BinaryIO) -> tuple[Callable[[str, int], FileLine], int, int]:
        """What reads a line, where the first one begins, and its number."""
        form = _Form(act=self.act)
        match self.path.suffix:
            case ".ndjson":
                return form.from_json, 0, 1
            case ".a1" if self.act is Act.INTEGRATE:
                return form.from_record, 0, 1
            case ".a1":
                raise WrongFile("records are known of integrations alone: expected CSV or NDJSON")
            case ".csv":
                header = file.readline(LONGEST).decode("utf-8", "replace").strip("\r\n\ufeff")
                names = header.split(",")
                if "ssin" not in names or len(set(names)) < len(names) or set(names) - set(KNOWN):
                    raise WrongFile(f"expected columns ssin and some of {', '.join(KNOWN[1:])}")
                return form.from_csv(names), file.tell(), 2
            case _:
                raise WrongFile(f"expected a file named one of {', '.join(SUFFIXES)}")


def _next(file: BinaryIO) -> bytes:
    """The next line, cut where it is too long; empty at the end of the file."""
    line = file.readline(LONGEST)
    if len(line) == LONGEST and not line.endswith(b"\n"):
        while (more := file.readline(LONGEST)) and not more.endswith(b"\n"):
            pass
        return line[: LONGEST - 1] + b"\x00"
    return line


def _read_one(
    line: bytes, number: int, read: Callable[[str, int], FileLine]
) -> FileLine | BadLine:
    try:
        text = line.decode().rstrip("\r\n")
        if "\x00" in text:
            raise BrokenRule("expected a line of text, of at most 4096 bytes")
        return read(text, number)
    except UnicodeDecodeError:
        return BadLine(number=number, rule="expected UTF-8")
    except (WrongNumber, WrongPeriod) as wrong:
        return BadLine(number=number, rule=f"{_where(wrong)}: {wrong}")
    except BrokenRule as wrong:
        return BadLine(number=number, rule=str(wrong))


def _where(wrong: ValueError) -> str:
    return "ssin" if isinstance(wrong, WrongNumber) else "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What a line is to say."""

    act: Act | None
    read: dict[tuple[str, ...], tuple[Period, LinesAsked | None]] = field(
        default_factory=dict[tuple[str, ...], tuple[Period, LinesAsked | None]]
    )
    """What the words beside a number were read as: many lines of a file say the same."""

    def from_csv(self, names: Sequence[str]) -> Callable[[str, int], FileLine]:
        wide, place = len(names), names.index("ssin")

        def read(text: str, number: int) -> FileLine:
            try:
                cells = next(csv.reader([text], strict=True), [""]) if '"' in text else None
            except csv.Error:
                raise BrokenRule("expected a line of CSV, whole in one line") from None
            cells = text.split(",") if cells is None else cells
            if len(cells) != wide:
                raise BrokenRule(f"expected {wide} values")
            ssin = cells.pop(place)
            meant = self.read.get(said := tuple(cells))
            if meant is not None:
                return FileLine(number=number, ssin=Ssin(ssin), about=meant[0], asked=meant[1])
            cells.insert(place, ssin)
            line = self.line(dict(zip(names, cells, strict=True)), number)
            if len(self.read) >= MAX_READ:
                self.read.clear()
            self.read[said] = (line.about, line.asked)
            return line

        return read

    def from_json(self, text: str, number: int) -> FileLine:
        try:
            found = msgspec.json.decode(text, type=dict[str, str | int | None])
        except msgspec.MsgspecError:
            raise BrokenRule("expected an object of JSON with texts") from None
        if found.keys() - set(KNOWN):
            raise BrokenRule(f"expected no names but {', '.join(KNOWN)}")
        words = {name: "" if value is None else str(value) for name, value in found.items()}
        return self.line(words, number)

    def from_record(self, text: str, number: int) -> FileLine:
        """A record: what of it is not known is not looked at."""
        if len(text) != RECORD or not text.isascii() or text[4:6] != "A1":
            raise BrokenRule("expected a record A1 of 146 characters")
        days = text[108:124]
        words = {
            "ssin": text[41:52],
            "sector": text[6:9].strip(),
            "quality": text[103:106].strip(),
            "phase": text[106:108].strip(),
            "begin": _dashed(days[:8]),
            "end": "" if days[8:].strip("0 9") == "" else _dashed(days[8:]),
        }
        return self.line(words, number)

    def line(self, words: Words, number: int) -> FileLine:
        begin, end = _day(words, "begin"), _day(words, "end")
        ssin = Ssin(words.get("ssin", ""))
        if self.act is not Act.REMOVE and begin is None:
            raise BrokenRule("begin: expected yyyy-mm-dd")
        if begin is None and end is not None:
            raise BrokenRule("begin: expected one with an end")
        about = EVER if begin is None else Period.through(begin, end)
        asked = None if self.act is None else self._asked(self.act, words, whole=begin is None)
        return FileLine(number=number, ssin=ssin, about=about, asked=asked)

    def _asked(self, act: Act, words: Words, *, whole: bool) -> LinesAsked:
        sector, quality = _number(words, "sector"), _number(words, "quality")
        phase, line_begin = _number(words, "phase"), _day(words, "line_begin")
        if act is Act.INTEGRATE and quality is None:
            raise BrokenRule("quality: expected three digits")
        if quality is None and sector is None:
            raise BrokenRule("sector: expected one, or a quality")
        if phase is not None and quality is None:
            raise BrokenRule("phase: expected a quality with it")
        if line_begin is not None and (act is not Act.REMOVE or phase is None or whole):
            raise BrokenRule("line_begin: expected quality, phase and days with it")
        return LinesAsked(
            act=act,
            sector=None if sector is None else Sector(sector),
            quality=None if quality is None else Quality(quality),
            phase=phase,
            whole=act is Act.REMOVE and whole,
            line_begin=line_begin,
        )


def _dashed(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _day(words: Words, name: str) -> date | None:
    text = words.get(name, "")
    if not text:
        return None
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BrokenRule(f"{name}: expected yyyy-mm-dd")


def _number(words: Words, name: str) -> int | None:
    text = words.get(name, "")
    if not text:
        return None
    if name == "sector" and text.isascii() and text.isdecimal() and len(text) <= len("999"):
        return int(text)
    if (PHASE if name == "phase" else CODE).fullmatch(text):
        return int(text)
    digits = {"sector": "0 to 999", "phase": "0 to 99"}.get(name, "three digits")
    raise BrokenRule(f"{name}: expected {digits}")
