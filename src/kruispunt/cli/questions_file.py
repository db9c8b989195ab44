"""Questions from a file: CSV with a header, or a JSON object per line; read whole, then asked."""

import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.client import AskedAbout, PeriodBody, Reader, read_period, read_ssin
from kruispunt.vocabulary import Malformed

MOST_LINES: Final = 100_000
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_FAULTS: Final = 20
COLUMNS: Final = ("ssin", "beginDate", "endDate", "messageId", "ticket", "fileReference")
OF_PERIOD: Final = ("beginDate", "endDate")
BETWEEN: Final = str.maketrans("", "", " .-\t")
"""What people write between the digits of a number."""


class FileWrong(ValueError):
    """The file holds no questions that can be asked: one line per fault, never a number."""


class Line(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One line of a file: a person, and what is asked about another period than the others'."""

    ssin: str
    period: PeriodBody | None = None
    message_id: UUID | None = None
    ticket: str = ""
    file_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What counts for each line that does not say it by itself."""

    begin: date | None
    until: date | None
    ticket: str
    new_message: Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class FromLine:
    """A question, and the line on which it stands."""

    line: int
    message_id: UUID
    asked: AskedAbout


_read: Final = Reader(Line).read


def read_questions(path: str, common: Common) -> list[FromLine]:
    """All questions of a file; `-`: of standard input.

    Raises:
        FileWrong: it can't be read, is too large, or lines of it are wrong.
    """
    text = _text(path)
    is_json = text.lstrip().startswith("{")
    found: list[FromLine] = []
    faults: list[str] = []
    for number, written in _objects(text) if is_json else _told(_rows(text)):
        try:
            found.append(_question(number, _read(written), common))
        except Malformed as wrong:
            faults += [f"line {number}: {one.name}: {one.detail}" for one in wrong.issues]
        if len(found) > MOST_LINES:
            raise FileWrong(f"expected at most {MOST_LINES} questions in one file")
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise FileWrong("\n".join(faults[:MOST_FAULTS]))
    if not found:
        raise FileWrong("the file holds no question")
    return found


def _text(path: str) -> str:
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise FileWrong(f"expected at most {MOST_BYTES} bytes in one file")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise FileWrong(f"the file can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileWrong("expected text in UTF-8") from None


def _objects(text: str) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.encode()


def _told(rows: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    try:
        yield from rows
    except csv.Error as wrong:
        raise FileWrong(f"expected lines of CSV: {wrong}") from None


def _rows(text: str) -> Iterator[tuple[int, bytes]]:
    """The rows of a CSV, as objects; what is empty is left out."""
    header = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in header else ",")
    names = [name.strip() for name in next(rows, list[str]())]
    if not names:
        return
    if "ssin" not in names or len(set(names)) < len(names) or not {*names} <= {*COLUMNS}:
        raise FileWrong(f"line 1: expected a header with ssin, of {', '.join(COLUMNS)}")
    for row in rows:
        if any(value.strip() for value in row):
            yield rows.line_num, msgspec.json.encode(_of_row(names, row))


def _of_row(names: list[str], row: list[str]) -> dict[str, object]:
    said = {name: value.strip() for name, value in zip(names, row, strict=False)}
    found: dict[str, object] = {name: said[name] for name in said if said[name]}
    period = {name: found.pop(name) for name in OF_PERIOD if name in found}
    if period:
        found["period"] = period
    if len(row) > len(names):
        found["more"] = "than the header names"
    return found


def _question(number: int, line: Line, common: Common) -> FromLine:
    period = line.period
    if period is None and common.begin is not None:
        period = PeriodBody(begin_date=common.begin, end_date=common.until)
    if period is None:
        raise FileWrong(f"line {number}: expected a period, there or by --from")
    read_period(period)
    message = line.message_id or common.new_message()
    asked: AskedAbout = {
        "ssin": read_ssin(line.ssin.translate(BETWEEN)),
        "begin": period.begin_date,
        "until": period.end_date,
        "message_id": message,
        "ticket": line.ticket or common.ticket,
        "file_reference": line.file_reference,
    }
    return FromLine(line=number, message_id=message, asked=asked)
