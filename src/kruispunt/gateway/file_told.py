"""What the lines of a file came to, line by line, with the codes of four vocabularies."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Final, NamedTuple

import msgspec

from kruispunt.exchange import BadLine, FileTold
from kruispunt.gateway.reply import WORDS
from kruispunt.gateway.soap import reasons
from kruispunt.vocabulary import FieldName, Grant, Malformed, Problem, Reason, Refusal, Row, Value

HEAD: Final = ("line", "result", "entry", "a1", "ssdn", "soa", "belgif", "why")
RESULTS: Final = ("done", "given", "empty", "refused", "wrong")
RECORD: Final = 146

MAX_ROWS: Final = 16_384
"""Rows that are kept as text, since many lines have the same; then we begin anew."""

_encode: Final = msgspec.json.Encoder().encode


class Said(NamedTuple):
    """What a line came to in one word, its codes, and why; `text`: those as the end of a head."""

    result: str
    codes: tuple[str, str, str, str]
    why: str
    text: str


@dataclass(slots=True, kw_only=True)
class Telling:
    """Writes what lines came to, in the form of their file; `came` counts the words."""

    suffix: str
    fields: Sequence[FieldName]
    came: Counter[str] = field(default_factory=Counter[str])
    reasons: dict[Reason, Said] = field(default_factory=dict[Reason, Said])
    rows: dict[tuple[Value, ...], str] = field(default_factory=dict[tuple[Value, ...], str])

    def head(self) -> bytes:
        """What stands above the first line: the names of the columns of CSV."""
        return _line((*HEAD, *self.fields)).encode() if self.suffix == ".csv" else b""

    def lines(self, told: Sequence[FileTold], raw: Sequence[bytes]) -> bytes:
        """What stands of these lines; `raw`: as they came."""
        said = [self._said(one) for one in told]
        self.came.update([one.result for one in said])
        match self.suffix:
            case ".a1":
                return _records(said, raw)
            case ".ndjson":
                return b"".join(map(self._json, told, said))
            case _:
                return self._csv(told, said)

    def _csv(self, told: Sequence[FileTold], said: Sequence[Said]) -> bytes:
        """A line for each, and one more for each further row of its answer."""
        lines, cells, nothing = list[str](), self._cells, self._cells({})
        for one, words in zip(told, said, strict=True):
            line, entry = one.line, "" if one.entry is None else one.entry
            head = f"{line.number},{words.result},{entry},{words.text},"
            if not one.rows:
                lines.append(head + nothing)
            for row in one.rows:
                lines.append(head + cells(row))
        return "".join(lines).encode()

    def _cells(self, row: Row) -> str:
        values = tuple(row.get(name) for name in self.fields)
        text = self.rows.get(values)
        if text is None:
            if len(self.rows) >= MAX_ROWS:
                self.rows.clear()
            text = self.rows[values] = _line(("", *map(_cell, values)))[1:]
        return text

    def _json(self, told: FileTold, said: Said) -> bytes:
        """An object for each; its rows stand in it."""
        entry = "" if told.entry is None else str(told.entry)
        head = (told.line.number, said.result, entry, *said.codes, said.why)
        rows = [{name: row.get(name) for name in self.fields} for row in told.rows]
        return _encode(dict(zip(HEAD, head, strict=True)) | {"rows": rows}) + b"\n"

    def _said(self, told: FileTold) -> Said:
        if told.problem is not None:
            return _problem(told.problem)
        match told.decision:
            case None:
                return _problem(Malformed())
            case Grant() if isinstance(told.line, BadLine) or told.line.asked is None:
                return GIVEN if told.rows else EMPTY
            case Grant():
                return DONE
            case Refusal(reason=reason):
                if reason not in self.reasons:
                    self.reasons[reason] = _refused(reason)
                return self.reasons[reason]


def _records(said: Iterable[Said], raw: Iterable[bytes]) -> bytes:
    """Each record as it came, with the return code at its end."""
    answers = list[bytes]()
    for words, record in zip(said, raw, strict=True):
        code = words.codes[0].encode()
        whole = record.rstrip(b"\r\n").replace(b"\x00", b" ")[: RECORD - len(code)]
        answers.append(whole.ljust(RECORD - len(code)) + code + b"\n")
    return b"".join(answers)


def _problem(problem: Problem) -> Said:
    said = "; ".join(f"{issue.name}: {issue.detail}" for issue in problem.issues)
    return _words("wrong", reasons.for_problem(problem), said or problem.detail or "")


def _refused(reason: Reason) -> Said:
    """A refusal that may not be told reads as no data."""
    told = reason.told
    result, why = ("empty", "") if told is None else ("refused", WORDS[told])
    return _words(result, reasons.for_reason(reason), why)


def _words(result: str, words: reasons.Words, why: str) -> Said:
    codes = (words.a1.code, words.ssdn.code, words.soa.code, words.belgif)
    return Said(result, codes, why, _line((*codes, why)).removesuffix("\n"))


def _line(cells: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


DONE: Final = _words("done", reasons.FOUND, "")
GIVEN: Final = _words("given", reasons.FOUND, "")
EMPTY: Final = _words("empty", reasons.NO_DATA, "")
