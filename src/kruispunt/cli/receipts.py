"""Receipts in files: one alone, in an answer, or in many answers, a line or an item for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import UNSET, Raw, UnsetType

from kruispunt.client import ReceiptBody
from kruispunt.vocabulary import UNREADABLE


class _Holder(msgspec.Struct):
    """Whatever carries a receipt: itself, an answer, or what one of many questions was told."""

    receipt: ReceiptBody | None = None
    answer: "_Holder | None" = None
    problem: "_Holder | None" = None
    answers: list[Raw] | UnsetType = UNSET
    """Of a reply to many questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReceipt:
    """One receipt and where it stands. None: something was told there, and no receipt with it."""

    name: str
    receipt: ReceiptBody | None


def receipts_in(path: Path, data: bytes) -> list[NamedReceipt]:
    """The receipts of a file, in their order; none: it is none of answers or receipts.

    One object, an array of them, the reply to many questions, or a line of JSON for each, as
    `kruispunt ask --file … --json` prints them. An item that holds no receipt keeps its place.
    """
    one = _read(data)
    if isinstance(one, ReceiptBody):
        return [NamedReceipt(name=str(path), receipt=one)]
    if one is not None and one.answers is not UNSET:
        return list(_items(path, one.answers))
    if one is not None:
        found = _held(one)
        return [] if found is None else [NamedReceipt(name=str(path), receipt=found)]
    items = _array(data)
    return list(_lines(path, data) if items is None else _items(path, items))


def _read(data: bytes | Raw) -> ReceiptBody | _Holder | None:
    """A receipt, or what may hold one; None: neither."""
    try:
        return msgspec.json.decode(data, type=ReceiptBody)
    except UNREADABLE:
        pass
    try:
        return msgspec.json.decode(data, type=_Holder)
    except UNREADABLE:
        return None


def _held(holder: _Holder) -> ReceiptBody | None:
    inner = holder.answer or holder.problem
    return holder.receipt if inner is None else inner.receipt


def _array(data: bytes) -> list[Raw] | None:
    try:
        return msgspec.json.decode(data, type=list[Raw])
    except UNREADABLE:
        return None


def _items(path: Path, items: list[Raw]) -> Iterator[NamedReceipt]:
    for number, item in enumerate(items, 1):
        yield _named(f"{path} item {number}", _read(item))


def _lines(path: Path, data: bytes) -> Iterator[NamedReceipt]:
    """One for each line; nothing where the first is no such line: it is another kind of file."""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        told = _read(line)
        if told is None and number == 1:
            return
        yield _named(f"{path} line {number}", told)


def _named(name: str, told: ReceiptBody | _Holder | None) -> NamedReceipt:
    if told is None or isinstance(told, ReceiptBody):
        return NamedReceipt(name=name, receipt=told)
    return NamedReceipt(name=name, receipt=_held(told))
