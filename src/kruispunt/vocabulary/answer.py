"""What goes back: exactly the granted fields, or a refusal that tells no more than it may."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from kruispunt.vocabulary.dates import Period
from kruispunt.vocabulary.decision import Ground, Refusal
from kruispunt.vocabulary.names import FieldName
from kruispunt.vocabulary.numbers import Ssin
from kruispunt.vocabulary.record import Receipt

Value = str | int | bool | None
"""A checked value of a field, in the form of the wire: decimals and amounts as text with all their
digits, days as `yyyy-mm-dd`; None: not known."""

Row = Mapping[FieldName, Value]

Sheet = Mapping[FieldName, Value | tuple[Row, ...]]
"""A row of an answer that comes by mail: a group of fields repeats, each time a row of its own,
whose fields are named without the name of the group."""


class Reply(Struct, frozen=True, kw_only=True):
    """What a supplier sent back, parsed but not yet minimised: `keep` decides what stays."""

    ssin: Ssin
    rows: tuple[Mapping[str, object], ...]


class Answer(Struct, frozen=True, kw_only=True):
    """A granted answer: rows with exactly the ground's fields, in the ground's order.

    Also the shape of "no data", whether the supplier had none or its own control failed. `ticket`
    is the first entry of the message: a repeated one keeps it.
    """

    ticket: UUID
    ground: Ground
    rows: tuple[Row, ...]
    receipt: Receipt
    repeated: bool = False
    about: Period | None = None
    """The days that were answered about, where the consumer's file covers fewer than it asked."""


class Accepted(Struct, frozen=True, kw_only=True):
    """A granted question of which the answers come later, by mail, under the consumer's ticket.

    Also the shape of a supplier's failed control: then the answer that comes is that none will.
    """

    ticket: UUID
    ground: Ground
    receipt: Receipt
    repeated: bool = False
    about: Period | None = None


class NoAnswer(Struct, frozen=True, kw_only=True):
    """A refusal with its receipt. The door tells `refusal.reason.told`, never more."""

    ticket: UUID
    refusal: Refusal
    receipt: Receipt
    repeated: bool = False
