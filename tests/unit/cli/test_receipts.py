"""Files that `audit check` is given: receipts alone, in answers, and in many answers."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from kruispunt.cli.receipts import receipts_in
from kruispunt.client import ReceiptBody

FILE = Path("answers.json")


def a_receipt(number: int) -> ReceiptBody:
    return ReceiptBody(
        entry=UUID(int=number),
        recorded_at=datetime(2031, 6, 1, tzinfo=UTC),
        leaf=bytes(32),
        index=0,
        size=1,
        path=(),
        root=bytes(32),
        origin="HUB",
        key_id="HUB/1",
        signature=bytes(64),
    )


def found(data: bytes) -> list[tuple[str, int | None]]:
    named = receipts_in(FILE, data)
    return [(one.name, None if one.receipt is None else one.receipt.entry.int) for one in named]


encode = msgspec.json.encode
FIRST, SECOND = a_receipt(1), a_receipt(2)
ANSWER = {"ticket": "x", "receipt": SECOND}


@pytest.mark.parametrize("held", [FIRST, {"receipt": FIRST}, {"answer": {"receipt": FIRST}}])
def test_a_receipt_alone_and_in_an_answer_go_by_the_name_of_the_file(held: object) -> None:
    assert found(encode(held)) == [("answers.json", 1)]
    assert found(msgspec.json.format(encode(held), indent=2)) == [("answers.json", 1)]


def test_lines_of_answers_go_by_their_line_and_those_without_receipt_keep_their_place() -> None:
    lines = [
        {"line": 1, "messageId": "a", "status": 200, "answer": {"receipt": FIRST}},
        {"line": 2, "messageId": "b", "status": 403, "problem": ANSWER},
        {"line": 3, "messageId": "c", "fault": "silent", "detail": "…"},
    ]
    data = b"\n".join(map(encode, lines)) + b"\n\nno json\n"

    assert found(data) == [
        ("answers.json line 1", 1),
        ("answers.json line 2", 2),
        ("answers.json line 3", None),
        ("answers.json line 5", None),
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_arrays_and_replies_to_many_questions_go_by_their_item(whole: bool) -> None:
    refused: dict[str, object] = {"status": 400, "problem": {}}
    items: list[object] = [FIRST, ANSWER, {"status": 200, "answer": ANSWER}, refused]

    data = encode(items) if whole else encode({"answers": items})

    expected = [("item 1", 1), ("item 2", 2), ("item 3", 2), ("item 4", None)]
    assert found(data) == [(f"answers.json {name}", entry) for name, entry in expected]


@pytest.mark.parametrize("data", [b"", b"{}", b"no json", b'{"format": "x", "entries": []}', b"7"])
def test_what_holds_no_receipt_at_all_is_another_kind_of_file(data: bytes) -> None:
    assert receipts_in(FILE, data) == []
