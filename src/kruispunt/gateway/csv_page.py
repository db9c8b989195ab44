"""A page of the trail as CSV that a spreadsheet opens and never runs."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from kruispunt.client import ChangeBody, EntryBody, FactsBody, PeriodBody, ReadingBody, ReadReply

COLUMNS: Final[tuple[str, ...]] = (
    "line", "ticket", "their_ticket", "message_id", "repeats", "recorded_at", "received_at",
    "sent_at", "asked_on", "consumer", "user", "role", "flow", "ssin", "begin", "end", "purpose",
    "file_reference", "deliberation", "paragraph", "clause", "decision", "reason", "fields",
    "withheld", "ending", "rows", "cause", "facts", "lawbook", "count", "cursor", "proof",
)  # fmt: skip
"""Of every line; `line` says which kind it is: entry, reading, change, kept, spoiled
or next."""

_FORMULA: Final = re.compile(
    r"""^(?=["\s]*[=+\-@＝＋－＠]|[\t\r\n]) | (?<=[;\t\r\n])(?=["\s]*[=+\-@＝＋－＠])""",
    re.VERBOSE,
)
"""Before what a spreadsheet takes for a formula: at the begin of a cell, and after what some of
them split cells at, in quotes or not."""


def csv_of(body: ReadReply) -> bytes:
    """A page as CSV (RFC 4180): all of it, also what is kept and where the next page begins.

    Every cell is quoted. What a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(
        text, COLUMNS, restval="", lineterminator="\r\n", quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    for line in _lines(body):
        writer.writerow({name: _cell(value) for name, value in line.items()})
    return text.getvalue().encode()


def _lines(body: ReadReply) -> Iterator[Mapping[str, object]]:
    yield from map(_entry, body.entries)
    yield from map(_reading, body.readings)
    yield from map(_change, body.changes)
    for one in body.kept:
        yield {"line": "kept", "reason": one.id, "paragraph": one.paragraph, "count": one.looks}
    if not body.kept_whole:
        yield {"line": "kept", "reason": "there may be more"}
    for one in body.spoiled:
        yield {"line": "spoiled", "ticket": one.entry, "recorded_at": one.recorded_at}
    if body.next is not None:
        yield {"line": "next", "cursor": body.next}


def _entry(one: EntryBody) -> Mapping[str, object]:
    values: dict[str, object] = {
        name: getattr(one, name) for name in COLUMNS if hasattr(one, name)
    }
    withheld = (f"{held.field} ({held.reason}, {held.paragraph})" for held in one.withheld)
    return values | {
        "line": "entry",
        "begin": one.period.begin_date,
        "end": one.period.end_date,
        "fields": " ".join(one.fields),
        "withheld": ", ".join(withheld),
        "facts": None if one.facts is None else _facts(one.facts),
    }


def _facts(facts: FactsBody) -> str:
    """Status of the number, then the lines: sector/quality, days, member."""
    lines = (
        " ".join(filter(None, (f"{one.sector}/{one.quality:03d}", _days(one.period), one.member)))
        for one in facts.lines
    )
    return ", ".join((facts.number, *lines))


def _days(period: PeriodBody | None) -> str:
    return "" if period is None else f"{period.begin_date}..{period.end_date or ''}"


def _reading(one: ReadingBody) -> Mapping[str, object]:
    return {
        "line": "reading",
        "ticket": one.entry,
        "recorded_at": one.recorded_at,
        "consumer": one.institution,
        "user": one.user,
        "role": one.role,
        "ssin": one.ssin,
        "flow": one.reads,
        "file_reference": one.why,
        "decision": "refused" if one.refused else "granted",
        "reason": one.refused,
    }


def _change(one: ChangeBody) -> Mapping[str, object]:
    part, file = one.part, one.file
    codes = () if part is None else (part.sector, part.quality, part.phase, part.member)
    names = ("sector", "quality", "phase", "member")
    said = [f"{name} {code}" for name, code in zip(names, codes, strict=False) if code is not None]
    if part is not None and part.line_begin is not None:
        said.append(f"line of {part.line_begin}")
    if file is not None:
        said.append(f"sha256 {file.sha256}, {file.skipped} skipped")
    period = None if part is None else part.period
    return {
        "line": "change",
        "ticket": one.entry,
        "recorded_at": one.recorded_at,
        "consumer": one.institution,
        "user": one.user,
        "flow": one.made,
        "ssin": one.ssin,
        "begin": None if period is None else period.begin_date,
        "end": None if period is None else period.end_date,
        "file_reference": one.why,
        "facts": ", ".join(said),
        "count": None if file is None else file.lines,
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return _FORMULA.sub("'", text)
