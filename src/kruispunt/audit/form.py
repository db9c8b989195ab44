"""The frozen forms of the trail: what its leaves are made over, for ever.

Arrays of MessagePack, a tag for the kind first and the version of the kind second. Once released
a form never changes: a new field or meaning is a new version, a new kind of entry is a new tag.
`docs/reference/trail-format.md` describes them for those who check without this program.
"""

from datetime import date, datetime
from typing import Final

from msgspec import Raw, Struct
from msgspec.msgpack import Decoder, Encoder

from kruispunt.vocabulary import UNREADABLE

VERSION: Final = 1

DECISION: Final = 1
OUTCOME: Final = 2
READING: Final = 3
CHANGE: Final = 4

NO_GROUND: Final = b"\xc0"


class SignatureForm(Struct, array_like=True, frozen=True, gc=False, tag=1):
    """Proof of the caller by HTTP signature. Another kind of proof is another tag."""

    key_id: str
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes


class CertificateForm(Struct, array_like=True, frozen=True, gc=False, tag=2):
    """Proof of the caller by client certificate, `key_id` its SHA-256; nothing was signed."""

    key_id: str
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes


class WsSecurityForm(Struct, array_like=True, frozen=True, gc=False, tag=3):
    """Proof of the caller by WS-Security signature under the certificate `key_id`."""

    key_id: str
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes


class BasicForm(Struct, array_like=True, frozen=True, gc=False, tag=4):
    """Proof of the caller by password, `key_id` who gave it; nothing was signed."""

    key_id: str
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes


class TakenFileForm(Struct, array_like=True, frozen=True, gc=False, tag=5):
    """A line of a file that an operator took, `key_id` and `digest` its SHA-256; none signed."""

    key_id: str
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes


ProofForm = SignatureForm | CertificateForm | WsSecurityForm | BasicForm | TakenFileForm


class NumberForm(Struct, array_like=True, frozen=True, gc=False):
    """Status of a number, as `NumberFact`."""

    status: str
    successor: str | None
    deceased_on: date | None


class LineForm(Struct, array_like=True, frozen=True, gc=False):
    """A directory line of the current number; `end` is not included, None: open."""

    sector: int
    quality: int
    phase: int
    begin: date
    end: date | None
    member: str | None


class FactsForm(Struct, array_like=True, frozen=True):
    """The facts that decided. This is also what is encrypted under the month's key."""

    number: NumberForm
    lines: tuple[LineForm, ...]


class WithheldForm(Struct, array_like=True, frozen=True, gc=False):
    """A field that was not given, and why."""

    field: str
    reason: str
    paragraph: str


class GroundForm(Struct, array_like=True, frozen=True):
    """The clause that decided, what it gives and what it withholds."""

    clause: str
    deliberation: str
    paragraph: str
    fields: tuple[str, ...]
    withheld: tuple[WithheldForm, ...]


class EntryForm(Struct, array_like=True, frozen=True, tag=DECISION):
    """One decision. `reason` None: granted. `facts` and `ground` are forms of their own.

    `ground` is `NO_GROUND`, the nil of MessagePack, where no clause was found.
    """

    version: int
    id: bytes
    recorded_at: datetime
    lawbook: str
    consumer: str
    flow: str
    purpose: str
    ssin: str
    about_begin: date
    about_end: date | None
    asked_on: date
    received_at: datetime
    sent_at: datetime | None
    message_id: bytes
    ticket: str
    file_reference: str
    asked_by: str
    role: str
    proof: ProofForm
    facts: Raw
    reason: str | None
    ground: Raw
    successor: str | None
    repeats: bytes | None


class OutcomeForm(Struct, array_like=True, frozen=True, gc=False, tag=OUTCOME):
    """What came of a look, granted or at nobody."""

    version: int
    entry: bytes
    recorded_at: datetime
    ended_at: datetime
    ending: str
    shown: int
    cause: str


class ReadingForm(Struct, array_like=True, frozen=True, gc=False, tag=READING):
    """Someone who asked to read. `refused` empty: it was shown.

    `proof` None: an account of the institution's own machine, which signed nothing.
    """

    version: int
    id: bytes
    recorded_at: datetime
    lawbook: str
    institution: str
    role: str
    user: str
    reads: str
    ssin: str | None
    begin: date | None
    end: date | None
    consumer: str | None
    after: str
    limit: int
    why: str
    received_at: datetime
    proof: ProofForm | None
    refused: str


class PartForm(Struct, array_like=True, frozen=True, gc=False):
    """Lines of a person that a change meant, without the day `end`. None: not looked at."""

    sector: int
    quality: int | None
    phase: int | None
    begin: date | None
    end: date | None
    line_begin: date | None
    member: str | None


class FileForm(Struct, array_like=True, frozen=True, gc=False):
    """A file of lines: its SHA-256, how many lines were taken, how many broke a rule."""

    digest: bytes
    lines: int
    skipped: int


class ChangeForm(Struct, array_like=True, frozen=True, gc=False, tag=CHANGE):
    """A change of the directory: about one person and some lines, or a whole file."""

    version: int
    id: bytes
    recorded_at: datetime
    institution: str
    user: str
    made: str
    ssin: str | None
    part: PartForm | None
    file: FileForm | None
    why: str


Form = EntryForm | OutcomeForm | ReadingForm | ChangeForm

ENCODER: Final = Encoder()
_FORM: Final[Decoder[Form]] = Decoder(Form)
_FACTS: Final = Decoder(FactsForm)
_GROUND: Final[Decoder[GroundForm | None]] = Decoder(GroundForm | None)


class WrongForm(ValueError):
    """Bytes of the trail that are not in a form this program knows."""


def encode(form: Struct) -> bytes:
    """The one encoding of a form: the same form gives the same bytes, always."""
    return ENCODER.encode(form)


def decode(data: bytes) -> Form:
    """Read what is in a leaf back.

    Raises:
        WrongForm: another kind, another version, or no form at all.
    """
    try:
        form = _FORM.decode(data)
    except UNREADABLE as error:
        raise WrongForm("expected what is in a leaf") from error
    if form.version != VERSION:
        raise WrongForm(f"expected version {VERSION}, found {form.version}")
    return form


def decode_facts(data: bytes | Raw) -> FactsForm:
    return _FACTS.decode(data)


def decode_ground(data: bytes | Raw) -> GroundForm | None:
    return _GROUND.decode(data)
