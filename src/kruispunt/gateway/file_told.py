"""What the lines of a file came to, line by line, with the codes of four vocabularies."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

import msgspec

from kruispunt.exchange import BadLine, FileTold
from kruispunt.gateway.reply import WORDS
from kruispunt.gateway.soap import reasons
from kruispunt.vocabulary import FieldName, Grant, Malformed, Refusal

HEAD: Final = ("line", "result", "entry", "a1", "ssdn", "soa", "belgif", "why")
RESULTS: Final = ("done", "given", "empty", "refused", "wrong")

_encode: Final = msgspec.json.Encoder().encode


def result_of(told: FileTold) -> str:
    """One word for what a line came to. A refusal that may not be told reads as no data."""
    if told.problem is not None:
        return "wrong"
    match told.decision:
        case None:
            return "wrong"
        case Grant() if isinstance(told.line, BadLine) or told.line.asked is None:
            return "given" if told.rows else "empty"
        case Grant():
            return "done"
        case Refusal(reason=reason):
            return "empty" if reason.told is None else "refused"


def csv_head(fields: Sequence[FieldName]) -> bytes:
    """The names of the columns."""
    return (",".join((*HEAD, *fields)) + "\n").encode()


def csv_lines(told: Sequence[FileTold], fields: Sequence[FieldName]) -> bytes:
    """A line for each, and one more for each further row of its answer."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for one in told:
        head = _head(one)
        for row in one.rows or ({},):
            writer.writerow((*head, *(_cell(row.get(name)) for name in fields)))
    return text.getvalue().encode()


def json_lines(told: Sequence[FileTold], fields: Sequence[FieldName]) -> bytes:
    """An object for each; its rows stand in it."""
    found = (
        dict(zip(HEAD, _head(one), strict=True))
        | {"rows": [{name: row.get(name) for name in fields} for row in one.rows]}
        for one in told
    )
    return b"".join(_encode(one) + b"\n" for one in found)


def records(told: Sequence[FileTold], raw: Sequence[bytes]) -> bytes:
    """Each record as it came, with the return code at its end."""
    answers = list[bytes]()
    for one, record in zip(told, raw, strict=True):
        code = _words(one).a1.code.encode()
        whole = record.rstrip(b"\r\n").replace(b"\x00", b" ")[: 146 - len(code)]
        answers.append(whole.ljust(146 - len(code)) + code + b"\n")
    return b"".join(answers)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _words(told: FileTold) -> reasons.Words:
    if told.problem is not None:
        return reasons.for_problem(told.problem)
    match told.decision:
        case None:
            return reasons.for_problem(Malformed())
        case Refusal(reason=reason):
            return reasons.for_reason(reason)
        case Grant():
            has = told.rows or (not isinstance(told.line, BadLine) and told.line.asked)
            return reasons.FOUND if has else reasons.NO_DATA


def _head(told: FileTold) -> tuple[object, ...]:
    words = _words(told)
    return (
        told.line.number,
        result_of(told),
        "" if told.entry is None else str(told.entry),
        words.a1.code,
        words.ssdn.code,
        words.soa.code,
        words.belgif,
        _why(told),
    )


def _why(told: FileTold) -> str:
    if told.problem is not None:
        issues = told.problem.issues
        said = "; ".join(f"{issue.name}: {issue.detail}" for issue in issues)
        return said or told.problem.detail or ""
    match told.decision:
        case Refusal(reason=reason) if reason.told is not None:
            return WORDS[reason.told]
        case _:
            return ""
