"""Lies that a station can tell: each changes a true reply, and says how it must fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kruispunt.sources import Cause

EXTRA: Final = "net_income"
"""A field that no ground gives and no select has."""

SECRET: Final = 123456
NOBODY: Final = "00000000097"
"""Eleven digits that are somebody else's than whoever was asked about."""

Found = dict[str, Any]
"""What a reply says of one look, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A way to lie. `causes`: those by which the hub may refuse it; none: it must not."""

    name: str
    causes: frozenset[Cause]
    body: Callable[[bytes], bytes] = lambda body: body
    signs: str = "true"
    """How the changed reply is signed: `true`, `not`, `other-request`, `stranger`, `before`."""

    status: int = 200
    cut: bool = False
    """The connection ends in the middle of the body."""

    needs_rows: bool = False
    """Where nothing was found, nothing can be changed."""


def _each(change: Callable[[Found], object]) -> Callable[[bytes], bytes]:
    def changed(body: bytes) -> bytes:
        reply = msgspec.json.decode(body)
        for found in reply["found"]:
            change(found)
        return msgspec.json.encode(reply)

    return changed


def _each_row(change: Callable[[Found], object]) -> Callable[[bytes], bytes]:
    return _each(lambda found: [change(row) for row in found.get("rows", ())])


def _ill_typed(row: Found) -> None:
    row.update({name: True for name, value in row.items() if _is_text(name, value)})


def _is_text(name: str, value: object) -> bool:
    return name != "ssin" and isinstance(value, str)


def _other_person(found: Found) -> None:
    found["ssin"] = NOBODY


def _too_many(found: Found) -> None:
    found["rows"] = list(found.get("rows", ())) * 5001


def _fewer(body: bytes) -> bytes:
    reply = msgspec.json.decode(body)
    return msgspec.json.encode({"found": reply["found"][:-1]})


def _with_note(body: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(body) | {"note": SECRET})


def _lies() -> Sequence[Lie]:
    proof = frozenset({Cause.WRONGLY_BOUND})
    other, shape = frozenset({Cause.OTHER_PERSON}), frozenset({Cause.WRONG_SHAPE})
    cut = frozenset({Cause.UNREADABLE, Cause.NO_ANSWER})
    typed = frozenset({Cause.WRONG_TYPE})
    many = frozenset({Cause.TOO_MANY_ROWS, Cause.UNREADABLE})
    return (
        Lie(name="wrong-type", causes=typed, body=_each_row(_ill_typed), needs_rows=True),
        Lie(
            name="extra-field",
            causes=frozenset(),
            body=_each_row(lambda row: row.update({EXTRA: SECRET})),
        ),
        Lie(name="extra-member", causes=shape, body=_with_note),
        Lie(name="other-person", causes=other, body=_each(_other_person)),
        Lie(
            name="row-of-another",
            causes=other,
            body=_each_row(lambda row: row.update(ssin=NOBODY)),
            needs_rows=True,
        ),
        Lie(name="one-missing", causes=shape, body=_fewer),
        Lie(name="too-many-rows", causes=many, body=_each(_too_many), needs_rows=True),
        Lie(name="not-json", causes=frozenset({Cause.NOT_JSON}), body=lambda body: body[:-1]),
        Lie(name="unsigned", causes=frozenset({Cause.UNSIGNED}), signs="not"),
        Lie(name="bound-to-another", causes=proof, signs="other-request"),
        Lie(name="signed-by-stranger", causes=proof, signs="stranger"),
        Lie(name="changed-after-signing", causes=proof, body=lambda b: b + b" ", signs="before"),
        Lie(name="wrong-status", causes=frozenset({Cause.WRONG_STATUS}), status=418),
        Lie(name="cut-short", causes=cut, cut=True),
    )


LIES: Final[Mapping[str, Lie]] = {lie.name: lie for lie in _lies()}
